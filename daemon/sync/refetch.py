"""Brings a till the rows that the feed alone does not: all of a scope (a fill), or those where it differs (a repair).

    fill      ask for rows after a key ── portion taken ──▶ ask on ── last portion ──▶ follow the feed from its start
    history   the second pass of a fill: some portions, then what the feed has meanwhile, in turn, to the last portion
    repair    groups of buckets ──▶ buckets ──▶ rows of the buckets that differ ──▶ the next mark proves it

A pure part of the session: told messages and outcomes, it returns commands. One runs at a time.
"""

from dataclasses import dataclass, field, replace
from enum import Enum

from daemon.domain.element import Key
from daemon.domain.feed import Cursor, Scope
from daemon.domain.portion import BEFORE_ALL, Filling, Part, Portion, first_part
from daemon.sync import commands as do
from daemon.sync.wire_rows import ALL_GROUPS, BUCKETS_MAX, Digest, DigestWanted, Rows, RowsWanted

PORTIONS = 24
"""Portions asked for at once."""

PATIENCE_MS = 10_000
"""Ask again when nothing has come for so long."""

AGAIN_MS = 1_000
"""Ask again so soon for digests that were of another place in the feed."""

FILL_FROM = 2_000
"""An empty replica is filled from rows when the feed is longer than this."""

FOLLOWING_MS = 5_000
"""Between portions of the history the feed is followed to its head, or for so long."""

GROUPS_MAX = 24
"""Where more groups of buckets differ, everything is fetched."""


class Stage(Enum):
    """What is asked for now."""

    GROUPS = "groups"
    BUCKETS = "buckets"
    ROWS = "rows"


