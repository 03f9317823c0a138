"""How a held ticket stands follows from its element and its steps alone, in whatever order they are read."""

from itertools import count
from typing import Any

import pytest

from daemon.domain.element import Element
from daemon.domain.kinds import SHOP_NUMBER, Kind
from daemon.domain.ticket import (
    AMOUNT,
    NAMES,
    OF,
    SALE,
    SITE,
    STAGE,
    STAGES,
    TAKE,
    TURN,
    TYPE,
    WHAT,
    Step,
    Ticket,
    TicketType,
    by_written,
    is_live,
    is_over,
    read,
    sale_taking,
    ticket_of,
)

OWNER, ID = b"o" * 8, b"t" * 8
A, B = b"a" * 8, b"b" * 8
"""Two sales, of till 2 and of till 3."""
_DOTS = count(1)


def step(what: Step, at: int, *, site: int = 2, dot: bytes = b"", **fields: Any) -> Element:
    """A step that was stated at a moment by a till."""
    numbers = {"sale": SALE, "stage": STAGE, "amount": AMOUNT, "take": TAKE, "names": NAMES, "turn": TURN}
    said = {numbers[name]: value for name, value in fields.items()}
    said |= {OF: ID, WHAT: str(what), SITE: site, SHOP_NUMBER: 1}
    return Element(Kind.TICKET_STEP, OWNER, dot or next(_DOTS).to_bytes(8, "big"), (at, site, 0), said)


def stands(*steps: Element, type_: str = "basket") -> Ticket:
    """The ticket after these steps, read in two orders."""
    element = Element(Kind.HELD_TICKET, OWNER, ID, (1, 2, 0), {TYPE: type_, SHOP_NUMBER: 1})
    found = read(element, steps)
    assert read(element, steps[::-1]) == found
    return found


def taken(sale: bytes, at: int, site: int = 2) -> Element:
    return step(Step.TAKEN, at, site=site, dot=sale[::-1][:7] + b"T", sale=sale)


def take_id(sale: bytes) -> bytes:
    return sale[::-1][:7] + b"T"


def test_a_ticket_is_held_until_it_is_sold_or_closed() -> None:
    held = stands()
    assert (held.state, held.stage, held.holder, is_live(held)) == ("open", "held", None, True)
    assert (stands(taken(A, 5)).state, stands(taken(A, 5)).take_of(B)) == ("taken", None)
    sold = stands(taken(A, 5), step(Step.POSTED, 6, sale=A))
    assert (sold.state, sold.takes, is_live(sold)) == ("posted", (), False)
    closed = stands(step(Step.CLOSED, 5, turn=1))
    assert (closed.state, closed.next_stages, is_live(closed)) == ("closed", (), False)
    both = stands(step(Step.CLOSED, 5, turn=1), taken(A, 4), step(Step.POSTED, 6, sale=A))
    assert both.state == "posted", "a sale outweighs a closing that had not heard of it"


def test_an_old_ticket_is_over_when_nothing_can_become_of_it_or_nobody_comes_back() -> None:
    sold, closed = stands(taken(A, 5), step(Step.POSTED, 6, sale=A)), stands(step(Step.CLOSED, 5, turn=1))
    assert all(is_over(one, is_nobodys=nobodys) for one in (sold, closed) for nobodys in (True, False))
    assert (is_over(stands(), is_nobodys=True), is_over(stands(), is_nobodys=False)) == (True, False)
    twice = stands(taken(A, 5), taken(B, 6, site=3), step(Step.POSTED, 7, sale=A), step(Step.POSTED, 8, site=3, sale=B))
    paid = stands(step(Step.DEPOSIT, 5, amount=100), type_="layaway")
    for kept in (stands(taken(A, 5)), twice, paid):
        assert not is_over(kept, is_nobodys=True), "somebody has still to do with it"


def test_what_replaces_a_step_is_said_after_it_whatever_the_clocks_say() -> None:
    reopened = stands(step(Step.CLOSED, 900, turn=1), step(Step.REOPENED, 5, site=3, turn=2))
    assert reopened.state == "open"
    order = stands(
        step(Step.ADVANCED, 900, stage="ordered", turn=1),
        step(Step.ADVANCED, 5, site=3, stage="arrived", turn=2),
        type_="special_order",
    )
    assert (order.stage, order.next_turn) == ("arrived", 3)
    unheard = [step(Step.ADVANCED, at, site=at, stage=stage, turn=1) for at, stage in ((5, "ordered"), (6, "arrived"))]
    assert stands(*unheard, type_="special_order").stage == "arrived", (
        "of two that did not hear of each other the newer"
    )


