"""Moments and durations."""

import pytest

from daemon.cli import moments
from daemon.cli.words import speak


def test_moments_are_short_and_in_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        assert moments.moment("2025-11-21T20:14:00Z") == "2025-11-21 21:14"
        speak("fr")
        assert moments.moment("2025-11-21T20:14:00Z") == "21/11/2025 21:14"
        assert moments.day("2025-11-21T23:30:00Z") == "22/11/2025"
        assert moments.moment_of_ms(1_763_756_040_000) == "21/11/2025 21:14"
        assert moments.day_of_ms(1_763_756_040_000) == "21/11/2025"
    finally:
        speak("en")
        monkeypatch.undo()
        time.tzset()


def test_nothing_is_shown_for_no_moment() -> None:
    assert (moments.moment(None), moments.day(""), moments.birthday(None)) == ("", "", "")
    assert moments.seconds_since(None, 0) is None
    assert moments.seconds_since("2025-11-21T20:14:00Z", 1_763_756_050_000) == 10
    assert moments.ago(None) == "never"


@pytest.mark.parametrize(
    ("stored", "english", "french"),
    [("1984-05-03", "1984-05-03", "03/05/1984"), ("--05-03", "05-03", "03/05")],
)
def test_a_birthday_may_lack_its_year(stored: str, english: str, french: str) -> None:
    assert moments.birthday(stored) == english
    speak("fr")
    try:
        assert moments.birthday(stored) == french
    finally:
        speak("en")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h 00"), (90_000, "25 h 00"), (400_000, "4 days")],
)
def test_durations_grow_coarser(seconds: int, said: str) -> None:
    assert moments.duration(seconds) == said
    assert moments.ago(seconds) == f"{said} ago"
