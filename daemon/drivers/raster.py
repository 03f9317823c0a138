"""The door to Pillow, python-barcode and segno: letters, symbols and pictures in black dots on white.

Everything here works on a `Sheet`, a page of dots; what is drawn on it is decided elsewhere.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import segno
from barcode.codex import Code128
from barcode.ean import EuropeanArticleNumber13
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError, features

from daemon.domain.badge import Shape
from daemon.domain.card_symbol import Symbology
from daemon.errors import OperatorMistake

FONT_FILE = Path(__file__).parent / "fonts" / "till-next.woff2"
BLACK, WHITE = 0, 255
INK_FROM = 128
"""A dot is printed when more than half of it is covered."""

NEVER_A_GLYPH = "\U0010ffff"
LOGO_PX_MAX = 4_000_000
LOGO_PX = 240
"""10 mm at 600 dpi."""


class Typeface:
    """The letters that we ship, at any size and weight; also counts the modules of symbols."""

    def __init__(self, file: Path = FONT_FILE) -> None:
        self._file = file
        # Raqm brings kerning and the slashed zero; it needs libfribidi, which a bare system may lack.
        self._shapes = bool(features.check("raqm"))
        self._missing: dict[str, bool] = {}

    def width(self, text: str, size: int, weight: int) -> int:
        """Advance width of a line, in dots, rounded up."""
        return -int(-font(self._file, size, weight).getlength(text) // 1)

    def lacks(self, text: str) -> frozenset[str]:
        """Characters drawn as the font's empty box; Pillow shows no character map, so shapes are compared."""
        return frozenset(character for character in set(text) if self._is_missing(character))

    def modules(self, symbology: Symbology, text: str) -> int:
        """Modules across a symbol, quiet zones not counted."""
        return len(symbol_rows(symbology, text)[0])

    def font(self, size: int, weight: int) -> ImageFont.FreeTypeFont:
        """The face at one size, in dots, and one weight, 200 to 800."""
        return font(self._file, size, weight)

    def extras(self, *, slashed_zero: bool) -> list[str] | None:
        """OpenType features to draw with, where they can be had."""
        return ["zero"] if slashed_zero and self._shapes else None

    def _is_missing(self, character: str) -> bool:
        if character.isspace():
            return False
        if character not in self._missing:
            face = font(self._file, 32, 400)
            self._missing[character] = bytes(face.getmask(character)) == bytes(face.getmask(NEVER_A_GLYPH))
        return self._missing[character]


@lru_cache(maxsize=64)
def font(file: Path, size: int, weight: int) -> ImageFont.FreeTypeFont:
    """One face of a variable font; kept, because reading the file costs milliseconds."""
    face = ImageFont.truetype(file, size)
    face.set_variation_by_axes([weight])
    return face


def symbol_rows(symbology: Symbology, text: str) -> Sequence[Sequence[int]]:
    """The modules of a symbol, 1 for black: one row for bars, which are all alike, a square for QR."""
    match symbology:
        case Symbology.EAN13:
            return [[int(module) for module in EuropeanArticleNumber13(text).build()[0]]]
        case Symbology.CODE128:
            return [[int(module) for module in Code128(text).build()[0]]]
        case Symbology.QR:
            return [list(row) for row in segno.make_qr(text, error="m").matrix]


