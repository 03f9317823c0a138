"""The hub's side of the conversation with all tills: a pure machine, told events and the time, returning commands.

It greets, has batches ordered, acknowledges what is durable, publishes each feed once for everybody, answers ranges one
frame at a time in turn, and marks the feeds so that tills can prove themselves equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from daemon.domain.feed import Cursor, Scope
from daemon.domain.kind_shape import Reach
from daemon.hub import commands as do
from daemon.hub.mending import Mending
from daemon.hub.questions import FramesAsked, Questions, RowsAsked
from daemon.sync import wire
from daemon.sync.wire_rows import DigestWanted, Returned, RowsWanted

FLUSH_MS = 250
"""Frames bundle what was ordered within this time; one till's edit is at the others well under a second."""

MARK_EVERY_MS = 10_000
GENERATIONS_AHEAD_MAX = 1_000
"""Restores of the hub that a till may know of and the hub not; a till beyond that is not heard."""

SPREAD_TILLS = 20
"""From so many greetings within a mark's time on, tills are asked to spread their questions."""


@dataclass(slots=True)
class _Outlet:
    """One feed going out: where its head is, up to where it was published."""

    head: Cursor
    published: int
    flush_at_ms: int | None = None
    loading: bool = False


@dataclass(slots=True)
class Relay:
    """The hub's conversations. `step` is its only way in."""

    boot: bytes
    outlets: dict[Scope, _Outlet] = field(default_factory=dict)
    questions: Questions = field(default_factory=Questions)
    mending: Mending = field(default_factory=Mending)
    mark_at_ms: int = 0
    greetings: int = 0
    withdrawn: frozenset[int] = frozenset()

    def step(self, event: do.Event, now_ms: int) -> Sequence[do.Command]:
        """What to do about one event; `now_ms` is the hub's time, which is everybody's.

        The broker may not have heard yet that a site is withdrawn: nothing of it is listened to, nothing is said to it.
        """
        wanted = self._decide(event, now_ms)
        return [one for one in wanted if self._may_say(one)] if self.withdrawn else wanted

    def listens_to(self, site: int) -> bool:
        """Whether what comes on a site's topic is that of a till of this chain."""
        return site not in self.withdrawn

    def _may_say(self, command: do.Command) -> bool:
        match command:
            case do.Send(site):
                return self.listens_to(site)
            case do.Publish(scope) | do.FindRoot(scope):
                return scope.reach != Reach.SITE or self.listens_to(scope.number)
            case _:
                return True

    def _decide(self, event: do.Event, now_ms: int) -> Sequence[do.Command]:
        match event:
            case do.Heard(site, message):
                return [*self._hear(site, message), *self.mending.ask(site, now_ms)] if self.listens_to(site) else []
            case do.Known():
                return self._greet(event, now_ms)
            case do.Taken():
                return self._answer(event, now_ms)
            case do.Moved(heads, withdrawn):
                self.withdrawn = withdrawn
                self.questions.drop(withdrawn)
                return self._moved(heads, now_ms)
            case do.FrameFound() | do.RowsFound() | do.RootFound() | do.Answered():
                return self._found(event, now_ms)
            case do.Recall(site):
                return [do.Send(site, wire.Welcome(self.boot, now_ms, None, {}))]
            case do.LinkUp() | do.Tick() | do.Scrubbed() | do.Damaged() | do.Mended():
                return self._keep_up(event, now_ms)

    def _link_up(self) -> list[do.Command]:
        """Tills ask again for what they lack; feeds go on from where they were published to."""
        self.questions = Questions()
        for outlet in self.outlets.values():
            outlet.loading = False
        return [command for scope, outlet in self.outlets.items() for command in self._flush(scope, outlet)]

    def _keep_up(self, event: do.LinkUp | do.Tick | do.Cared, now_ms: int) -> list[do.Command]:
        match event:
            case do.LinkUp():
                return self._link_up()
            case do.Tick():
                return self._tick(now_ms)
            case do.Scrubbed():
                self.mending.scrubbed(event, now_ms)
            case do.Mended(keys):
                self.mending.mended(keys)
            case do.Damaged(key):
                self.mending.miss([key])
                # Who asked for what could not be looked up asks again; nobody else waits for it.
                return self._link_up()
        return []

    def next_wake_ms(self, now_ms: int) -> int:
        """When to tick next, at the latest."""
        times = [now_ms + 1000, self.mark_at_ms, self.mending.scrub_at_ms]
        times += [outlet.flush_at_ms for outlet in self.outlets.values() if outlet.flush_at_ms is not None]
        return max(min(times), now_ms + 5)

    def _hear(self, site: int, message: wire.Message) -> Sequence[do.Command]:
        match message:
            case wire.Hello() if message.site == site and is_plausible(message, self.generation()):
                return [do.Note(site, hello=message), do.LookUp(message)]
            case wire.Upload(batch, till) if batch.site == site:
                return [do.TakeIn(site, till, batch)]
            case wire.RangeWanted(scope, _, after, frames) if _may_read(site, scope):
                return self.questions.ask(FramesAsked(site, scope, after, frames))
            case RowsWanted(scope, after, buckets, portions, ticket, part) if _may_read(site, scope):
                return self.questions.ask(RowsAsked(site, scope, after, frozenset(buckets), portions, ticket, part))
            case DigestWanted(scope, group) if _may_read(site, scope):
                return [do.FindDigest(scope, group, site)]
            case Returned(frame) if _may_read(site, frame.scope):
                return [do.TakeBack(site, frame)]
            case wire.Report():
                return [do.Note(site, report=message)]
            case _:
                return self.mending.hear(message)

    def generation(self) -> int:
        """The newest generation of the feeds."""
        return max((outlet.head.generation for outlet in self.outlets.values()), default=1)

    def _greet(self, known: do.Known, now_ms: int) -> list[do.Command]:
        if known.ahead:
            return [do.BeginGeneration(known.hello)]
        self.greetings += 1
        spread = MARK_EVERY_MS if self.greetings > SPREAD_TILLS else 0
        hello = known.hello
        answers = (hello.boot, hello.greeting)
        welcome = wire.Welcome(self.boot, now_ms, known.head, known.feeds, spread, *answers, fenced=known.fenced)
        return [do.Send(hello.site, welcome)]

    def _answer(self, taken: do.Taken, now_ms: int) -> list[do.Command]:
        """Acknowledge what is durable; say what is wrong with what follows it."""
        if taken.misplaced:
            welcome = wire.Welcome(self.boot, now_ms, taken.head, {})
            return [do.Send(taken.site, welcome)]
        assert taken.head is not None, "a batch that continues a position leaves one"
        till, incarnation, seq = taken.till, taken.incarnation, taken.head.seq
        answers: list[wire.Message] = [wire.Ack(incarnation, seq, till)]
        if taken.reseal:
            answers.append(wire.ResealWanted(incarnation, now_ms, seq + 1, till))
        if taken.reason:
            answers.append(wire.Refused(incarnation, seq + 1, taken.reason, till))
        return [do.Send(taken.site, answer) for answer in answers]

    def _moved(self, heads: dict[Scope, Cursor], now_ms: int) -> list[do.Command]:
        for scope, head in heads.items():
            outlet = self.outlets.get(scope)
            if outlet is None:
                # What was ordered before this process began is not published again: marks make tills ask for it.
                known_at_start = not self.mark_at_ms
                outlet = self.outlets[scope] = _Outlet(head, head.offset if known_at_start else 0)
            outlet.head = head
            if outlet.published < head.offset and outlet.flush_at_ms is None:
                outlet.flush_at_ms = now_ms + FLUSH_MS
        if not self.mark_at_ms:
            self.mark_at_ms = now_ms
        return []

    def _found(
        self, event: do.FrameFound | do.RowsFound | do.RootFound | do.Answered, now_ms: int
    ) -> Sequence[do.Command]:
        """What the store has found goes to who asked, or to everybody."""
        match event:
            case do.FrameFound(scope, site, None, True) if site:
                # The till greets again, and hears where the log begins.
                told = do.Send(site, wire.Welcome(self.boot, now_ms, None, {}))
                return [told, *self.questions.frame_found(site, scope, None)]
            case do.FrameFound(scope, site, frame) if site:
                return self.questions.frame_found(site, scope, frame)
            case do.FrameFound():
                return self._published(event)
            case do.RowsFound(site, portion):
                return self.questions.rows_found(site, portion)
            case do.RootFound(mark):
                return [do.Publish(mark.scope, wire.Marked(mark))]
            case do.Answered(site, message):
                return [do.Send(site, message)]

    def _published(self, found: do.FrameFound) -> list[do.Command]:
        outlet = self.outlets[found.scope]
        outlet.loading = False
        frame = found.frame
        if frame is None:
            outlet.published = outlet.head.offset  # pruned before it was published: whoever lacks it asks for rows
            return []
        outlet.published = frame.last
        more = self._flush(found.scope, outlet) if frame.last < outlet.head.offset else []
        return [do.Publish(found.scope, wire.Ordered(frame)), *more]

    def _flush(self, scope: Scope, outlet: _Outlet) -> list[do.Command]:
        outlet.flush_at_ms = None
        if outlet.loading or outlet.published >= outlet.head.offset:
            return []
        outlet.loading = True
        return [do.FindFrame(scope, outlet.published, 0)]

    def _tick(self, now_ms: int) -> list[do.Command]:
        found = self.mending.tick(now_ms)
        for scope, outlet in self.outlets.items():
            if outlet.flush_at_ms is not None and now_ms >= outlet.flush_at_ms:
                found += self._flush(scope, outlet)
        if self.mark_at_ms and now_ms >= self.mark_at_ms:
            self.mark_at_ms = now_ms + MARK_EVERY_MS
            self.greetings = 0
            self.questions.forget()
            found += [do.FindRoot(scope) for scope in self.outlets]
        return found


def _may_read(site: int, scope: Scope) -> bool:
    """What concerns one till alone is told to no other."""
    match scope.reach:
        case Reach.CHAIN:
            return scope.number == 0
        case Reach.SHOP:
            return True
        case _:
            return scope.reach == Reach.SITE and scope.number == site


def is_plausible(hello: wire.Hello, generation: int) -> bool:
    """Whether a till may have seen what it says: nobody restores a hub a thousand times, a flipped bit says so.

    A till follows three feeds: the chain's, its shop's and its own.
    """
    if len(hello.cursors) > len(Reach) or not hello.trails.keys() <= hello.cursors.keys():
        return False
    if not all(_may_read(hello.site, scope) for scope in hello.cursors):
        return False
    return all(cursor.generation <= generation + GENERATIONS_AHEAD_MAX for cursor in hello.cursors.values())
