"""A person of several records: chosen values, what the others alone know, and refusals of any of them."""

from daemon.domain.canonical import pack, unpack
from daemon.domain.element import Element
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.person import composed, edge_fields, shown_first

EMAIL, NAME, ADDRESS = (CUSTOMER.number(name) for name in ("email", "name", "address"))
SMS, BAD = CUSTOMER.number("consent_sms"), CUSTOMER.number("bad_address")


def row(ident: bytes, at: int, stamps: dict[int, tuple[int, int, int]] | None = None, **fields: object) -> Element:
    values = {CUSTOMER.number(field): value for field, value in fields.items()}
    return Element(Kind.CUSTOMER, ident.ljust(8, b"."), b"", (at, 2, 0), values, stamps or {})


def edge(one: Element, other: Element, at: int, *taken: tuple[int, Element]) -> Element:
    fields = edge_fields(one, other, [(number, record.entity) for number, record in taken])
    stored = {number: value for number, value in unpack(pack(fields)).items() if value is not None}
    return Element(Kind.EDGE, one.entity, bytes([at]) * 8, (at, 2, 0), stored)


def test_the_oldest_record_shows_the_person_and_of_two_as_old_the_smaller_id() -> None:
    rows = [row(b"c", 3), row(b"b", 1), row(b"a", 1)]
    assert [one.entity[:1] for one in shown_first(rows)] == [b"a", b"b", b"c"]


def test_a_choice_stands_and_what_one_alone_knows_is_known() -> None:
    old, new = row(b"a", 1, email="old@x.fr"), row(b"b", 2, email="new@x.fr", name=("Anne", "Morel"))
    assert composed([old, new], []).fields[EMAIL] == "old@x.fr"
    chosen = composed([old, new], [edge(old, new, 5, (EMAIL, new))])
    assert (chosen.fields[EMAIL], chosen.fields[NAME], chosen.entity) == ("new@x.fr", ("Anne", "Morel"), old.entity)
    assert composed([old], []).fields == old.fields


def test_of_two_tills_that_chose_differently_the_later_choice_stands_and_a_later_edit_beats_both() -> None:
    old, new = row(b"a", 1, email="old@x.fr"), row(b"b", 2, email="new@x.fr")
    edges = [edge(old, new, 5, (EMAIL, new)), edge(new, old, 6, (EMAIL, old))]
    assert composed([old, new], edges).fields[EMAIL] == "old@x.fr"
    assert composed([old, new], edges[:1]).fields[EMAIL] == "new@x.fr"
    edited = row(b"a", 1, {EMAIL: (9, 3, 0)}, email="later@x.fr")
    assert composed([edited, new], edges[:1]).fields[EMAIL] == "later@x.fr"


def test_a_choice_may_be_of_an_empty_value_and_one_of_somebody_gone_says_nothing() -> None:
    old, new, gone = row(b"a", 1, email="old@x.fr"), row(b"b", 2), row(b"z", 3)
    assert EMAIL not in composed([old, new], [edge(old, new, 5, (EMAIL, new))]).fields
    assert composed([old, new], [edge(old, gone, 5, (EMAIL, gone))]).fields[EMAIL] == "old@x.fr"


def test_a_refusal_of_any_record_is_the_person_s() -> None:
    yes, no = (False, None, 1, "till"), (True, None, 2, "npai")
    old, new = row(b"a", 1, consent_sms=yes), row(b"b", 2, consent_sms=no)
    assert composed([old, new], []).fields[SMS] == no
    assert composed([row(b"a", 1), row(b"b", 2, consent_sms=yes)], []).fields[SMS] == yes
    assert SMS not in composed([row(b"a", 1), row(b"b", 2)], []).fields


def test_a_bad_address_is_bad_for_the_person_that_shows_it() -> None:
    place = ("1 rue", "", "44000", "Nantes", "FR")
    new = row(b"b", 2, address=place, bad_address=(2, 2, 0))
    assert composed([row(b"a", 1), new], []).fields[BAD] == (1, 2, 0)
    assert BAD not in composed([row(b"a", 1), row(b"b", 2, address=place)], []).fields
