"""The inbox of disagreements: values that lost to one whose author had not seen them, newest first."""

from collections.abc import Iterator

from daemon.domain.canonical import unpack
from daemon.domain.hlc import Stamp
from daemon.domain.kinds import Kind
from daemon.domain.merge import Loser
from daemon.store.database import Connection

Place = tuple[int, int, int, bytes, int, bytes, int]
"""(time, site, incarnation, entity, kind, dot, field): where a page ended."""

FIRST: Place = (2**63 - 1, 2**31, 2**32, b"\xff" * 9, 2**31, b"\xff" * 9, 2**31)
"""Before the newest."""

_COUNTED = int(Kind.MONTH)
"""What head office has counted itself, before and after a restore, is nobody's to choose between."""

LOOKED_AT_MAX = 5_000
"""Losers looked at for one page: the rest is on the next."""


def place_of(loser: Loser) -> Place:
    """Where a loser stands in the list."""
    return (*loser.stamp, *loser.key, loser.number)


def losers_before(conn: Connection, place: Place) -> Iterator[Loser]:
    """The losers after a place of the list, without twins: those said what their winner says."""
    rows = conn.execute(
        "SELECT entity, kind, dot, field, value, time, site, incarnation, winner FROM loser"
        " WHERE (time, site, incarnation, entity, kind, dot, field) < (?,?,?,?,?,?,?) AND time <= ? AND kind != ?"
        " ORDER BY time DESC, site DESC, incarnation DESC, entity DESC, kind DESC, dot DESC, field DESC LIMIT ?",
        (*place, place[0], _COUNTED, LOOKED_AT_MAX),
    )
    for entity, kind, dot, number, value, time, site, incarnation, winner in rows:
        stamp: Stamp = (time, site, incarnation)
        loser = Loser((entity, kind, dot), number, unpack(value), stamp, unpack(winner))
        if not loser.is_twin:
            yield loser


def count(conn: Connection, *, upto: int) -> int:
    """How many values have lost, counted up to a number; twins among them."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM loser WHERE kind != ? LIMIT ?)"
    (found,) = conn.execute(sql, (_COUNTED, upto)).fetchone()
    return int(found)
