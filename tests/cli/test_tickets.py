"""`comptoir tickets` in processes of their own."""

from pathlib import Path

import pytest

from tests.fakes.comptoir import open_till
from tests.fakes.counter import open_browser
from tests.fakes.selling import customer, serve
from tests.fakes.tickets import BASKET, fill


@pytest.mark.feature("C8.3")
async def test_an_order_is_held_advanced_paid_on_and_closed_on_the_command_line(tmp_path: Path) -> None:
    async with open_till(tmp_path) as (counter, comptoir), open_browser(counter) as browser:
        await customer(browser, first_name="Anne")
        assert (await comptoir("tickets", "list")).code == 4
        due = ("--due", "2026-12-01", "--comment", "Livrer le soir")
        made = await comptoir("tickets", "add", "Anne", "Lampe bleue", "--total", "120", *due, "--json")
        assert (made.code, made.json["stage"], made.json["total"]) == (0, "asked", 12_000), made.err
        ticket = made.json["id"]
        assert (await comptoir("tickets", "advance", ticket, "ordered", "--json")).json["stage"] == "ordered"
        wrong = await comptoir.in_french()("tickets", "advance", ticket, "announced")
        assert (wrong.code, "de ordered il ne peut pas passer à announced" in wrong.err) == (5, True), wrong.err
        assert (await comptoir("tickets", "deposit", ticket, "40", "--json")).json["left_to_pay"] == 8_000
        shown = await comptoir.in_french()("tickets", "show", ticket)
        assert "commande spéciale" in shown.out
        assert "40,00\u00a0€" in shown.out
        assert (await comptoir("tickets", "close", ticket)).code == 5, "somebody says what becomes of the deposit"
        closed = await comptoir("tickets", "close", ticket, "--refunded", "--reason", "Annulée", "--json")
        assert closed.json["state"] == "closed"
        listed = await comptoir("tickets", "list", "--customer", "Anne")
        assert (listed.code, "closed" in listed.out) == (0, True)
        quote = (await comptoir("tickets", "add", "Anne", "Terrasse", "--type", "quote", "--json")).json["id"]
        assert (await comptoir("tickets", "close", quote)).code == 0
        assert (await comptoir("tickets", "reopen", quote, "--json")).json["state"] == "open"


@pytest.mark.feature("C8.2")
async def test_who_owns_the_machine_puts_back_what_a_lane_has_taken_over(tmp_path: Path) -> None:
    async with open_till(tmp_path) as (counter, comptoir), open_browser(counter) as browser:
        await counter.choose_walk_in()
        visit = await serve(browser)
        await fill(browser, visit, BASKET)
        parked = (await browser.post(f"/visits/{visit['id']}/hold")).json["ticket"]["id"]
        second = await serve(browser)
        assert (await browser.post(f"/held-tickets/{parked}/take", {"visit": second["id"]})).status == 200
        assert "taken over" in (await comptoir("tickets", "list")).out
        back = await comptoir("tickets", "release", parked, "--reason", "Client parti", "--json")
        assert (back.code, back.json["state"]) == (0, "open"), back.err
        assert (await comptoir("tickets", "settle", parked, "0" * 16)).code == 5
