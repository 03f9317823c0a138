"""Numbers, dates and words of two languages; Babel, which the daemon does not carry, is the oracle."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.web.i18n import LANGUAGES, Language, Words

PARIS_SUMMER = timezone(timedelta(hours=2))
NOW_MS = int(datetime(2025, 6, 12, 14, 32, tzinfo=PARIS_SUMMER).timestamp() * 1000)
HOUR_MS = 3_600_000

FR, EN = Words("fr", PARIS_SUMMER), Words("en", PARIS_SUMMER)


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=PARIS_SUMMER).timestamp() * 1000)  # type: ignore[misc,arg-type]  # year to minute


@settings(max_examples=60)
@given(number=st.integers(-(10**9), 10**9), language=st.sampled_from(LANGUAGES))
def test_numbers_are_written_as_babel_writes_them(number: int, language: Language) -> None:
    locale = Locale(language, "FR" if language == "fr" else "GB")
    words = Words(language)
    assert words.number(number) == format_decimal(number, locale=locale)
    assert words.euros(number) == format_currency(number / 100, "EUR", locale=locale)


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_are_written_as_babel_writes_them(language: Language) -> None:
    pattern = "d MMMM y"
    for month in range(1, 13):
        day = date(2024, month, 2)
        expected = format_date(day, pattern, locale=language)
        ms = int(datetime(2024, month, 2, 12, tzinfo=UTC).timestamp() * 1000)
        assert Words(language, UTC).day(ms, NOW_MS) == expected
        assert Words(language, UTC).date(day.isoformat()) == expected


def test_this_year_goes_without_saying_and_the_first_is_premier() -> None:
    assert (FR.day(at(2025, 6, 2), NOW_MS), EN.day(at(2025, 6, 2), NOW_MS)) == ("2 juin", "2 June")
    assert FR.day(at(2025, 5, 1), NOW_MS) == "1er mai"
    assert FR.date("--05-17") == "17 mai"


def test_a_moment_of_today_is_its_clock_one_of_yesterday_says_so() -> None:
    assert FR.moment(at(2025, 6, 12, 9, 41), NOW_MS) == "09:41"
    assert FR.moment(at(2025, 6, 11, 18, 12), NOW_MS) == "hier 18:12"
    assert EN.moment(at(2025, 6, 11, 18, 12), NOW_MS) == "yesterday 18:12"
    assert FR.moment(at(2024, 12, 24, 18, 12), NOW_MS) == "24 décembre 2024 18:12"


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (-5, "à l’instant", "just now"),
        (59, "à l’instant", "just now"),
        (60, "il y a 1 min", "1 min ago"),
        (6 * 3600 + 18 * 60, "il y a 6 h 18", "6 h 18 ago"),
        (3 * 86_400, "il y a 3 j", "3 d ago"),
    ],
)
def test_how_long_ago(seconds: int, french: str, english: str) -> None:
    then = NOW_MS - seconds * 1000
    assert FR.ago(then, NOW_MS).replace("\u00a0", " ") == french
    assert EN.ago(then, NOW_MS).replace("\u00a0", " ") == english


def test_a_short_while_is_said_in_seconds() -> None:
    assert FR.duration(45) == "45\u00a0s"


def test_french_counts_nothing_as_one() -> None:
    one, several = "%(num)s customer", "%(num)s customers"
    assert [FR.counted(one, several, number) for number in (0, 1, 2)] == ["0 client", "1 client", "2 clients"]
    assert [EN.counted(one, several, number) for number in (0, 1, 2)] == ["0 customers", "1 customer", "2 customers"]


def test_without_a_zone_the_machines_own_is_meant() -> None:
    ms = at(2025, 6, 12, 9, 41)
    assert Words("fr").clock(ms) == datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%H:%M")


def test_a_user_of_the_machine_is_said_to_be_one() -> None:
    assert (FR.author("system:root"), EN.author("uid:0")) == ("système\u00a0: root", "system: root")
    assert FR.author("Léa") == "Léa"


def test_a_share_is_never_said_to_be_more_than_it_is() -> None:
    assert (FR.share(0.439), EN.share(0.9999), EN.share(0.0)) == ("43\u00a0%", "99%", "0%")
