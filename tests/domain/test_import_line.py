"""What a line changes in a customer: pure."""

from typing import Any

import pytest

from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.import_line import NUMBER, Author, complete, create, entity_of, key_of
from daemon.domain.kinds import Kind

BY = Author(by="léa", now_ms=1_000)
ANNE = EntityId(b"anne0001")
STAMP = (500, 2, 7)


def row(**fields: Any) -> Element:
    return Element(Kind.CUSTOMER, ANNE, b"", STAMP, {NUMBER(name): value for name, value in fields.items()})


def changed(draft: CustomerDraft, *here: Element) -> dict[int, Any]:
    plan = complete(draft, here, BY)
    return {at: value for one in plan.operations if one.kind == Kind.CUSTOMER for at, value in one.fields.items()}


def test_a_line_is_known_again_by_the_first_key_that_it_has() -> None:
    draft = CustomerDraft(source_id="7", code="C1", email="a@x.fr")
    assert key_of(draft, "prestashop") != key_of(draft, "shopify")
    assert key_of(draft, "x", "email") == key_of(CustomerDraft(email="A@X.fr"), "y")
    assert key_of(CustomerDraft(code="c-1"), "") == key_of(CustomerDraft(code="C-1", last_name="A"), "")
    nameless = CustomerDraft(last_name="A", mobile="+33612345678", address={"city": "Nantes", "country": "FR"})
    assert key_of(nameless, "") == key_of(CustomerDraft(mobile="+33612345678"), "")
    bare = CustomerDraft(last_name="A", points=7)
    assert key_of(bare, "") == key_of(CustomerDraft(last_name="A"), "") != key_of(CustomerDraft(last_name="B"), "")
    assert len(entity_of(key_of(bare, ""))) == 8


def test_only_what_differs_is_changed() -> None:
    here = row(name=("Anne", "Martin"), email="a@x.fr", mobile="+33611111111", kind=1)
    draft = CustomerDraft(kind="person", first_name="ANNE", last_name="martin", email="A@x.fr", mobile="+33612345678")
    assert changed(draft, here) == {NUMBER("mobile"): "+33612345678"}
    plan = complete(draft, [here], BY)
    assert (plan.outcome, plan.names, plan.before) == ("completed", ("mobile",), {NUMBER("mobile"): "+33611111111"})


def test_a_half_of_a_name_keeps_the_other_half() -> None:
    assert changed(CustomerDraft(first_name="Anne"), row(name=("", "Martin"))) == {NUMBER("name"): ("Anne", "Martin")}


def test_an_address_is_replaced_as_a_whole_or_not_at_all() -> None:
    street = ("3 rue X", "Bât. B", "44100", "Nantes", "FR")
    town = CustomerDraft(address={"postal_code": "44000", "city": "Nantes", "country": "FR"})
    assert changed(town, row(address=street)) == {}
    assert complete(town, [row(address=street)], BY).kept[0][0] == "address"
    assert changed(town, row()) == {NUMBER("address"): ("", "", "44000", "Nantes", "FR")}
    whole = CustomerDraft(address={"line1": "1 quai", "postal_code": "44000", "city": "Nantes", "country": "FR"})
    assert changed(whole, row(address=street)) == {NUMBER("address"): ("1 quai", "", "44000", "Nantes", "FR")}
    less = CustomerDraft(address={"line1": "3 rue X", "postal_code": "44100", "country": "FR"})
    assert changed(less, row(address=street)) == {}


def test_a_file_refuses_but_never_lifts_a_refusal() -> None:
    here = row(consent_sms=(True, None), consent_email=(False, None), consent_post=(False, None))
    draft = CustomerDraft(consents={"sms": "granted", "email": "refused", "post": "granted", "phone": "granted"})
    plan = complete(draft, [here], BY)
    (operation,) = plan.operations
    assert {at: value[0] for at, value in operation.fields.items()} == {
        NUMBER("consent_email"): True,
        NUMBER("consent_phone"): False,
    }
    assert [name for name, _ in plan.kept] == ["consents.sms"]


def test_further_addresses_join_and_the_first_becomes_the_main_one_where_there_is_none() -> None:
    paris = {"label": "travail", "address": {"line1": "1 rue Haute", "country": "FR"}}
    draft = CustomerDraft(addresses=[paris])  # type: ignore[list-item]  # as a file gives it
    stored = ("1 rue Haute", "", "", "", "FR")
    assert changed(draft, row()) == {NUMBER("address"): stored}
    (operation,) = complete(draft, [row(address=("2 quai", "", "", "", "FR"))], BY).operations
    assert (operation.kind, operation.fields) == (Kind.ADDRESS, {1: stored, 2: "travail"})
    assert complete(draft, [row(address=stored)], BY).outcome == "unchanged"


def test_a_code_stays_and_known_cards_tags_and_notes_are_not_written_again() -> None:
    here = [
        row(code="X1"),
        Element(Kind.NOTE, ANNE, b"note0001", STAMP, {1: "Aime le thé"}),
        Element(Kind.CARD, ANNE, b"card0001", STAMP, {1: "291"}),
        Element(Kind.TAG, ANNE, b"tag00001", STAMP, {1: "Vip"}),
    ]
    draft = CustomerDraft(code="X2", note="Aime  le thé", cards=["291", "292"], tags=["VIP", "golf"])
    plan = complete(draft, here, BY)
    assert [(one.kind, one.fields[1]) for one in plan.operations] == [(Kind.CARD, "292"), (Kind.TAG, "golf")]
    assert plan.kept == (("code", "the code of a customer is fixed once it is given"),)


def test_one_who_was_deleted_comes_back() -> None:
    plan = complete(CustomerDraft(last_name="Martin"), [row(name=("", "Martin"), deleted=1)], BY)
    assert (plan.outcome, plan.operations[0].fields) == ("created", {NUMBER("deleted"): None})


@pytest.mark.parametrize(("kind", "stored"), [("person", 1), ("company", 2)])
def test_a_new_customer_is_one_row_with_its_members(kind: Any, stored: int) -> None:
    draft = CustomerDraft(kind=kind, last_name="A", birthday="--02-29", cards=["291"], tags=["vip"], archived=True)
    plan = create(draft, ANNE, "C1", BY)
    assert [one.kind for one in plan.operations] == [Kind.CUSTOMER, Kind.CARD, Kind.TAG]
    fields = plan.operations[0].fields
    assert (fields[NUMBER("kind")], fields[NUMBER("birthday")]) == (stored, (None, 2, 29))
    assert fields[NUMBER("archived")][:2] == (True, None)
    assert set(plan.before) == set(fields)
