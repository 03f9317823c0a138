"""Recognising a bank card, so that it is refused: never looked up, stored, logged or shown (feature A4).

Two rules, because two kinds of reading lie differently. A barcode or a typed number may be anything, so three signs are
needed together. A magnetic track is made for such numbers, so length and check digit are enough.
Nothing here keeps its argument, and no value and no exception carries it.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Final

from daemon.domain.code import is_digits

ISSUER_RANGES: Final = (
    # First and last leading digits, both included: ISO/IEC 7812-1 and the networks' published tables.
    ("4", "4"),  # Visa, Carte Bancaire
    ("51", "55"),  # Mastercard
    ("2221", "2720"),  # Mastercard since 2017
    ("34", "34"),  # American Express
    ("37", "37"),
    ("300", "305"),  # Diners Club
    ("3095", "3095"),
    ("36", "36"),
    ("38", "39"),
    ("3528", "3589"),  # JCB
    ("2200", "2204"),  # Mir
    ("50", "50"),  # Maestro
    ("56", "69"),  # Maestro; within it Discover 6011, 644-649 and 65, UnionPay 62
    ("81", "82"),  # UnionPay, RuPay
)

_TYPED_LENGTHS: Final = range(15, 20)
"""13 and 14 digits stay out: they are EAN-13 and GTIN-14, and one in ten would pass Luhn by chance."""

_TRACK_LENGTHS: Final = range(13, 20)

_EXEMPTING_DIGITS_MIN: Final = 4
"""A chain with in-store EAN-13 cards declares `25`; that must not let every Mastercard 25xx through."""

_SEPARATORS: Final = re.compile(r"[\s\-.\u2010-\u2015]+")

_TRACK_SHAPE: Final = re.compile(r"[%;]|[+_]?[A-Z]?[0-9 ]{13,25}[=^]", re.ASCII)
"""What no barcode or typed number starts like: a sentinel, or a number and a field separator.

A plus alone is no sentinel here: it starts phone numbers.
"""

_TRACK_1: Final = re.compile(r"%?[A-Z]?([0-9 ]{13,25})(?:\^|\?|$)", re.ASCII)
"""ISO/IEC 7813: `%B` number `^` name. American Express has spaces inside the number."""

_TRACK_2: Final = re.compile(r"[;+]?([0-9]{13,19})(?:[=D?]|$)", re.ASCII)
"""ISO/IEC 7813: `;` number `=`; `D` for `=` in the binary form that chips give."""

_TRACK_3: Final = re.compile(r"[;+_]?((?:01|02)[0-9]{13,19})(?:=|\?|$)", re.ASCII)
"""ISO/IEC 4909: a sentinel, two digits of format code, number `=`."""


_TRACK_ENDS: Final = re.compile(r"(?<=\?)")


def has_luhn_digit(digits: str) -> bool:
    """Whether the last digit is the ISO/IEC 7812-1 check digit of the others."""
    assert is_digits(digits)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_payment_card(digits: str, own_prefixes: Collection[str] = ()) -> bool:
    """Whether a barcode or a typed text is a payment number: 15-19 digits, a known issuer range and a Luhn digit.

    Spaces, dashes and dots between the digits do not hide one; nor does a whole magnetic track, typed by a keyboard
    reader. `own_prefixes` are those of the chain's cards: what starts with one is its card (inside an issuer range
    a prefix of fewer than 4 digits exempts nothing).
    """
    if _TRACK_SHAPE.match(digits):
        return track_holds_payment_card(digits, own_prefixes)
    number = _SEPARATORS.sub("", digits)
    if len(number) not in _TYPED_LENGTHS or not is_digits(number):
        return False
    return _is_issued(number) and has_luhn_digit(number) and not _is_own(number, own_prefixes)


def track_holds_payment_card(track: str, own_prefixes: Collection[str] = ()) -> bool:
    """Whether a magnetic track, with or without its sentinels, starts with a payment number: 13-19 digits and Luhn.

    Several tracks one behind the other, as some readers send them, are each looked at.
    """
    return any(has_luhn_digit(number) for number in _track_numbers(track, own_prefixes))


def _track_numbers(tracks: str, own_prefixes: Collection[str]) -> Iterator[str]:
    for track in _TRACK_ENDS.split(tracks):
        for pattern, skipped in ((_TRACK_1, 0), (_TRACK_2, 0), (_TRACK_3, 2)):
            match = pattern.match(track)
            whole = match[1].replace(" ", "") if match else ""
            number = whole[skipped:]
            if len(number) in _TRACK_LENGTHS and not _is_own(whole, own_prefixes) and not _is_own(number, own_prefixes):
                yield number


def _is_issued(number: str) -> bool:
    return any(low <= number[: len(low)] <= high for low, high in ISSUER_RANGES)


def _is_own(number: str, own_prefixes: Collection[str]) -> bool:
    return any(number.startswith(prefix) and _exempts(prefix) for prefix in own_prefixes)


def _exempts(prefix: str) -> bool:
    if len(prefix) >= _EXEMPTING_DIGITS_MIN:
        return True
    inside = any(low[: len(prefix)] <= prefix[: len(low)] <= high[: len(prefix)] for low, high in ISSUER_RANGES)
    return not inside


_RUN: Final = re.compile(r"(?<!\d)\d(?:[ .-]?\d){14,18}(?!\d)")
"""15 to 19 digits, as people group them."""


def holds_payment_card(text: str, own_prefixes: Collection[str] = ()) -> bool:
    """Whether free text holds the number of a payment card, alone or among words."""
    return any(is_payment_card(found.group(), own_prefixes) for found in _RUN.finditer(text))


def json_holds_payment_card(raw: bytes, own_prefixes: Collection[str] = ()) -> bool:
    """Whether a JSON text, of any shape, holds one: in a text, a name or a whole number; also in a name given twice.

    Fractions are left out: what sums of prices leave behind has sixteen digits, and looks like a card once in a while.
    Raises ValueError for what is no JSON, RecursionError for what is nested too deeply.
    """
    left: list[object] = [json.loads(raw, object_pairs_hook=list, parse_int=str, parse_float=_nothing)]
    while left:
        value = left.pop()
        if isinstance(value, list | tuple):
            left.extend(value)
        elif isinstance(value, str) and holds_payment_card(value, own_prefixes):
            return True
    return False


def _nothing(_: str) -> None:
    """A fraction."""
