"""The shell between the broker, the session and the store: carries out commands in order and decides nothing."""

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from daemon.backoff import Backoff
from daemon.cancellation import stop_if_cancelled
from daemon.clock import Clock, jitter, random_bytes
from daemon.domain.canonical import unpack
from daemon.domain.element import Key
from daemon.domain.feed import CHAIN, Cursor, Frame
from daemon.domain.ids import HUB_SITE, SiteId
from daemon.errors import DamagedRow, PeerFault, StoreFault
from daemon.journal import event as log_event
from daemon.store import audit, changes
from daemon.store.database import Database
from daemon.store.quarantine import set_aside
from daemon.store.replica import Replica
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.link import Connect, Link, LinkSettings
from daemon.sync.reporting import states_of
from daemon.sync.session import Phase, Session
from daemon.sync.till_facts import Fact, audit_fact
from daemon.sync.topics import Topics
from daemon.sync.wire_questions import Reply
from daemon.sync.wire_renewal import Renewed
from daemon.till.inquiries import Inquiries
from daemon.till.performer import Fresh, copy_facts, perform, set_frame_aside, standing, told_facts
from daemon.till.renewal import LOOK_S, Renewal
from daemon.version import VERSION

log = logging.getLogger(__name__)

RECONNECT = Backoff(first_s=0.5, max_s=20.0)
FILL_STEPS = 100
EXPIRY_S = 300
"""Nothing depends on the broker's memory: what waits longer there is asked for again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkState:
    """What the till can say of its line: for the page, the API and `sync status`."""

    phase: str
    since_ms: int
    behind: int
    unequal: bool
    filled: int = 0
    to_fill: int = 0
    """Rows taken of about how many, in steps of a hundredth: whoever shows the line is not told of each portion."""
    fills_history: bool = False
    """They are of the second pass: the `served` rows that a counter serves with are here."""
    served: int = 0
    lost: str = ""
    """Why the line was last lost, in a sentence for support; empty since this process began, if never."""
    lost_ms: int = 0


@dataclass
class Conversation:
    """One till's conversation with the hub, over as many links as it takes."""

    database: Database
    replica: Replica
    connect: Connect
    settings: Callable[[], LinkSettings]
    clock: Clock
    on_applied: Callable[[Frame], None]
    on_state: Callable[[LinkState], None]
    facts: Callable[[], dict[int, Any]] = dict
    renewal: Renewal | None = None
    inquiries: Inquiries | None = None

    def __post_init__(self) -> None:
        self.session = Session()
        self._events: asyncio.Queue[tuple[do.Event, Callable[[], None]]] = asyncio.Queue()
        self._since_ms = self.clock.now_ms()
        self._failures = 0
        self._lost = ("", 0)
        self._told: LinkState | None = None
        self._again = asyncio.Event()

    def retry(self) -> None:
        """Somebody stands before the till and knows that the line is there: try it now."""
        self._again.set()

    def recorded(self) -> None:
        """A user action was saved: send it when the line is there."""
        self._events.put_nowait((do.Recorded(), _nothing))

    def damaged(self, key: Key) -> None:
        """Somebody met a row that cannot be read: have it fetched again."""
        self._events.put_nowait((do.Damaged(key), _nothing))

    def state(self) -> LinkState:
        """How the line is now."""
        session = self.session
        behind = sum(box.behind() for box in session.inboxes.values())
        fill = session.upkeep.filled
        return LinkState(
            phase=session.phase.value,
            since_ms=self._since_ms,
            behind=behind,
            unequal=bool(session.upkeep.unequal),
            filled=fill.rows - fill.rows % max(fill.total // FILL_STEPS, 1),
            to_fill=fill.total,
            fills_history=fill.is_history,
            served=fill.served,
            lost=self._lost[0],
            lost_ms=self._lost[1],
        )

    async def run(self) -> None:
        """Talk for ever; a lost line is opened again with a back-off."""
        while True:
            try:
                async with self.connect(self.settings()) as link:
                    await self._talk(link)
            except* (PeerFault, StoreFault) as lost:
                self._failures += 1
                if self._failures == 1:
                    self._lost = (str(lost.exceptions[0]), self.clock.now_ms())
                    log_event(log, "link_lost", reason=type(lost.exceptions[0]).__name__)
            if self.inquiries is not None:
                self.inquiries.cut()
            self._change(lambda: self.session.step(do.LinkDown(), self.clock.now_ms(), 0.0))
            stop_if_cancelled()
            await self._rest(RECONNECT.delay_s(max(self._failures, 1), jitter()))

    async def _rest(self, seconds: float) -> None:
        """Back off, unless somebody asks for the line meanwhile."""
        self._again.clear()
        async with asyncio.TaskGroup() as race:
            patience = race.create_task(self.clock.sleep(seconds), name="back-off")
            asked = race.create_task(self._again.wait(), name="asked to try")
            await asyncio.wait((patience, asked), return_when=asyncio.FIRST_COMPLETED)
            for task in (patience, asked):
                task.cancel()

    async def _talk(self, link: Link) -> None:
        identity = self.replica.identity
        topics = Topics(identity.chain)
        site = SiteId(identity.site)
        await link.publish(topics.presence(site), b"1", retain=True, expiry_s=24 * 3600)
        while not self._events.empty():
            self._events.get_nowait()  # what an older link brought; positions are told anew
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(link), name="link in")
            tasks.create_task(self._ticks(), name="link ticks")
            say = partial(self._say, tasks, link, topics.up(site))
            if self.inquiries is not None:
                self.inquiries.connected(say)
            if self.renewal is not None:
                tasks.create_task(self._renew(self.renewal, say), name="certificate")
            await self._step(do.LinkUp(await self.database.read(partial(standing, replica=self.replica))), say)
            while True:
                happened, done = await self._events.get()
                await self._step(happened, say)
                done()

    async def _listen(self, link: Link) -> None:
        hub_presence = Topics(self.replica.identity.chain).presence(HUB_SITE)
        async for message in link.incoming:
            if message.topic == hub_presence:
                if len(message.payload) > 1:
                    self._events.put_nowait((do.HubSeen(message.payload[1:]), message.ack))
                else:
                    message.ack()
                continue
            try:
                heard = wire.decode(message.payload)
            except PeerFault as fault:
                unit = partial(
                    set_aside, source="hub", reason=str(fault), payload=message.payload, now_ms=self.clock.now_ms()
                )
                await self.database.write_in_turn(unit)
                message.ack()
                continue
            if isinstance(heard, Reply | Renewed):
                await self._take(heard)
                message.ack()
            else:
                self._events.put_nowait((do.Heard(heard), message.ack))

    async def _take(self, heard: Reply | Renewed) -> None:
        """What is not for the session: an answer to a question of the counter, a new certificate."""
        if isinstance(heard, Reply) and self.inquiries is not None:
            self.inquiries.heard(heard)
        if isinstance(heard, Renewed) and self.renewal is not None:
            await asyncio.to_thread(self.renewal.received, heard)

    async def _renew(self, renewal: Renewal, say: Callable[[wire.Message], None]) -> None:
        """Ask for the next certificate in time, by the clock as head office has corrected it."""
        while True:
            now_ms = self.clock.now_ms() + self.replica.timeline.offset_ms
            wanted = await asyncio.to_thread(renewal.wanted, now_ms)
            if wanted is not None:
                say(wanted)
            await self.clock.sleep(LOOK_S)

    async def _ticks(self) -> None:
        while True:
            now_ms = self.clock.now_ms()
            await self.clock.sleep((self.session.next_wake_ms(now_ms) - now_ms) / 1000)
            self._events.put_nowait((do.Tick(states_of(self.facts())), _nothing))

    async def _step(self, first: do.Event, say: Callable[[wire.Message], None]) -> None:
        """Step through one event and all that follows from it."""
        pending: deque[do.Event] = deque([first])
        while pending:
            happened = pending.popleft()
            wanted = self._change(partial(self.session.step, happened, self.clock.now_ms(), jitter()))
            for command in wanted:
                answer = await self._carry_out(command, say)
                if answer is not None:
                    pending.append(answer)

    async def _carry_out(self, command: do.Command, say: Callable[[wire.Message], None]) -> do.Event | None:
        now_ms = self.clock.now_ms()
        if isinstance(command, do.Send):
            say(command.message)
            return None
        if isinstance(command, do.SendReport):
            say(await self._report(command.hub_boot, now_ms))
            return None
        fresh = Fresh(int.from_bytes(random_bytes(4), "big"), random_bytes(8))
        unit = partial(perform, replica=self.replica, command=command, now_ms=now_ms, fresh=fresh)
        applying = command.frame.scope if isinstance(command, do.Apply) else None
        try:
            answer = await self.database.write_in_turn(unit)
        except DamagedRow as hit:
            return do.Damaged(hit.key, applying, fetching=isinstance(command, do.TakeRows))
        except PeerFault as fault:
            if not isinstance(command, do.Apply):
                raise
            aside = partial(set_frame_aside, command=command, fault=fault, now_ms=now_ms)
            return await self.database.write_in_turn(aside)
        if isinstance(command, do.Apply):
            self.on_applied(command.frame)
        return answer

    async def _report(self, hub_boot: bytes, now_ms: int) -> wire.Report:
        waiting = await self.database.read(changes.waiting)
        places = await self.database.read(audit.places_to_tell)
        offset = self.replica.cursors.get(CHAIN, Cursor()).offset
        told = await self.database.read(partial(told_facts, replica=self.replica, hub_boot=hub_boot))
        copy = await self.database.read(copy_facts)
        disk: dict[int, Any] = {Fact.DISK_FREE: shutil.disk_usage(self.database.path.parent).free}
        facts = {**self.facts(), **told, **copy, **disk, Fact.AUDIT: audit_fact(places)}
        return wire.Report(now_ms, waiting.records, offset, VERSION, dict(sorted(facts.items())))

    def _say(self, tasks: asyncio.TaskGroup, link: Link, topic: str, message: wire.Message) -> None:
        tasks.create_task(_publish(link, topic, wire.encode(message)), name=f"say {type(message).__name__}")

    def _change(self, step: Callable[[], list[do.Command]]) -> list[do.Command]:
        """Step the session; tell whoever shows the line when it changed."""
        before = self.session.phase
        wanted = step()
        if self.session.phase is not before:
            self._since_ms = self.clock.now_ms()
            if self.session.phase is Phase.LIVE:
                self._failures = 0
        state = self.state()
        if state != self._told:
            self._told = state
            self.on_state(state)
        return wanted


async def _publish(link: Link, topic: str, payload: bytes) -> None:
    try:
        await link.publish(topic, payload, expiry_s=EXPIRY_S)
    except PeerFault as fault:
        # A lost link ends the conversation by itself; a refusal is repaired like a loss on the way.
        log_event(log, "publish_failed", reason=type(fault).__name__, bytes=len(payload))


def entities_of(frame: Frame, limit: int = 50) -> list[bytes]:
    """The customers and accounts that a frame is about, at most `limit`: for screens that show one of them."""
    found: dict[bytes, None] = {}
    for record in frame.records:
        for slot in record.slots:
            if isinstance(slot, bytes):
                found[unpack(slot)[2]] = None
            if len(found) >= limit:
                return list(found)
    return list(found)


def _nothing() -> None:
    """Nothing to acknowledge."""
