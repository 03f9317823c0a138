"""`comptoir groups|types|price-lists|products|sales` in processes of their own, at head office and at a till."""

from pathlib import Path

import pytest

from tests.fakes.comptoir import open_till
from tests.fakes.counter import HUB, open_browser
from tests.fakes.selling import customer, sell


@pytest.mark.feature("B11.1")
async def test_groups_are_kept_on_the_command_line_of_head_office(tmp_path: Path) -> None:
    async with open_till(tmp_path, **HUB) as (_, comptoir):
        made = await comptoir("groups", "add", "Club or", "--discount", "5,5", "--mark", "★", "--json")
        assert (made.code, made.json["discount"], made.json["mark"]) == (0, 550, "★"), made.err
        assert (await comptoir("groups", "add", "Club")).code == 0
        shown = await comptoir.in_french()("groups", "list")
        assert "5,5\u00a0%" in shown.out
        assert "tous les autres" in shown.out
        edited = await comptoir("groups", "edit", "club OR", "--colour", "#c90", "--discount", "10 %", "--json")
        assert (edited.json["colour"], edited.json["discount"]) == ("#c90", 1000)
        refused = await comptoir("groups", "delete", "Club or", "--replacement", "Club or")
        assert refused.code == 1
        gone = await comptoir("groups", "delete", "Club or", "--replacement", "Club", "--json")
        assert gone.json["label"] == "Club"
        assert (await comptoir("groups", "edit", "Club or", "--mark", "x")).code == 4


async def test_types_price_lists_and_products_are_kept_there_too(tmp_path: Path) -> None:
    async with open_till(tmp_path, **HUB) as (_, comptoir):
        kind = await comptoir("types", "add", "Personnel", "--discount", "30", "--employee", "--json")
        assert (kind.json["employee"], kind.json["discount"]) == (True, 3000)
        assert (await comptoir("types", "edit", "personnel", "--withdraw", "--json")).json["withdrawn"]
        assert "withdrawn" in (await comptoir("types", "list")).out
        listed = await comptoir("price-lists", "set", "PRO", "--label", "Professionnels", "--discount", "10")
        assert listed.code == 0, listed.err
        priced = await comptoir(
            "price-lists", "price", "PRO", "A1", "--price", "4,50", "--from", "2026-12-01", "--json"
        )
        assert priced.json["prices"][0]["price_cents"] == 450
        shown = await comptoir.in_french()("price-lists", "show", "pro")
        assert "4,50\u00a0€" in shown.out
        product = ("--label", "Stylo", "--price", "5", "--vat", "20", "--barcode", "3017620422003")
        made = await comptoir("products", "set", "A1", *product, "--discountable", "no", "--json")
        assert (made.json["vat"], made.json["barcodes"], made.json["discountable"]) == (2000, ["3017620422003"], False)
        assert "no discount" in (await comptoir("products", "show", "3017620422003")).out
        assert [one["code"] for one in (await comptoir("products", "list", "a", "--json")).json["products"]] == ["A1"]
        assert (await comptoir("products", "list", "zz")).code == 4
        assert (await comptoir("products", "set", "A1", "--price", "cher")).code == 2
        assert (await comptoir("types", "add", "X", "--discount", "101")).code == 2
        assert (await comptoir("price-lists", "list", "--json")).json["price_lists"][0]["code"] == "PRO"


async def test_a_till_refuses_what_head_office_keeps_in_the_language_of_who_asks(tmp_path: Path) -> None:
    async with open_till(tmp_path) as (_, comptoir):
        refused = await comptoir.in_french()("groups", "add", "Club")
        assert refused.code == 1
        assert "c’est le siège qui les tient" in refused.err


@pytest.mark.feature("C9.3")
async def test_sales_are_found_shown_and_taken_back_on_the_command_line(tmp_path: Path) -> None:
    async with open_till(tmp_path) as (counter, comptoir), open_browser(counter) as browser:
        await counter.choose_walk_in()
        who = await customer(browser, email="a@example.org")
        lines = (
            {"product": "A1", "label": "Stylo", "amount": 1200, "quantity_milli": 2000},
            {"label": "b", "amount": 34},
        )
        id_ = await sell(browser, who, *lines, ticket="T-9")
        found = await comptoir("sales", "find", "--amount", "12,34", "--customer", "a@example.org", "--json")
        assert [one["id"] for one in found.json["sales"]] == [id_]
        assert (await comptoir("sales", "find", "--ticket", "T-8")).code == 4
        back = await comptoir("sales", "return", id_, "--line", "1=0,5", "--reason", "abîmé", "--json")
        assert back.json["returned"] == 300, back.err
        shown = await comptoir.in_french()("sales", "show", id_)
        assert "12,34\u00a0€" in shown.out
        assert "Revenu" in shown.out
        assert (await comptoir("sales", "return", id_, "--line", "9")).code == 1
        cancelled = await comptoir("sales", "cancel", id_, "--json")
        assert (cancelled.json["cancelled"], cancelled.json["left"]) == (True, 0)
        months = await comptoir("sales", "revenue", "a@example.org", "--json")
        assert (len(months.json["months"]), months.json["total"]) == (24, 0)
        told = await comptoir("sales", "history", "a@example.org")
        assert "cancellation" in told.out
        joined = await comptoir("groups", "join", "Club", "a@example.org")
        assert joined.code == 4, "no such group here"
