"""A demo of which only the lines and devices are there: its processes do not run."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from daemon.clock import SystemClock
from daemon.demo.calls import Api
from daemon.demo.devices import plugged_in
from daemon.demo.kept import KeptProcess
from daemon.demo.line import Line
from daemon.demo.places import RolePlace, claim, places
from daemon.demo.running import RunningChain, RunningRole, RunningTill
from daemon.demo.seed import Filled

PROGRAM = ("tests.fakes.notifier",)


@asynccontextmanager
async def idle_chain(directory: Path) -> AsyncIterator[RunningChain]:
    """The chain; each process would be a notifier if it were run."""
    found, clock = places(directory), SystemClock()
    claim(found, fresh=False)

    def parts(place: RolePlace) -> tuple[KeptProcess, Api]:
        process = KeptProcess(place.name, PROGRAM, place.journal, clock)
        return process, Api(name=place.name, socket=place.socket)

    async with AsyncExitStack() as stack:
        tills = {}
        for place in found.tills:
            process, api = parts(place)
            tills[place.name] = RunningTill(
                place=place,
                port=1,
                process=process,
                api=api,
                line=await stack.enter_async_context(Line(place.name, 1).serving()),
                devices=await stack.enter_async_context(plugged_in(place, clock, lambda *_: None)),
            )
        process, api = parts(found.hub)
        yield RunningChain(
            hub=RunningRole(place=found.hub, port=1, process=process, api=api),
            tills=tills,
            broker=KeptProcess("broker", PROGRAM, directory / "broker.log", clock),
            filled=Filled(customers=100, feed_offset=9),
            clock=clock,
        )
