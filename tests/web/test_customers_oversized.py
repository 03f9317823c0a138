"""An action that is longer than what can be sent is refused before anything of it is saved, over HTTP at a till."""

from typing import Any

import pytest

from daemon.domain.change import OPERATIONS_MAX, RECORD_BYTES_MAX
from daemon.domain.kinds import SHAPES, Kind
from daemon.store.database import Connection
from tests.fakes.counter import Browser
from tests.fakes.selling import customer, post, serve

TAG_LENGTH = SHAPES[Kind.TAG].fields[1].length_max


def tags(count: int) -> list[str]:
    """So many, each as long as one may be, of letters that take two bytes."""
    return [f"{number:04d}".ljust(TAG_LENGTH, "é") for number in range(count)]


def _rows(conn: Connection) -> dict[str, int]:
    """How much every table holds that an action at the counter may write to."""
    names = ("element", "change", "balance", "lookup", "search_words", "answer")
    return {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


async def standing(browser: Browser) -> tuple[Any, ...]:
    """All that a save would move."""
    told, replica = (await browser.get("/replication")).json, browser.counter.replica
    rows = await browser.counter.database.read(_rows)
    return told["root"], told["copy"]["waiting"], replica.head, replica.n, replica.buckets.root(), rows


@pytest.mark.feature("E3.1")
async def test_a_record_that_cannot_be_sent_is_refused_in_one_sentence_and_nothing_of_it_is_saved(
    browser: Browser,
) -> None:
    made = (await browser.post("/customers", {"last_name": "Morel"})).json["customer"]
    before = await standing(browser)
    many = tags(OPERATIONS_MAX - 6)
    new = await browser.post("/customers", {"last_name": "Trop", "tags": many}, key="une-seule-fois")
    edit = await browser.patch(f"/customers/{made['id']}", {"tags": many}, version=made["version"])
    for refused in (new, edit):
        assert refused.status == 422, refused.raw
        assert refused.json["detail"].endswith(f"bytes long, the most that can be sent is {RECORD_BYTES_MAX}")
        assert refused.json["detail"].count(".") == 0
    assert await standing(browser) == before
    assert (await browser.get("/customers?q=trop")).json["hits"] == []
    assert (await browser.get(f"/customers/{made['id']}")).json["version"] == made["version"]

    fewer = many[: len(many) // 4]
    saved = await browser.patch(f"/customers/{made['id']}", {"tags": fewer}, version=made["version"])
    assert saved.status == 200, saved.raw
    again = await browser.post("/customers", {"last_name": "Trop", "tags": fewer}, key="une-autre-fois")
    assert again.status == 201, again.raw
    after = await standing(browser)
    assert after[0] != before[0]
    assert after[1] == before[1] + 2
    assert after[3] == before[3] + 2, "no number was lost"


@pytest.mark.feature("E3.1")
async def test_a_sale_that_cannot_be_sent_leaves_its_visit_open(browser: Browser) -> None:
    await browser.counter.choose_walk_in()
    who = await customer(browser)
    visit = await serve(browser, who)
    before = await standing(browser)
    lines = [{"label": "é" * 100, "amount": 100, "unit_price": 100} for _ in range(300)]
    refused = await post(browser, visit, *lines)
    assert refused.status == 422, refused.raw
    assert (await standing(browser))[:5] == before[:5]
    sold = await post(browser, visit, *lines[:20])
    assert sold.status == 200, sold.raw
