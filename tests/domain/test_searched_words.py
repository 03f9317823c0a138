"""The words that find a customer, and how a change moves them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.element import Element, numbers_moved
from daemon.domain.folding import words
from daemon.domain.kinds import Kind
from daemon.domain.searched_words import bare, elsewhere, is_searched, runs, searched_words, words_moved

ANNE = b"anne...."
STAMP = (1, 2, 3)

texts = st.sampled_from(["Anne", "anne", "Le Goff", "goff", "29", "C 29", "vip", "Hélène", ""])
customers = st.dictionaries(
    st.sampled_from([2, 3, 4, 5, 7, 8, 9, 11, 14, 16, 24]),
    st.one_of(texts, st.sampled_from(["+33639981234", 5, 1, (True, None), ("Anne", "Goff")])),
    max_size=5,
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
    assert moved.names == has.names - had.names


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
    assert (moved.gone, moved.come, moved.names) == ({"goff", elsewhere("anne")}, {"anne"}, {"anne"})


def test_a_word_of_a_name_and_of_an_address_stands_in_the_name_only() -> None:
    found = searched_words([row({2: ("Anne", "Paris"), 8: "anne@paris.example", 11: ("", "", "75011", "Paris", "FR")})])
    assert found.every == {"anne", "paris", *map(elsewhere, ("example", "75011"))}
    assert found.names == {"anne", "paris", elsewhere("example")}
    moved = words_moved([(row({2: ("Anne", ""), 8: "anne@a.fr"}), row({2: ("Zoé", ""), 8: "anne@a.fr"}))], [])
    assert (moved.gone, moved.come) == ({"anne"}, {"zoe", elsewhere("anne")})
    assert moved.names == {"zoe", elsewhere("anne")}, "any part of the e-mail still finds them"


def test_words_are_cut_where_letters_meet_digits_and_numbers_of_one_customer_are_no_words() -> None:
    found = searched_words([row({4: "Bar 7bis", 8: "anne75@example.org", 7: "C002000017", 9: "+33612345678"})])
    assert set(map(bare, found.every)) == {"bar", "7", "bis", "anne", "75", "example", "org"}
    assert set(map(bare, found.names)) == {"bar", "bis", "anne", "example", "org"}
    assert runs("75bis12") == ["75", "bis", "12"]


@given(st.text(min_size=1))
def test_a_word_of_an_address_is_another_one_in_the_index_and_the_same_when_it_is_read(text: str) -> None:
    for word in words(text):
        assert bare(elsewhere(word)) == bare(word) == word
        assert elsewhere(word)[1:] == word[1:]
        if ord(word[0]) > 0xFFFF:
            assert elsewhere(word) == word
        else:
            assert elsewhere(word) not in words(elsewhere(word)), "nobody can type it"


def test_nobody_finds_who_was_deleted_unless_they_were_archived_as_well() -> None:
    deleted, archived = row({4: "Goff", 24: 1}), row({4: "Goff", 24: 1, 16: (True, None)})
    assert searched_words([deleted, tag(1, {1: "vip"})]) == searched_words([])
    assert searched_words([archived]).every == searched_words([archived]).names == {elsewhere("goff")}, "found last"
    assert words_moved([(row({4: "Goff"}), deleted)], [tag(1, {1: "vip"})]).gone == {"goff", elsewhere("vip")}
    assert words_moved([(deleted, archived)], [tag(1, {1: "vip"})]).come == {elsewhere("goff"), elsewhere("vip")}
    assert words_moved([(row({4: "Goff"}), row({4: "Goff", 16: (True, None)}))], []).come == {elsewhere("goff")}
    assert is_searched(deleted, archived, [16])
