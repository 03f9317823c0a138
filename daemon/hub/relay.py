"""The hub's side of the conversation with all tills: a pure machine, told events and the time, returning commands.

It greets, has batches ordered, acknowledges what is durable, publishes each feed once for everybody, answers ranges one
frame at a time in turn, and marks the feeds so that tills can prove themselves equal.
"""

from dataclasses import dataclass, field

from daemon.domain.feed import Batch, Cursor, Frame, Head, Mark, Scope
from daemon.domain.kinds import Reach
from daemon.sync import wire

FLUSH_MS = 250
"""Frames bundle what was ordered within this time; one till's edit is at the others well under a second."""

MARK_EVERY_MS = 10_000
RANGE_FRAMES_MAX = 32
"""The most frames that one question may ask for."""

GENERATIONS_AHEAD_MAX = 1_000
"""Restores of the hub that a till may know of and the hub not; a till beyond that is not heard."""

SPREAD_TILLS = 20
"""From so many greetings within a mark's time on, tills are asked to spread their questions."""

# Told to the relay.


@dataclass(frozen=True, slots=True)
class Heard:
    """A message came on a till's own topic; the broker has checked whose it is."""

    site: int
    message: wire.Message


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a till that greets. `ahead`: it stands where this hub has never been."""

    hello: wire.Hello
    head: Head | None
    feeds: dict[Scope, wire.FeedStanding]
    ahead: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch was taken in, durably. Exactly one of the last four says what is wrong, if anything is."""

    site: int
    till: bytes
    incarnation: int
    head: Head | None
    count: int
    misplaced: bool = False
    reseal: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """Feeds have new heads: after a batch, an edit at head office, or at the start."""

    heads: dict[Scope, Cursor]


@dataclass(frozen=True, slots=True)
class FrameFound:
    """The next records of a feed, or None at its head; `site` is who asked (0: everybody)."""

    scope: Scope
    site: int
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class RootFound:
    """A mark to publish."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = Heard | Known | Taken | Moved | FrameFound | RootFound | Tick

# Wanted by the relay.


@dataclass(frozen=True, slots=True)
class Send:
    """Publish to one till."""

    site: int
    message: wire.Message


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish to all who follow a feed."""

    scope: Scope
    message: wire.Message


@dataclass(frozen=True, slots=True)
class LookUp:
    """Answered by Known."""

    hello: wire.Hello


@dataclass(frozen=True, slots=True)
class BeginGeneration:
    """The hub was restored without knowing it: a new generation. Answered by Moved, then Known for this till."""

    hello: wire.Hello


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Order a batch. Answered by Moved (if anything was new), then Taken."""

    site: int
    till: bytes
    batch: Batch


@dataclass(frozen=True, slots=True)
class FindFrame:
    """Answered by FrameFound."""

    scope: Scope
    after: int
    site: int


@dataclass(frozen=True, slots=True)
class FindRoot:
    """Answered by RootFound."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Note:
    """Keep what a till says of itself for the fleet."""

    site: int
    hello: wire.Hello | None = None
    report: wire.Report | None = None


Command = Send | Publish | LookUp | BeginGeneration | TakeIn | FindFrame | FindRoot | Note


@dataclass(slots=True)
class _Outlet:
    """One feed going out: where its head is, up to where it was published."""

    head: Cursor
    published: int
    flush_at_ms: int | None = None
    loading: bool = False


@dataclass(slots=True)
class _Range:
    """A till's question being answered, a frame at a time."""

    site: int
    scope: Scope
    after: int
    frames: int


