"""PDF by hand, as little of it as one page with one picture needs (ISO 32000-1).

The picture is sharp at 600 dpi; the text lies unseen over it (rendering mode 3), so that it can be found and copied.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.domain.badge import Composition, Words

POINTS_PER_MM: Final = 72 / 25.4
CODEC: Final = "cp1252"
"""WinAnsiEncoding, save for five codes that it leaves open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PdfText:
    """One line that can be found: its left end and baseline from the top left corner, and its size, in millimetres."""

    text: str = field(repr=False)
    x_mm: float
    baseline_mm: float
    size_mm: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PdfPage:
    """A picture of black dots, as large as its page; rows are packed, the most significant bit left, 1 for black."""

    rows: Sequence[bytes] = field(repr=False)
    width: int
    dots_per_mm: float
    texts: tuple[PdfText, ...] = ()


def pdf_of(page: PdfPage, *, title: str) -> bytes:
    """A file of one page; the same page and title give the same bytes."""
    wide, high = (count / page.dots_per_mm * POINTS_PER_MM for count in (page.width, len(page.rows)))
    content = zlib.compress(_content(page, wide, high))
    picture = zlib.compress(b"".join(page.rows), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide:.3f} {high:.3f}] /Contents 4 0 R"
            " /Resources << /XObject << /Picture 5 0 R >> /Font << /Letters 6 0 R >> >> >>"
        ).encode("ascii"),
        _stream("/Filter /FlateDecode", content),
        _stream(
            f"/Type /XObject /Subtype /Image /Width {page.width} /Height {len(page.rows)} /ImageMask false"
            " /ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0] /Filter /FlateDecode",
            picture,
        ),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Producer (Comptoir) /Title (" + _escaped(title) + b") >>",
    ]
    return _file(objects)


def texts_of(layout: Composition) -> tuple[PdfText, ...]:
    """The words of a composition, where they stand."""
    scale = layout.card.dots_per_mm
    return tuple(
        PdfText(
            text=element.text,
            x_mm=element.x / scale,
            baseline_mm=element.baseline / scale,
            size_mm=element.size / scale,
        )
        for element in layout.elements
        if isinstance(element, Words)
    )


def _content(page: PdfPage, wide: float, high: float) -> bytes:
    """The picture over the whole page, then the unseen text."""
    parts = [f"q {wide:.3f} 0 0 {high:.3f} 0 0 cm /Picture Do Q BT 3 Tr".encode("ascii")]
    for text in page.texts:
        x, y, size = (length * POINTS_PER_MM for length in (text.x_mm, text.baseline_mm, text.size_mm))
        place = f" /Letters {size:.2f} Tf 1 0 0 1 {x:.2f} {high - y:.2f} Tm (".encode("ascii")
        parts.append(place + _escaped(text.text) + b") Tj")
    return b"".join([*parts, b" ET"])


def _escaped(text: str) -> bytes:
    raw = text.encode(CODEC, errors="replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode("ascii") + data + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode("ascii") + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info {len(objects)} 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")
