"""The bars of a card number as one SVG path, drawn on the screen so that a scanner reads them there too. Pure."""

from dataclasses import dataclass, field
from typing import Final

from daemon.domain.card_symbol import QUIET_MODULES, Symbology, ean13_is_valid

HEIGHT: Final = 30
"""Of every symbol, in modules; the page stretches it."""

_CODE128_LENGTH_MAX: Final = 40
"""Longer ones would have bars thinner than a pixel."""

# ISO/IEC 15417, table 1: widths of bars and spaces of the values 0 to 105.
_CODE128: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
)
_CODE128_STOP: Final = "2331112"
_TO_C, _TO_B, _START_B, _START_C = 99, 100, 104, 105

# GS1 General Specifications 5.2.1.2: widths of a digit in set A; set C is its mirror in colours, set B in direction.
_EAN: Final = "3211 2221 2122 1411 1132 1231 1114 1312 1213 3112"
_EAN_SETS: Final = "AAAAAA AABABB AABBAB AABBBA ABAABB ABBAAB ABBBAA ABABAB ABABBA ABBABA"
"""Sets of the six left digits, by the first digit, which has no bars of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """A symbol: its width in modules with both quiet zones, and the path of its bars."""

    width: int
    path: str = field(repr=False)


def bars_of(number: str) -> Bars | None:
    """EAN-13 for a valid one, else Code 128; None for what neither can carry."""
    if ean13_is_valid(number):
        return _drawn(_ean13(number), QUIET_MODULES[Symbology.EAN13])
    if 0 < len(number) <= _CODE128_LENGTH_MAX and all(" " <= sign <= "~" for sign in number):
        return _drawn(_code128(number), QUIET_MODULES[Symbology.CODE128])
    return None


def _drawn(widths: str, quiet: int) -> Bars:
    """Bars and spaces in turn, the first one a bar."""
    at, path = quiet, []
    for place, width in enumerate(map(int, widths)):
        if place % 2 == 0:
            path.append(f"M{at} 0h{width}v{HEIGHT}h-{width}z")
        at += width
    return Bars(width=at + quiet, path="".join(path))


def _ean13(number: str) -> str:
    first, left, right = int(number[0]), number[1:7], number[7:]
    sets = _EAN_SETS[first * 7 : first * 7 + 6]
    coded = [_digit(digit) if set_ == "A" else _digit(digit)[::-1] for digit, set_ in zip(left, sets, strict=True)]
    # A left digit begins with a space, a right one with a bar: the alternation of `_drawn` takes care of both.
    return "111" + "".join(coded) + "11111" + "".join(map(_digit, right)) + "111"


def _digit(digit: str) -> str:
    return _EAN[int(digit) * 5 : int(digit) * 5 + 4]


def _code128(number: str) -> str:
    values = _values(number)
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], start=1))) % 103
    return "".join(_CODE128[value * 7 : value * 7 + 6] for value in (*values, check)) + _CODE128_STOP


def _values(number: str) -> list[int]:
    """Set C for runs of digits that pay for the switch, set B for the rest."""
    values: list[int] = []
    for text, pairs in _pieces(number):
        if values:
            values.append(_TO_C if pairs else _TO_B)
        else:
            values.append(_START_C if pairs else _START_B)
        if pairs:
            values += [int(text[at : at + 2]) for at in range(0, len(text), 2)]
        else:
            values += [ord(sign) - 32 for sign in text]
    return values


def _pieces(number: str) -> list[tuple[str, bool]]:
    """The number cut into (text, whether it goes by pairs of digits): four digits at an end pay, six in the middle."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    while at < len(number):
        run = _digits_from(number, at)
        ends = at == 0 or at + run == len(number)
        if run >= (4 if ends else 6):
            odd = run % 2
            if odd:
                _append(pieces, number[at])
            pieces.append((number[at + odd : at + run], True))
            at += run
        else:
            _append(pieces, number[at : at + max(run, 1)])
            at += max(run, 1)
    return pieces


def _append(pieces: list[tuple[str, bool]], text: str) -> None:
    """Lengthen the last piece of single signs, or begin one."""
    if pieces and not pieces[-1][1]:
        pieces[-1] = (pieces[-1][0] + text, False)
    else:
        pieces.append((text, False))


def _digits_from(number: str, at: int) -> int:
    end = at
    while end < len(number) and number[end].isdigit():
        end += 1
    return end - at