@dataclass(slots=True)
class Relay:
    """The hub's conversations. `step` is its only way in."""

    boot: bytes
    outlets: dict[Scope, _Outlet] = field(default_factory=dict)
    ranges: list[_Range] = field(default_factory=list)
    answering: bool = False
    mark_at_ms: int = 0
    greetings: int = 0

    def step(self, event: Event, now_ms: int) -> list[Command]:
        """What to do about one event; `now_ms` is the hub's time, which is everybody's."""
        match event:
            case Heard(site, message):
                return self._hear(site, message)
            case Known():
                return self._greet(event, now_ms)
            case Taken():
                return self._answer(event, now_ms)
            case Moved(heads):
                return self._moved(heads, now_ms)
            case FrameFound():
                return self._found(event)
            case RootFound(mark):
                return [Publish(mark.scope, wire.Marked(mark))]
            case Tick():
                return self._tick(now_ms)

    def next_wake_ms(self, now_ms: int) -> int:
        """When to tick next, at the latest."""
        times = [now_ms + 1000, self.mark_at_ms]
        times += [outlet.flush_at_ms for outlet in self.outlets.values() if outlet.flush_at_ms is not None]
        return max(min(times), now_ms + 5)

    def _hear(self, site: int, message: wire.Message) -> list[Command]:
        match message:
            case wire.Hello() if message.site == site and is_plausible(message, self.generation()):
                return [Note(site, hello=message), LookUp(message)]
            case wire.Upload(batch, till) if batch.site == site:
                return [TakeIn(site, till, batch)]
            case wire.RangeWanted(scope, _, after, frames) if scope.reach != Reach.SITE or scope.number == site:
                return self._range(site, scope, after, frames)
            case wire.Report():
                return [Note(site, report=message)]
            case _:
                return []

    def generation(self) -> int:
        """The newest generation of the feeds."""
        return max((outlet.head.generation for outlet in self.outlets.values()), default=1)

    def _greet(self, known: Known, now_ms: int) -> list[Command]:
        if known.ahead:
            return [BeginGeneration(known.hello)]
        self.greetings += 1
        spread = MARK_EVERY_MS if self.greetings > SPREAD_TILLS else 0
        hello = known.hello
        welcome = wire.Welcome(self.boot, now_ms, known.head, known.feeds, spread, hello.boot, hello.greeting)
        return [Send(hello.site, welcome)]

    def _answer(self, taken: Taken, now_ms: int) -> list[Command]:
        """Acknowledge what is durable; say what is wrong with what follows it."""
        if taken.misplaced:
            welcome = wire.Welcome(self.boot, now_ms, taken.head, {})
            return [Send(taken.site, welcome)]
        assert taken.head is not None, "a batch that continues a position leaves one"
        till, incarnation, seq = taken.till, taken.incarnation, taken.head.seq
        answers: list[wire.Message] = [wire.Ack(incarnation, seq, till)]
        if taken.reseal:
            answers.append(wire.ResealWanted(incarnation, now_ms, seq + 1, till))
        if taken.reason:
            answers.append(wire.Refused(incarnation, seq + 1, taken.reason, till))
        return [Send(taken.site, answer) for answer in answers]

    def _moved(self, heads: dict[Scope, Cursor], now_ms: int) -> list[Command]:
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

    def _range(self, site: int, scope: Scope, after: int, frames: int) -> list[Command]:
        self.ranges = [one for one in self.ranges if (one.site, one.scope) != (site, scope)]
        self.ranges.append(_Range(site, scope, after, min(frames, RANGE_FRAMES_MAX)))
        return self._next_range()

    def _next_range(self) -> list[Command]:
        """Answer in turn, one frame each: a till that asks for weeks does not keep the others waiting."""
        if self.answering or not self.ranges:
            return []
        first = self.ranges[0]
        self.answering = True
        return [FindFrame(first.scope, first.after, first.site)]

    def _found(self, found: FrameFound) -> list[Command]:
        if found.site:
            return self._found_for_range(found)
        outlet = self.outlets[found.scope]
        outlet.loading = False
        frame = found.frame
        if frame is None:
            return []
        outlet.published = frame.last
        more = self._flush(found.scope, outlet) if frame.last < outlet.head.offset else []
        return [Publish(found.scope, wire.Ordered(frame)), *more]

    def _found_for_range(self, found: FrameFound) -> list[Command]:
        self.answering = False
        at = next((i for i, one in enumerate(self.ranges) if (one.site, one.scope) == (found.site, found.scope)), None)
        if at is None:
            return self._next_range()
        one = self.ranges.pop(at)
        frame = found.frame
        if frame is None:
            return self._next_range()
        one.after, one.frames = frame.last, one.frames - 1
        if one.frames:
            self.ranges.append(one)
        return [Send(one.site, wire.Ordered(frame)), *self._next_range()]

    def _flush(self, scope: Scope, outlet: _Outlet) -> list[Command]:
        outlet.flush_at_ms = None
        if outlet.loading or outlet.published >= outlet.head.offset:
            return []
        outlet.loading = True
        return [FindFrame(scope, outlet.published, 0)]

    def _tick(self, now_ms: int) -> list[Command]:
        found: list[Command] = []
        for scope, outlet in self.outlets.items():
            if outlet.flush_at_ms is not None and now_ms >= outlet.flush_at_ms:
                found += self._flush(scope, outlet)
        if self.mark_at_ms and now_ms >= self.mark_at_ms:
            self.mark_at_ms = now_ms + MARK_EVERY_MS
            self.greetings = 0
            found += [FindRoot(scope) for scope in self.outlets]
        return found


def is_plausible(hello: wire.Hello, generation: int) -> bool:
    """Whether a till may have seen what it says: nobody restores a hub a thousand times, a flipped bit says so."""
    return all(cursor.generation <= generation + GENERATIONS_AHEAD_MAX for cursor in hello.cursors.values())
