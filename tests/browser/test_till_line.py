"""A cut line, a wrong clock, a block, a file for support: what the till says and asks, in a real browser."""

import asyncio
import json
from pathlib import Path

import pytest

from daemon.desk.condition import LinkShown
from daemon.desk.edit import CustomerEdit
from daemon.domain.clock_doubt import ClockDoubt
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from tests.browser.conftest import Looking, Screen
from tests.browser.stage import OFFLINE, ONLINE
from tests.browser.states import regular
from tests.browser.test_till_screens import sophie, stored
from tests.fakes.counter import open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import CARD, known

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.feature("E5.1", "F1.2")
async def test_a_line_that_is_cut_is_told_on_the_open_record_with_ages_and_what_can_be_spent(
    tmp_path: Path, look: Looking
) -> None:
    link: list[LinkShown] = [ONLINE]
    doubt: list[ClockDoubt | None] = [None]
    async with (
        open_counter(tmp_path) as counter,
        look(counter, link=lambda: link[0], clock_doubt=lambda: doubt[0]) as till,
    ):
        await counter.choose_walk_in()
        await counter.hire("Nolwenn", pin=PIN)
        id_ = await sophie(counter)
        await regular(counter, EntityId(bytes.fromhex(id_)))
        await till.log_in()
        await till.open(f"/clients/{id_}")
        assert "soldes de" not in await till.text("#main")
        link[0] = OFFLINE
        counter.live.publish("replication", {"online": False})
        await till.page.wait_for_selector("#state [data-s=off]")
        assert "Hors ligne depuis" in await till.text("#state")
        assert "à envoyer" in await till.text("#state")
        await till.page.wait_for_selector("#main :text('soldes de')")
        assert await till.page.query_selector("text=Le faire venir ici") is None, "nobody can be asked for it now"
        doubt[0] = ClockDoubt(kind="behind", ms=11_100_000)
        counter.live.publish("replication", {"online": False})
        await till.page.wait_for_selector("#state :text('Horloge en retard de')")
        await till.page.click(".label:nth-child(1) .btn")
        await till.page.wait_for_selector("#amount:focus")
        assert "1 240 utilisables ici maintenant" in await till.text("#main")
        link[0], doubt[0] = ONLINE, None
        counter.live.publish("replication", {"online": True})
        await till.page.wait_for_selector("#state [data-s=waiting], #state [data-s=late], #state [data-s=ok]")


async def test_the_file_for_support_is_saved_on_this_machine(till: Screen) -> None:
    await sophie(till.counter)
    await till.open("/etat")
    async with till.page.expect_download() as coming:
        await till.page.click("text=Enregistrer un diagnostic")
    download = await coming.value
    assert download.suggested_filename.startswith("comptoir-caisse-")
    found = json.loads(await asyncio.to_thread(Path(await download.path()).read_text, "utf-8"))
    assert found["replication"]["role"] == "till"
    await till.shows("condition")


async def test_a_card_is_blocked_only_after_a_question_and_undone_by_one_touch(till: Screen) -> None:
    id_ = await sophie(till.counter)
    await till.open(f"/clients/{id_}?section=cards")
    await till.page.click(".sect--cards :text('Bloquer')")
    await till.shows("block")
    assert CARD in await till.text("h1")
    await till.page.keyboard.press("Enter")
    await till.page.keyboard.press("Escape")
    await till.shows("record")
    assert (await stored(till, id_)).cards[0].state == "active", "neither Enter nor Escape blocks"
    await till.page.click(".sect--cards :text('Bloquer')")
    await till.page.click(".act .btn--primary")
    await till.page.wait_for_selector(".sect--cards :text('Perdue')")
    await till.page.click("#word .btn")
    await till.page.wait_for_selector(".sect--cards :text('Valable')")


@pytest.mark.feature("B7.2")
async def test_a_manager_who_scans_their_badge_before_a_blocked_customer_may_unblock(till: Screen) -> None:
    id_ = await known(till.counter, last_name="Morvan", email="m@example.org")
    blocked = CustomerEdit(blocked=True, blocked_reason="Trois factures impayées")
    call, who = till.counter.call(), EntityId(bytes.fromhex(id_))
    await till.counter.desks.edits.edit(call, who, blocked, present=frozenset({"blocked"}), version="")
    await till.counter.hire("Yann", badge="OP-YANN", role=Role.MANAGER)
    await till.open(f"/clients/{id_}")
    await till.page.wait_for_selector("[role=alertdialog] :text('Un responsable passe son badge')")
    await till.scan("OP-YANN")
    await till.page.click("[role=alertdialog] :text('Débloquer Morvan')")
    await till.page.wait_for_selector("[role=alertdialog]", state="detached")
    assert not (await stored(till, id_)).blocked


async def test_going_back_after_a_lock_shows_nobody(till: Screen) -> None:
    await sophie(till.counter)
    await till.scan(CARD)
    await till.shows("record")
    await till.page.goto(f"{till.url}/caisse/etat")
    await till.page.wait_for_selector("[data-live]")
    await till.page.keyboard.press("F9")
    await till.shows("log_in")
    await till.page.go_back()
    await till.shows("log_in")
    assert "Lefèvre" not in await till.page.content()
