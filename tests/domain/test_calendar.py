"""Days and months of a shop: zones with and without their tables, changes of the clocks, 29 February, no day at all."""

from datetime import UTC, datetime, timedelta
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


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_sale_on_either_side_of_a_change_of_the_clocks_keeps_its_day_and_month() -> None:
    paris = calendar.zone_of("Europe/Paris")
    # The last evening of March is summer time: an hour that was the next day's in winter is this day's.
    assert calendar.month_of(at("2025-03-31T21:59:59Z"), paris) == 202503
    assert calendar.month_of(at("2025-03-31T22:00:00Z"), paris) == 202504
    assert calendar.month_of(at("2025-10-31T22:59:59Z"), paris) == 202510
    assert calendar.month_of(at("2025-10-31T23:00:00Z"), paris) == 202511
    for before, after in (("2025-03-30T00:59Z", "2025-03-30T01:01Z"), ("2025-10-26T00:59Z", "2025-10-26T01:01Z")):
        assert calendar.day_of(at(before), paris) == calendar.day_of(at(after), paris)
    spring = calendar.day_of(at("2025-03-30T12:00Z"), paris)
    assert calendar.start_ms(spring + 1, paris) - calendar.start_ms(spring, paris) == 23 * 3_600_000


def test_29_february_is_a_day_of_february_where_there_is_one() -> None:
    paris = calendar.zone_of("Europe/Paris")
    leap = calendar.parse_day("2028-02-29", "day")
    assert leap is not None
    assert calendar.day_text(leap) == "2028-02-29"
    assert calendar.day_text(leap + 1) == "2028-03-01"
    assert calendar.month_of(calendar.start_ms(leap, paris), paris) == 202802
    assert calendar.month_of(calendar.start_ms(leap + 1, paris) - 1, paris) == 202802
    assert calendar.month_of(calendar.start_ms(leap + 1, paris), paris) == 202803
    for common in ("2027-02-29", "2100-02-29"):
        with pytest.raises(OperatorMistake):
            calendar.parse_day(common, "day")


@pytest.mark.parametrize("name", ["Europe/Paris", "Indian/Reunion", "America/Martinique", "Pacific/Noumea"])
def test_every_day_of_a_leap_year_begins_when_the_one_before_it_ends(name: str) -> None:
    zone = calendar.zone_of(name)
    first = calendar.parse_day("2028-01-01", "day")
    assert first is not None
    for day in range(first, first + 366):
        begins = calendar.start_ms(day, zone)
        assert (calendar.day_of(begins - 1, zone), calendar.day_of(begins, zone)) == (day - 1, day)
    assert calendar.day_text(first + 366) == "2029-01-01"


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
