"""The shell between the broker, the relay and the store: carries out commands in order and decides nothing."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from daemon.backoff import Backoff
from daemon.cancellation import stop_if_cancelled
from daemon.clock import Clock, jitter
from daemon.domain.element import Key
from daemon.domain.feed import Scope
from daemon.domain.ids import HUB_SITE, ShopId, SiteId
from daemon.domain.kind_shape import Reach
from daemon.errors import ComptoirError, DamagedRow, PeerFault, StoreFault
from daemon.head_office.performer import moved, perform
from daemon.hub import commands as do
from daemon.hub.asked import Turns
from daemon.hub.relay import Relay
from daemon.journal import event as log_event
from daemon.journal import failure
from daemon.store.database import Connection, Database
from daemon.store.quarantine import set_aside
from daemon.store.replica import Replica
from daemon.sync import wire
from daemon.sync.link import Connect, Link, LinkSettings, Message
from daemon.sync.topics import Address, Lane, Topics
from daemon.sync.wire_questions import Asked, Reply
from daemon.sync.wire_renewal import RenewalWanted, Renewed

log = logging.getLogger(__name__)

RECONNECT = Backoff(first_s=0.25, max_s=5.0)
EXPIRY_S = 300
PRESENT = b"1"


@dataclass
class Conversation:
    """The hub's conversation with all tills, over as many links to the broker as it takes."""

    database: Database
    replica: Replica
    connect: Connect
    settings: Callable[[], LinkSettings]
    clock: Clock
    on_taken: Callable[[do.Taken], None]
    on_roster: Callable[[], None]
    renew: Callable[[SiteId, bytes, int], Awaitable[bytes]] | None = None
    """The next certificate of a site for a signing request; raises ComptoirError for a site that gets none."""
    answer: Callable[[Asked], Awaitable[Reply]] | None = None
    """What is said to a till that asks; raises StoreFault."""

    def __post_init__(self) -> None:
        self.relay = Relay(boot=self.replica.boot)
        self.topics = Topics(self.replica.identity.chain)
        self.is_linked = False
        self._turns, self._asked = Turns(), asyncio.Event()
        self._events: asyncio.Queue[tuple[do.Event | None, Callable[[], None]]] = asyncio.Queue()

    def recorded(self) -> None:
        """Head office has edited: its feeds have new heads."""
        self._events.put_nowait((None, _nothing))

    def damaged(self, key: Key) -> None:
        """Somebody met a row that cannot be read: tills are asked for it."""
        self._events.put_nowait((do.Damaged(key), _nothing))

    def recall(self, site: int) -> None:
        """Head office has something new to say to a till: let it greet again."""
        self._events.put_nowait((do.Recall(site), _nothing))

    async def run(self) -> None:
        """Talk for ever; a lost line is opened again with a back-off."""
        failures = 0
        await self._step(await self.database.read(moved), lambda _: None)
        while True:
            try:
                async with self.connect(self.settings()) as link:
                    failures = 0
                    await self._talk(link)
            except* (PeerFault, StoreFault) as lost:
                failures += 1
                if failures == 1:
                    log_event(log, "broker_lost", reason=type(lost.exceptions[0]).__name__)
            self.is_linked = False
            stop_if_cancelled()
            await self.clock.sleep(RECONNECT.delay_s(max(failures, 1), jitter()))

    async def _talk(self, link: Link) -> None:
        self.is_linked = True
        await link.publish(self.topics.presence(HUB_SITE), PRESENT + self.replica.boot, retain=True, expiry_s=24 * 3600)
        while not self._events.empty():
            self._events.get_nowait()  # what an older link brought; positions are told anew
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(link), name="link in")
            tasks.create_task(self._ticks(), name="relay ticks")
            tasks.create_task(self._answer(link), name="answers")
            say = partial(self._say, tasks, link)
            await self._step(do.LinkUp(), say)
            await self._step(await self.database.read(moved), say)
            while True:
                happened, done = await self._events.get()
                if happened is None:
                    happened = await self.database.read(moved)
                await self._step(happened, say)
                done()

    async def _listen(self, link: Link) -> None:
        async for message in link.incoming:
            address = self.topics.parse(message.topic)
            if address is not None and address.lane is Lane.UP:
                await self._hear(address.number, message, link)
                continue
            if address is not None and address.lane is Lane.PRESENCE and address.number != HUB_SITE:
                await self._presence(address, message.payload[:1] == PRESENT)
            message.ack()

    async def _hear(self, site: int, message: Message, link: Link) -> None:
        if not self.relay.listens_to(site):
            message.ack()  # not even kept: what is set aside is for who looks after a till of this chain
            return
        try:
            heard = wire.decode(message.payload)
        except PeerFault as fault:
            unit = partial(
                set_aside, source=f"site {site}", reason=str(fault), payload=message.payload, now_ms=self.clock.now_ms()
            )
            await self.database.write_in_turn(unit)
            log_event(log, "message_set_aside", site=site)
            message.ack()
            return
        if isinstance(heard, Asked):
            self._turns.ask(site, heard)
            self._asked.set()
            message.ack()
            return
        if isinstance(heard, RenewalWanted):
            await self._renew(SiteId(site), heard, link)
            message.ack()
            return
        self._events.put_nowait((do.Heard(site, heard), message.ack))

    async def _answer(self, link: Link) -> None:
        """Answer what tills ask, in turn: read beside the writer, so that nothing waits for it."""
        while self.answer is not None:
            await self._asked.wait()
            self._asked.clear()
            while (turn := self._turns.next()) is not None:
                site, question = turn
                if not self.relay.listens_to(site):
                    continue
                try:
                    reply = await self.answer(question)
                except StoreFault as fault:
                    # The till says that no answer came; whoever looks after this machine finds why.
                    log_event(log, "question_failed", logging.ERROR, site=site, reason=type(fault).__name__)
                    continue
                await _publish(link, self.topics.down(SiteId(site)), wire.encode(reply))

    async def _renew(self, site: SiteId, wanted: RenewalWanted, link: Link) -> None:
        """Certify the next key of the site whose topic this came on; one that was withdrawn gets no answer."""
        if self.renew is None:
            return
        try:
            certificate = await self.renew(site, wanted.request_pem, self.clock.now_ms())
        except ComptoirError as refused:
            failure(log, "renewal-refused", refused, site=site)
            return
        log_event(log, "renewal-signed", site=site)
        await _publish(link, self.topics.down(site), wire.encode(Renewed(certificate)))

    async def _presence(self, address: Address, online: bool) -> None:
        def unit(conn: Connection) -> None:
            conn.execute(
                "INSERT INTO roster (site, online) VALUES (?,?)"
                " ON CONFLICT (site) DO UPDATE SET online=excluded.online",
                (address.number, int(online)),
            )

        await self.database.write_in_turn(unit)
        self.on_roster()

    async def _ticks(self) -> None:
        while True:
            now_ms = self.clock.now_ms()
            await self.clock.sleep((self.relay.next_wake_ms(now_ms) - now_ms) / 1000)
            self._events.put_nowait((do.Tick(), _nothing))

    async def _step(self, first: do.Event, say: Callable[[do.Send | do.Publish], None]) -> None:
        """Step through one event and all that follows from it."""
        pending: deque[do.Event] = deque([first])
        while pending:
            happened = pending.popleft()
            for command in self.relay.step(happened, self.clock.now_ms()):
                if isinstance(command, do.Send | do.Publish):
                    say(command)
                    continue
                unit = partial(perform, replica=self.replica, command=command, now_ms=self.clock.now_ms())
                try:
                    pending.extend(await self.database.write_in_turn(unit))
                except DamagedRow as hit:
                    log_event(log, "row_damaged", logging.ERROR, kind=hit.key[1])
                    pending.append(do.Damaged(hit.key))
                if isinstance(command, do.Note):
                    self.on_roster()
            if isinstance(happened, do.Taken) and happened.count:
                self.on_taken(happened)

    def _say(self, tasks: asyncio.TaskGroup, link: Link, command: do.Send | do.Publish) -> None:
        topic = self.topics.down(SiteId(command.site)) if isinstance(command, do.Send) else self._feed(command.scope)
        tasks.create_task(_publish(link, topic, wire.encode(command.message)), name=f"say on {topic}")

    def _feed(self, scope: Scope) -> str:
        if scope.reach == Reach.SHOP:
            return self.topics.feed_shop(ShopId(scope.number))
        return self.topics.feed_site(SiteId(scope.number)) if scope.reach == Reach.SITE else self.topics.feed_all()


async def _publish(link: Link, topic: str, payload: bytes) -> None:
    try:
        await link.publish(topic, payload, expiry_s=EXPIRY_S)
    except PeerFault as fault:
        # A lost link ends the conversation by itself; a refusal is repaired like a loss on the way.
        log_event(log, "publish_failed", reason=type(fault).__name__, bytes=len(payload))


def _nothing() -> None:
    """Nothing to acknowledge."""
