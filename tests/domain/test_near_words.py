"""Slips of typing and particles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.near_words import (
    initials,
    is_corrected,
    nearest,
    one_slip_away,
    slips,
    slips_allowed,
    split_particles,
    telling,
)

WORDS = st.text("abcde", max_size=9)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("martin", "martin", 0),
        ("martin", "matrin", 1),
        ("martin", "martn", 1),
        ("martin", "marttin", 1),
        ("martin", "mertin", 1),
        ("charpentier", "hcarpentire", 2),
        ("charpentier", "charpetnir", 2),
        ("martin", "durand", 3),
        ("martin", "mart", 2),
        ("abc", "abcdefg", 3),
        ("abab", "baba", 2),
        ("abcd", "dcba", 3),
        ("", "", 0),
    ],
)
def test_slips_are_counted_up_to_the_most_that_count(one: str, other: str, apart: int) -> None:
    assert (slips(one, other, most=2), slips(other, one, most=2)) == (apart, apart)


@given(WORDS, st.text("abcde", max_size=9))
def test_what_is_one_slip_away_is_told_and_nothing_else(one: str, other: str) -> None:
    assert (other in one_slip_away(one)) == (slips(one, other, most=1) == 1)


def test_only_words_of_letters_that_are_long_enough_hold_slips() -> None:
    assert [slips_allowed(word) for word in ("luc", "jean", "bertran", "berthelo", "c000123")] == [0, 1, 1, 2, 0]
    assert (is_corrected("jean"), is_corrected("0639")) == (True, False)


def test_particles_typed_without_their_spaces_are_split_off() -> None:
    assert split_particles("legoff") == [(("le",), "goff")]
    assert split_particles("desforges") == [(("des",), "forges")]
    assert split_particles("delatour") == [(("de",), "latour"), (("de", "la"), "tour")]
    assert split_particles("leroy") == [(("l",), "eroy")], (
        "an apostrophe left out: nobody is called L'Eroy, and nobody is found"
    )
    assert split_particles("martin") == []


@pytest.mark.parametrize(
    ("typed", "told_by"),
    [
        (("de", "la", "tour"), ("tour",)),
        (("le",), ("le",)),
        (("dupont", "sas"), ("dupont",)),
        (("s", "a", "r", "l", "le", "goff"), ("goff",)),
        (("dupont", "s", "a"), ("dupont",)),
        (("jean", "p", "martin"), ("jean", "p", "martin")),
        (("sarl",), ("sarl",)),
        (("societe", "generale"), ("generale",)),
    ],
)
def test_particles_and_forms_of_companies_tell_nobody_apart(typed: tuple[str, ...], told_by: tuple[str, ...]) -> None:
    assert telling(typed) == told_by


def test_two_letters_may_be_initials() -> None:
    assert initials("jp") == ("j", "p")
    assert [initials(word) for word in ("jpm", "j2", "aa", "p")] == [None] * 4


def test_the_nearest_of_many_words_come_first() -> None:
    others = ["durand", "carpentier", "charpentier", "charpentire", "montgolfier"]
    assert nearest("charpentier", others, most=2) == ["charpentier", "carpentier", "charpentire"]
    assert nearest("charpentier", others, most=0) == ["charpentier"]