def test_the_one_that_head_office_awarded_holds_it_else_the_first() -> None:
    first = stands(taken(A, 5), taken(B, 6, site=3))
    assert first.holder is not None
    assert (first.holder.sale, first.is_taken_twice, is_live(first)) == (A, True, True)
    awarded = stands(taken(A, 5), taken(B, 6, site=3), step(Step.AWARDED, 7, take=take_id(B), sale=B))
    assert awarded.holder is not None
    assert (awarded.holder.sale, awarded.holder.awarded) == (B, True)
    back = stands(taken(A, 5), step(Step.GIVEN_BACK, 6, take=take_id(A)))
    assert (back.state, back.is_carried_by(A)) == ("open", False)
    away = stands(taken(A, 5), step(Step.GIVEN_BACK, 6, site=3, take=take_id(A)))
    assert (away.state, away.is_carried_by(A)) == ("open", True), "its till has not heard that it was taken away"


def test_who_sells_beside_another_till_names_what_that_one_did() -> None:
    both = (taken(A, 5), taken(B, 6, site=3))
    assert stands(*both).rivals_of(A) == ()
    assert stands(*both).rivals_of(B) == (take_id(A),)
    sold = (*both, step(Step.POSTED, 7, sale=A))
    assert stands(*sold).rivals_of(B) == (A,)
    assert is_live(stands(*sold)), "the other till has its basket still"
    named = (*sold, step(Step.CONFIRMED, 8, site=3, sale=B, names=A))
    assert stands(*named).rivals_of(B) == ()
    twice = stands(*named, step(Step.POSTED, 9, site=3, sale=B))
    assert (twice.is_unsettled, is_live(twice)) == (False, False)


def test_sold_twice_unheard_it_is_unsettled_until_a_person_has_named_one() -> None:
    twice = (taken(A, 5), taken(B, 6, site=3), step(Step.POSTED, 7, sale=A), step(Step.POSTED, 8, site=3, sale=B))
    found = stands(*twice)
    assert (found.is_unsettled, is_live(found), found.is_taken_twice) == (True, True, True)
    assert not stands(*twice, step(Step.CONFIRMED, 9, names=B)).is_unsettled
    by_take = stands(*twice, step(Step.CONFIRMED, 6, site=3, sale=B, names=take_id(A)))
    assert not by_take.is_unsettled, "who named the take-over named the sale that it became"


def test_what_no_version_of_ours_wrote_is_read_as_nothing() -> None:
    odd = Element(Kind.HELD_TICKET, OWNER, ID, (1, 2, 0), {TYPE: "hologram", SHOP_NUMBER: "one"})
    found = read(odd, [step(Step.ADVANCED, 5, stage="teleported", turn=1), step(Step.DEPOSIT, 6, amount="much")])
    assert (found.type, found.stage, found.shop, found.deposits) == (TicketType.BASKET, "held", 0, 0)
    nameless = Element(Kind.TICKET_STEP, OWNER, b"s" * 8, (1, 2, 0), {OF: "x", WHAT: str(Step.TAKEN), SALE: 7})
    assert (ticket_of(nameless), sale_taking(nameless)) == (b"", b"")
    assert sale_taking(step(Step.POSTED, 5, sale=A)) == b""


def test_the_newest_stands_first() -> None:
    one = Ticket(owner=stands().owner, id=b"1" * 8, type=TicketType.BASKET, shop=1, written_ms=5)
    two = Ticket(owner=stands().owner, id=b"2" * 8, type=TicketType.BASKET, shop=1, written_ms=9)
    assert [found.id for found in by_written([one, two])] == [two.id, one.id]


@pytest.mark.parametrize("type_", list(TicketType))
def test_every_stage_leads_to_stages_of_its_type(type_: TicketType) -> None:
    for onward in STAGES[type_].values():
        assert set(onward) <= STAGES[type_].keys()