class Sheet:
    """A white page of dots that takes black and white marks."""

    def __init__(self, width: int, height: int) -> None:
        self._page = Image.new("L", (width, height), WHITE)
        self._draw = ImageDraw.Draw(self._page)

    @classmethod
    def from_rows(cls, rows: Sequence[bytes], width: int) -> "Sheet":
        """A page from packed rows, most significant bit left, 1 for black."""
        sheet = cls(width, max(1, len(rows)))
        if rows:
            packed = bytes(octet ^ 0xFF for octet in b"".join(rows))
            sheet._page.paste(Image.frombytes("1", (len(rows[0]) * 8, len(rows)), packed))
        return sheet

    @property
    def width(self) -> int:
        """Dots across."""
        return self._page.width

    @property
    def height(self) -> int:
        """Dots down."""
        return self._page.height

    def shape(self, shape: Shape) -> None:
        """Fill or outline a rectangle; a radius rounds its corners."""
        ink = WHITE if shape.white else BLACK
        box = (shape.x, shape.y, shape.x + shape.width - 1, shape.y + shape.height - 1)
        corners = (True, True, not shape.square_below, not shape.square_below)
        fill, outline = (ink, None) if shape.filled else (None, ink)
        if shape.radius:
            self._draw.rounded_rectangle(box, shape.radius, fill, outline, 2, corners=corners)
        else:
            self._draw.rectangle(box, fill, outline, 2)

    def words(
        self, at: tuple[int, int], text: str, face: ImageFont.FreeTypeFont, *, white: bool, extras: list[str] | None
    ) -> None:
        """Set a line of text by the left end of its baseline."""
        self._draw.text(at, text, WHITE if white else BLACK, face, anchor="ls", features=extras)

    def symbol(self, at: tuple[int, int], rows: Sequence[Sequence[int]], module: int, height: int | None) -> None:
        """Draw modules; `height` stretches the one row of a bar code, None keeps modules square."""
        x, y = at
        for number, row in enumerate(rows):
            top = y + number * module
            bottom = top + (module if height is None else height) - 1
            for place, black in enumerate(row):
                if black:
                    left = x + place * module
                    self._draw.rectangle((left, top, left + module - 1, bottom), BLACK)

    def picture(self, at: tuple[int, int], size: tuple[int, int], raw: bytes, *, white: bool) -> None:
        """Stencil a picture: its dark, opaque parts in one ink, the rest left alone."""
        stencil = open_picture(raw).resize(size).point(lambda level: WHITE if level < INK_FROM else BLACK)
        self._page.paste(WHITE if white else BLACK, (*at, at[0] + size[0], at[1] + size[1]), stencil)

    def dots(self) -> Image.Image:
        """The page in pure black and white."""
        return self._page.point(lambda level: WHITE if level >= INK_FROM else BLACK).convert(
            "1", dither=Image.Dither.NONE
        )

    def rows(self) -> list[bytes]:
        """Packed rows, most significant bit left, 1 for black, as ESC/POS and ZPL want them."""
        across = (self.width + 7) // 8
        packed = bytes(octet ^ 0xFF for octet in self.dots().tobytes())
        spare = (0xFF << (across * 8 - self.width)) & 0xFF
        lines = [packed[start : start + across] for start in range(0, len(packed), across)]
        return [line[:-1] + bytes([line[-1] & spare]) for line in lines]

    def png(self, *, enlarge: int = 1) -> bytes:
        """The page as a PNG file; `enlarge` repeats every dot, for screens."""
        out = io.BytesIO()
        dots = self.dots()
        dots.resize((dots.width * enlarge, dots.height * enlarge), Image.Resampling.NEAREST).save(out, "PNG")
        return out.getvalue()


def small_logo(raw: bytes) -> bytes:
    """A logo as it is kept with a badge: no larger than it can be printed; raises OperatorMistake for no picture."""
    picture = open_picture(raw)
    picture.thumbnail((LOGO_PX, LOGO_PX))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def open_picture(raw: bytes) -> Image.Image:
    """A picture file in greys on white; raises OperatorMistake when it is none or too large."""
    try:
        picture = Image.open(io.BytesIO(raw))
        if picture.width * picture.height > LOGO_PX_MAX:
            raise OperatorMistake(f"the logo has more than {LOGO_PX_MAX} dots", field="logo")
        layers = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as wrong:
        raise OperatorMistake("the logo is not a picture that can be read", field="logo") from wrong
    ground = Image.new("RGBA", layers.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, layers).convert("L")
