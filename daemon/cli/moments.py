"""Moments and durations as the command line writes them: short, in the zone of this machine."""

from datetime import UTC, datetime
from typing import Final

from daemon.cli.words import _, counted, spoken

_FORMATS: Final = {"fr": "%d/%m/%Y %H:%M", "en": "%Y-%m-%d %H:%M"}
_DAYS: Final = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
CERTIFICATE_DAYS_LOW: Final = 90
"""A certificate that ends sooner is told in colour: it should have been renewed long ago."""


def moment(text: str | None) -> str:
    """`2025-11-21T20:14:00Z` as `21/11/2025 21:14`; empty for none."""
    return parsed(text).strftime(_FORMATS[spoken()]) if text else ""


def day(text: str | None) -> str:
    """The day of a moment: `21/11/2025`; empty for none."""
    return parsed(text).strftime(_DAYS[spoken()]) if text else ""


def day_of_ms(ms: int) -> str:
    """The day of a moment in milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime(_DAYS[spoken()])


def moment_of_ms(ms: int) -> str:
    """A moment in milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime(_FORMATS[spoken()])


def birthday(text: str | None) -> str:
    """`1984-05-03` as `03/05/1984`, `--05-03` as `03/05`; English keeps the order of the calendar."""
    if not text or spoken() == "en":
        return (text or "").removeprefix("--")
    year, month, day_ = text[:-6], text[-5:-3], text[-2:]
    return "/".join(part for part in (day_, month, year.strip("-")) if part)


def ago(seconds: int | None) -> str:
    """`12 s ago`, `3 min ago`, `5 days ago`."""
    if seconds is None:
        return _("never")
    return _("{duration} ago").format(duration=duration(seconds))


def duration(seconds: int) -> str:
    """`12 s`, `3 min`, `2 h 05`, `5 days`."""
    if seconds < _MINUTE_S:
        return f"{max(0, seconds)} s"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S} min"
    if seconds < 2 * _DAY_S:
        return f"{seconds // _HOUR_S} h {seconds // _MINUTE_S % 60:02d}"
    return counted("{n} day", "{n} days", seconds // _DAY_S)


def seconds_since(text: str | None, now_ms: int) -> int | None:
    """How long ago a moment was."""
    return None if not text else now_ms // 1000 - int(parsed(text).timestamp())


def days_until(text: str, now_ms: int) -> int:
    """Whole days until a moment; negative once it is over."""
    return (int(parsed(text).timestamp() * 1000) - now_ms) // (_DAY_S * 1000)


def parsed(text: str) -> datetime:
    """A moment of the API in the zone of this machine."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone()
