"""Coupons: birthdays that fall on 29 February, days of validity over a change of the clocks, what is no birthday."""

from datetime import date
from typing import Any

import pytest

from daemon.domain import calendar, coupon
from daemon.domain.loyalty import CouponTerms, LoyaltyRule

RULE = b"rule8888"
ANNE = b"anne8888"
LEAP_CHILD = (2000, 2, 29)


def rule(before: int = 0) -> LoyaltyRule:
    return LoyaltyRule(id=RULE.hex(), label="Anniversaire", kind="birthday", before=before)


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def due(text: str, born: Any = LEAP_CHILD, *, before: int = 0) -> bool:
    return coupon.birthday_due(rule(before), ANNE, born, frozenset(), day=day(text)) is not None


def test_29_february_is_kept_on_the_28th_in_common_years_and_on_its_day_in_leap_years() -> None:
    assert [due(text) for text in ("2027-02-27", "2027-02-28", "2027-03-01")] == [False, True, False]
    assert [due(text) for text in ("2028-02-28", "2028-02-29", "2028-03-01")] == [False, True, False]
    assert due("2100-02-28"), "no leap year"


def test_it_is_due_once_a_year_and_days_ahead_count_over_the_turn_of_the_year() -> None:
    first = coupon.birthday_due(rule(3), ANNE, LEAP_CHILD, frozenset(), day=day("2028-02-26"))
    assert first is not None
    assert coupon.birthday_due(rule(3), ANNE, LEAP_CHILD, frozenset({first}), day=day("2028-02-29")) is None
    next_ = coupon.birthday_due(rule(3), ANNE, LEAP_CHILD, frozenset({first}), day=day("2029-02-25"))
    assert next_ not in {None, first}
    assert due("2027-12-30", (None, 1, 1), before=2)


@pytest.mark.parametrize(
    "born", [None, "29/02", (), (2000, 2), (None, None, None), (None, 2, 31), (2001, 2, 29), (None, 13, 1), (1, 1, 1)]
)
def test_what_a_record_holds_that_is_no_birthday_is_never_due(born: Any) -> None:
    assert not any(due(text, born, before=365) for text in ("2027-02-28", "2028-02-29", "2028-01-01"))


def test_a_coupon_is_good_on_each_of_its_days_whether_a_day_has_23_hours_or_is_29_february() -> None:
    paris = calendar.zone_of("Europe/Paris")
    for start, days, last in (("2025-03-29", 3, "2025-03-31"), ("2028-02-28", 2, "2028-02-29")):
        from_day = day(start)
        made, _ = coupon.issue(ANNE, b"fact8888", CouponTerms(amount=500, days=days), from_day, rule="")
        until = made.fields[coupon.UNTIL]
        assert calendar.day_text(until) == last
        over_ms = calendar.start_ms(until + 1, paris)
        assert calendar.day_of(over_ms - 1, paris) == until
        assert calendar.day_of(over_ms, paris) == until + 1
