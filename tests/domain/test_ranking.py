"""Queries, and which letters answer them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.kind_shape import Claim
from daemon.domain.ranking import (
    WORDS_MAX,
    Match,
    Nearness,
    Query,
    SearchedText,
    exact,
    matches,
    nearness_of,
    parse_query,
)


def asked(*words: str) -> Query:
    return Query(words=words, claims=())


def texts(**shown: str) -> list[SearchedText]:
    return [SearchedText(field=name, text=text, joined=name in {"mobile", "card"}) for name, text in shown.items()]


def underlined(found: tuple[Match, ...] | None) -> dict[str, list[str]]:
    assert found is not None
    return {match.field: [match.text[a:b] for a, b in match.ranges] for match in found}


@pytest.mark.parametrize(
    ("typed", "words", "claims"),
    [
        ("Hélène  Lefèvre", ("helene", "lefevre"), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]),
        ("h@example.org", ("h", "example", "org"), [Claim.EMAIL]),
        ("06 39 98 12 34", ("0639981234",), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER, Claim.PHONE]),
        ("+33 6 39 98 12 34", ("0639981234",), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER, Claim.PHONE]),
        ("+33 (0)6 39", ("0639",), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]),
        ("44000", ("44000",), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]),
        ("0033 6 39 98", ("063998",), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]),
        ("00123", ("00123",), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]),
        ("", (), []),
        ("--", (), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]),
        ("a a b", ("a", "b"), [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]),
    ],
)
def test_the_shape_of_a_text_says_what_it_may_be(typed: str, words: tuple[str, ...], claims: list[Claim]) -> None:
    query = parse_query(typed)
    assert (query.words, [claim for claim, _ in query.claims]) == (words, claims)


def test_a_query_has_an_end() -> None:
    assert len(parse_query("a b c d e f g h i j k l m").words) == WORDS_MAX
    assert len(parse_query("x" * 10_000).words[0]) == 200


@pytest.mark.parametrize(
    ("word", "nearness", "shown"),
    [
        ("lefevre", Nearness.WORD, "Lefèvre"),
        ("lef", Nearness.BEGINNING, "Lef"),
        ("evr", Nearness.PART, "èvr"),
        ("oeuvr", Nearness.BEGINNING, "Œuvr"),
        ("euvrard", Nearness.PART, "Œuvrard"),
    ],
)
def test_letters_are_underlined_as_they_are_written(word: str, nearness: Nearness, shown: str) -> None:
    found = matches(asked(word), texts(last_name="Lefèvre-Œuvrard"))
    assert found is not None
    assert (found[0].nearness, underlined(found)) == (nearness, {"last_name": [shown]})


def test_every_word_must_be_answered_by_some_text() -> None:
    here = texts(last_name="Lefèvre", city="Nantes")
    assert underlined(matches(asked("lef", "nantes"), here)) == {"last_name": ["Lef"], "city": ["Nantes"]}
    assert matches(asked("lef", "brest"), here) is None
    assert matches(asked(), here) == ()


def test_the_best_text_answers() -> None:
    found = matches(asked("martin"), texts(last_name="Martinez", company_name="Martin"))
    assert underlined(found) == {"company_name": ["Martin"]}


def test_two_words_in_one_text_are_as_near_as_the_worse() -> None:
    found = matches(asked("anne", "marie"), texts(first_name="Anne-Mariette"))
    assert found is not None
    assert (nearness_of(found), underlined(found)) == (Nearness.BEGINNING, {"first_name": ["Anne", "Marie"]})


def test_numbers_are_read_through_their_groups() -> None:
    found = matches(asked("063998"), texts(mobile="06 39 98 12 34"))
    assert underlined(found) == {"mobile": ["06 39 98"]}
    assert matches(asked("3998"), texts(last_name="06 39 98")) is None


def test_an_exact_match_is_the_whole_text() -> None:
    assert exact(SearchedText(field="code", text="C1")).ranges == ((0, 2),)
    assert nearness_of(()) is Nearness.PART


@given(st.text(max_size=40), st.text(max_size=12))
def test_whatever_is_typed_ranges_lie_within_the_text(text: str, typed: str) -> None:
    found = matches(
        parse_query(typed), [SearchedText(field="x", text=text), SearchedText(field="y", text=text, joined=True)]
    )
    for match in found or ():
        for start, end in match.ranges:
            assert 0 <= start < end <= len(text)


def test_a_word_that_may_have_been_meant_answers_where_the_typed_one_does_not() -> None:
    shown = texts(last_name="Lefèvre", first_name="Bertrand", email="lefebvre@example.org")
    query = Query(
        words=("lefebvre", "bertran", "munier"),
        claims=(),
        alike={"bertran": {"bertrand": Nearness.TYPING}, "lefebvre": {"lefevre": Nearness.SOUND}},
    )
    assert matches(query, shown) is None
    found = matches(Query(words=query.words[:2], claims=(), alike=query.alike), shown)
    assert found is not None
    assert underlined(found) == {"first_name": ["Bertran"], "email": ["lefebvre"]}
    near = Query(words=("levefre", "berrtand"), claims=(), alike={"levefre": {"lefevre": Nearness.TYPING}})
    assert matches(near, shown) is None
    meant = Query(words=("lefaivre",), claims=(), alike={"lefaivre": {"lefevre": Nearness.SOUND}})
    assert matches(meant, shown) == (
        Match(field="last_name", text="Lefèvre", nearness=Nearness.SOUND, ranges=((0, 7),)),
    )


@given(st.text("aB1 .-", max_size=20), st.text("ab1", min_size=1, max_size=3), st.booleans())
def test_a_plain_text_answers_as_one_that_is_read_sign_by_sign(text: str, word: str, joined: bool) -> None:
    query = Query(words=(word,), claims=())
    plain, other = (matches(query, [SearchedText("x", one, joined=joined)]) for one in (text, text.replace("a", "á")))
    assert (plain is None) == (other is None)
    assert plain is None or other is None or plain[0].ranges == other[0].ranges
    assert plain is None or other is None or plain[0].nearness == other[0].nearness
