"""The line between the boxes: a lossy pipe that drops, doubles, delays and reorders as the weather says."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from daemon.domain.feed import Scope
from daemon.domain.kind_shape import Reach
from tests.simulation.operations import Weather

PRESENCE = "st/1"

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World


class Broker:
    """Carries bytes from one box to others that are linked at this moment and when the bytes arrive."""

    def __init__(self, world: World, weather: Weather, chance: Random) -> None:
        self.world = world
        self.weather = weather
        self.chance = chance
        self.bytes_up = 0
        self._retained: Machine | None = None
        self._presence = b""
        self._last: dict[tuple[str, str], int] = {}
        self._epoch = 0

    def wipe(self) -> None:
        """Forget everything under way, and what was retained."""
        self._epoch += 1
        self._retained = None

    def retain(self, hub: Machine, boot: bytes) -> None:
        """The hub says that it is there: to all who are, and to whoever comes."""
        self._retained, self._presence = hub, boot
        self.publish(hub, PRESENCE, lambda machine: True, boot)

    def subscribed(self, machine: Machine) -> None:
        """A line is up: what was retained comes first."""
        if self._retained is not None and self._retained is not machine:
            self._carry(machine, PRESENCE, self._presence)

    def publish(self, sender: Machine, topic: str, hears: Callable[[Machine], bool], payload: bytes) -> None:
        """Take one message for everybody who hears the topic."""
        if not sender.is_linked:
            return
        self._watch(sender, topic)
        for machine in (*self.world.machines, *self.world.withdrawn):
            if machine is not sender and machine.is_linked and hears(machine):
                self._carry(machine, topic, payload)

    def _watch(self, sender: Machine, topic: str) -> None:
        """Head office says nothing to who is withdrawn, though this line has not heard of it."""
        for gone in self.world.withdrawn if sender is self.world.hub else ():
            if topic in (down(gone.site), feed(Scope(Reach.SITE, gone.site))):
                self.world.alarms.append(f"head office speaks to {gone.name}, which is withdrawn")

    def _carry(self, to: Machine, topic: str, payload: bytes) -> None:
        weather, faults = self.weather, self.world.faults
        if self.chance.randrange(1000) < weather.drop:
            faults.count("drop")
            return
        copies = 1
        if self.chance.randrange(1000) < weather.duplicate:
            faults.count("duplicate")
            copies = 2
        for _ in range(copies):
            self._schedule(to, topic, payload)

    def _schedule(self, to: Machine, topic: str, payload: bytes) -> None:
        at = self.world.now_ms + 1 + self.chance.randrange(self.weather.delay_ms + 1)
        lane = (to.name, topic)
        if self.chance.randrange(1000) < self.weather.reorder:
            self.world.faults.count("reorder")
        else:
            # Messages of one topic keep their order, as a broker keeps it.
            at = self._last[lane] = max(at, self._last.get(lane, 0))
        link = (to.links, self._epoch)

        def arrive() -> None:
            # A clean start: what was under way to a line that has dropped since is gone.
            if (to.links, self._epoch) == link:
                to.receive(topic, payload)

        self.world.at(at, arrive)


def up(site: int) -> str:
    """What a till says."""
    return f"up/{site}"


def down(site: int) -> str:
    """What a till is told."""
    return f"dn/{site}"


def feed(scope: Scope) -> str:
    """What everybody in a scope is told."""
    return f"feed/{int(scope.reach)}/{scope.number}"


def in_scope(scope: Scope) -> Callable[[Machine], bool]:
    """Who follows a feed."""

    def hears(machine: Machine) -> bool:
        if machine.site == 1:
            return False
        numbers = {Reach.CHAIN: 0, Reach.SHOP: machine.shop, Reach.SITE: machine.site}
        return numbers[Reach(scope.reach)] == scope.number

    return hears
