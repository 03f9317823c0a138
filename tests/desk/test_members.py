"""What belongs to a customer: operations on members as they were seen."""

import pytest

from daemon.desk import members
from daemon.desk.customer_fields import Customs
from daemon.desk.customer_parts import Address, number
from daemon.desk.members import CardEdit, NewAddress, NewCard, NewTag, NoteEdit
from daemon.domain.change import Verb
from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake

ID, BASE, LATER = b"customer", (10 << 16, 12, 1), (20 << 16, 13, 1)
ROW = Element(Kind.CUSTOMER, ID, b"", BASE, {number("address"): ("", "", "44000", "Nantes", "FR")})
CARD = Element(Kind.CARD, ID, b"card-dot", BASE, {1: "290001", 5: "active"})
NOTE = Element(Kind.NOTE, ID, b"note-dot", BASE, {1: "Bonjour", 2: 1, 3: 0}, {3: LATER})
TAG = Element(Kind.TAG, ID, b"tag--dot", BASE, {1: "Été"})
HERE = [ROW, CARD, NOTE, TAG]
WALK_IN = [Element(Kind.CUSTOMER, ID, b"", BASE, {number("walk_in_of"): 7})]


def test_a_card_that_is_there_is_not_added_again() -> None:
    assert members.add_card(HERE, NewCard(number="29 0001"), 5, Customs()) == []
    (operation,) = members.add_card(HERE, NewCard(number="ab 1", medium=" badge "), 5, Customs())
    assert operation.fields == {1: "AB1", 2: "badge", 4: 5, 5: "active"}


def test_a_lost_card_is_blocked_and_stays_so_until_it_is_active() -> None:
    (operation,) = members.edit_card(HERE, CARD.dot, CardEdit(state="lost"), "lea", 9)
    assert operation.fields == {5: "lost", 3: (True, None, "lost", 9, "lea")}
    lost = Element(Kind.CARD, ID, CARD.dot, BASE, {1: "290001", **operation.fields}, {3: LATER, 5: LATER})
    with pytest.raises(Conflicting, match="lost stays blocked"):
        members.edit_card([ROW, lost], CARD.dot, CardEdit(blocked=False), "lea", 9)
    (back,) = members.edit_card([ROW, lost], CARD.dot, CardEdit(state="active"), "lea", 9)
    assert (back.fields[5], back.fields[3][:2]) == ("active", (False, LATER))


def test_a_card_is_blocked_for_a_reason_and_an_empty_edit_is_none() -> None:
    (operation,) = members.edit_card(HERE, CARD.dot, CardEdit(blocked=True, reason="Fraude"), "lea", 9)
    assert operation.fields == {3: (True, None, "Fraude", 9, "lea")}
    assert members.edit_card(HERE, CARD.dot, CardEdit(reason="?"), "lea", 9) == []


def test_a_note_changes_only_where_it_does() -> None:
    (operation,) = members.edit_note(HERE, NOTE.dot, NoteEdit(text="Bonjour", done=True))
    assert (operation.fields, operation.replaces, operation.dot) == ({3: 1}, {3: LATER}, NOTE.dot)
    assert members.edit_note(HERE, NOTE.dot, NoteEdit(show_at_till=True)) == []
    with pytest.raises(OperatorMistake):
        members.edit_note(HERE, NOTE.dot, NoteEdit(text=" "))


def test_tags_are_the_same_whatever_their_case_and_accents() -> None:
    assert members.add_tags(HERE, NewTag(tag="ete,  ")) == []
    assert [one.fields[1] for one in members.add_tags(HERE, NewTag(tag="VIP, ÉTÉ,vip"))] in (["VIP"], ["vip"])
    assert [one.verb for one in members.remove_tag(HERE, "ETE")] == [Verb.REMOVE]
    with pytest.raises(NotFound):
        members.remove_tag(HERE, "VIP")
    with pytest.raises(OperatorMistake):
        members.add_tags(HERE, NewTag(tag=" , "))


def test_a_new_main_address_keeps_the_old_one() -> None:
    change, add = members.add_address(HERE, NewAddress(address=Address(city="Lyon"), main=True))
    assert (change.verb, change.fields[number("address")][3]) == (Verb.SET, "Lyon")
    assert (add.verb, add.fields[1][3]) == (Verb.ADD, "Nantes")
    (same,) = members.add_address(HERE, NewAddress(address=Address(city="Nantes", postal_code="44000"), main=True))
    assert same.verb == Verb.SET


def test_a_member_that_is_not_there_is_not_found() -> None:
    for kind in (Kind.CARD, Kind.NOTE, Kind.ADDRESS):
        with pytest.raises(NotFound):
            members.remove(HERE, kind, b"no-such-")
    assert members.remove(HERE, Kind.NOTE, NOTE.dot)[0].replaces == {3: LATER}


def test_the_walk_in_customer_has_nothing_of_the_kind() -> None:
    with pytest.raises(Forbidden):
        members.add_card(WALK_IN, NewCard(number="291"), 5, Customs())
