"""The demo from its first line to Ctrl-C: starts everything, says what to try, shows what the tills still fetch."""

import asyncio
from argparse import Namespace
from typing import Final

from daemon.clock import Clock
from daemon.demo.commands import taking_commands
from daemon.demo.first_screen import first_screen
from daemon.demo.places import claim, places
from daemon.demo.running import RunningChain, RunningTill, running
from daemon.demo.screen import Screen
from daemon.demo.words import said
from daemon.errors import NotRunning
from daemon.lifecycle import Supervisor, until_stopped
from daemon.state_directory import taken

LOOK_S: Final = 0.5


async def live(given: Namespace, screen: Screen, clock: Clock) -> None:
    """Run the chain until asked to stop."""
    found = places(given.directory)
    with taken(found.directory):
        claim(found, fresh=given.fresh)
        async with until_stopped(Supervisor({})) as stop, asyncio.TaskGroup() as tasks:
            living = tasks.create_task(_go_on(given, screen, clock), name="demo")
            await stop.wait()
            screen.say(said("stopping"))
            living.cancel()
    screen.say(said("stopped"))


async def _go_on(given: Namespace, screen: Screen, clock: Clock) -> None:
    """Start everything, say what to try, and see the tills fetch what they lack; for ever."""
    found, begun_s = places(given.directory), clock.monotonic_s()
    async with running(found, given.customers, screen, clock) as chain, taking_commands(chain, found.control):
        for line in first_screen(chain, screen, directory=given.directory):
            screen.line(line)
        async with asyncio.TaskGroup() as tasks:
            for till in chain.tills.values():
                tasks.create_task(_catch_up(till, chain, screen), name=f"{till.place.name} catches up")
        screen.say(said("caught_up", seconds=clock.monotonic_s() - begun_s))
        await asyncio.Event().wait()


async def _catch_up(till: RunningTill, chain: RunningChain, screen: Screen) -> None:
    """Show how far a till has come; it serves meanwhile. Nothing is shown while it is down."""
    with screen.bar(screen.speech("catching_up", name=till.place.name)) as bar:
        while (offset := await _offset(till)) < chain.filled.feed_offset:
            bar.to(offset * chain.filled.customers // chain.filled.feed_offset, chain.filled.customers)
            await chain.clock.sleep(LOOK_S)


async def _offset(till: RunningTill) -> int:
    """Up to where a till has applied the feed of the chain."""
    try:
        feeds = (await till.api.get("/replication")).body["feeds"]
    except NotRunning:
        return 0
    return next((int(feed["offset"]) for feed in feeds if feed["reach"] == "chain"), 0)
