"""A simulated till: the real session and performer, driven as the daemon's conversation drives them."""

from __future__ import annotations

from collections import deque

from typing_extensions import override

from daemon.domain.canonical import digest8
from daemon.domain.element import Key
from daemon.domain.feed import CHAIN, Cursor
from daemon.domain.mending import read_sound
from daemon.domain.portion import BEFORE_ALL, Part
from daemon.errors import DamagedRow, PeerFault
from daemon.store import changes, machine, ordering, taking
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.asking import Asking
from daemon.sync.session import Phase, Session
from daemon.sync.wire_questions import Asked, Reply
from daemon.till.performer import Fresh, perform, set_frame_aside, standing, told_facts
from tests.simulation.broker import up
from tests.simulation.machine import Machine

_ROWS = "SELECT entity, kind, dot, body, hash FROM element"


def _is_history(command: do.TakeRows) -> bool:
    return command.is_fill and command.portion.part is Part.HISTORY and bool(command.portion.rows)


class Till(Machine):
    """One till, or a box that believes to be it."""

    session: Session

    @override
    def settle_in(self) -> None:
        life = f"{self.name} life {self.lives}".encode()
        incarnation, lot = int.from_bytes(digest8(b"incarnation", life)[:4], "big"), digest8(b"lot", life)
        found = self.unit(
            lambda conn: machine.settle_in(
                conn, self.replica, self.hardware, incarnation=incarnation, lot=lot, now_ms=self.wall_ms()
            )
        )
        self.world.faults.count("another machine recognised", found.is_other)

    @override
    def begin(self) -> None:
        self.session = Session()
        self.asking = Asking()
        self.asked: dict[bytes, bytes] = {}
        self.answers: list[Reply] = []
        self._queue: deque[do.Event] = deque()
        self._busy = False

    @override
    def linked(self) -> None:
        self._queue.clear()
        self.world.broker.subscribed(self)
        self.happen(do.LinkUp(standing(self.connection, self.replica)))
        self._tick(self.links)

    @override
    def unlinked(self) -> None:
        self._queue.clear()
        self.session.step(do.LinkDown(), self.wall_ms(), 0.0)

    @override
    def hear(self, topic: str, message: wire.Message) -> None:
        if isinstance(message, Reply):
            self._answered(message)
            return
        self.happen(do.Heard(message))

    def ask(self, question: Asked) -> None:
        """Ask head office, as the desk does."""
        self.asked[question.ticket] = question.body
        self.say(self.asking.ask(question, until_ms=self.world.now_ms + 5_000, now_ms=self.world.now_ms))

    def _answered(self, reply: Reply) -> None:
        if self.asking.hear(reply):
            self.answers.append(reply)
            self.world.faults.count("question answered")
        else:
            self.world.faults.count("answer that nobody waited for")

    def _ask_again(self) -> None:
        again, late = self.asking.tick(self.world.now_ms)
        for question in again if self.is_linked else ():
            self.say(question)
        for _ in late:
            self.world.faults.count("question given up")

    @override
    def hub_seen(self, boot: bytes) -> None:
        self.happen(do.HubSeen(boot))

    @override
    def feeds_moved(self) -> None:
        if self.is_linked:
            self.happen(do.Recorded())

    @override
    def damaged(self, hit: DamagedRow) -> None:
        """Somebody at the counter met a row that cannot be read."""
        if self.is_linked:
            self.happen(do.Damaged(hit.key))

    def _tick(self, links: int) -> None:
        if self.links != links:
            return
        self.happen(do.Tick())
        self._ask_again()
        if self.is_on and self.links == links:
            now = self.wall_ms()
            self.later(self.session.next_wake_ms(now) - now, lambda: self._tick(links))

    def happen(self, event: do.Event) -> None:
        """Step through events one after the other, each with all that follows from it."""
        self._queue.append(event)
        if self._busy:
            return
        self._busy = True
        while self._queue:
            self._step(self._queue.popleft())
        self._busy = False

    def _step(self, first: do.Event) -> None:
        pending: deque[do.Event] = deque([first])
        while pending:
            wanted = self.session.step(pending.popleft(), self.wall_ms(), self.world.chance.random())
            for command in wanted:
                answer = self._carry_out(command)
                if answer is not None:
                    pending.append(answer)

    def _carry_out(self, command: do.Command) -> do.Event | None:
        now_ms = self.wall_ms()
        if isinstance(command, do.Send):
            self.say(command.message)
            return None
        if isinstance(command, do.SendReport):
            waiting = changes.waiting(self.connection)
            offset = self.replica.cursors[CHAIN].offset
            told = told_facts(self.connection, self.replica, command.hub_boot)
            self.say(wire.Report(now_ms, waiting.records, offset, "simulated", told))
            return None
        self._count(command)
        self.interrupt()
        before = self._watch_rows(command) if isinstance(command, do.TakeRows) else frozenset()
        answer = self._perform(command, now_ms)
        self._look_at(command, answer)
        if before and before - self._entries():
            self.world.alarms.append(f"{self.name} dropped entries when it took rows")
        return answer

    def _watch_rows(self, command: do.TakeRows) -> frozenset[Key]:
        """Rows older than where the feed is followed from would undo what it has brought; returns the entries."""
        portion = command.portion
        since = self.replica.cursors[portion.scope]
        if command.is_fill and portion.part is not Part.HISTORY:
            begun = taking.fillings(self.connection).get(portion.scope)
            since = begun.start if begun is not None and portion.after != BEFORE_ALL else Cursor()
        there = portion.cursor
        if there.generation == since.generation and there.offset < since.offset:
            self.world.alarms.append(f"{self.name} took rows of {there.offset}, it stands at {since.offset}")
        return self._entries()

    def _entries(self) -> frozenset[Key]:
        """The entries that are here, and are what their hashes say."""
        rows = self.conn.plain.execute("SELECT entity, kind, dot, body, hash FROM element WHERE kind IN (16, 17)")
        return frozenset((row[0], row[1], row[2]) for row in rows if read_sound(row[:3], *row[3:]) is not None)

    def _perform(self, command: do.Command, now_ms: int) -> do.Event | None:
        chance = self.world.chance
        fresh = Fresh(chance.getrandbits(32), chance.randbytes(8))
        applying = command.frame.scope if isinstance(command, do.Apply) else None
        try:
            return self.unit(lambda conn: perform(conn, self.replica, command, now_ms=now_ms, fresh=fresh))
        except DamagedRow as hit:
            return do.Damaged(hit.key, applying, fetching=isinstance(command, do.TakeRows))
        except PeerFault as fault:
            if not isinstance(command, do.Apply):
                raise
            reason = fault
            self.world.faults.note(f"{self.name} set a frame aside: {fault}")
            return self.unit(lambda conn: set_frame_aside(conn, command, reason, now_ms=now_ms))

    def _look_at(self, command: do.Command, answer: do.Event | None) -> None:
        """Count what was reached, and what nobody may say."""
        if isinstance(command, do.TakeRows) and isinstance(answer, do.TookRows) and answer.changed:
            self.world.faults.count("filled from rows" if command.is_fill else "repaired")
            self.world.faults.count("history filled", int(_is_history(command)))
            self.world.faults.count("said again", int(answer.recorded))
        if isinstance(command, do.Compare) and isinstance(answer, do.Compared):
            self._watch(command, answer)
        if isinstance(command, do.Settle) and command.seq:
            self._watch_settling(command.seq)

    def _watch_settling(self, seq: int) -> None:
        """A till that says that head office has what it has not deceives whoever reads it."""
        here = self.replica.identity
        with self.world.hub.reading() as conn:
            head = ordering.head_of(conn, here.site, here.incarnation)
        counts = self.world.faults.counts
        is_restored = counts["hub restored, announced"] + counts["hub restored, unannounced"]
        if (head is None or head.seq < seq) and not is_restored:
            self.world.alarms.append(f"{self.name} takes {seq} for applied, the hub holds {head and head.seq}")

    def _watch(self, command: do.Compare, answer: do.Compared) -> None:
        """A till that calls itself unequal on the very feed that made it equal raises a false alarm.

        Not while one of its rows is damaged: what was heard of it since, or its own new stamp, could not reach it. Nor
        while a row that was hit in its key and elsewhere is not what it was: nobody can tell where that one belongs, so
        it is taken out, begins anew with what comes of it next, and is found to be missing by this very mark. Nor while
        what it said before it was copied stands at head office as the copy sealed it: a fill is past that echo.
        """
        here = self.replica.cursors[command.mark.scope]
        if answer.comparable and not answer.equal and here == command.mark.cursor and self._is_sound():
            self.world.alarms.append(f"{self.name} called itself unequal at {here.generation}/{here.offset}")

    def _is_sound(self) -> bool:
        rows = self.conn.plain.execute(_ROWS).fetchall()
        read = {(row[0], row[1], row[2]): read_sound((row[0], row[1], row[2]), row[3], row[4]) for row in rows}
        if None in read.values():
            return False
        stands = {(row[0], row[1], row[2]): row[3] for row in rows}
        with self.world.hub.reading() as conn:
            theirs = {(row[0], row[1], row[2]): row[3] for row in conn.execute(_ROWS)}
        own = {key for key, row in read.items() if row is not None and row.base[1] == self.site}
        if self.site in self.world.swapped_sites and any(stands[key] != theirs.get(key, stands[key]) for key in own):
            return False
        hit = {key for key in self.world.hit_twice if key[0] == self.name}
        mended = {key for key in hit if stands.get(key[1:]) == theirs.get(key[1:])}
        self.world.hit_twice -= mended
        return hit == mended

    def say(self, message: wire.Message) -> None:
        """Publish to the hub."""
        site = self.site
        payload = wire.encode(message)
        self.world.broker.bytes_up += len(payload)
        self.world.broker.publish(self, up(site), lambda other: other.site == 1, payload)

    def _count(self, command: do.Command) -> None:
        """Say which of the hub's objections were reached."""
        names = {
            do.BeginAgain: "begin again",
            do.ResendAfter: "resend after",
            do.Reseal: "reseal",
            do.SetAside: "set aside",
            do.Rewind: "rewind",
            do.ForgetLost: "given back",
            do.FindHeld: "given to the hub",
        }
        name = names.get(type(command))
        if name is not None:
            self.world.faults.count(name)

    @property
    def is_live(self) -> bool:
        """Whether the conversation is under way."""
        return self.is_on and self.is_linked and self.session.phase is Phase.LIVE
