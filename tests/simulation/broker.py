"""The line between the boxes: a lossy pipe that drops, doubles, delays and reorders as the weather says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from daemon.domain.feed import Scope
from daemon.domain.kind_shape import Reach
from tests.simulation.operations import Weather

PRESENCE = "st/1"

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World


QUEUED_MAX = 3
"""Messages that are kept for whoever takes none at present; what comes then is dropped, as a broker does."""


@dataclass(slots=True)
class Queue:
    """What waits for a line whose box takes nothing."""

    links: int
    kept: list[tuple[str, bytes]] = field(default_factory=list)


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
        self._half_open: dict[str, int] = {}
        self._queues: dict[str, Queue] = {}

    def wipe(self) -> None:
        """Forget everything under way, and what was retained."""
        self._epoch += 1
        self._retained = None
        self._queues.clear()

    def half_open(self, machine: Machine) -> None:
        """From now on nothing gets through on this line in either direction, and neither end knows."""
        self._half_open[machine.name] = machine.links

    def is_half_open(self, machine: Machine) -> bool:
        """Whether the line that this box believes to have is none any more."""
        return machine.is_linked and self._half_open.get(machine.name) == machine.links

    def stall(self, machine: Machine) -> None:
        """This box takes nothing that comes to it, until `flow`."""
        self._queues.setdefault(machine.name, Queue(machine.links))

    def flow(self, machine: Machine) -> None:
        """It takes what was kept for it, and what comes."""
        queue = self._queues.pop(machine.name, None)
        for topic, payload in queue.kept if queue is not None else ():
            if queue is not None and queue.links == machine.links:
                machine.receive(topic, payload)

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
        if not sender.is_linked or self._is_lost(sender):
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
            if (to.links, self._epoch) == link and not self._is_lost(to) and not self._is_queued(to, topic, payload):
                to.receive(topic, payload)

        self.world.at(at, arrive)

    def _is_lost(self, machine: Machine) -> bool:
        is_lost = self.is_half_open(machine)
        self.world.faults.count("lost on a half-open line", int(is_lost))
        return is_lost

    def _is_queued(self, to: Machine, topic: str, payload: bytes) -> bool:
        queue = self._queues.get(to.name)
        if queue is None or queue.links != to.links:
            return False
        if len(queue.kept) < QUEUED_MAX:
            queue.kept.append((topic, payload))
        else:
            self.world.faults.count("queue overflow")
        return True


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
