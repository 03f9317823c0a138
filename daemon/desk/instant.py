"""Moments in answers: RFC 3339 in UTC, to the second; inside everything counts milliseconds."""

from datetime import UTC, datetime

from daemon.errors import OperatorMistake

_LAST_MS = 253_402_300_799_999
"""The end of the year 9999."""


def shown(ms: int) -> str:
    """`2025-11-21T20:14:00Z`; empty for no moment at all, and for one that no calendar has."""
    if not 0 < ms <= _LAST_MS:
        return ""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str, *, field: str) -> int:
    """Milliseconds of a date or a moment; one without a zone is in UTC. Raises OperatorMistake."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as wrong:
        raise OperatorMistake(
            f"{field}: write the moment as 2025-11-21 or 2025-11-21T20:14:00Z", field=field
        ) from wrong
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not 1970 <= moment.year <= 2199:
        raise OperatorMistake(f"{field}: the moment lies outside the years 1970 to 2199", field=field)
    return int(moment.timestamp() * 1000)
