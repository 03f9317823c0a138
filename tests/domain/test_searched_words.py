"""The words that find a customer, and how a change moves them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.element import Element, numbers_moved
from daemon.domain.kinds import Kind
from daemon.domain.searched_words import is_searched, runs, searched_words, words_moved

ANNE = b"anne...."
STAMP = (1, 2, 3)

texts = st.sampled_from(["Anne", "anne", "Le Goff", "goff", "29", "C 29", "vip", "Hélène", ""])
customers = st.dictionaries(
    st.sampled_from([3, 4, 5, 7, 8, 9, 14]), st.one_of(texts, st.just("+33639981234"), st.just(5)), max_size=5
)
tags = st.dictionaries(st.just(1), texts, max_size=1)


def row(fields: dict[int, Any]) -> Element:
    return Element(Kind.CUSTOMER, ANNE, b"", STAMP, fields)


def tag(at: int, fields: dict[int, Any]) -> Element:
    return Element(Kind.TAG, ANNE, bytes([at]) * 8, STAMP, fields)


@given(st.none() | customers, st.none() | customers, st.tuples(tags, tags, tags))
def test_what_moves_is_the_difference_of_what_is_found_before_and_after(
    before: dict[int, Any] | None, after: dict[int, Any] | None, tagged: tuple[dict[int, Any], ...]
) -> None:
    old, new = (None if fields is None else row(fields) for fields in (before, after))
    first, changed, other = (tag(at, fields) for at, fields in enumerate(tagged))
    here = [(old, new), (first, Element(Kind.TAG, ANNE, first.dot, STAMP, changed.fields))]
    changes = [pair for pair in here if pair != (None, None)]
    had = searched_words([*(one for one, _ in changes if one), other])
    has = searched_words([*(one for _, one in changes if one), other])
    moved = words_moved(changes, [other])
    assert (moved.gone, moved.come) == (had.every - has.every, has.every - had.every)
    assert (moved.had, moved.has) == (bool(had.every), bool(has.every))
    assert has.names - had.names <= moved.names <= has.names


@given(customers, customers)
def test_a_change_of_no_searched_field_touches_no_word(before: dict[int, Any], after: dict[int, Any]) -> None:
    if not searched(row(before), row(after)):
        assert searched_words([row(before)]) == searched_words([row(after)])
    assert not searched(row({}), row({3: "Mme", 13: "fr", 30: (True, None)}))
    assert searched(None, row({})), "the tags of somebody who comes find them from now on"


def searched(before: Element | None, after: Element | None) -> bool:
    return is_searched(before, after, numbers_moved(before, after))


def test_a_word_that_becomes_part_of_a_name_is_learned_though_it_was_a_town_before() -> None:
    moved = words_moved([(row({11: ("", "", "", "Anne"), 4: "Goff"}), row({4: "Anne"}))], [])
    assert (moved.gone, moved.come, moved.names) == ({"goff"}, set(), {"anne"})


def test_words_are_cut_where_letters_meet_digits_and_numbers_of_one_customer_are_no_words() -> None:
    found = searched_words([row({4: "Bar 7bis", 8: "anne75@example.org", 7: "C002000017", 9: "+33612345678"})])
    assert found.every == {"bar", "7", "bis", "anne", "75", "example", "org"}
    assert found.names == {"bar", "bis", "anne", "example", "org"}
    assert runs("75bis12") == ["75", "bis", "12"]
