"""Rows on their way to a replica that lacks them: one run of the table in the order of its keys, as the hub holds it.

A portion says everything that the hub holds between two keys, so that what a replica holds there besides is known to be
too much. Rows may be newer than the place in the feed from which the replica follows on: applying the feed over them
again changes nothing, because a merge does not depend on how often or in which order it hears of a change.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from daemon.domain.change import Actor
from daemon.domain.element import Element, Key
from daemon.domain.feed import Cursor, Scope
from daemon.domain.hlc import Stamp
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.merge import Loser

BEFORE_ALL: Key = (b"", 0, b"")
"""The place before the first key."""


class Part(IntEnum):
    """Which kinds of a scope go in one pass over its table. The numbers are wire and stored data."""

    WHOLE = 0
    """All at once: of a hub or for a till of before there were two passes, and of what has no history."""
    COUNTER = 1
    """What a counter serves with: all but the history, kinds of newer versions among it."""
    HISTORY = 2
    """Heads and lines of sales, and what they come to by month."""

    def holds(self, kind: int) -> bool:
        """Whether elements of this kind go in this pass."""
        return self is Part.WHOLE or (kind in HISTORY_KINDS) == (self is Part.HISTORY)


HISTORY_KINDS: Final = frozenset({Kind.SALE, Kind.SALE_LINES, Kind.MONTH})
"""Never changed: a till and a hub that disagree about it would each wait for the other to send a kind."""


def first_part(scope: Scope) -> Part:
    """With which pass a fill of a scope begins."""
    return Part.WHOLE if scope.reach == Reach.SITE else Part.COUNTER


@dataclass(frozen=True, slots=True)
class Portion:
    """All rows of a scope (of one part, of some buckets) with `after` < key <= `upto`; `upto` None: to the table's end.

    rows     the elements, by ascending key
    cursor   where the hub's feed stood when they were read
    level    the highest kind that the hub knows: of higher ones it says nothing
    unsure   keys whose row at the hub does not match its hash: it says nothing of them either
    losers   what lost on these rows
    authors  who gave the stamps of these rows
    total    about how many rows there are in all, in this part; 0 where only some buckets are asked for
    """

    scope: Scope
    cursor: Cursor
    after: Key
    upto: Key | None
    rows: tuple[Element, ...]
    level: int
    unsure: tuple[Key, ...] = ()
    losers: tuple[Loser, ...] = ()
    authors: tuple[tuple[Stamp, Actor], ...] = ()
    total: int = 0
    part: Part = Part.WHOLE


@dataclass(frozen=True, slots=True)
class Filling:
    """How far a replica is with taking all rows of a scope anew; survives a restart.

    `start`: where it follows the feed from, once all but the history is here. `rows`: taken so far in this pass, of
    about `total`. `served`: rows that the pass before has brought.
    """

    start: Cursor
    after: Key = BEFORE_ALL
    rows: int = 0
    total: int = 0
    part: Part = Part.WHOLE
    served: int = 0
