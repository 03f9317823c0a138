"""Somebody shows that a card, or a PIN, is theirs: what the tests of proofs ask, type and tap."""

import asyncio
from pathlib import Path
from typing import Any, cast

from daemon.clock import SystemClock
from daemon.desk.purse_shown import Adjustment
from daemon.desk.scan import ScanDesk
from daemon.domain import authoring as operations
from daemon.domain.code import ScannedCode
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.policy import policy_key
from daemon.drivers.device import ReaderEvent, ReadRepeated
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.serial_reader import SerialScannerConfig, build
from daemon.drivers.simulated_scanner import SimulatedScanner
from daemon.store import authoring
from daemon.till.devices import follow_readers
from tests.fakes.counter import OWNER, Browser, Counter
from tests.fakes.pseudo_device import QUIET_S

CARD = "2900 0004 2187"
LIMITS = '{"name": {"points": 100, "coupons": 0, "on_account": 0}, "card": {"points": 200}}'


async def rule(counter: Counter, text: str = LIMITS) -> None:
    """The policy as head office has sent it."""
    made = [operations.create(Kind.POLICY, policy_key("proof")[0], {1: text})]
    await counter.database.write(
        lambda conn: authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())
    )


async def morel(browser: Browser, points: int = 1_000, **fields: Any) -> str:
    given = {"last_name": "Morel", "cards": [CARD], "mobile": "06 39 98 12 34", "birthday": "1980-05-03", **fields}
    made = await browser.post("/customers", given)
    assert made.status == 201, made.raw
    id_ = str(made.json["customer"]["id"])
    if points:
        entity = EntityId(bytes.fromhex(id_))
        await browser.counter.desks.purses.adjust(browser.counter.call(), entity, Adjustment(amount=points, reason="x"))
    return id_


async def serve(browser: Browser, customer: str, lane: str = "1") -> str:
    visit = (await browser.post("/visits", {"lane": lane})).json["id"]
    await browser.post(f"/visits/{visit}/attach", {"customer": customer})
    return str(visit)


async def spend(browser: Browser, visit: str, **chosen: Any) -> Any:
    return await browser.ask("PUT", f"/visits/{visit}/spending", chosen)


async def prove(browser: Browser, visit: str, typed: str) -> Any:
    return await browser.post(f"/visits/{visit}/proof", {"pin": typed})


async def set_pin(browser: Browser, customer: str, typed: str, **more: Any) -> Any:
    return await browser.ask("PUT", f"/customers/{customer}/pin", {"pin": typed, **more})


def _kept(events: EventQueue, event: ReaderEvent) -> None:
    if not isinstance(event, ReadRepeated):
        events.put(event)


class Counted:
    """The desk of scans, which says when it is done with one."""

    def __init__(self, desk: ScanDesk) -> None:
        self._desk = desk
        self.done = asyncio.Event()

    async def scanned(self, code: ScannedCode, *, device: str, by_reader: bool) -> None:
        await self._desk.scanned(code, device=device, by_reader=by_reader)
        self.done.set()


async def tap(counter: Counter, folder: Path, number: str) -> None:
    """A scanner on a pseudo-terminal sends the bytes of a card, by the till's own reading loop."""
    clock, events, scans = SystemClock(), EventQueue(), Counted(counter.desks.scans)
    with SimulatedScanner(folder / "scanner", clock) as scanner:
        reader = build(SerialScannerConfig(name="front", path=str(folder / "scanner")), clock)
        async with asyncio.timeout(10), reader.open() as port, asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(reader.run(port, lambda event: _kept(events, event)), name="reader"),
                tasks.create_task(follow_readers(events, cast(ScanDesk, scans), lambda *_: None), name="reads"),
            ]
            await asyncio.sleep(QUIET_S)
            await scanner.tap(number.replace(" ", ""), aim="]C0")
            await scans.done.wait()
            for one in running:
                one.cancel()
