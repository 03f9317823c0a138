"""Health, readiness, replication, metrics, the roster."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.condition import LinkShown
from daemon.domain import authoring as wish
from daemon.domain.kinds import Kind
from daemon.store import authoring
from daemon.store.database import Connection
from daemon.web.parts import DeviceShown, MadeCode, TillShown
from tests.fakes.counter import HUB, OWNER, Browser, open_browser, open_counter
from tests.web.conftest import hold_against_description


class FakeRoster:
    """Two tills, of one of which nothing is known."""

    async def tills(self) -> Sequence[TillShown]:
        known = {"heard_at": "2025-10-09T08:53:20Z", "version": "1.0", "clock_ahead_ms": -3, "offset": 7, "behind": 0}
        unknown = dict.fromkeys(known)
        return [
            TillShown(site=12, shop=7, label="Caisse 1", online=True, waiting=2, **known),  # type: ignore[arg-type]  # fields by name
            TillShown(site=13, shop=7, label="Caisse 2", online=False, waiting=None, **unknown),  # type: ignore[arg-type]  # fields by name
        ]

    async def add_till(self, shop: int, label: str = "") -> MadeCode:
        raise NotImplementedError

    async def revoke(self, site: int) -> None:
        raise NotImplementedError

    async def unfence(self, site: int) -> None:
        raise NotImplementedError


async def test_the_process_says_that_it_lives(browser: Browser) -> None:
    assert (await browser.get("/health")).json == {"alive": True, "version": "test", "trouble": []}


async def test_replication_says_who_this_is_and_what_waits(serving: Callable[..., Any]) -> None:
    link = LinkShown(online=True, since="2025-10-09T08:53:20Z")
    async with serving(link=lambda: link) as browser:
        await browser.counter.choose_walk_in()
        shown = (await browser.get("/replication")).json
    assert (shown["role"], shown["site"], shown["shop"], shown["chain"]) == ("till", 12, 7, "test")
    assert (shown["copy"]["waiting"], shown["open_records"], shown["anchored"]) == (1, 1, False)
    assert shown["link"] == {
        "online": True,
        "since": "2025-10-09T08:53:20Z",
        "detail": "",
        "certificate_until": None,
        "behind": 0,
        "is_unequal": False,
        "fill": None,
        "last_error": "",
        "last_error_at": None,
    }
    assert len(shown["root"]) == 32


async def test_replication_tells_what_is_durable_and_not_what_is_being_saved(browser: Browser) -> None:
    counter = browser.counter
    is_done, goes_on = threading.Event(), threading.Event()

    def slowly(conn: Connection) -> None:
        tag = wish.add(Kind.TAG, b"somebody", {1: "vip"})
        authoring.commit(conn, counter.replica, OWNER, [tag], now_ms=counter.clock.now_ms())
        is_done.set()
        goes_on.wait(20)

    async def told() -> tuple[str, int]:
        shown = (await browser.get("/replication")).json
        return shown["root"], shown["copy"]["waiting"]

    before = await told()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(counter.database.write(slowly), name="slow unit")
        try:
            assert await asyncio.to_thread(is_done.wait, 20)
            assert await told() == before
        finally:
            goes_on.set()
    root, waiting = await told()
    assert root != before[0]
    assert waiting == before[1] + 1


@pytest.mark.feature("F4.2")
async def test_metrics_count_and_name_nobody(serving: Callable[..., Any]) -> None:
    async with serving(link=lambda: LinkShown(online=True)) as browser:
        made = await browser.post("/customers", {"last_name": "Morel", "email": "paul.morel@example.org"})
        await browser.get("/customers", params={"q": "Morel"})
        await browser.post("/scan", {"code": "2900"})
        heard = await browser.get("/metrics")
    page = heard.raw.decode()
    assert heard.headers["Content-Type"].startswith("text/plain")
    assert 'comptoir_requests_total{method="GET",route="/api/v1/customers",status="200"} 1.0' in page
    assert "comptoir_records_waiting 1.0" in page
    assert 'comptoir_live_events_total{kind="scan"} 1.0' in page
    assert "comptoir_link_online 1.0" in page
    assert "comptoir_copy_age_seconds NaN" in page
    for person in ("Morel", "paul", made.json["customer"]["id"]):
        assert person not in page


async def test_a_path_of_nobodys_is_counted_under_one_name(browser: Browser) -> None:
    for path in ("/wp-login.php", "/lefevre"):
        async with browser.session.get(browser.url + path) as response:
            assert response.status == 404
    page = (await browser.get("/metrics")).raw.decode()
    assert 'method="any",route="unknown",status="404"' in page
    assert "lefevre" not in page


async def test_head_office_has_a_roster_and_no_lanes(tmp_path: Path) -> None:
    async with (
        open_counter(tmp_path, **HUB) as counter,
        open_browser(counter, roster=FakeRoster()) as browser,
    ):
        browser.validate = hold_against_description
        tills = (await browser.get("/tills")).json
        assert [(till["site"], till["waiting"], till["version"]) for till in tills] == [
            (12, 2, "1.0"),
            (13, None, None),
        ]
        made = await browser.post("/customers", {"last_name": "Morel"})
        assert made.status == 201
        found = (await browser.get("/customers", params={"q": "mor"})).json
        assert (len(found["hits"]), found["copy"]["age_s"]) == (1, 0)
        assert (await browser.get("/replication")).json["role"] == "hub"
        assert (await browser.get("/ready")).json == {"ready": True, "missing": []}
        paths = (await browser.get("/openapi.json")).json["paths"]
        assert "/visits" not in paths
        async with browser.session.get(f"{browser.url}/api/v1/visits") as response:
            assert response.status == 404


async def test_a_till_has_no_roster(browser: Browser) -> None:
    paths = (await browser.get("/openapi.json")).json["paths"]
    assert "/tills" not in paths
    assert "/visits" in paths


@pytest.mark.feature("F4.2")
async def test_metrics_say_how_each_device_is(serving: Callable[..., Any]) -> None:
    devices = [
        DeviceShown(
            device="scanner",
            state="up",
            detail="",
            last_read_at="2025-10-09T08:53:20Z",
            bad_frames=2,
            reconnects=1,
            suppressed=30,
            refused_full=4,
        ),
        DeviceShown(device="door", state="absent", detail="x", last_read_at=None, bad_frames=0, reconnects=0),
    ]
    async with serving(devices=lambda: devices) as browser:
        page = (await browser.get("/metrics")).raw.decode()
        for line in (
            'comptoir_device_up{device="scanner",role="reader"} 1.0',
            'comptoir_device_bad_frames{device="scanner",role="reader"} 2.0',
            'comptoir_device_repetitions{device="scanner",role="reader"} 30.0',
            'comptoir_device_reconnects{device="scanner",role="reader"} 1.0',
            'comptoir_device_reads_refused{device="scanner",role="reader"} 4.0',
            'comptoir_device_state{device="scanner",role="reader",state="up"} 1.0',
            'comptoir_device_state{device="scanner",role="reader",state="absent"} 0.0',
            'comptoir_device_state{device="door",role="reader",state="absent"} 1.0',
            'comptoir_device_last_used_timestamp_seconds{device="scanner",role="reader"} 1.76e+09',
        ):
            assert line in page
        assert 'last_used_timestamp_seconds{device="door"' not in page, "never is no moment"
        devices.clear()
        assert b"scanner" not in (await browser.get("/metrics")).raw
