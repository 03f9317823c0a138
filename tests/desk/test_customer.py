"""A customer made from elements: also from those that other programs and newer versions wrote."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.desk.customer import COMPANY, PERSON, Customer, customer_of, display_name, version_of
from daemon.desk.customer_parts import number, value_text
from daemon.domain.element import Element
from daemon.domain.kinds import CUSTOMER, SHAPES, Kind
from daemon.domain.leaving import DELETED, is_deleted
from daemon.domain.merge import Loser
from daemon.typed import parse_json, to_json

ID = b"customer"
BASE = (1_760_000_000_000 << 16, 12, 1)
LATER = (1_760_000_100_000 << 16, 13, 1)


def row(**named: Any) -> Element:
    return Element(Kind.CUSTOMER, ID, b"", BASE, {number(name): value for name, value in named.items()})


def shown(*elements: Element, **more: Any) -> Customer:
    found = customer_of(elements, **more)
    assert found is not None
    return found


def test_without_a_row_there_is_no_customer() -> None:
    assert customer_of([Element(Kind.CARD, ID, b"d" * 8, BASE, {1: "29"})]) is None


def test_an_empty_row_is_a_person_of_whom_nothing_is_known() -> None:
    customer = shown(row())
    assert (customer.kind, customer.display_name, customer.first_name, customer.address) == ("person", "", None, None)
    assert (customer.id, customer.person) == (ID.hex(), ID.hex())
    assert customer.consents.email.state == "unknown"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": ("Hélène", "Lefèvre")}, "Hélène Lefèvre"),
        ({"name": ("", "Lefèvre")}, "Lefèvre"),
        ({"name": ("Hélène", "Lefèvre"), "company_name": "Maison", "kind": PERSON}, "Hélène Lefèvre"),
        ({"name": ("Hélène", "Lefèvre"), "company_name": "Maison", "kind": COMPANY}, "Maison"),
        ({"name": ("Hélène", "Lefèvre"), "kind": COMPANY}, "Hélène Lefèvre"),
        ({"company_name": "Maison"}, "Maison"),
    ],
)
def test_a_list_calls_a_customer_by_its_name(fields: dict[str, Any], name: str) -> None:
    assert display_name(row(**fields)) == name


def test_members_are_shown_with_who_wrote_them() -> None:
    card = Element(Kind.CARD, ID, b"card-dot", BASE, {1: "2900", 2: "badge", 5: "active"})
    lost = Element(
        Kind.CARD, ID, b"lost-dot", BASE, {1: "2901", 5: "lost", 3: (True, None, "", 5)}, {5: LATER, 3: LATER}
    )
    note = Element(Kind.NOTE, ID, b"note-dot", BASE, {1: "Bonjour", 2: 1, 4: 86_400_000, 5: "aa"})
    older = Element(Kind.NOTE, ID, b"older-dt", (1 << 16, 1, 1), {1: "Avant"})
    tags = [Element(Kind.TAG, ID, bytes([at] * 8), BASE, {1: "VIP"}) for at in (1, 2)]
    address = Element(Kind.ADDRESS, ID, b"addr-dot", BASE, {1: ("", "", "29200", "Brest", "FR"), 2: "Vacances"})
    elements = [row(name=("", "X")), card, lost, note, older, *tags, address]
    customer = shown(*elements, authors={BASE: "aa", LATER: "bb"}, names={"aa": "Léa"})
    assert [(one.number, one.state, one.blocked, one.by, one.since) for one in customer.cards] == [
        ("2900", "active", False, "Léa", "2025-10-09T08:53:20Z"),
        ("2901", "lost", True, "bb", "2025-10-09T08:55:00Z"),
    ]
    assert [(one.text, one.author, one.show_at_till, one.written_at[:10]) for one in customer.notes] == [
        ("Bonjour", "Léa", True, "1970-01-02"),
        ("Avant", "", False, "1970-01-01"),
    ]
    assert customer.tags == ("VIP",), "two tills gave the same tag"
    assert (customer.addresses[0].label, customer.addresses[0].address.city) == ("Vacances", "Brest")
    assert (customer.created_at, customer.changed_at) == ("2025-10-09T08:53:20Z", "2025-10-09T08:55:00Z")


def test_a_consent_is_shown_whatever_its_details() -> None:
    customer = shown(
        row(consent_sms=(True, None), consent_email=(False, None, 86_400_000, "till", "v1", "aa", None, "new"))
    )
    assert customer.consents.sms.state == "refused"
    email = customer.consents.email
    assert (email.state, email.date, email.source, email.operator, email.expiry) == (
        "granted",
        "1970-01-02T00:00:00Z",
        "till",
        "aa",
        None,
    )


def test_archiving_beats_deleting() -> None:
    assert is_deleted(row(deleted=DELETED))
    assert not is_deleted(row(deleted=DELETED, archived=(True, None)))


def test_values_that_lost_name_their_field() -> None:
    losers = [
        Loser((ID, Kind.CUSTOMER, b""), number("name"), ("Hélène", "Lefebvre"), LATER, BASE),
        Loser((ID, Kind.CUSTOMER, b""), 1007, b"\x01", LATER, BASE),
        Loser((ID, Kind.CUSTOMER, b""), number("email"), None, LATER, BASE),
    ]
    conflicts = shown(row(), losers=losers, authors={LATER: "aa"}, names={"aa": "Léa"}).conflicts
    assert [(one.field, one.value, one.by, one.site) for one in conflicts] == [
        ("name", "Hélène Lefebvre", "Léa", 13),
        ("1007", "01", "Léa", 13),
        ("email", "", "Léa", 13),
    ]


def test_the_version_changes_with_any_element() -> None:
    one, tag = row(name=("A", "B")), Element(Kind.TAG, ID, b"d" * 8, BASE, {1: "VIP"})
    versions = {version_of(elements) for elements in ([one], [one, tag], [row(name=("A", "C")), tag])}
    assert len(versions) == 3


def test_a_text_for_a_person_hides_nothing_of_a_value() -> None:
    assert value_text(("1 rue X", "", "44000", None, "FR")) == "1 rue X 44000 FR"
    assert value_text(None) == ""


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.integers(0, 9), inner, max_size=3),
    max_leaves=6,
)

numbers = st.none() | st.integers(-(2**63), 2**64 - 1)
values = (
    plain
    | st.tuples(st.booleans(), st.none(), numbers, plain, plain, plain, numbers)
    | st.tuples(numbers, numbers, numbers)
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*CUSTOMER.fields, 999, 2000]), values),
    st.lists(
        st.tuples(
            st.sampled_from([Kind.CARD, Kind.NOTE, Kind.TAG, Kind.ADDRESS, 12]),
            st.dictionaries(st.integers(1, 6), values),
        )
    ),
)
def test_whatever_a_foreign_program_wrote_a_customer_can_be_shown(
    fields: dict[int, Any], members: list[tuple[int, dict[int, Any]]]
) -> None:
    """What it wrote travels and is relayed: a till that cannot show it could not sell to that customer."""
    elements = [Element(Kind.CUSTOMER, ID, b"", BASE, fields)]
    elements += [Element(kind, ID, bytes([at] * 8), BASE, values) for at, (kind, values) in enumerate(members)]
    customer = shown(*elements)
    parse_json(to_json(customer), Customer)


def test_the_fields_that_members_are_read_by_are_those_of_the_table() -> None:
    from daemon.desk import customer_parts as parts

    for kind, names in (
        (Kind.CARD, {"number": parts.CARD_NUMBER, "medium": parts.CARD_MEDIUM, "blocked": parts.CARD_BLOCKED}),
        (Kind.CARD, {"since": parts.CARD_SINCE, "state": parts.CARD_STATE}),
        (Kind.NOTE, {"text": parts.NOTE_TEXT, "show_at_till": parts.NOTE_SHOW, "done": parts.NOTE_DONE}),
        (Kind.NOTE, {"written_ms": parts.NOTE_WRITTEN, "author": parts.NOTE_AUTHOR}),
        (Kind.TAG, {"tag": parts.TAG}),
        (Kind.ADDRESS, {"address": parts.ADDRESS, "label": parts.ADDRESS_LABEL}),
    ):
        for name, at in names.items():
            assert SHAPES[kind].number(name) == at
