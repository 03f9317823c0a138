"""What an edit comes to, in operations that carry what their author saw."""

from typing import Any

import pytest

from daemon.desk.customer_fields import Customs
from daemon.desk.customer_parts import number
from daemon.desk.edit import (
    Author,
    CustomerEdit,
    NewConsent,
    NewConsents,
    NewCustomer,
    NewIds,
    consent_values,
    decide_creation,
    decide_edit,
    surface_of,
)
from daemon.domain.change import Actor, ActorKind, Verb
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.policy import REQUIRED_BY_DEFAULT
from daemon.domain.role import Role
from daemon.errors import Forbidden, OperatorMistake

ID = EntityId(b"customer")
BASE, LATER = (10 << 16, 12, 1), (20 << 16, 13, 1)
CASHIER = Actor(ActorKind.OPERATOR, "lea", Role.CASHIER, 7)
MANAGER = Actor(ActorKind.OPERATOR, "max", Role.MANAGER, 7)
SOFTWARE = Actor(ActorKind.APPLICATION, "till", Role.APPLICATION, 7)


def creation(given: NewCustomer, actor: Actor = SOFTWARE) -> Any:
    author = Author(actor=actor, now_ms=1000)
    ids = NewIds(customer=ID, code="C1")
    return decide_creation(given, ids, required=REQUIRED_BY_DEFAULT, author=author, customs=Customs())


def edit(given: CustomerEdit, *present: str, row: Element, actor: Actor = MANAGER) -> Any:
    author = Author(actor=actor, now_ms=1000)
    return decide_edit(given, frozenset(present), [row], author=author, customs=Customs())


def row(stamps: dict[str, Any] | None = None, **fields: Any) -> Element:
    return Element(
        Kind.CUSTOMER,
        ID,
        b"",
        BASE,
        {number(name): value for name, value in fields.items()},
        {number(name): stamp for name, stamp in (stamps or {}).items()},
    )


def test_a_creation_is_one_action_row_first_then_what_belongs_to_it() -> None:
    given = NewCustomer(last_name="Morel", cards=("29 1", "291"), tags=("VIP", "vip"), code="A1")
    operations = creation(given)
    assert [(one.kind, one.verb) for one in operations] == [
        (Kind.CUSTOMER, Verb.CREATE),
        (Kind.CARD, Verb.ADD),
        (Kind.TAG, Verb.ADD),
    ]
    assert operations[0].fields == {number("kind"): 1, number("name"): ("", "Morel"), number("code"): "A1"}
    assert (operations[1].fields[1], operations[2].fields[1]) == ("291", "VIP")


def test_the_surface_follows_who_asks() -> None:
    assert surface_of(NewCustomer(), CASHIER) == "till"
    assert surface_of(NewCustomer(), SOFTWARE) == "application"
    assert surface_of(NewCustomer(surface="kiosk"), SOFTWARE) == "kiosk"
    with pytest.raises(Forbidden):
        surface_of(NewCustomer(surface="import"), CASHIER)


def test_what_is_required_is_missing_also_when_blank() -> None:
    with pytest.raises(OperatorMistake) as refused:
        creation(NewCustomer(first_name="A", last_name="B", email="  "), CASHIER)
    assert refused.value.field == "email"


def test_a_change_carries_the_stamps_that_its_author_saw() -> None:
    here = row({"email": LATER}, email="old@example.org", language="fr")
    (operation,) = edit(CustomerEdit(email="new@example.org", language="en"), "email", "language", row=here)
    assert operation.fields == {number("email"): "new@example.org", number("language"): "en"}
    assert operation.replaces == {number("email"): LATER}, "absent: the base of the row"


def test_what_is_as_it_was_is_no_change() -> None:
    here = row(email="a@example.org", name=("A", "B"))
    assert edit(CustomerEdit(email="a@example.org", first_name="A"), "email", "first_name", row=here) == []


def test_a_grant_names_the_refusal_that_it_lifts() -> None:
    here = row({"consent_sms": LATER}, consent_sms=(True, None, 5, None, None, "lea", None))
    given = CustomerEdit(consents=NewConsents(sms=NewConsent(state="granted")))
    (operation,) = edit(given, "consents", row=here)
    assert operation.fields[number("consent_sms")][:2] == (False, LATER)


def test_a_consent_keeps_what_it_was_told() -> None:
    said = NewConsents(email=NewConsent(state="refused", date="1970-01-02", source=" web ", expiry="1970-01-03"))
    values = consent_values(said, Author(actor=CASHIER, now_ms=1000))
    assert values == {number("consent_email"): (True, None, 86_400_000, "web", None, "lea", 172_800_000)}


def test_lifting_what_does_not_stand_is_no_change() -> None:
    assert edit(CustomerEdit(archived=False, blocked=False), "archived", "blocked", row=row()) == []


def test_a_cashier_does_not_block() -> None:
    with pytest.raises(Forbidden):
        edit(CustomerEdit(blocked=True), "blocked", row=row(), actor=CASHIER)


def test_refusing_the_preferred_channel_takes_the_preference_away() -> None:
    here = row(preferred_channel="sms", consent_sms=(False, None))
    given = CustomerEdit(consents=NewConsents(sms=NewConsent(state="refused")))
    (operation,) = edit(given, "consents", row=here)
    assert operation.fields[number("preferred_channel")] is None


def test_a_preference_from_elsewhere_without_consent_is_left_alone() -> None:
    here = row(preferred_channel="sms")
    (operation,) = edit(CustomerEdit(language="fr"), "language", row=here)
    assert number("preferred_channel") not in operation.fields
