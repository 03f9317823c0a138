"""Moments in answers."""

import pytest

from daemon.desk import instant
from daemon.errors import OperatorMistake


def test_a_moment_is_shown_in_utc_to_the_second() -> None:
    assert instant.shown(1_760_000_000_999) == "2025-10-09T08:53:20Z"
    assert [instant.shown(ms) for ms in (0, -1, 2**63)] == ["", "", ""]
    assert instant.shown(253_402_300_799_999)[:4] == "9999"


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-02", 86_400_000),
        ("2025-10-09T08:53:20Z", 1_760_000_000_000),
        ("2025-10-09T10:53:20+02:00", 1_760_000_000_000),
        (" 2025-10-09T08:53:20 ", 1_760_000_000_000),
    ],
)
def test_a_date_or_a_moment_is_read(text: str, ms: int) -> None:
    assert instant.parse(text, field="x") == ms


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01", "0001-01-01", "9999-01-01", "09/10/2025"])
def test_what_is_no_moment_names_its_field(text: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        instant.parse(text, field="consents.sms.date")
    assert refused.value.field == "consents.sms.date"
