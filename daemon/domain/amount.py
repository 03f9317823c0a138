"""Amounts as files write them: `1 234,56 €`, `1.234,56`, `12.5`, `(3,50)`; exact, in cents or whole points."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from daemon.domain.ledger import AMOUNT_MAX
from daemon.errors import OperatorMistake

_LENGTH_MAX: Final = 40
_AROUND: Final = re.compile(r"(?i)eur(?:os?)?|pts?|points?|[€$£'’\s\u00a0\u202f\u2009]")
_NUMBER: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?")


def parse_cents(text: str) -> int:
    """Cents; raises OperatorMistake, also for parts of a cent and where a sign may mean thousands or decimals."""
    value = _value(text) * 100
    if value != value.to_integral_value():
        raise OperatorMistake("the amount has parts of a cent")
    return _bounded(value)


def parse_points(text: str) -> int:
    """Whole points; raises OperatorMistake for parts of one."""
    value = _value(text)
    if value != value.to_integral_value():
        raise OperatorMistake("points are counted whole: the number has decimals")
    return _bounded(value)


def _bounded(value: Decimal) -> int:
    if abs(value) >= AMOUNT_MAX:
        raise OperatorMistake("the amount is larger than any that is kept")
    return int(value)


def _value(text: str) -> Decimal:
    if len(text) > _LENGTH_MAX:
        raise OperatorMistake("this is not an amount")
    plain = _AROUND.sub("", text)
    negative = plain.startswith(("-", "−")) or plain.endswith("-") or (plain.startswith("(") and plain.endswith(")"))
    plain = plain.strip("-−()")
    if not plain.isascii() or not _NUMBER.fullmatch(plain):
        raise OperatorMistake("this is not an amount")
    try:
        value = Decimal(_with_point(plain))
    except InvalidOperation as wrong:
        raise OperatorMistake("this is not an amount") from wrong
    return -value if negative else value


def _with_point(plain: str) -> str:
    """The number with a point before its decimals and no other sign."""
    signs = [sign for sign in plain if sign in ".,"]
    if not signs:
        return plain
    if _THOUSANDS.fullmatch(plain) and (len(signs) > 1):
        last = signs[-1] if len(set(signs)) == 2 else ""
        whole, _, decimals = plain.rpartition(last) if last else (plain, "", "")
        return re.sub("[.,]", "", whole) + (f".{decimals}" if decimals else "")
    if len(signs) > 1:
        raise OperatorMistake("this is not an amount")
    whole, _, decimals = plain.partition(signs[0])
    if len(decimals) == 3 and len(whole) <= 3 and whole != "0":
        raise OperatorMistake("this amount can be read as thousands or as decimals: write it with two decimals")
    return f"{whole}.{decimals}"