@dataclass(slots=True)
class Refetch:
    """One fill or repair under way."""

    scope: Scope
    stage: Stage
    is_fill: bool
    after: Key = BEFORE_ALL
    rows: int = 0
    total: int = 0
    part: Part = Part.WHOLE
    served: int = 0
    """Rows that the first pass brought."""
    groups: list[int] = field(default_factory=list)
    buckets: list[int] = field(default_factory=list)
    start: Cursor | None = None
    """Where the hub's feed stood when a fill began: what was read before that is too old for it."""
    ticket: bytes = b""
    coming: int = 0
    ask_at_ms: int = 0
    is_quiet: bool = False
    """All that this till has sent is acknowledged, so that the rows hold it; it sends on once the first have come."""
    is_busy: bool = False
    """A portion or a digest is being looked at."""
    is_following: bool = False
    """Some of the history is here: what the feed has meanwhile comes before more of it."""

    @property
    def is_history(self) -> bool:
        """Whether this is the second pass of a fill: the till has all that it serves with."""
        return self.part is Part.HISTORY

    def is_of(self, generation: int) -> bool:
        """Whether what was fetched so far is of this generation of the feed."""
        return self.start is None or self.start.generation == generation

    @property
    def halts_feed(self) -> bool:
        """Whether the feed waits: through a first pass; through a second one only while portions are on their way.

        So those are never older than where this replica stands.
        """
        return self.is_fill and (not self.is_history or self.is_busy or self.coming > 0)

    @property
    def holds_back(self) -> bool:
        """Whether uploads must wait."""
        return self.is_fill and self.is_quiet and self.after == BEFORE_ALL

    def is_ready(self, *, settled: bool) -> bool:
        """Whether to go on; a fill begins once everything that was sent is acknowledged (`settled`)."""
        if self.is_fill and self.after == BEFORE_ALL and not self.is_history:
            self.is_quiet = self.is_quiet or settled
            return self.is_quiet
        return True

    def ask(self, now_ms: int, ticket: bytes, *, caught_up: bool = False) -> list[do.Command]:
        """Ask, if it is time to; `ticket` was never used before. `caught_up`: the feed is followed to its head."""
        if self.is_busy or (now_ms < self.ask_at_ms and not (self.is_following and caught_up)):
            return []
        if self.is_history and self.coming > 0:
            # Nobody answers: the feed goes on, and is asked for more of the history when it has had its time.
            self.coming, self.is_following, self.ask_at_ms = 0, True, now_ms + FOLLOWING_MS
            return []
        self.ask_at_ms = now_ms + PATIENCE_MS
        if self.stage is Stage.ROWS:
            self.coming, self.ticket, self.is_following = PORTIONS, ticket, False
            return [do.Send(RowsWanted(self.scope, self.after, tuple(self.buckets), PORTIONS, ticket, self.part))]
        group = ALL_GROUPS if self.stage is Stage.GROUPS else self.groups[0]
        return [do.Send(DigestWanted(self.scope, group))]

    def hear_digest(self, digest: Digest, here: Cursor, now_ms: int) -> list[do.Command]:
        """The hub's digests: hold ours against them, if they are of the very place where this replica stands.

        Elsewhere whatever was ordered in between would look like damage: ask again soon, for a quiet moment.
        """
        wanted = ALL_GROUPS if self.stage is Stage.GROUPS else self.groups[0] if self.groups else None
        if self.is_busy or self.stage is Stage.ROWS or digest.scope != self.scope or digest.group != wanted:
            return []
        if (digest.cursor.generation, digest.cursor.offset) != (here.generation, here.offset):
            self.ask_at_ms = now_ms + AGAIN_MS
            return []
        self.is_busy = True
        return [do.CompareDigest(digest.scope, digest.group, digest.digests)]

    def differs(self, group: int, found: tuple[int, ...], now_ms: int) -> bool:
        """Where the digests differ; False when nothing does (any more)."""
        self.is_busy, self.ask_at_ms = False, now_ms
        if self.stage is Stage.GROUPS:
            self.groups = list(found)
            self.stage = Stage.BUCKETS
        elif self.stage is Stage.BUCKETS and self.groups and group == self.groups[0]:
            self.groups.pop(0)
            self.buckets += [group * ALL_GROUPS + at for at in found]
        if len(self.groups) > GROUPS_MAX or len(self.buckets) > BUCKETS_MAX:
            self.become_fill()
        elif not self.groups:
            self.stage = Stage.ROWS
            return bool(self.buckets)
        return True

    def become_fill(self) -> None:
        """Too much differs: fetch everything."""
        self.stage, self.is_fill, self.part = Stage.ROWS, True, first_part(self.scope)
        self.groups, self.buckets = [], []

    def hear_rows(self, rows: Rows, here: Cursor, now_ms: int) -> list[do.Command]:
        """The next rows; what does not continue, or is older than where this replica stands, is asked for again."""
        portion = rows.portion
        if self.is_busy or rows.ticket != self.ticket or portion.scope != self.scope or portion.after != self.after:
            return []
        if portion.part not in (self.part, Part.WHOLE):
            return []
        portion = self._of_our_part(portion)
        since = (self.start or portion.cursor) if self.is_fill and not self.is_history else here
        if portion.cursor.generation != here.generation or portion.cursor.offset < since.offset:
            return []
        if self.is_fill and self.start is None:
            self.start = portion.cursor
        self.is_busy = True
        self.coming -= 1
        self.ask_at_ms = now_ms + PATIENCE_MS
        return [do.TakeRows(portion, tuple(self.buckets), is_fill=self.is_fill)]

    def _of_our_part(self, portion: Portion) -> Portion:
        """An older hub sends the whole: so be it where a fill begins, else what was asked for is taken out of it."""
        if portion.part is self.part:
            return portion
        if self.after == BEFORE_ALL and not self.is_history:
            self.part = Part.WHOLE
            return portion
        return replace(portion, rows=tuple(row for row in portion.rows if self.part.holds(row.kind)), part=self.part)

    def pause(self) -> None:
        """Something else comes first; what is on its way is asked for again."""
        self.is_busy, self.coming, self.ask_at_ms, self.ticket, self.is_following = False, 0, 0, b"", False

    def took(self, portion: Portion, now_ms: int) -> bool:
        """A portion is in the table; False when it was the last."""
        self.is_busy = False
        self.rows += len(portion.rows)
        self.total = portion.total
        if portion.upto is None:
            return False
        self.after = portion.upto
        if self.coming <= 0:
            self.is_following = self.is_history
            self.ask_at_ms = now_ms + (FOLLOWING_MS if self.is_history else 0)
        return True

    def history(self, now_ms: int) -> "Refetch | None":
        """After the last portion: the second pass, where there is one. What the feed has meanwhile comes before it."""
        if self.part is not Part.COUNTER:
            return None
        second = Refetch(self.scope, Stage.ROWS, is_fill=True, part=Part.HISTORY, start=self.start, served=self.rows)
        second.is_following, second.ask_at_ms = True, now_ms + FOLLOWING_MS
        return second


def filling(scope: Scope) -> Refetch:
    """A fill of a scope from its beginning."""
    return Refetch(scope, Stage.ROWS, is_fill=True, part=first_part(scope))


def resumed(scope: Scope, begun: Filling, generation: int) -> Refetch:
    """A fill that an earlier process began; from the beginning where the hub was restored meanwhile."""
    if begun.start.generation != generation:
        return filling(scope)
    refetch = Refetch(scope, Stage.ROWS, is_fill=True, part=begun.part, after=begun.after, start=begun.start)
    refetch.rows, refetch.total, refetch.served = begun.rows, begun.total, begun.served
    return refetch


def must_fill(ours: Cursor, head: Cursor, oldest: int) -> bool:
    """Whether a feed cannot, or should not, be followed from where this replica stands."""
    return ours.offset < oldest or (ours.offset == 0 and head.offset > FILL_FROM)
