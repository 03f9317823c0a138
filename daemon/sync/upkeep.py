"""Keeps a till equal to the hub: proves it at marks, fetches rows where it is not, looks for damaged ones by and by."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from daemon.domain.element import Key, bucket_of, reach_of
from daemon.domain.feed import Cursor, Frame, Scope
from daemon.domain.portion import BEFORE_ALL, Filling, Part
from daemon.sync import commands as do
from daemon.sync.refetch import Refetch, Stage, filling, must_fill, resumed
from daemon.sync.wire import FeedStanding
from daemon.sync.wire_rows import BUCKETS_MAX, Digest, Returned, Rows, TakenBack

SCRUB_EVERY_MS = 5_000
HURRY_MS = 20
RETURN_PATIENCE_MS = 15_000

REPAIR_PAUSE_MS = 30_000
"""The wait after a repair that did not bring equality; it doubles, up to an hour."""

REPAIR_PAUSE_MAX_MS = 3_600_000


@dataclass(slots=True)
class Repairs:
    """When a scope may be repaired again: a repair that does not help must not be tried for ever."""

    at_ms: int = 0
    pause_ms: int = REPAIR_PAUSE_MS

    def may_begin(self, now_ms: int) -> bool:
        """Whether one may begin now; then the next one has to wait."""
        if now_ms < self.at_ms:
            return False
        self.at_ms = now_ms + self.pause_ms
        self.pause_ms = min(self.pause_ms * 2, REPAIR_PAUSE_MAX_MS)
        return True


@dataclass(frozen=True, slots=True)
class Filled:
    """Rows taken of one pass of a fill, of about how many there are; 0 of 0 where no fill is under way."""

    rows: int = 0
    total: int = 0
    is_history: bool = False
    served: int = 0
    """Rows that the pass before has brought."""


@dataclass(slots=True)
class Upkeep:
    """What a till does beside following its feeds. One fetch of rows runs at a time."""

    refetch: Refetch | None = None
    then: Refetch | None = None
    """What goes on once a row is back that it met damaged."""
    queue: list[Refetch] = field(default_factory=list)
    """Fills of other scopes, one after the other; what a counter serves with before all history."""
    tickets: int = 0
    repairs: dict[Scope, Repairs] = field(default_factory=dict)
    unequal: set[Scope] = field(default_factory=set)
    scrub_after: Key = BEFORE_ALL
    scrub_at_ms: int = 0
    is_returning: bool = False
    return_by_ms: int = 0

    def link_up(self) -> None:
        """A new link: what was asked for on the old one is not coming."""
        self.refetch = self.then = None
        self.queue.clear()

    def fills(self, scope: Scope) -> bool:
        """Whether the rows of a scope are being taken anew, so that its feed has to wait."""
        under_way = (self.refetch, self.then, *self.queue)
        return any(one is not None and one.halts_feed and one.scope == scope for one in under_way)

    @property
    def holds_back(self) -> bool:
        """Whether uploads must wait: for the first rows of a fill, or until a restored hub has back what it lost."""
        return self.is_returning or any(one is not None and one.holds_back for one in (self.refetch, self.then))

    @property
    def filled(self) -> Filled:
        """How far a fill under way is."""
        one = self.then or self.refetch
        if one is None or not one.is_fill:
            return Filled()
        return Filled(one.rows, max(one.total, one.rows), one.is_history, one.served)

    def plan(self, scope: Scope, here: Cursor, theirs: FeedStanding, begun: Filling | None) -> None:
        """A feed that cannot be followed from here is taken as rows; a fill that was begun goes on."""
        if self.then is not None:
            self.refetch, self.then = self.then, None
        one, generation, must = self.refetch, theirs.head.generation, must_fill(here, theirs.head, theirs.oldest)
        # What waits of a head office that was restored meanwhile is of another table: it begins again.
        self.queue = [other for other in self.queue if other.scope != scope or other.is_of(generation)]
        planned = None
        if begun is not None and not (must and begun.part is Part.HISTORY):
            planned = resumed(scope, begun, generation)
        elif must:
            planned = filling(scope)
        if one is None or not one.is_fill:
            self.refetch = planned or one
        elif one.scope == scope:
            is_other = one.start is not None and one.start.generation != generation
            if is_other or (one.is_history and planned is not None and not planned.is_history):
                self.refetch = filling(scope)
        elif planned is not None:
            self._put_off(planned)
        self._first_things_first()

    def _put_off(self, fill: Refetch) -> None:
        """Behind the other fills; those of what a counter serves with come first."""
        others = [other for other in self.queue if other.scope != fill.scope]
        self.queue = sorted([*others, fill], key=lambda other: other.is_history)

    def _first_things_first(self) -> None:
        """Between two portions of history: what a counter serves with comes first."""
        one = self.refetch
        if one is None or not one.is_history or one.is_busy or not self.queue or self.queue[0].is_history:
            return
        self.refetch = self.queue.pop(0)
        one.pause()
        self._put_off(one)

    def compared(self, event: do.Compared, now_ms: int) -> None:
        """A mark was held against this replica: where it differs, look for the rows."""
        if not event.comparable:
            return
        if event.equal:
            self.unequal.discard(event.scope)
            self.repairs.pop(event.scope, None)
            return
        self.unequal.add(event.scope)
        repairs = self.repairs.setdefault(event.scope, Repairs())
        if self._is_free and not event.odd and repairs.may_begin(now_ms):
            self._begin(Refetch(event.scope, Stage.GROUPS, is_fill=False))

    @property
    def _is_free(self) -> bool:
        """Whether a repair may begin: nothing is fetched, or only the history, which can wait."""
        one = self.refetch
        return one is None or (one.is_history and not one.halts_feed and self.then is None)

    def _begin(self, repair: Refetch) -> None:
        if self.refetch is not None:
            self.then = self.refetch
            self.then.pause()
        self.refetch = repair

    def damaged(self, event: do.Scrubbed | do.Damaged, scopes: Iterable[Scope], now_ms: int) -> None:
        """Damaged rows are fetched again; where another fetch is under way, the next round finds them.

        What that fetch itself cannot be taken in for is fetched before it goes on.
        """
        if isinstance(event, do.Scrubbed):
            self.scrub_after = event.upto or BEFORE_ALL
            self.scrub_at_ms = now_ms + (HURRY_MS if event.hurry else SCRUB_EVERY_MS)
            found = event.damaged
        else:
            reach = reach_of(event.key[1])
            found = {scope: frozenset({bucket_of(event.key)}) for scope in scopes if scope.reach == reach}
        for scope, buckets in found.items():
            if isinstance(event, do.Damaged) and event.fetching and self.refetch is not None:
                self._fetch_first(self.refetch, scope, buckets)
            elif self._is_free:
                self._begin(Refetch(scope, Stage.ROWS, is_fill=False, buckets=sorted(buckets)[:BUCKETS_MAX]))

    def _fetch_first(self, hit: Refetch, scope: Scope, buckets: frozenset[int]) -> None:
        """A portion could not be taken in because of these rows: they come first."""
        if hit.is_fill:
            self.then = hit
            hit.pause()
        elif hit.scope == scope:
            buckets |= set(hit.buckets)
        self.refetch = Refetch(scope, Stage.ROWS, is_fill=False, buckets=sorted(buckets)[:BUCKETS_MAX])

    def begin_return(self) -> list[do.Command]:
        """Positions are known: first of all, what the hub has lost."""
        self.is_returning = True
        self.return_by_ms = 0
        return [do.LoadLost()]

    def give_back(self, frame: Frame | None, now_ms: int) -> list[do.Command]:
        """Send what the hub has lost; None: nothing (any more)."""
        self.is_returning = frame is not None
        self.return_by_ms = now_ms + RETURN_PATIENCE_MS
        return [] if frame is None else [do.Send(Returned(frame))]

    def hear(
        self, message: Digest | Rows | TakenBack, cursor_of: Callable[[Scope], Cursor], now_ms: int
    ) -> list[do.Command]:
        """Digests or rows have come, or the hub has back what it lost."""
        if isinstance(message, TakenBack):
            done = do.ForgetLost(message.scope, message.generation, message.last)
            return [done, do.LoadLost()] if self.is_returning else []
        if self.refetch is None:
            return []
        here = cursor_of(self.refetch.scope)
        if isinstance(message, Digest):
            return self.refetch.hear_digest(message, here, now_ms)
        return self.refetch.hear_rows(message, here, now_ms)

    def fetched(self, event: do.Differs | do.TookRows, now_ms: int) -> Refetch | None:
        """A step of the fetch is done; returns it when that was the last one."""
        one = self.refetch
        if one is None:
            return None
        if isinstance(event, do.Differs):
            goes_on = one.differs(event.group, event.found, now_ms)
        elif not event.begun:
            self.refetch = filling(one.scope)
            return None
        elif not one.is_busy:
            return None  # of a fetch that was given up meanwhile
        else:
            goes_on = one.took(event.portion, now_ms)
        if goes_on:
            self._first_things_first()
            return None
        history = one.history(now_ms) if one.is_fill else None
        if history is not None:
            self._put_off(history)
        self.refetch, self.then = self.then, None
        if self.refetch is None and self.queue:
            self.refetch = self.queue.pop(0)
        return one

    def ask(self, now_ms: int, boot: bytes, *, settled: bool, caught_up: Collection[Scope] = ()) -> list[do.Command]:
        """Ask for what is next, if it is time to; `settled`: all that this till has saved is acknowledged.

        `caught_up`: the feeds that are followed to their heads.
        """
        if self.is_returning or self.refetch is None or not self.refetch.is_ready(settled=settled):
            return []
        self.tickets += 1
        ticket = boot + self.tickets.to_bytes(4, "big")
        return self.refetch.ask(now_ms, ticket, caught_up=self.refetch.scope in caught_up)

    def tick(self, now_ms: int) -> list[do.Command]:
        """Look at some rows now and then; say again what was not taken back."""
        found: list[do.Command] = []
        if now_ms >= self.scrub_at_ms:
            self.scrub_at_ms = now_ms + SCRUB_EVERY_MS
            found.append(do.Scrub(self.scrub_after))
        if self.is_returning and now_ms >= self.return_by_ms:
            self.return_by_ms = now_ms + RETURN_PATIENCE_MS
            found.append(do.LoadLost())
        return found
