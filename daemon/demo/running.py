"""A demo that runs: lines and devices in this process; broker, head office and tills in processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from daemon.clock import Clock
from daemon.config import load_hub
from daemon.demo import seed
from daemon.demo.calls import Api
from daemon.demo.devices import Devices, plugged_in
from daemon.demo.kept import KeptProcess, ProcessState
from daemon.demo.leash import leashed
from daemon.demo.line import Line
from daemon.demo.places import (
    BROKER_PORT,
    ENROL_PORT,
    HubPorts,
    Places,
    RolePlace,
    TillPlace,
    TillPorts,
    port_at,
    write_hub,
    write_till,
)
from daemon.demo.screen import Screen
from daemon.demo.words import Refused, said
from daemon.errors import PeerFault
from daemon.sync.identity import load_identity

BROKER: Final = "broker"
APPLICATION: Final = "caisse"
"""The name under which the till software has its token."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningRole:
    """Head office, or what a till has in common with it."""

    place: RolePlace
    port: int
    process: KeptProcess
    api: Api

    @property
    def address(self) -> str:
        """Its first page."""
        return f"http://127.0.0.1:{self.port}{self.place.path}"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningTill(RunningRole):
    """A till, its line and its devices."""

    place: TillPlace
    line: Line
    devices: Devices


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningChain:
    """All of it."""

    hub: RunningRole
    tills: Mapping[str, RunningTill]
    broker: KeptProcess
    filled: seed.Filled
    clock: Clock

    def till(self, name: str) -> RunningTill:
        """A till by its name; raises Refused."""
        if name not in self.tills:
            raise Refused(said("no_such", name=name, known=", ".join(self.tills)))
        return self.tills[name]

    def process(self, name: str) -> KeptProcess:
        """Any process by its name; raises Refused."""
        processes = {till: running.process for till, running in self.tills.items()}
        processes |= {self.hub.place.name: self.hub.process, BROKER: self.broker}
        if name not in processes:
            raise Refused(said("no_such", name=name, known=", ".join(processes)))
        return processes[name]


@asynccontextmanager
async def running(found: Places, customers: int, screen: Screen, clock: Clock) -> AsyncIterator[RunningChain]:
    """Run the chain in `found`, filled up to so many customers, while the block runs; every till has joined it."""
    hub_ports = HubPorts(pages=port_at(found.hub.wanted_port), enrol=port_at(ENROL_PORT), broker=port_at(BROKER_PORT))
    write_hub(found.hub, hub_ports)
    filled = await _fill(found, customers, screen)
    async with AsyncExitStack() as stack:
        broker = KeptProcess(
            BROKER,
            ("daemon.demo.broker", str(hub_ports.broker)),
            found.directory / "broker.log",
            clock,
            port=hub_ports.broker,
        )
        hub = RunningRole(
            place=found.hub, port=hub_ports.pages, process=_role("hub", found.hub, clock), api=_api(found.hub)
        )
        tills = {}
        for place in found.tills:
            till = await stack.enter_async_context(_equipped(place, hub_ports.broker, screen, clock))
            write_till(
                place,
                TillPorts(pages=till.port, line=till.line.port, printer=till.devices.printer.port),
            )
            tills[place.name] = till
        chain = RunningChain(hub=hub, tills=tills, broker=broker, filled=filled, clock=clock)
        await stack.enter_async_context(_keeping(broker))
        await stack.enter_async_context(_keeping(hub.process))
        await _join(chain, hub_ports.enrol, screen)
        await stack.enter_async_context(_keeping(*(till.process for till in tills.values())))
        await _give_tokens(chain)
        for process in (broker, hub.process, *(till.process for till in tills.values())):
            process.tell(partial(_tell, screen))
        yield chain


async def _fill(found: Places, customers: int, screen: Screen) -> seed.Filled:
    with screen.bar(screen.speech("filling")) as bar:
        filled = await seed.fill(load_hub(found.hub.config), customers, bar.to)
    if filled.customers > customers:
        screen.say(said("more_already", customers=filled.customers))
    return filled


@asynccontextmanager
async def _equipped(place: TillPlace, broker_port: int, screen: Screen, clock: Clock) -> AsyncIterator[RunningTill]:
    """A till with its line and devices; its process is not started yet."""

    def printed(name: str, picture: Path) -> None:
        screen.say(said("printed", name=name, path=_near(picture)))

    async with (
        Line(place.name, broker_port).serving() as line,
        plugged_in(place, clock, printed) as devices,
    ):
        yield RunningTill(
            place=place,
            port=port_at(place.wanted_port),
            process=_role("till", place, clock),
            api=_api(place),
            line=line,
            devices=devices,
        )


def _role(role: str, place: RolePlace, clock: Clock) -> KeptProcess:
    return KeptProcess(place.name, ("daemon", role, "--config", str(place.config)), place.journal, clock)


def _api(place: RolePlace) -> Api:
    return Api(name=place.name, socket=place.socket)


@asynccontextmanager
async def _keeping(*processes: KeptProcess) -> AsyncIterator[None]:
    """Keep processes running, all of them ready when the block begins; raises PeerFault for one that does not start."""
    async with asyncio.TaskGroup() as tasks:
        keepers = [tasks.create_task(process.run(), name=process.name) for process in processes]
        try:
            for process in processes:
                await process.ready()
            yield
        finally:
            for keeper in keepers:
                keeper.cancel()


async def _join(chain: RunningChain, enrol_port: int, screen: Screen) -> None:
    """Enrol the tills that belong to no chain yet, in turn: head office numbers them as they come."""
    for till in chain.tills.values():
        if load_identity(till.place.state) is None:
            screen.say(said("joining", name=till.place.name))
            await _enrol(till, chain.hub.api, enrol_port)


async def _enrol(till: RunningTill, hub: Api, enrol_port: int) -> None:
    """As on site: a one-use code of head office, used at the till. Raises PeerFault with the till's own words."""
    made = await hub.post("/tills", {"shop": till.place.shop.number, "label": till.place.name})
    process = await asyncio.create_subprocess_exec(
        *leashed("daemon", "till", "enrol", made.body["code"]),
        *("--hub", f"localhost:{enrol_port}", "--config", str(till.place.config)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    if process.returncode:
        raise PeerFault(f"{till.place.name} cannot join the chain: {output.decode(errors='replace').strip()}")


async def _give_tokens(chain: RunningChain) -> None:
    """Let the till software call each till; the token stands in a file that its user alone may read."""
    for till in chain.tills.values():
        if not till.place.token.exists():
            made = await till.api.put("/applications", {"name": APPLICATION})
            till.place.token.touch(mode=0o600)
            till.place.token.write_text(made.body["token"], "ascii")


def _tell(screen: Screen, process: KeptProcess) -> None:
    """What happens to a process once all have started."""
    if process.state is ProcessState.ENDED:
        screen.say(said("ended", name=process.name))
    elif process.state is ProcessState.READY:
        screen.say(said("is_back", name=process.name, seconds=process.ready_after_s))


def _near(path: Path) -> str:
    """A path as somebody who stands in this directory writes it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
