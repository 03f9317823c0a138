"""Days and months of a shop: what a date on a price or a promotion means, and in which month a sale counts.

A day is the number of days since 1 January 1970 in the shop's own calendar; a month is 202611. Both are counted in the
time zone of the shop, a policy of head office (`time_zone/SHOP`, or `time_zone` for the whole chain).
"""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from daemon.errors import OperatorMistake

TIME_ZONE = "time_zone"
"""The policy that names the time zone, as `Europe/Paris` or `Indian/Reunion`."""

ZONE_BY_DEFAULT = "Europe/Paris"

_FIRST = date(1970, 1, 1)
_DAY_MAX = (date(2199, 12, 31) - _FIRST).days
MONTHS_OF_YEAR = 12

_WITHOUT_TABLES = {
    # A machine without a table of time zones: the overseas shops have no summer time, and are right all year.
    "Indian/Reunion": 4,
    "Indian/Mayotte": 3,
    "America/Martinique": -4,
    "America/Guadeloupe": -4,
    "America/Cayenne": -3,
    "Pacific/Noumea": 11,
    "Europe/Paris": 1,
}


def time_zone_policies(shop: int) -> tuple[str, str]:
    """The policies that may name a shop's time zone, the nearer one first."""
    return (f"{TIME_ZONE}/{shop}", TIME_ZONE)


@cache
def zone_of(name: str) -> tzinfo:
    """The time zone of that name; one that this machine does not know is that of the chain's country."""
    for one in (name, ZONE_BY_DEFAULT):
        try:
            return ZoneInfo(one)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            if one in _WITHOUT_TABLES:
                return timezone(timedelta(hours=_WITHOUT_TABLES[one]))
    return UTC


def is_zone(name: str) -> bool:
    """Whether a time zone of that name is known here."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return name in _WITHOUT_TABLES
    return True


def day_of(ms: int, zone: tzinfo) -> int:
    """The day of a moment."""
    return (_local(ms, zone).date() - _FIRST).days


def month_of(ms: int, zone: tzinfo) -> int:
    """The month of a moment: 202611."""
    moment = _local(ms, zone)
    return moment.year * 100 + moment.month


def start_ms(day: int, zone: tzinfo) -> int:
    """The first millisecond of a day."""
    midnight = datetime.combine(_FIRST + timedelta(days=day), datetime.min.time(), zone)
    return int(midnight.timestamp()) * 1000


def months_back(month: int, count: int) -> list[int]:
    """`count` months, this one first, then the ones before it."""
    ordinal = (month // 100) * MONTHS_OF_YEAR + month % 100 - 1
    return [(at // MONTHS_OF_YEAR) * 100 + at % MONTHS_OF_YEAR + 1 for at in range(ordinal, ordinal - count, -1)]


def month_text(month: int) -> str:
    """`2026-11`."""
    return f"{month // 100:04d}-{month % 100:02d}"


def day_text(day: int | None) -> str | None:
    """`2026-11-22`; None for no day, and for a number that no calendar has."""
    if day is None or not 0 <= day <= _DAY_MAX:
        return None
    return (_FIRST + timedelta(days=day)).isoformat()


def parse_day(text: str | None, field: str) -> int | None:
    """The day of `2026-11-22`; None for nothing. Raises OperatorMistake."""
    if text is None or not text.strip():
        return None
    try:
        day = (date.fromisoformat(text.strip()) - _FIRST).days
    except ValueError as wrong:
        raise OperatorMistake(f"{field}: write the day as 2026-11-22", field=field) from wrong
    if not 0 <= day <= _DAY_MAX:
        raise OperatorMistake(f"{field}: the day lies outside the years 1970 to 2199", field=field)
    return day


def is_within(day: int, from_day: int | None, until_day: int | None) -> bool:
    """Whether a day lies between two others, both included; an absent one bounds nothing."""
    return (from_day is None or from_day <= day) and (until_day is None or day <= until_day)


def _local(ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone(zone)
