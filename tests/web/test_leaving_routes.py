"""Customers who go, over HTTP: archived, deleted, erased."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.domain import authoring as operations
from daemon.domain.change import Operation
from daemon.domain.element import tombstone_key
from daemon.domain.kinds import BOOK_CREDIT, BOOK_DEBT, CUSTOMER, Kind
from daemon.domain.role import Role
from daemon.store import authoring
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Browser

CARD = "290000042187"
ACCOUNT = b"account!"


async def create(browser: Browser, **fields: Any) -> dict[str, Any]:
    heard = await browser.post("/customers", {"last_name": "Morel", **fields})
    assert heard.status == 201, heard.raw
    found: dict[str, Any] = heard.json["customer"]
    return found


async def commit(browser: Browser, *told: Operation) -> None:
    counter = browser.counter

    def unit(conn: Connection) -> None:
        authoring.commit(conn, counter.replica, OWNER, told, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


async def book(browser: Browser, id_: str, **amounts: int) -> None:
    """Give a customer an account, with these amounts in its books."""
    books = {"owed": BOOK_CREDIT, "debt": BOOK_DEBT}
    row = operations.add(Kind.ENTRY, ACCOUNT, {1: BOOK_CREDIT, 2: 0})
    entries = [operations.add(Kind.ENTRY, ACCOUNT, {1: books[name], 2: amount}) for name, amount in amounts.items()]
    here = await browser.counter.database.read(lambda conn: _row(conn, id_))
    await commit(browser, operations.change(here, {CUSTOMER.number("account"): ACCOUNT}), row, *entries)


def _row(conn: Connection, id_: str) -> Any:
    from daemon.store import elements

    return elements.element(conn, (bytes.fromhex(id_), Kind.CUSTOMER, b""))


async def erase(browser: Browser, id_: str, **body: Any) -> Any:
    return await browser.post(f"/customers/{id_}/erase", {"reason": "request", **body})


async def test_archiving_is_found_last_keeps_its_reason_and_can_be_undone(browser: Browser) -> None:
    made = await create(browser)
    where = f"/customers/{made['id']}"
    heard = await browser.post(f"{where}/archive", {"reason": "déménagé"}, key="k")
    assert (heard.status, heard.json["archived"], heard.headers["ETag"]) == (200, True, f'"{heard.json["version"]}"')
    assert (await browser.post(f"{where}/archive", {"reason": "déménagé"}, key="k")).raw == heard.raw
    again = await browser.post(f"{where}/archive", {})
    assert again.json["version"] == heard.json["version"], "archived once is archived"
    value = (await browser.counter.database.read(lambda conn: _row(conn, made["id"]))).fields[
        CUSTOMER.number("archived")
    ]
    assert "déménagé" in str(value)
    assert (await browser.ask("DELETE", where)).status == 409, "archive beats delete"
    undone = await browser.patch(where, {"archived": False}, version=heard.json["version"])
    assert undone.json["archived"] is False
    refused = await browser.post(f"{where}/archive", {"reason": "4970 1000 0000 0014"})
    assert (refused.status, refused.json["field"]) == (422, "reason")


@pytest.mark.feature("B12.2")
async def test_who_has_a_history_is_not_deleted_and_the_answer_says_what_else_there_is(browser: Browser) -> None:
    walk_in = await browser.counter.choose_walk_in()
    sold, booked, merged, other = [await create(browser, email=f"{at}@example.org") for at in range(4)]
    visit = (await browser.post("/visits", {})).json
    await browser.post(f"/visits/{visit['id']}/attach", {"customer": sold["id"]})
    await browser.post(f"/visits/{visit['id']}/post", {})
    await book(browser, booked["id"], owed=500)
    edge = operations.add(Kind.EDGE, bytes.fromhex(merged["id"]), {1: bytes.fromhex(other["id"])})
    await commit(browser, edge)
    for customer in (sold, booked, merged, other):
        heard = await browser.ask("DELETE", f"/customers/{customer['id']}")
        assert heard.status == 409
        assert "archive, merge or erase" in heard.json["detail"]
    assert (await browser.ask("DELETE", f"/customers/{walk_in}")).status == 403


async def test_who_was_deleted_is_not_found_by_anything_and_their_card_is_free_again(browser: Browser) -> None:
    made = await create(browser, email="paul@example.org", mobile="0639981234", cards=[CARD])
    where = f"/customers/{made['id']}"
    for _ in range(2):
        assert (await browser.ask("DELETE", where, headers={"Idempotency-Key": "k"})).status == 204
    assert (await browser.ask("DELETE", where)).status == 404
    assert (await browser.get(where)).status == 404
    assert (await browser.post(f"{where}/archive", {})).status == 404
    assert (await browser.get("/customers", params={"q": "morel"})).json["hits"] == []
    assert (await browser.post("/identify", {"card": CARD})).json["outcome"] == "unknown"
    again = await create(browser, email="paul@example.org", mobile="0639981234", cards=[CARD])
    assert again["id"] != made["id"]
    assert (await browser.post("/scan", {"code": CARD})).json["customer"]["id"] == again["id"]


@pytest.mark.feature("A5.5")
async def test_the_walk_in_customer_stays(browser: Browser) -> None:
    walk_in = await browser.counter.choose_walk_in()
    assert (await browser.post(f"/customers/{walk_in}/archive", {})).status == 403
    assert (await browser.ask("DELETE", f"/customers/{walk_in}")).status == 403
    assert (await erase(browser, walk_in)).status == 403
    merged = await create(browser)
    await commit(browser, operations.add(Kind.EDGE, bytes.fromhex(merged["id"]), {1: bytes.fromhex(walk_in)}))
    assert (await erase(browser, merged["id"])).status == 403


@pytest.mark.parametrize(
    ("role", "block", "may_erase"),
    [(Role.CASHIER, 403, 403), (Role.APPLICATION, 403, 403), (Role.MANAGER, 200, 403), (Role.OFFICE, 200, 200)],
)
async def test_only_some_roles_archive_and_fewer_erase(
    browser: Browser, role: Role, block: int, may_erase: int
) -> None:
    made = await create(browser)
    browser.token = await browser.counter.token(role)
    assert (await browser.post(f"/customers/{made['id']}/archive", {})).status == block
    assert (await browser.ask("DELETE", f"/customers/{made['id']}")).status == (409 if block == 200 else block)
    assert (await erase(browser, made["id"])).status == may_erase


async def test_erasing_says_why_and_of_whom(browser: Browser) -> None:
    made = await create(browser)
    where = f"/customers/{made['id']}/erase"
    assert (await browser.post(where, {})).status == 422
    assert (await browser.post(where, {"reason": "Paul asked"})).status == 422, "a sentence could speak of them"
    assert (await erase(browser, "0" * 16)).status == 404


@pytest.mark.feature("B13.3")
async def test_what_stands_open_is_said_before_it_is_nobodys(browser: Browser) -> None:
    made = await create(browser)
    await book(browser, made["id"], owed=300)
    note = await browser.post("/credit-notes", {"amount": 1250, "customer": made["id"], "reason": "geste"})
    assert note.status == 201, note.raw
    heard = await erase(browser, made["id"])
    assert (heard.status, heard.json["field"]) == (409, "despite_open")
    assert "1250 cents of credit and 300 cents of debt" in heard.json["detail"]
    assert (await erase(browser, made["id"], despite_open=True)).status == 200
    sums = await browser.counter.database.read(
        lambda conn: conn.execute("SELECT sum(amount) FROM balance WHERE account = ?", (ACCOUNT,)).fetchone()
    )
    assert sums == (300,), "amounts stay under an account of nobody"


async def test_of_an_erased_person_nothing_is_left_and_the_receipt_is_given_again(
    serving: Callable[..., Any],
) -> None:
    async with serving() as browser:
        counter, walk_in = browser.counter, await browser.counter.choose_walk_in()
        before = counter.live.last_id
        first = await create(browser, last_name="Zyxwvut", email="one@zyx.example", cards=[CARD])
        other = await create(browser, last_name="Zyxwvut", email="two@zyx.example", notes=[{"text": "Zyxwvut rang"}])
        ids = [bytes.fromhex(one["id"]) for one in (first, other)]
        await commit(browser, operations.add(Kind.EDGE, ids[1], {1: ids[0]}))
        visit = (await browser.post("/visits", {})).json
        await browser.post(f"/visits/{visit['id']}/attach", {"customer": first["id"]})
        await browser.post("/scan", {"code": CARD})

        heard = await browser.post(f"/customers/{other['id']}/erase", {"reason": "request"}, key="once")
        receipt = heard.json
        assert heard.status == 200
        assert receipt["tombstones"] == sorted(tombstone_key(id_)[0].hex() for id_ in ids), "the whole person"
        assert (
            await browser.post(f"/customers/{other['id']}/erase", {"reason": "request"}, key="once")
        ).json == receipt
        later = (await erase(browser, first["id"])).json
        assert (later["erased_at"], later["tombstones"][0] in receipt["tombstones"]) == (receipt["erased_at"], True)

        assert (await browser.get(f"/visits/{visit['id']}")).json["customer"]["id"] == walk_in
        for one in (first, other):
            assert (await browser.get(f"/customers/{one['id']}")).status == 404
        assert (await browser.post("/scan", {"code": CARD})).json["outcome"] == "unknown"
        with counter.live.listen(before) as listener:
            told = await listener.next(1)
        assert told is not None
        assert told.kind == "refetch", "the ring that spoke of them is gone"
        remembered = [b"Zyxwvut", b"zyx.example", *(id_.hex().encode() for id_ in ids)]
        counter.live.forget(ids)  # what it does by itself a second after the erasure
        ring = b"".join(event.data for _, event in counter.live._ring)
        assert [text for text in remembered if text in ring] == []
        path = counter.database.path
    assert _in_file(path, remembered) == []


def _in_file(path: Path, texts: list[bytes]) -> list[bytes]:
    """What of these still stands in a database; an erasure itself says the bare id to whoever has not heard of it."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = path.read_bytes()
    return [text for text in texts if text in kept]
