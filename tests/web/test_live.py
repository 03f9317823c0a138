"""Live events: the ring, and the stream over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest

from daemon.domain.role import Role
from daemon.web.live import RING_EVENTS_MAX, Live
from daemon.web.parts import Limits
from tests.fakes.counter import API, Browser


def kinds(live: Live, last_id: str | None) -> list[str]:
    """What a client that comes back with this id is told at once."""
    with live.listen(last_id) as listener:
        return [event.kind for event in listener._queue]


async def test_who_comes_back_hears_what_was_missed() -> None:
    live = Live()
    live.publish("one", {})
    seen = live.last_id
    live.publish("two", {})
    live.publish("three", {})
    assert kinds(live, seen) == ["two", "three"]
    assert kinds(live, live.last_id) == []
    assert kinds(live, None) == []


@pytest.mark.parametrize("last_id", ["0123456789ab-0", "x", "-1", "-", "é-1", "-" * 99])
async def test_who_comes_from_before_the_start_fetches_again(last_id: str) -> None:
    live = Live()
    live.publish("one", {})
    assert kinds(live, last_id) == ["refetch"]


async def test_an_id_from_the_future_is_none_of_ours() -> None:
    live = Live()
    assert kinds(live, live.last_id[:-1] + "7") == ["refetch"]


async def test_who_was_away_too_long_fetches_again() -> None:
    live = Live(queued_max=5000)
    first = live.last_id
    for _ in range(RING_EVENTS_MAX + 1):
        live.publish("x", {})
    assert kinds(live, first) == ["refetch"]
    assert repr(live) == f"Live(at {live.last_id}, 1000 kept, 0 listeners)"


async def test_the_ring_has_a_size_in_bytes_too() -> None:
    live = Live()
    first = live.last_id
    for _ in range(20):
        live.publish("x", {"text": "y" * 100_000})
    assert "10 kept" in repr(live)
    assert kinds(live, first) == ["refetch"]


async def test_more_than_a_queue_holds_is_not_replayed() -> None:
    live = Live(queued_max=3)
    first = live.last_id
    for _ in range(3):
        live.publish("x", {})
    assert kinds(live, first) == ["refetch"]


async def test_a_slow_listener_is_told_so_and_cut_and_holds_nobody_up() -> None:
    live = Live(queued_max=2)
    with live.listen(None) as slow, live.listen(None) as quick:
        for at in range(3):
            live.publish("x", {"at": at})
            assert (await quick.next(1)) is not None
        event = await slow.next(1)
        assert event is not None
        assert (event.kind, json.loads(event.data), event.id) == ("refetch", {"reason": "slow"}, live.last_id)
        assert slow.is_over
        live.publish("x", {})
        assert await slow.next(1) is None
        assert repr(slow) == "Listener(0 queued, cut)"


async def test_an_erased_customer_is_gone_from_the_ring() -> None:
    live = Live()
    first = live.last_id
    live.publish("customer", {"id": "aa" * 8})
    live.forget([b"\xbb" * 8])
    assert kinds(live, first) == ["customer"]
    with live.listen(None) as waiting, live.listen(None) as idle:
        live.publish("customer", {"id": "aa" * 8})
        assert (await idle.next(1)) is not None
        live.forget([b"\xbb" * 8, b"\xaa" * 8])
        assert kinds(live, first) == ["refetch"]
        assert [event.kind for event in waiting._queue] == ["refetch"]
        assert not idle._queue


# ---- over HTTP -------------------------------------------------------------------------------------------------------


class Stream:
    """A client's end of the stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def block(self) -> dict[str, str]:
        """The next block of lines, by name; a comment is under the empty name."""
        found: dict[str, str] = {}
        async with asyncio.timeout(5):
            while line := (await self.response.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                found[name] = value
        return found


@asynccontextmanager
async def follow(browser: Browser, last_id: str = "", *, after: str = "") -> AsyncIterator[Stream]:
    headers = {"Authorization": f"Bearer {browser.token}"} | ({"Last-Event-ID": last_id} if last_id else {})
    query = {"after": after} if after else {}
    async with browser.session.get(browser.url + API + "/events", headers=headers, params=query) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        stream = Stream(response)
        assert (await stream.block())["retry"] == "1000"
        yield stream


async def test_a_scan_and_an_edit_are_told_to_who_listens(browser: Browser) -> None:
    async with follow(browser) as stream:
        made = await browser.post("/customers", {"last_name": "Morel", "cards": ["2900 1"]})
        told = await stream.block()
        assert (told["event"], json.loads(told["data"])["id"]) == ("customer", made.json["customer"]["id"])
        await browser.post("/scan", {"code": "29001"})
        told = await stream.block()
        assert (told["event"], json.loads(told["data"])["customer"]["last_name"]) == ("scan", "Morel")
        assert told["id"] == browser.counter.live.last_id


async def test_a_client_resumes_where_it_stopped(browser: Browser) -> None:
    async with follow(browser) as stream:
        await browser.post("/scan", {"code": "first"})
        seen = (await stream.block())["id"]
    await browser.post("/scan", {"code": "second"})
    async with follow(browser, seen) as stream:
        assert json.loads((await stream.block())["data"])["code"] == "second"


async def test_a_page_hears_what_came_since_it_was_made(browser: Browser) -> None:
    made_at = browser.counter.live.last_id
    await browser.post("/scan", {"code": "between"})
    async with follow(browser, after=made_at) as stream:
        assert json.loads((await stream.block())["data"])["code"] == "between"
    await browser.post("/scan", {"code": "later"})
    async with follow(browser, browser.counter.live.last_id, after=made_at) as stream:
        await browser.post("/scan", {"code": "last"})
        assert json.loads((await stream.block())["data"])["code"] == "last", "what the client says last goes before"


async def test_a_newcomer_has_an_id_before_the_first_event(browser: Browser) -> None:
    headers = {"Authorization": f"Bearer {browser.token}"}
    async with browser.session.get(browser.url + API + "/events", headers=headers) as response:
        assert (await Stream(response).block())["id"] == browser.counter.live.last_id


async def test_after_a_restart_a_client_is_told_to_fetch_again(browser: Browser) -> None:
    async with follow(browser, "0123456789ab-7") as stream:
        told = await stream.block()
        assert (told["event"], json.loads(told["data"])) == ("refetch", {"reason": "restarted"})
        await browser.post("/scan", {"code": "x"})
        assert (await stream.block())["event"] == "scan"


async def until_cut(stream: Stream) -> None:
    while True:
        assert await stream.block() != {}


async def test_silence_is_filled_and_a_logged_out_listener_is_cut(serving: Callable[..., Any]) -> None:
    async with serving(limits=Limits(heartbeat_s=0.02)) as browser:
        await browser.counter.hire("Léa", badge="OP-1")
        browser.token = (await browser.post("/sessions", {"badge": "OP-1"})).json["token"]
        async with follow(browser) as stream:
            beat = await stream.block()
            assert (beat["event"], beat["data"], beat["id"]) == ("beat", "{}", browser.counter.live.last_id)
            await browser.ask("DELETE", "/sessions/current")
            with pytest.raises(aiohttp.ClientError):
                await until_cut(stream)


@pytest.mark.parametrize("how", ["logged out", "revoked", "demoted", "expired", "withdrawn"])
async def test_who_may_not_listen_any_more_hears_not_even_the_next_event(serving: Callable[..., Any], how: str) -> None:
    async with serving(limits=Limits(heartbeat_s=60)) as browser:
        counter, owner = browser.counter, browser.token
        lea = await counter.hire("Léa", badge="OP-1")
        browser.token = (await browser.post("/sessions", {"badge": "OP-1"})).json["token"]
        if how in {"withdrawn", "demoted"}:
            browser.token = await counter.token(Role.CASHIER, "program")
        async with follow(browser) as stream:
            counter.live.publish("first", {})
            assert (await stream.block())["event"] == "first"
            if how == "logged out":
                await browser.ask("DELETE", "/sessions/current")
            elif how == "expired":
                counter.clock.at_ms += 12 * 3_600_000
            else:
                browser.token = owner
                method, path, body = {
                    "revoked": ("PATCH", f"/operators/{lea}", {"revoked": True}),
                    "withdrawn": ("DELETE", "/applications/program", None),
                    "demoted": ("PUT", "/applications", {"name": "program", "role": "monitor"}),
                }[how]
                assert (await browser.ask(method, path, body)).status < 300
            counter.live.publish("second", {})
            with pytest.raises(aiohttp.ClientError):
                assert "event" not in await stream.block()


async def test_a_client_that_does_not_read_is_cut(serving: Callable[..., Any]) -> None:
    async with serving(limits=Limits(write_s=0.05, heartbeat_s=0.02)) as browser:
        reader, writer = await asyncio.open_connection("127.0.0.1", browser.served.port, limit=1024)
        host = f"127.0.0.1:{browser.served.port}"
        head = f"GET {API}/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {browser.token}\r\n\r\n"
        writer.write(head.encode())
        await reader.readline()
        async with asyncio.timeout(10):
            while browser.counter.live.listeners:
                browser.counter.live.publish("noise", {"text": "x" * 60_000})
                await asyncio.sleep(0.005)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_when_the_daemon_stops_listeners_are_let_go_at_once(serving: Callable[..., Any]) -> None:
    async with aiohttp.ClientSession() as session:
        async with serving() as browser:
            headers = {"Authorization": f"Bearer {browser.token}"}
            response = await session.get(browser.url + API + "/events", headers=headers)
            stream = Stream(response)
            await stream.block()
            browser.counter.live.close()
            async with asyncio.timeout(2):
                assert await response.content.read() == b""
        response.close()
