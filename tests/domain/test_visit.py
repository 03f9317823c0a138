"""The state machine of a visit, whole: every state with every event."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.ids import EntityId
from daemon.domain.visit import (
    BASKET_BYTES_MAX,
    TRANSITIONS,
    Attach,
    Cancel,
    Detach,
    Fill,
    Post,
    Visit,
    VisitEvent,
    VisitState,
    apply,
    open_visit,
)
from daemon.errors import Conflicting, OperatorMistake

WALK_IN, PAUL = EntityId(b"walk-in!"), EntityId(b"paulpaul")
EVENTS: tuple[VisitEvent, ...] = (Attach(PAUL), Detach(), Fill(b"{}"), Post(), Cancel())
NEW = open_visit(id_=EntityId(b"\x01" * 8), lane="1", walk_in=WALK_IN, site=12, now_ms=5)


def test_a_new_visit_serves_nobody_in_particular_and_has_its_sale_id() -> None:
    assert NEW.is_walk_in
    assert (NEW.state, NEW.sale, NEW.opened_ms) == (VisitState.OPEN, "00000c0101010101", 5)
    assert "basket" not in repr(NEW)


@pytest.mark.parametrize("state", VisitState)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_state_takes_an_event_to_the_state_of_the_table_or_refuses_it(
    state: VisitState, event: VisitEvent
) -> None:
    visit = replace(NEW, state=state)
    after = TRANSITIONS[state].get(type(event))
    if after is None:
        with pytest.raises(Conflicting, match=f"the visit is {state.value}: "):
            apply(visit, event, now_ms=9)
    else:
        assert apply(visit, event, now_ms=9).state is after


def test_the_table_has_every_state() -> None:
    assert set(TRANSITIONS) == set(VisitState)


def test_customers_come_and_go_and_the_basket_stays() -> None:
    visit = apply(NEW, Fill(b"[1]"), now_ms=6)
    visit = apply(visit, Attach(PAUL), now_ms=7)
    assert (visit.customer, visit.is_walk_in, visit.basket, visit.changed_ms) == (PAUL, False, b"[1]", 7)
    visit = apply(visit, Detach(), now_ms=8)
    assert (visit.customer, visit.is_walk_in, visit.basket) == (WALK_IN, True, b"[1]")


def test_what_changes_nothing_is_no_change() -> None:
    assert apply(NEW, Detach(), now_ms=9) is NEW
    posted = apply(NEW, Post(), now_ms=9)
    assert apply(posted, Post(), now_ms=10) is posted


def test_a_basket_has_a_size() -> None:
    assert apply(NEW, Fill(b"x" * BASKET_BYTES_MAX), now_ms=9).basket
    with pytest.raises(OperatorMistake, match="65537 bytes") as refused:
        apply(NEW, Fill(b"x" * (BASKET_BYTES_MAX + 1)), now_ms=9)
    assert refused.value.field == "basket"


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_whatever_happens_identity_and_sale_stay_and_an_end_is_an_end(events: list[VisitEvent]) -> None:
    visit: Visit = NEW
    for at, event in enumerate(events):
        before = visit
        try:
            visit = apply(visit, event, now_ms=10 + at)
        except Conflicting:
            continue
        assert (visit.id, visit.sale, visit.lane, visit.walk_in) == (NEW.id, NEW.sale, NEW.lane, NEW.walk_in)
        if before.state is not VisitState.OPEN:
            assert visit == before
