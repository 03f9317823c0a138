import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.birthday import Birthday, from_stored, parse
from daemon.errors import OperatorMistake


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1980-05-17", "1980-05-17"),
        ("1980-5-7", "1980-05-07"),
        ("--05-17", "--05-17"),
        ("17/05/1980", "1980-05-17"),
        ("7/5/1980", "1980-05-07"),
        ("17.05.1980", "1980-05-17"),
        ("17-05-1980", "1980-05-17"),
        ("17 05 1980", "1980-05-17"),
        ("17/05", "--05-17"),
        ("29/02", "--02-29"),
        ("29/02/2000", "2000-02-29"),
        ("1980-05-17T00:00:00Z", "1980-05-17"),
        ("17/05/1980 00:00", "1980-05-17"),
    ],
)
def test_a_birthday_is_read_in_the_ways_that_people_write(typed: str, text: str) -> None:
    assert parse(typed).text == text


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("29/02/1999", "that month has no such day"),
        ("29/02/1900", "that month has no such day"),
        ("31/04", "that month has no such day"),
        ("0/04", "that month has no such day"),
        ("17/13/1980", "the month of the birthday lies outside 1 to 12"),
        ("17/05/1780", "the year of the birthday lies outside 1890 to 2199"),
        ("17/05/80", "write the year of the birthday with four digits"),
        ("17 mai", "write the birthday as 17/05/1980, 1980-05-17 or --05-17"),
        ("05-06", "write the birthday as 17/05/1980, 1980-05-17 or --05-17"),
        ("", "write the birthday as 17/05/1980, 1980-05-17 or --05-17"),
        ("١٧/٠٥/١٩٨٠", "write the birthday as 17/05/1980, 1980-05-17 or --05-17"),
    ],
)
def test_a_day_that_is_none_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        parse(typed)
    assert str(refused.value) == f"birthday: {reason}"


@pytest.mark.parametrize("parts", [[], [1980, None, 3], [1980, 5], [1980, 2, 30], [None, 13, 1], [1, 1, 1]])
def test_a_stored_birthday_that_is_none_is_refused(parts: list[int | None]) -> None:
    with pytest.raises(OperatorMistake):
        from_stored(parts)


def test_29_february_is_celebrated_on_the_28th_in_common_years() -> None:
    leap_child = Birthday(year=None, month=2, day=29)
    assert leap_child.celebrated_in(2024) == (2, 29)
    assert leap_child.celebrated_in(2025) == (2, 28)
    assert leap_child.celebrated_in(2100) == (2, 28)
    assert parse("28/02/2000").celebrated_in(2024) == (2, 28)


@given(st.dates(dt.date(1890, 1, 1), dt.date(2199, 12, 31)), st.booleans())
def test_text_and_stored_form_read_back_to_the_same_day(date: dt.date, with_year: bool) -> None:
    birthday = Birthday(year=date.year if with_year else None, month=date.month, day=date.day)
    assert parse(birthday.text) == birthday
    assert from_stored(birthday.stored) == birthday
    if with_year:
        assert birthday.text == date.isoformat()
        assert parse(date.strftime("%d/%m/%Y")) == birthday


@given(st.text(alphabet="0123456789-/. T:٣", max_size=16))
def test_any_text_is_a_birthday_or_refused(typed: str) -> None:
    try:
        birthday = parse(typed)
    except OperatorMistake:
        return
    assert parse(birthday.text) == birthday
