"""What a reader read: a text, and the kind of barcode where the reader said it; GTIN check digits; the form to look up.

The text is personal data (it names a customer), so `repr` shows its length only.
"""

import enum
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override


class Symbology(enum.StrEnum):
    """The kinds of barcode that a reader can name (ISO/IEC 15424)."""

    EAN13 = enum.auto()
    """Also UPC-A and UPC-E, which readers send as 13 digits."""
    EAN8 = enum.auto()
    CODE128 = enum.auto()
    GS1_128 = enum.auto()
    GS1_DATABAR = enum.auto()
    CODE39 = enum.auto()
    CODE93 = enum.auto()
    CODABAR = enum.auto()
    INTERLEAVED_2OF5 = enum.auto()
    DISCRETE_2OF5 = enum.auto()
    MSI = enum.auto()
    QR = enum.auto()
    GS1_QR = enum.auto()
    DATA_MATRIX = enum.auto()
    GS1_DATA_MATRIX = enum.auto()
    PDF417 = enum.auto()
    AZTEC = enum.auto()
    OTHER = enum.auto()
    """Named by the reader, by an identifier that no table of ours lists."""


GS1_SYMBOLOGIES: Final = frozenset(
    {Symbology.GS1_128, Symbology.GS1_DATABAR, Symbology.GS1_QR, Symbology.GS1_DATA_MATRIX}
)
"""Those whose text is GS1 element strings: `01` + GTIN-14, and so on."""

_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})


@dataclass(frozen=True, kw_only=True, slots=True)
class ScannedCode:
    """One code as it was read, without identifier, prefix or terminator."""

    text: str = field(repr=False)
    symbology: Symbology | None
    """None: the reader did not say."""

    @override
    def __repr__(self) -> str:
        """Never the text: it would put a card number in a log."""
        return f"ScannedCode({self.symbology or 'unnamed'}, {len(self.text)} characters)"


def is_digits(text: str) -> bool:
    """Whether `text` is one or more of 0-9; `str.isdigit` would also take superscripts and other scripts."""
    return text.isascii() and text.isdigit()


def gtin_check_digit(body: str) -> str:
    """The digit that completes `body`, a GTIN without its last digit (7, 11, 12 or 13 digits).

    GS1 General Specifications 7.9: weights 3 and 1 from the right, modulo 10.
    """
    assert is_digits(body)
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def is_gtin(text: str) -> bool:
    """Whether `text` is 8, 12, 13 or 14 digits whose last one is right."""
    return len(text) in _GTIN_LENGTHS and is_digits(text) and gtin_check_digit(text[:-1]) == text[-1]


def lookup_form(text: str) -> str:
    """The form under which a card is stored and sought; apply it to both sides, however the text came.

    Spaces go (cards print their number in groups), letters become capitals (a Code 39 has no others), presentation
    forms become plain, and a UPC-A gets the zero that scanners put before it or leave out.
    Idempotent; depends on the text alone, so that a typed number finds the scanned card.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    # Capitals of some letters decompose again (ŉ → ʼN), hence a second normal form: without it, not idempotent.
    form = unicodedata.normalize("NFKC", plain)
    if len(form) == 12 and is_gtin(form):
        return "0" + form
    if len(form) == 14 and form.startswith("0") and is_gtin(form):
        return form[1:]
    return form


def gtin_of(code: ScannedCode) -> str | None:
    """The GTIN that `code` carries, in `lookup_form`, or None when it names no product.

    In GS1 element strings it is application identifier 01, which comes first where it is present.
    """
    if code.symbology in GS1_SYMBOLOGIES:
        inside = code.text[2:16]
        return lookup_form(inside) if code.text.startswith("01") and len(inside) == 14 and is_gtin(inside) else None
    return lookup_form(code.text) if is_gtin(code.text) else None
