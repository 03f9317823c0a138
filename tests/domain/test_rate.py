"""Rates and shares in whole cents: halves away from zero, parts that add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.rate import WHOLE, off, rate_of, share
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [(1001, 1000, 100), (5, 1000, 1), (-5, 1000, -1), (4, 1000, 0), (999, 0, 0), (7, WHOLE, 7)],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: int, rate: int, expected: int) -> None:
    assert off(amount, rate) == expected


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.data())
def test_a_share_is_within_half_of_the_exact_one_and_mirrors_its_sign(
    amount: int, whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, whole))
    found = share(amount, part, whole)
    assert abs(2 * (found * whole - amount * part)) <= whole
    assert share(-amount, part, whole) == -found


@pytest.mark.parametrize("rate", [-1, WHOLE + 1])
def test_a_rate_lies_between_nothing_and_the_whole(rate: int) -> None:
    with pytest.raises(OperatorMistake, match="discount: hundredths of a percent"):
        rate_of(rate, "discount")
    assert rate_of(None, "discount") is None
    assert rate_of(WHOLE, "discount") == WHOLE
