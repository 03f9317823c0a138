"""Amounts as files write them."""

import pytest

from daemon.domain.amount import parse_cents, parse_points
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1 234,56 €", 123456),
        ("1\u202f234,56\u00a0€", 123456),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1.234.567", 123456700),
        ("1'234.50", 123450),
        ("€523,40", 52340),
        ("12", 1200),
        ("12.5", 1250),
        ("12,3400", 1234),
        ("0.500", 50),
        ("-3,50", -350),
        ("−3,50", -350),
        ("(3,50)", -350),
        ("3,50-", -350),
        ("12 EUR", 1200),
    ],
)
def test_an_amount_is_read_however_it_is_written(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text", ["", "€", "douze", "1,2,3", "1.23.456", "0,125", "1.234", "9" * 41, "1e5", "٣", "9" * 15]
)
def test_what_is_no_amount_or_could_be_two_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        parse_cents(text)
    assert not text or len(text) < 3 or text not in str(refused.value)


def test_points_are_whole() -> None:
    assert parse_points("1 250 pts") == 1250
    with pytest.raises(OperatorMistake, match="whole"):
        parse_points("12,5")
