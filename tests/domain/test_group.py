"""Groups, pure: redirects that are followed, rings that end, memberships that are united, what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element
from daemon.domain.group import (
    DEFAULT,
    DISCOUNT,
    LABEL,
    MEMBER_OF,
    POSITION,
    PRINCIPAL,
    PROMOTIONS,
    REDIRECT,
    Group,
    GroupEdit,
    Promotion,
    decide_deletion,
    decide_group,
    decide_joining,
    decide_leaving,
    decide_new_group,
    group_of,
    groups_of,
    in_force,
    living,
    memberships_of,
    principal_of,
    resolve,
)
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake

AT = (1, 2, 3)
CUSTOMER = b"customer"


def group(letter: str, **fields: Any) -> Element:
    return Element(
        Kind.GROUP, letter.encode() * 8, b"", AT, {LABEL: letter, **{int(k[1:]): v for k, v in fields.items()}}
    )


def redirect(letter: str, to: str) -> Element:
    return Element(Kind.GROUP, letter.encode() * 8, b"", AT, {LABEL: letter, REDIRECT: to.encode() * 8})


def id_of(letter: str) -> str:
    return (letter.encode() * 8).hex()


def somebody(*letters: str, principal: str = "") -> list[Element]:
    row = Element(Kind.CUSTOMER, CUSTOMER, b"", AT, {PRINCIPAL: principal.encode() * 8} if principal else {})
    members = [
        Element(Kind.MEMBERSHIP, CUSTOMER, bytes([at] * 8), AT, {MEMBER_OF: letter.encode() * 8})
        for at, letter in enumerate(letters, 1)
    ]
    return [row, *members]


def test_a_row_is_read_whatever_a_newer_version_wrote_into_it() -> None:
    row = group("a")
    row.fields |= {
        DISCOUNT: "x",
        POSITION: "y",
        LABEL: 5,
        PROMOTIONS: ((1,), "z", ("l", 100, 1, None, "d", 3), ("l", "x", "", "", None, None)),
    }
    found = group_of(row)
    assert (found.label, found.discount, found.position) == ("", None, 0)
    assert found.promotions == (Promotion(label="l", discount=100, until_day="1970-01-04"),)
    assert group_of(Element(Kind.GROUP, b"a" * 8, b"", AT, {PROMOTIONS: 7})).promotions == ()


def test_the_default_group_is_there_unsaid_carries_nothing_and_is_never_redirected() -> None:
    assert living(groups_of([])) == [Group(id=DEFAULT.hex(), is_default=True)]
    row = Element(Kind.GROUP, DEFAULT, b"", AT, {LABEL: "Tous", DISCOUNT: 900, REDIRECT: b"a" * 8})
    assert groups_of([row, group("b")])[DEFAULT.hex()] == Group(id=DEFAULT.hex(), label="Tous", is_default=True)


def test_redirects_are_followed_and_rings_lead_to_no_terms() -> None:
    known = groups_of([redirect("a", "b"), redirect("b", "c"), group("c"), redirect("x", "y"), redirect("y", "x")])
    assert resolve(known, id_of("a")) == id_of("c")
    assert resolve(known, id_of("x")) == DEFAULT.hex()
    assert resolve(known, id_of("q")) == id_of("q"), "one that was not heard of yet is itself"
    assert [one.label for one in living(known)] == ["", "c"]


def test_memberships_follow_redirects_and_hold_the_principal_one() -> None:
    known = groups_of([redirect("a", "b"), group("b"), group("c"), redirect("d", "d")])
    assert memberships_of(somebody("a", "b", principal="c"), known) == (id_of("b"), id_of("c"))
    assert principal_of(somebody(principal="a"), known) == id_of("b")
    assert memberships_of(somebody("d"), known) == (), "what ends in a ring is the default group"
    assert principal_of([], known) == DEFAULT.hex()


def test_joining_says_only_what_is_new() -> None:
    known = groups_of([redirect("a", "b"), group("b")])
    add, change = decide_joining(somebody(), known, id_of("a"), principal=True)
    assert (add.kind, add.fields) == (Kind.MEMBERSHIP, {MEMBER_OF: b"b" * 8})
    assert (change.verb, change.fields) == (Verb.SET, {PRINCIPAL: b"b" * 8})
    assert decide_joining(somebody("a", principal="b"), known, id_of("b"), principal=True) == []
    (back,) = decide_joining(somebody("b", principal="b"), known, DEFAULT.hex(), principal=True)
    assert back.fields == {PRINCIPAL: None}
    assert decide_joining(somebody(), known, DEFAULT.hex(), principal=False) == []
    for nonsense in ("x", id_of("z")):
        with pytest.raises(OperatorMistake):
            decide_joining(somebody(), known, nonsense, principal=False)


def test_leaving_takes_every_membership_that_leads_there_and_the_principal_group() -> None:
    known = groups_of([redirect("a", "b"), group("b"), group("c")])
    found = decide_leaving(somebody("a", "b", "c", principal="a"), known, id_of("b"))
    assert [(one.verb, one.dot) for one in found] == [
        (Verb.REMOVE, b"\1" * 8),
        (Verb.REMOVE, b"\2" * 8),
        (Verb.SET, b""),
    ]
    assert len(decide_leaving(somebody("c"), known, id_of("c"))) == 1
    with pytest.raises(NotFound):
        decide_leaving(somebody("c"), known, id_of("b"))


def test_a_deletion_names_a_group_that_stands_and_says_so_once() -> None:
    rows = [redirect("a", "b"), group("b"), group("c")]
    known = groups_of(rows)
    (done,) = decide_deletion(rows[2], known, id_of("a"))
    assert done.fields == {REDIRECT: b"b" * 8}, "to where its members would be anyway"
    assert decide_deletion(rows[0], known, id_of("b")) == []
    for here, into, error in (
        (rows[0], id_of("c"), Conflicting),
        (rows[1], id_of("a"), OperatorMistake),
        (rows[1], id_of("q"), OperatorMistake),
        (None, id_of("b"), NotFound),
        (Element(Kind.GROUP, DEFAULT, b"", AT), id_of("b"), Forbidden),
    ):
        with pytest.raises(error):
            decide_deletion(here, known, into)


def decided(given_: GroupEdit, *present: str, here: Element | None = None) -> list[Operation]:
    return decide_group(here or group("a"), EntityId(b"a" * 8), given_, frozenset(present))


def test_a_group_is_made_and_changed_field_by_field() -> None:
    promotion = Promotion(discount=100, from_day="2026-01-01", until_day="2026-01-01")
    (made,) = decide_new_group(
        EntityId(b"a" * 8), GroupEdit(label="A", promotions=(promotion,)), frozenset({"label", "promotions"})
    )
    assert made.fields[PROMOTIONS] == (("", 100, "", "", 20454, 20454),)
    assert in_force(promotion, 20454)
    assert not in_force(promotion, 20455)
    assert decided(GroupEdit(label="a"), "label") == []
    (emptied,) = decided(GroupEdit(promotions=()), "promotions", here=group("a", f9=((1,),)))
    assert emptied.fields == {PROMOTIONS: None}
    assert decided(GroupEdit(position=4), "position")[0].fields == {POSITION: 4}
    with pytest.raises(OperatorMistake):
        decide_new_group(EntityId(b"a" * 8), GroupEdit(), frozenset())
    for fields, present in (
        (GroupEdit(), "label"),
        (GroupEdit(position=-1), "position"),
        (GroupEdit(promotions=(promotion,) * 51), "promotions"),
    ):
        with pytest.raises(OperatorMistake) as refused:
            decided(fields, present)
        assert refused.value.field == present
    with pytest.raises(NotFound):
        decided(GroupEdit(label="x"), "label", here=redirect("a", "b"))
    with pytest.raises(NotFound):
        decide_group(None, EntityId(b"z" * 8), GroupEdit(label="x"), frozenset({"label"}))


def test_the_default_group_is_named_and_given_no_terms() -> None:
    (named,) = decide_group(None, DEFAULT, GroupEdit(label="Tous"), frozenset({"label"}))
    assert (named.verb, named.fields) == (Verb.CREATE, {LABEL: "Tous"})
    with pytest.raises(Forbidden):
        decide_group(None, DEFAULT, GroupEdit(discount=5), frozenset({"discount"}))
    assert decided(GroupEdit(discount=5), "discount")[0].fields == {DISCOUNT: 5}
    upside_down = Promotion(discount=1, from_day="2026-02-01", until_day="2026-01-01")
    with pytest.raises(OperatorMistake, match="ends before it begins"):
        decided(GroupEdit(promotions=(upside_down,)), "promotions")


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef")))
def test_whatever_redirects_there_are_everybody_ends_in_a_group_that_stands(redirects: dict[str, str]) -> None:
    known = groups_of([redirect(one, redirects[one]) if one in redirects else group(one) for one in "abcdef"])
    for one in "abcdef":
        end = resolve(known, id_of(one))
        assert not known[end].redirect
        assert resolve(known, end) == end
