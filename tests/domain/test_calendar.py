"""Days and months of a shop: time zones with and without their tables, months back, what is no day."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest

from daemon.domain import calendar
from daemon.errors import OperatorMistake

MIDNIGHT_MS = 1_759_269_600_000
"""1 October 2025, midnight in Paris."""


def test_a_moment_belongs_to_the_day_and_month_that_the_shop_has() -> None:
    paris, reunion = calendar.zone_of("Europe/Paris"), calendar.zone_of("Indian/Reunion")
    assert calendar.month_of(MIDNIGHT_MS - 1, paris) == 202509
    assert calendar.month_of(MIDNIGHT_MS - 1, reunion) == calendar.month_of(MIDNIGHT_MS, paris) == 202510
    day = calendar.day_of(MIDNIGHT_MS, paris)
    assert calendar.day_text(day) == "2025-10-01"
    assert calendar.start_ms(day, paris) == MIDNIGHT_MS
    assert calendar.start_ms(day + 25, paris) - calendar.start_ms(day, paris) == 25 * 86_400_000
    assert calendar.start_ms(day + 26, paris) - calendar.start_ms(day + 25, paris) == 25 * 3_600_000, "summer time ends"


def test_a_zone_that_is_not_known_is_that_of_the_chain_and_a_machine_without_tables_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert calendar.zone_of("Mars/Olympus") == calendar.zone_of("Europe/Paris")
    assert (calendar.is_zone("Indian/Mayotte"), calendar.is_zone("Mars/Olympus"), calendar.is_zone("../x")) == (
        True, False, False,
    )  # fmt: skip

    def missing(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(calendar, "ZoneInfo", missing)
    calendar.zone_of.cache_clear()
    assert calendar.zone_of("Indian/Reunion").utcoffset(None) == timedelta(hours=4)
    assert calendar.zone_of("Europe/Oslo").utcoffset(None) == timedelta(hours=1)
    assert calendar.is_zone("America/Cayenne")
    monkeypatch.setattr(calendar, "_WITHOUT_TABLES", {})
    calendar.zone_of.cache_clear()
    assert calendar.zone_of("Europe/Paris") == UTC
    monkeypatch.undo()
    calendar.zone_of.cache_clear()


def test_months_are_counted_back_over_the_turn_of_the_year() -> None:
    assert calendar.months_back(202602, 4) == [202602, 202601, 202512, 202511]
    assert calendar.month_text(202601) == "2026-01"
    assert calendar.time_zone_policies(7) == ("time_zone/7", "time_zone")


@pytest.mark.parametrize("text", ["22/11/2026", "2026-02-30", "1969-12-31", "2200-01-01"])
def test_what_is_no_day_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        calendar.parse_day(text, "from_day")
    assert refused.value.field == "from_day"


def test_no_day_bounds_nothing() -> None:
    assert (calendar.parse_day(None, "x"), calendar.parse_day(" ", "x")) == (None, None)
    assert (calendar.day_text(None), calendar.day_text(-1), calendar.day_text(10**9)) == (None, None, None)
    assert calendar.is_within(5, None, None)
    assert calendar.is_within(5, 5, 5)
    assert not calendar.is_within(5, 6, None)
    assert not calendar.is_within(5, None, 4)
