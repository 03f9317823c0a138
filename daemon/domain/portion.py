"""Rows on their way to a replica that lacks them: one run of the table in the order of its keys, as the hub holds it.

A portion says everything that the hub holds between two keys, so that what a replica holds there besides is known to be
too much. Rows may be newer than the place in the feed from which the replica follows on: applying the feed over them
again changes nothing, because a merge does not depend on how often or in which order it hears of a change.
"""

from dataclasses import dataclass

from daemon.domain.change import Actor
from daemon.domain.element import Element, Key
from daemon.domain.feed import Cursor, Scope
from daemon.domain.hlc import Stamp
from daemon.domain.merge import Loser

BEFORE_ALL: Key = (b"", 0, b"")
"""The place before the first key."""


@dataclass(frozen=True, slots=True)
class Portion:
    """All rows of a scope (and of some buckets) with `after` < key <= `upto`; `upto` None: to the end of the table.

    rows     the elements, by ascending key
    cursor   where the hub's feed stood when they were read
    level    the highest kind that the hub knows: of higher ones it says nothing
    unsure   keys whose row at the hub does not match its hash: it says nothing of them either
    losers   what lost on these rows
    authors  who gave the stamps of these rows
    total    about how many rows there are in all; 0 where only some buckets are asked for
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


@dataclass(frozen=True, slots=True)
class Filling:
    """How far a replica is with taking all rows of a scope anew; survives a restart.

    `start`: where it will follow the feed from. `rows`: taken so far, of about `total`.
    """

    start: Cursor
    after: Key = BEFORE_ALL
    rows: int = 0
    total: int = 0
