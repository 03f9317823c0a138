"""Birthdays: a day and a month, the year only if the customer told it. Stored as `[year or null, month, day]`."""

import re
from dataclasses import dataclass
from typing import Final

from daemon.errors import OperatorMistake

_YEAR_MIN: Final = 1890
_YEAR_MAX: Final = 2199
_ISO: Final = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ][\d:.Z+-]*)?")
_YEARLESS: Final = re.compile(r"--(?P<month>\d{2})-(?P<day>\d{2})")
_FRENCH: Final = re.compile(r"(?P<day>\d{1,2}) ?[/. -] ?(?P<month>\d{1,2}) ?[/. -] ?(?P<year>\d{4})(?: [\d:]*)?")
_FRENCH_YEARLESS: Final = re.compile(r"(?P<day>\d{1,2}) ?[/.] ?(?P<month>\d{1,2})\.?")
_FRENCH_SHORT_YEAR: Final = re.compile(r"\d{1,2} ?[/. -] ?\d{1,2} ?[/. -] ?\d{2}")
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, kw_only=True, slots=True)
class Birthday:
    """A day that exists: 29 February needs a leap year or no year."""

    year: int | None
    month: int
    day: int

    @property
    def text(self) -> str:
        """`1980-05-17`, or `--05-17` without a year (ISO 8601 and vCard)."""
        head = "-" if self.year is None else f"{self.year:04d}"
        return f"{head}-{self.month:02d}-{self.day:02d}"

    @property
    def stored(self) -> list[int | None]:
        """As rows and records hold it."""
        return [self.year, self.month, self.day]

    def celebrated_in(self, year: int) -> tuple[int, int]:
        """(month, day) in that year: 29 February falls on the 28th in common years."""
        if (self.month, self.day) == (2, 29) and not _is_leap(year):
            return 2, 28
        return self.month, self.day


def parse(text: str, *, field: str = "birthday") -> Birthday:
    """Read `1980-05-17`, `--05-17`, `17/05/1980`, `17.5.1980`, `17/05`; a time behind a date is left out.

    Raises OperatorMistake; also for a year of two digits, which names two centuries.
    """
    text = " ".join(text.split())
    for shape in (_ISO, _YEARLESS, _FRENCH, _FRENCH_YEARLESS):
        match = shape.fullmatch(text) if text.isascii() else None
        if match:
            parts = match.groupdict()
            year = int(parts["year"]) if parts.get("year") else None
            return _real(year, int(parts["month"]), int(parts["day"]), field)
    if _FRENCH_SHORT_YEAR.fullmatch(text):
        raise OperatorMistake(f"{field}: write the year of the birthday with four digits", field=field)
    raise OperatorMistake(f"{field}: write the birthday as 17/05/1980, 1980-05-17 or --05-17", field=field)


def from_stored(parts: list[int | None], *, field: str = "birthday") -> Birthday:
    """The birthday of `[year or null, month, day]`; raises OperatorMistake for anything else."""
    if len(parts) == 3 and parts[1] is not None and parts[2] is not None:
        return _real(parts[0], parts[1], parts[2], field)
    raise OperatorMistake(f"{field}: a stored birthday is a year or nothing, a month and a day", field=field)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _real(year: int | None, month: int, day: int, field: str) -> Birthday:
    if year is not None and not _YEAR_MIN <= year <= _YEAR_MAX:
        raise OperatorMistake(f"{field}: the year of the birthday lies outside {_YEAR_MIN} to {_YEAR_MAX}", field=field)
    if not 1 <= month <= 12:
        raise OperatorMistake(f"{field}: the month of the birthday lies outside 1 to 12", field=field)
    if not 1 <= day <= _DAYS[month - 1] or (month == 2 and day == 29 and year is not None and not _is_leap(year)):
        raise OperatorMistake(f"{field}: that month has no such day", field=field)
    return Birthday(year=year, month=month, day=day)
