"""Scans that arrive from readers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.desk.operators import Recognised
from daemon.desk.scan import classify
from daemon.desk.search_answer import Identification
from daemon.desk.setting_up import OperatorEdit
from daemon.domain.code import ScannedCode, Symbology
from daemon.domain.ids import EntityId
from daemon.errors import Unidentified
from tests.fakes.counter import Counter, open_counter


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


def code(text: str, symbology: Symbology | None = None) -> ScannedCode:
    return ScannedCode(text=text, symbology=symbology)


def test_a_badge_comes_before_whoever_the_code_would_name() -> None:
    operator = Recognised(id=EntityId(b"lea-lea-"), display_name="Léa")
    found = classify(
        code("1"), "reader", operator=operator, identification=Identification(outcome="blocked", reason="x")
    )
    assert (found.outcome, found.operator, found.reason) == ("operator", "Léa", None)


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


async def scan_for(counter: Counter, terminal: str, badge: str = "OP-1") -> str:
    """Scan a badge and ask for its operator as this screen does; their name, or what is wrong."""
    await counter.desks.scans.scanned(code(badge), device="reader")
    try:
        return (await counter.desks.operators.log_in_by_scan(terminal)).operator.display_name
    except Unidentified as refused:
        return str(refused).partition(":")[0]


NOT_HERE = "the badge was not scanned for this screen alone"


async def test_a_scanned_badge_is_for_the_one_known_screen_that_listens(counter: Counter) -> None:
    await counter.hire("Léa", badge="OP-1")
    terminals = counter.desks.operators.terminals
    assert await scan_for(counter, "a") == NOT_HERE, "nobody listened"
    with terminals.listening("a"), terminals.listening(""):
        assert await scan_for(counter, "a") == "Léa"
        assert await scan_for(counter, "b") == NOT_HERE
        assert await scan_for(counter, "") == "this screen is not known yet"
        with terminals.listening("a"):
            assert await scan_for(counter, "a") == "Léa", "two tabs of one browser are one screen"
        with terminals.listening("b"):
            assert await scan_for(counter, "a") == NOT_HERE, "nobody can say before which screen the operator stands"
            assert await scan_for(counter, "b") == NOT_HERE
    assert await scan_for(counter, "a") == NOT_HERE, "b has only just left"
    counter.clock.at_ms += 4_000
    assert await scan_for(counter, "a") == NOT_HERE, "nobody listens any more"


async def test_a_page_between_two_streams_is_still_there(counter: Counter) -> None:
    await counter.hire("Léa", badge="OP-1")
    with counter.desks.operators.terminals.listening("a"):
        pass
    counter.clock.at_ms += 1_000
    assert await scan_for(counter, "a") == "Léa"


async def test_the_scan_of_a_badge_serves_once_and_soon_and_for_the_last_badge(counter: Counter) -> None:
    await counter.hire("Léa", badge="OP-1")
    yann = await counter.hire("Yann", badge="OP-2")
    operators = counter.desks.operators
    with operators.terminals.listening("a"):
        assert await scan_for(counter, "a") == "Léa"
        for moved_ms in (0, 11_000):
            if moved_ms:
                await counter.desks.scans.scanned(code("OP-1"), device="reader")
            counter.clock.at_ms += moved_ms
            with pytest.raises(Unidentified, match="not scanned for this screen"):
                await operators.log_in_by_scan("a")
        await counter.desks.scans.scanned(code("OP-1"), device="reader")
        assert await scan_for(counter, "a", "OP-2") == "Yann"
        await counter.desks.scans.scanned(code("OP-2"), device="reader")
        await counter.desks.setting_up.edit_operator(
            counter.call(), EntityId(bytes.fromhex(yann)), OperatorEdit(revoked=True)
        )
        with pytest.raises(Unidentified, match="no operator has this badge"):
            await operators.log_in_by_scan("a")
