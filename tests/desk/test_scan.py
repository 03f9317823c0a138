"""Scans that arrive from readers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.desk.operators import Recognised
from daemon.desk.scan import classify
from daemon.desk.search_answer import Identification
from daemon.domain.code import ScannedCode, Symbology
from daemon.domain.ids import EntityId
from tests.fakes.counter import Counter, open_counter


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


def code(text: str, symbology: Symbology | None = None) -> ScannedCode:
    return ScannedCode(text=text, symbology=symbology)


def test_a_badge_comes_before_whoever_the_code_would_name() -> None:
    operator = Recognised(id=EntityId(b"lea-lea-"), display_name="Léa", ticket="t")
    found = classify(
        code("1"), "reader", operator=operator, identification=Identification(outcome="blocked", reason="x")
    )
    assert (found.outcome, found.operator, found.ticket, found.reason) == ("operator", "Léa", "t", None)
    assert "t'" not in repr(operator)


def test_a_product_is_told_by_its_number() -> None:
    unknown = Identification(outcome="unknown")
    found = classify(code("0103017620422003", Symbology.GS1_128), "reader", operator=None, identification=unknown)
    assert (found.outcome, found.product) == ("unknown", "3017620422003")


async def test_what_a_reader_refused_is_told_by_its_reason_alone(counter: Counter) -> None:
    counter.desks.scans.refused("check_digit", device="counter scanner")
    (told,) = counter.heard("scan")
    assert (told.outcome, told.reason, told.device, told.code) == ("refused", "check_digit", "counter scanner", None)


async def test_our_own_cards_are_no_payment_cards(counter: Counter) -> None:
    ours = "2900000000000000000"
    found = await counter.desks.scans.scanned(code(ours), device="reader")
    assert (found.outcome, found.code) == ("unknown", ours)
    assert ours not in repr(found)


async def test_tickets_are_few(counter: Counter) -> None:
    await counter.hire("Léa", badge="OP-1")
    first = await counter.desks.scans.scanned(code("OP-1"), device="reader")
    for _ in range(40):
        await counter.desks.scans.scanned(code("OP-1"), device="reader")
    assert len(counter.desks.operators._tickets) <= 32
    assert first.ticket not in counter.desks.operators._tickets
