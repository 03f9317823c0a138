"""Which badge a customer gets, and what is told of print jobs."""

from typing import Any

import pytest

from daemon.desk.badges import face_of
from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Card, CardState
from daemon.desk.print_ports import changed
from daemon.desk.print_shown import event_of, shown
from daemon.domain.ids import EntityId
from daemon.domain.print_job import Hold, JobState, PrintJob
from daemon.domain.print_kind import JobKind
from daemon.errors import Conflicting, Forbidden, OperatorMistake
from daemon.typed import to_json


def card(number: str, *, state: CardState = "active", blocked: bool = False) -> Card:
    return Card(id=number, number=number, medium="", state=state, blocked=blocked, reason=None, since="", by="")


def customer(**fields: Any) -> Customer:
    return Customer(
        **{"id": "a", "version": "v", "person": "a", "kind": "person", "display_name": "Paul Morel"} | fields
    )


def face(one: Customer, of: str | None = None) -> str:
    return face_of(one, of, chain_name="Maison", title="Carte").number


def test_the_first_good_card_is_printed_or_the_one_asked_for_or_the_code() -> None:
    cards = (card("1", state="lost", blocked=True), card("2", blocked=True), card("3"), card("4"))
    assert face(customer(cards=cards, code="C1")) == "3"
    assert face(customer(cards=cards, code="C1"), "4") == "4"
    assert face(customer(cards=cards[:2], code="C1")) == "C1"


def test_some_have_no_badge() -> None:
    with pytest.raises(Conflicting):
        face(customer())
    with pytest.raises(OperatorMistake):
        face(customer(code="C1"), "4")
    with pytest.raises(Forbidden):
        face(customer(code="C1", walk_in=True))


def test_what_is_told_of_a_job_says_nothing_of_what_it_prints() -> None:
    job = PrintJob(
        id=EntityId(b"\x01" * 8),
        request_key="k",
        kind=JobKind.BADGE,
        printer="counter",
        requested_ms=1_000,
        changed_ms=2_000,
        state=JobState.HELD,
        customer=EntityId(b"\x02" * 8),
        personal=b"Morel",
        hold=Hold.PAPER_OUT,
    )
    for told in (shown(job), event_of(changed(job))):
        assert (told.id, told.customer, told.hold) == ("01" * 8, "02" * 8, "paper_out")
        assert told.gesture is not None
        assert b"Morel" not in to_json(told)
