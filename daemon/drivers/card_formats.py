"""From the bytes of one frame to a code, by one table. Where a new card format goes.

A reader may put an AIM identifier (ISO/IEC 15424) before the text: `]`, a letter for the symbology, a modifier.
Without one the kind of barcode is unknown, and only what a cut or damaged EAN would look like is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daemon.domain.code import ScannedCode, Symbology, gtin_of, is_digits, is_gtin
from daemon.domain.payment_card import is_payment_card
from daemon.drivers.device import Refusal

Rule = Callable[[str], Refusal | None]
"""What is wrong with a text, or None."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardFormats:
    """What a scanner's configuration says about the codes it reads."""

    card_prefixes: tuple[str, ...] = ()
    """Of the chain's own cards: never taken for payment numbers."""
    check_bare_gtin: bool = True
    """Refuse 8, 12 or 13 digits that came without identifier when their check digit is wrong.

    Off where cards in Code 128 have as many digits and the scanner sends no identifier.
    """


def _any(_text: str) -> None:
    return None


def _digits(text: str) -> Refusal | None:
    return None if is_digits(text) else Refusal.NOT_DIGITS


def _gtin_of_length(*lengths: int) -> Rule:
    def rule(text: str) -> Refusal | None:
        if not is_digits(text):
            return Refusal.NOT_DIGITS
        if len(text) not in lengths:
            return Refusal.WRONG_LENGTH
        return None if is_gtin(text) else Refusal.CHECK_DIGIT

    return rule


def _gs1(text: str) -> Refusal | None:
    """Application identifier 01 is the one with a check digit that we use."""
    damaged = text.startswith("01") and gtin_of(ScannedCode(text=text, symbology=Symbology.GS1_128)) is None
    return Refusal.CHECK_DIGIT if damaged else None


def _add_on(_text: str) -> Refusal:
    return Refusal.ADD_ON


_EAN13: Final = _gtin_of_length(12, 13)
"""UPC-A counts as EAN-13 and comes with a zero before it; some readers leave the zero out."""

FORMATS: Final[dict[str, tuple[Symbology, Rule]]] = {
    # A letter and a modifier go before a letter alone.
    "E": (Symbology.EAN13, _EAN13),
    "E1": (Symbology.EAN13, _add_on),  # 2 digits of supplement, apart from their EAN
    "E2": (Symbology.EAN13, _add_on),  # 5 digits
    "E4": (Symbology.EAN8, _gtin_of_length(8)),
    "C": (Symbology.CODE128, _any),
    "C1": (Symbology.GS1_128, _gs1),
    "e": (Symbology.GS1_DATABAR, _gs1),
    "A": (Symbology.CODE39, _any),
    "G": (Symbology.CODE93, _any),
    "F": (Symbology.CODABAR, _any),
    "I": (Symbology.INTERLEAVED_2OF5, _digits),
    "S": (Symbology.DISCRETE_2OF5, _digits),
    "R": (Symbology.DISCRETE_2OF5, _digits),
    "M": (Symbology.MSI, _digits),
    "Q": (Symbology.QR, _any),
    "Q3": (Symbology.GS1_QR, _gs1),
    "Q4": (Symbology.GS1_QR, _gs1),
    "d": (Symbology.DATA_MATRIX, _any),
    "d2": (Symbology.GS1_DATA_MATRIX, _gs1),
    "d5": (Symbology.GS1_DATA_MATRIX, _gs1),
    "L": (Symbology.PDF417, _any),
    "z": (Symbology.AZTEC, _any),
    "X": (Symbology.OTHER, _any),  # ISBN-10 among others: ]X0123456789X
}

_IDENTIFIER: Final = re.compile(r"\]([A-Za-z])([0-9A-Za-z])", re.ASCII)

_ECI_MODIFIERS: Final = frozenset({"Q2", "Q4", "Q6", "d4", "d5", "d6"})
"""Those in which a backslash is doubled and `\\000026` announces the character set (AIM ECI protocol)."""

_ECI_DESIGNATOR: Final = re.compile(r"\A\\[0-9]{6}", re.ASCII)

_BARE_GTIN_LENGTHS: Final = frozenset({8, 12, 13})

_BYTE_ORDER_MARK: Final = "\ufeff"


def read_frame(data: bytes, formats: CardFormats) -> ScannedCode | Refusal:
    """The code in one frame, or why it is refused. A payment number is refused before anything else is asked of it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return Refusal.NOT_TEXT
    identifier, text = _split_identifier(text)
    text = text.removeprefix(_BYTE_ORDER_MARK).strip(" ")
    if not text:
        return Refusal.EMPTY
    if is_payment_card(text, formats.card_prefixes):
        return Refusal.PAYMENT_CARD
    if not text.replace("\x1d", "").isprintable():
        return Refusal.NOT_TEXT
    symbology, rule = _format_of(identifier, text, formats)
    return rule(text) or ScannedCode(text=text, symbology=symbology)


def _split_identifier(text: str) -> tuple[str, str]:
    """The two characters after `]`, or nothing, and the text proper."""
    match = _IDENTIFIER.match(text)
    if not match:
        return "", text
    identifier, rest = match[1] + match[2], text[match.end() :]
    if identifier in _ECI_MODIFIERS:
        rest = _ECI_DESIGNATOR.sub("", rest).replace("\\\\", "\\")
    return identifier, rest


def _format_of(identifier: str, text: str, formats: CardFormats) -> tuple[Symbology | None, Rule]:
    if identifier:
        return FORMATS.get(identifier) or FORMATS.get(identifier[0]) or (Symbology.OTHER, _any)
    looks_like_gtin = len(text) in _BARE_GTIN_LENGTHS and is_digits(text)
    return None, _gtin_of_length(len(text)) if looks_like_gtin and formats.check_bare_gtin else _any
