"""Which printed symbol carries a card number, and how large its modules can be. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Symbology(StrEnum):
    """A kind of printed symbol; the stored spelling."""

    EAN13 = "ean13"
    CODE128 = "code128"
    QR = "qr"


class SymbolWish(StrEnum):
    """What the setting of the chain asks for."""

    BARS = "bars"
    QR = "qr"


QUIET_MODULES = {Symbology.EAN13: 11, Symbology.CODE128: 10, Symbology.QR: 4}
"""White modules on each side; EAN-13 needs 11 on its left and gets them on both."""

DOTS_PER_MM = 8.0
"""Of a printer of 203 dpi."""

BAR_MODULES_MM = (0.375, 0.25)
"""Bar widths tried in order, 3 and 2 dots at 203 dpi; below the latter hand scanners miss."""

QR_MODULES_MM = (1.0, 0.875, 0.75, 0.625, 0.5, 0.375)

MODULES_MM: Mapping[Symbology, tuple[float, ...]] = {
    Symbology.EAN13: BAR_MODULES_MM[:1],
    Symbology.CODE128: BAR_MODULES_MM,
    Symbology.QR: QR_MODULES_MM,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SymbolChoice:
    """The symbol that fits, its module and whole width in dots without quiet zones."""

    symbology: Symbology
    module_dots: int
    width_dots: int


def ean13_is_valid(number: str) -> bool:
    """Thirteen ASCII digits of which the last is the right check digit (GS1 General Specifications 7.9).

    A printer accepts a wrong one and prints bars that no scanner reads.
    """
    if len(number) != 13 or not (number.isascii() and number.isdigit()):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(number))
    return weighted % 10 == 0


def choose_symbol(
    number: str,
    wish: SymbolWish,
    rooms: Mapping[Symbology, int],
    modules: Callable[[Symbology, str], int],
    dots_per_mm: float = DOTS_PER_MM,
) -> SymbolChoice | None:
    """The first symbol, and its largest module, that fits the room of its kind with its quiet zones.

    Rooms are in dots; `modules` counts the modules across. EAN-13 keeps its 3 dots: it is never squeezed.
    None: nothing fits.
    """
    for symbology in _candidates(number, wish):
        count = modules(symbology, number)
        for module in _module_sizes(symbology, dots_per_mm):
            if (count + 2 * QUIET_MODULES[symbology]) * module <= rooms[symbology]:
                return SymbolChoice(symbology=symbology, module_dots=module, width_dots=count * module)
    return None


def _candidates(number: str, wish: SymbolWish) -> tuple[Symbology, ...]:
    if wish is SymbolWish.QR:
        return (Symbology.QR,)
    if ean13_is_valid(number):
        return (Symbology.EAN13, Symbology.QR)
    if all(" " <= character <= "~" for character in number):
        return (Symbology.CODE128, Symbology.QR)
    return (Symbology.QR,)


def _module_sizes(symbology: Symbology, dots_per_mm: float) -> tuple[int, ...]:
    """Whole dots, the largest module first."""
    return tuple(round(size * dots_per_mm) for size in MODULES_MM[symbology])


def number_as_read(number: str) -> str:
    """The number as a person reads it aloud: an EAN-13 in its three groups, any other as it is."""
    if ean13_is_valid(number):
        return f"{number[0]} {number[1:7]} {number[7:]}"
    return number
