"""What somebody wants becomes operations that carry what their author saw."""

from daemon.domain import authoring
from daemon.domain.change import Verb
from daemon.domain.element import Element
from daemon.domain.kinds import Kind

ANNE, DOT, FACT = b"anne....", b"dotdotdo", b"factfact"
BASE, LATER = (1, 2, 7), (9, 3, 7)
EMAIL, BLOCKED = 8, 17


def row(fields: dict[int, object], stamps: dict[int, tuple[int, int, int]]) -> Element:
    return Element(Kind.CUSTOMER, ANNE, b"", BASE, fields, stamps)


def test_fields_without_a_value_are_left_out_of_what_is_new() -> None:
    assert authoring.create(Kind.CUSTOMER, ANNE, {2: ("A", "B"), EMAIL: None}).fields == {2: ("A", "B")}
    assert authoring.add(Kind.TAG, ANNE, {1: "vip", 2: None}).fields == {1: "vip"}


def test_an_entry_that_states_a_fact_is_named_by_it() -> None:
    assert authoring.add(Kind.ENTRY, ANNE, {2: 5}, fact=FACT).dot == FACT
    assert authoring.add(Kind.ENTRY, ANNE, {2: 5}).dot == b""


def test_a_change_names_the_stamps_that_its_author_saw_except_the_base() -> None:
    change = authoring.change(row({EMAIL: "a", 13: "fr"}, {EMAIL: LATER}), {EMAIL: "b", 13: None, 11: ("x",)})
    assert change.verb == Verb.SET
    assert change.replaces == {EMAIL: LATER}
    assert change.fields == {EMAIL: "b", 13: None, 11: ("x",)}


def test_a_member_is_named_by_its_dot() -> None:
    card = Element(Kind.CARD, ANNE, DOT, BASE, {1: "C1", 2: "app"}, {2: LATER})
    assert authoring.change(card, {2: "plastic"}).dot == DOT
    removal = authoring.remove(card)
    assert (removal.verb, removal.dot, removal.replaces) == (Verb.REMOVE, DOT, {2: LATER})


def test_a_grant_names_the_refusal_that_it_lifts() -> None:
    refused = row({BLOCKED: (True, None, "theft")}, {BLOCKED: LATER})
    granted = authoring.change(refused, {BLOCKED: authoring.guard(strong=False, details=("sorry",))})
    assert granted.fields[BLOCKED] == (False, LATER, "sorry")


def test_a_grant_after_a_grant_names_what_that_one_named() -> None:
    granted = row({BLOCKED: (False, LATER)}, {BLOCKED: (12, 3, 7)})
    assert authoring.change(granted, {BLOCKED: authoring.guard(strong=False)}).fields[BLOCKED] == (False, LATER)


def test_a_grant_where_nothing_was_refused_names_nothing() -> None:
    assert authoring.change(row({}, {}), {BLOCKED: authoring.guard(strong=False)}).fields[BLOCKED] == (False, None)


def test_a_refusal_names_nothing() -> None:
    granted = row({BLOCKED: (False, LATER)}, {BLOCKED: (12, 3, 7)})
    assert authoring.change(granted, {BLOCKED: authoring.guard(strong=True)}).fields[BLOCKED] == (True, None)
    assert authoring.change(granted, {BLOCKED: None}).fields[BLOCKED] is None


def test_an_erasure_says_no_more_than_whom() -> None:
    erasure = authoring.erase(Kind.ERASE, ANNE)
    assert (erasure.kind, erasure.entity, erasure.fields, erasure.replaces) == (Kind.ERASE, ANNE, {}, {})


def test_a_change_of_what_one_shop_holds_names_the_shop() -> None:
    held = Element(Kind.HELD_TICKET, b"anne....", b"dotdotdo", (5, 2, 7), {4: "held", 6: 12})
    assert authoring.change(held, {4: "taken"}).fields == {4: "taken", 6: 12}
    assert authoring.remove(held).fields == {6: 12}
