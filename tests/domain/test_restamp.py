"""Stamps that are not final may be exchanged: in records, in values that name them, in what stands and what lost."""

from typing import Any

from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.kinds import Kind
from daemon.domain.merge import Loser
from daemon.domain.restamp import adopted, restamp_operation, restamp_value, restamped, revise_element

ANNE, DOT = b"anne....", b"dotdotdo"
EMAIL, BLOCKED = 8, 17
OLD, NEW, OTHER = (900, 2, 7), (5, 2, 8), (20, 3, 7)
EXCHANGE: dict[Stamp, Stamp] = {OLD: NEW}


def revise(here: Element, losers: list[Loser]) -> tuple[Element, list[Loser]]:
    return revise_element(here, losers, restamped(EXCHANGE))


def row(fields: dict[int, Any], stamps: dict[int, Stamp], base: Stamp = (1, 2, 7)) -> Element:
    return Element(Kind.CUSTOMER, ANNE, b"", base, fields, stamps)


def test_an_operation_names_the_new_stamps() -> None:
    before = Operation(Kind.CUSTOMER, ANNE, Verb.SET, {BLOCKED: (False, OLD), EMAIL: "a"}, {BLOCKED: OLD, EMAIL: OTHER})
    after = restamp_operation(before, EXCHANGE)
    assert after.fields == {BLOCKED: (False, NEW), EMAIL: "a"}
    assert after.replaces == {BLOCKED: NEW, EMAIL: OTHER}


def test_values_without_stamps_stay() -> None:
    assert restamp_value(("rue", "", "44000"), EXCHANGE) == ("rue", "", "44000")
    assert restamp_value(None, EXCHANGE) is None
    assert restamp_value(((OLD,),), EXCHANGE) == ((NEW,),)


def test_what_stands_gets_its_new_stamp() -> None:
    element, kept = revise(row({EMAIL: "a"}, {EMAIL: OLD}), [])
    assert element == row({EMAIL: "a"}, {EMAIL: NEW})
    assert kept == []


def test_the_base_is_exchanged_too() -> None:
    element, _ = revise(row({EMAIL: "a"}, {}, base=OLD), [])
    assert element == row({EMAIL: "a"}, {}, base=NEW)


def test_a_value_that_lost_to_a_clock_ahead_wins_when_the_clock_is_put_right() -> None:
    here = row({EMAIL: "mine"}, {EMAIL: OLD})
    theirs = Loser(here.key, EMAIL, "theirs", OTHER, OLD)
    element, kept = revise(here, [theirs])
    assert element == row({EMAIL: "theirs"}, {EMAIL: OTHER})
    assert kept == [Loser(here.key, EMAIL, "mine", NEW, OTHER)]


def test_a_twin_takes_the_place_of_its_winner_without_a_conflict() -> None:
    here = row({EMAIL: "same"}, {EMAIL: OLD})
    element, kept = revise(here, [Loser(here.key, EMAIL, "same", OTHER, OTHER)])
    assert element.stamp(EMAIL) == OTHER
    assert [loser.is_twin for loser in kept] == [True]


def test_a_field_that_was_emptied_stays_empty() -> None:
    element, _ = revise(row({}, {EMAIL: OLD}), [])
    assert element == row({}, {EMAIL: NEW})


def test_a_removed_member_keeps_its_losers_under_their_new_stamps() -> None:
    removed = Element(Kind.TAG, ANNE, DOT, NO_STAMP)
    element, kept = revise(removed, [Loser(removed.key, 1, "gold", OLD, NO_STAMP)])
    assert element == removed
    assert kept == [Loser(removed.key, 1, "gold", NEW, NO_STAMP)]


def test_a_record_that_was_sealed_elsewhere_says_there_what_counts() -> None:
    here = row({BLOCKED: (False, (7, 2, 7)), EMAIL: "a"}, {BLOCKED: OLD, EMAIL: OTHER})
    element, kept = revise_element(here, [], adopted(OLD, NEW, {BLOCKED: (False, (3, 2, 8))}))
    assert element == row({BLOCKED: (False, (3, 2, 8)), EMAIL: "a"}, {BLOCKED: NEW, EMAIL: OTHER})
    assert kept == []


def test_later_values_that_name_the_stamp_it_had_here_stay_as_they_were_sealed() -> None:
    here = row({BLOCKED: (False, OLD)}, {BLOCKED: OTHER})
    element, _ = revise_element(here, [], adopted(OLD, NEW, {BLOCKED: (True, None)}))
    assert element == here
