"""What can be done to a running demo: each a hand at a till, at a plug or at a cable. They say what comes of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from daemon.demo.conflict import conflict
from daemon.demo.guests import guests
from daemon.demo.kept import ProcessState
from daemon.demo.running import RunningChain, RunningRole, RunningTill
from daemon.demo.words import Refused, Said, said
from daemon.domain.print_job import JobState
from daemon.drivers.debounce import SCANNER
from daemon.errors import ComptoirError, NotRunning, Refusal

HEARD_S_MAX: Final = 5.0
LINKED_S_MAX: Final = 40.0
"""A till tries again after 20 s at the latest."""
BACK_S_MAX: Final = 60.0
PRINTED_S_MAX: Final = 10.0
_LOOK_S: Final = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What was asked for: of which till or process, with which card."""

    name: str = ""
    code: str = ""
    silent: bool = False


Gesture = Callable[[RunningChain, Wish], AsyncIterator[Said]]


async def tap(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Scan a card, and hear from the till who it is."""
    till, code = chain.till(wish.name), wish.code or guests(1)[0].code
    try:
        async with till.api.events() as events:
            await till.devices.scanner.tap(code)
            yield said("tapped", name=wish.name, code=code)
            async with asyncio.timeout(HEARD_S_MAX):
                scan = await _first(events, "scan")
    except NotRunning as down:
        raise Refused(said("till_down", name=wish.name)) from down
    except TimeoutError:
        yield said("tap_unheard")
        return
    if scan["customer"]:
        address = f"{till.address}/clients/{scan['customer']['id']}"
        yield said("tap_customer", customer=scan["customer"]["display_name"], address=address)
    else:
        yield said("tap_outcome", outcome=scan["outcome"], reason=_more(scan))
    await chain.clock.sleep(SCANNER.window_ms / 1000)  # a label that is read again within this time is one reading


def _more(scan: Mapping[str, Any]) -> str:
    """What a till tells of a card that is not one customer's: why it is refused, what was read, who is meant."""
    names = ", ".join(one["display_name"] for one in scan["candidates"])
    return str(scan["reason"] or scan["code"] or scan["operator"] or names)


async def _first(events: AsyncIterator[tuple[str, Any]], kind: str) -> Any:
    async for found, data in events:
        if found == kind:
            return data
    raise NotRunning("the till hung up")


async def cut(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Cut a till off."""
    chain.till(wish.name).line.cut(silent=wish.silent)
    yield said("silent" if wish.silent else "cut", name=wish.name)


async def heal(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Connect a till again, and wait until it has told all that it had to tell."""
    till = chain.till(wish.name)
    till.line.heal()
    yield said("healed", name=wish.name)
    yield await _waited(chain, wish.name, lambda: _is_linked(till), LINKED_S_MAX, ("linked", "not_linked"))


async def _is_linked(till: RunningTill) -> bool:
    standing = (await till.api.get("/replication")).body
    return bool(standing["link"]["online"] and not standing["copy"]["waiting"])


async def _waited(
    chain: RunningChain, name: str, holds: Callable[[], Awaitable[bool]], s_max: float, keys: tuple[str, str]
) -> Said:
    """Wait until something holds; says which of two things has come about, and after how long."""
    begun_s = chain.clock.monotonic_s()
    with suppress(TimeoutError):
        async with asyncio.timeout(s_max):
            while not await _surely(holds):
                await chain.clock.sleep(_LOOK_S)
            return said(keys[0], name=name, seconds=chain.clock.monotonic_s() - begun_s)
    return said(keys[1], name=name, seconds=s_max)


async def _surely(holds: Callable[[], Awaitable[bool]]) -> bool:
    with suppress(NotRunning):
        return await holds()
    return False


async def paper_out(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Take the paper out of a printer."""
    chain.till(wish.name).devices.printer.take_paper_out()
    yield said("paper_out", name=wish.name)


async def paper_in(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Put paper in."""
    chain.till(wish.name).devices.printer.refill()
    yield said("paper_in", name=wish.name)


async def cover_open(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Open a printer."""
    chain.till(wish.name).devices.printer.open_cover()
    yield said("cover_opened", name=wish.name)


async def cover_close(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Close a printer."""
    chain.till(wish.name).devices.printer.close_cover()
    yield said("cover_closed", name=wish.name)


async def badge(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Ask for a badge of whoever has a card, and follow its way to the paper."""
    till, code = chain.till(wish.name), wish.code or guests(1)[0].code
    found = (await till.api.post("/identify", {"card": code})).body
    if found["outcome"] != "customer":
        raise Refused(said("no_customer", code=code))
    yield said("badge_wanted", name=wish.name, customer=found["customer"]["display_name"])
    job = (await till.api.post(f"/customers/{found['customer']['id']}/badge")).body
    told: tuple[str, str | None] = ("", None)
    end_s = chain.clock.monotonic_s() + PRINTED_S_MAX
    while told[0] not in _RESTING and chain.clock.monotonic_s() < end_s:
        jobs = (await till.api.get("/print-jobs")).body
        now = next(one for one in jobs if one["id"] == job["id"])
        if (now["state"], now["hold"]) != told:
            told = (now["state"], now["hold"])
            yield said("badge_held", hold=now["hold"]) if now["hold"] else said("badge_state", state=told[0])
        await chain.clock.sleep(_LOOK_S)


_RESTING: Final = (JobState.PRINTED, JobState.HELD, JobState.UNKNOWN, JobState.CANCELLED)


async def kill(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Kill a process, and see it come back."""
    process = chain.process(wish.name)
    pid = process.pid
    if not process.kill():
        raise Refused(said("till_down", name=wish.name))
    begun_s = chain.clock.monotonic_s()
    yield said("killed", name=wish.name, pid=str(pid))
    async with asyncio.timeout(BACK_S_MAX):
        while process.pid in (None, pid) or process.state is not ProcessState.READY:
            await chain.clock.sleep(_LOOK_S)
    yield said("back", name=wish.name, seconds=chain.clock.monotonic_s() - begun_s)


async def start(chain: RunningChain, wish: Wish) -> AsyncIterator[Said]:
    """Start a process without waiting for its pause to be over."""
    process = chain.process(wish.name)
    if process.pid is not None:
        yield said("runs_already", name=wish.name)
        return
    process.start()
    await process.ready()
    yield said("back", name=wish.name, seconds=process.ready_after_s)


async def status(chain: RunningChain, _: Wish) -> AsyncIterator[Said]:
    """How everything stands: one row for each process."""
    hub_root = (await _standing(chain.hub)).get("root")
    for till in chain.tills.values():
        yield said("row", **await _row(till, hub_root), **_line_and_printer(till), shop=till.place.shop.name)
    yield said("row", **await _row(chain.hub, hub_root))
    broker = chain.broker
    yield said("row", name=broker.name, state=broker.state.value, pid=broker.pid, memory_mib=_memory_mib(broker.pid))


async def _standing(role: RunningRole) -> Mapping[str, Any]:
    """What a role says of its replication; nothing while it does not answer."""
    try:
        found: Mapping[str, Any] = (await role.api.get("/replication")).body
    except (NotRunning, Refusal):
        return {}
    return found


async def _row(role: RunningRole, hub_root: str | None) -> dict[str, Any]:
    standing = await _standing(role)
    copy, feeds = standing.get("copy", {}), standing.get("feeds", ())
    return {
        "name": role.place.name,
        "state": role.process.state.value,
        "pid": role.process.pid,
        "online": standing.get("link", {}).get("online"),
        "waiting": copy.get("waiting"),
        "offset": next((feed["offset"] for feed in feeds if feed["reach"] == "chain"), None),
        "root": standing.get("root"),
        "equal": standing["root"] == hub_root if standing and hub_root else None,
        "memory_mib": _memory_mib(role.process.pid),
        "address": role.address,
    }


def _line_and_printer(till: RunningTill) -> dict[str, str]:
    printer = till.devices.printer
    how = "no_paper" if not printer.has_paper else "open" if printer.cover_is_open else "ready"
    return {"line": till.line.state.value, "printer": how}


def _memory_mib(pid: int | None) -> float | None:
    """Resident memory as the kernel counts it."""
    if pid is None:
        return None
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return None


GESTURES: Final[Mapping[str, Gesture]] = {
    "tap": tap,
    "badge": badge,
    "cut": cut,
    "heal": heal,
    "conflict": lambda chain, _: conflict(chain),
    "paper-out": paper_out,
    "paper-in": paper_in,
    "cover-open": cover_open,
    "cover-close": cover_close,
    "kill": kill,
    "start": start,
    "status": status,
}
"""By the word that a terminal sends."""


async def carried_out(chain: RunningChain, word: str, wish: Wish) -> AsyncIterator[Said]:
    """Do what a word says; raises Refused for everything that cannot be done, in a sentence of the demo's own."""
    try:
        async for one in GESTURES[word](chain, wish):
            yield one
    except Refused:
        raise
    except NotRunning as down:
        raise Refused(said("till_down", name=wish.name)) from down
    except ComptoirError as refused:
        raise Refused(said("said_by", name=wish.name, sentence=str(refused))) from refused
