"""The simulated hub: the real relay and performer, driven as the daemon's conversation drives them."""

from __future__ import annotations

from collections import deque

from typing_extensions import override

from daemon.errors import DamagedRow
from daemon.head_office.performer import moved, perform
from daemon.hub import commands as do
from daemon.hub import warden
from daemon.hub.asked import Turns
from daemon.hub.relay import Relay
from daemon.store import rights
from daemon.sync import wire
from daemon.sync.wire_questions import Asked, Reply, Verdict
from tests.simulation.broker import down, feed, in_scope
from tests.simulation.disk import EngineError
from tests.simulation.machine import Machine

MINDS_MS = 2_000


class HeadOffice(Machine):
    """The hub's box."""

    relay: Relay

    @override
    def begin(self) -> None:
        self.relay = Relay(boot=self.replica.boot)
        self.turns = Turns()
        self._queue: deque[do.Event | None] = deque()
        self._busy = False
        self.replica.timeline = self.replica.timeline.anchor(local_ms=self.wall_ms(), true_ms=self.wall_ms())
        self._happen(None)
        self.later(MINDS_MS, self._mind)

    def _mind(self) -> None:
        """Hand out what head office has booked itself, and go on with a round: what `keep_minding` does."""
        self.later(MINDS_MS, self._mind)
        conn, now_ms = self.connection, self.wall_ms()
        if not (rights.is_funded(conn) or rights.is_round(conn)):
            return
        try:
            for look in (warden.attend_funded, warden.attend_round):
                self.unit(lambda conn, look=look: look(conn, self.replica, now_ms=now_ms))  # type: ignore[misc]  # bound now
        except DamagedRow as hit:
            self.damaged(hit)
            return
        except EngineError as refused:
            if "disk is full" not in str(refused):
                raise
            return  # as the daemon: it is handed out later
        self.recorded()

    @override
    def linked(self) -> None:
        self._queue.clear()
        self.world.broker.retain(self, self.replica.boot)
        self._tick(self.links)

    @override
    def hear(self, topic: str, message: wire.Message) -> None:
        if isinstance(message, Asked):
            if self.relay.listens_to(site := int(topic.partition("/")[2])):
                self._answer(site, message)
            return
        self._happen(do.Heard(int(topic.partition("/")[2]), message))

    def _answer(self, site: int, question: Asked) -> None:
        """Answer in turn, as the conversation does; what is found is no matter here."""
        self.turns.ask(site, question)
        while (turn := self.turns.next()) is not None:
            to, asked = turn
            self._say(do.Send(to, Reply(asked.ticket, Verdict.ANSWERED, asked.body)))

    @override
    def feeds_moved(self) -> None:
        self._happen(None)

    @override
    def damaged(self, hit: DamagedRow) -> None:
        """Somebody at head office met a row that cannot be read."""
        self._happen(do.Damaged(hit.key))

    def _tick(self, links: int) -> None:
        if self.links != links:
            return
        self._happen(do.Tick())
        if self.is_on and self.links == links:
            now = self.wall_ms()
            self.later(self.relay.next_wake_ms(now) - now, lambda: self._tick(links))

    def _happen(self, event: do.Event | None) -> None:
        """Step through events one after the other; None: feeds have moved."""
        self._queue.append(event)
        if self._busy:
            return
        self._busy = True
        while self._queue:
            first = self._queue.popleft()
            self._step(first if first is not None else moved(self.connection))
        self._busy = False

    def _step(self, first: do.Event) -> None:
        pending: deque[do.Event] = deque([first])
        while pending:
            for command in self.relay.step(pending.popleft(), self.wall_ms()):
                if isinstance(command, do.Send | do.Publish):
                    self._say(command)
                    continue
                if isinstance(command, do.BeginGeneration):
                    self.world.faults.count("generation")
                self.interrupt()
                now_ms, wanted = self.wall_ms(), command
                try:
                    pending.extend(
                        self.unit(lambda conn, w=wanted, n=now_ms: perform(conn, self.replica, w, now_ms=n))  # type: ignore[misc]  # bound now
                    )
                except DamagedRow as hit:
                    pending.append(do.Damaged(hit.key))
                if any(isinstance(told, do.Known) and told.fenced for told in pending):
                    self.world.faults.count("fenced")

    def _say(self, command: do.Send | do.Publish) -> None:
        payload = wire.encode(command.message)
        broker = self.world.broker
        if isinstance(command, do.Send):
            site = command.site
            broker.publish(self, down(site), lambda machine: machine.site == site, payload)
        else:
            broker.publish(self, feed(command.scope), in_scope(command.scope), payload)
