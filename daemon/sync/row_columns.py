"""Rows in columns: how portions lie on the wire.

Side by side, what rows repeat (kind, origin, the day on which they were made) nearly vanishes in compression; the
random ids cost their eight bytes and no more.
"""

from typing import Any

from daemon.domain.change import Actor
from daemon.domain.element import Element, Key
from daemon.domain.hlc import Stamp
from daemon.domain.merge import Loser
from daemon.errors import PeerFault

ID = 8


def to_row_columns(rows: tuple[Element, ...]) -> tuple[Any, ...]:
    """(kinds, origins, origin numbers, times, ids, dots, fields, stamps); times and stamps as differences."""
    origins: dict[tuple[int, int], int] = {}
    numbers: list[int] = []
    times: list[int] = []
    stamps: list[Any] = []
    before = 0
    for row in rows:
        time, site, incarnation = row.base
        numbers.append(origins.setdefault((site, incarnation), len(origins)))
        times.append(time - before)
        before = time
        stamps.append({number: _named(stamp, time, origins) for number, stamp in sorted(row.stamps.items())})
    return (
        tuple(int(row.kind) for row in rows),
        tuple(origins),
        tuple(numbers),
        tuple(times),
        b"".join(row.entity for row in rows),
        tuple(row.dot for row in rows),
        tuple(dict(sorted(row.fields.items())) for row in rows),
        tuple(stamps),
    )


def from_row_columns(columns: Any) -> tuple[Element, ...]:
    """The rows again; raises PeerFault when the columns do not fit together."""
    try:
        return tuple(_rows(*columns))
    except (ValueError, TypeError, LookupError, AttributeError) as wrong:
        raise PeerFault("the columns of a portion do not fit together") from wrong


def _rows(kinds: Any, origins: Any, numbers: Any, times: Any, ids: Any, *rest: Any) -> list[Element]:
    dots, fields, stamps = rest
    if type(ids) is not bytes or len(ids) != ID * len(kinds):
        raise PeerFault("a portion does not carry one id for each row")
    rows: list[Element] = []
    time = 0
    for at, (kind, number, step, dot, values, set_at) in enumerate(
        zip(kinds, numbers, times, dots, fields, stamps, strict=True)
    ):
        time += step
        base = _stamp((time, *origins[_natural(number)]))
        stamped = {n: _stamp((time + step, *origins[_natural(origin)])) for n, (step, origin) in set_at.items()}
        if type(values) is not dict or type(dot) is not bytes or len(dot) not in (0, ID):
            raise PeerFault("a row of a portion does not have the parts of one")
        rows.append(Element(_natural(kind), ids[at * ID : at * ID + ID], dot, base, values, stamped))
    return rows


def _named(stamp: Stamp, base: int, origins: dict[tuple[int, int], int]) -> tuple[int, int]:
    time, site, incarnation = stamp
    return (time - base, origins.setdefault((site, incarnation), len(origins)))


def to_stamps(authors: tuple[tuple[Stamp, Actor], ...]) -> tuple[Any, ...]:
    """(actors, (time as a difference, site, incarnation, actor number) of each stamp)."""
    actors: dict[tuple[int, str, str, int], int] = {}
    lines: list[tuple[int, int, int, int]] = []
    before = 0
    for (time, site, incarnation), who in authors:
        number = actors.setdefault((int(who.kind), who.id, who.role, who.shop), len(actors))
        lines.append((time - before, site, incarnation, number))
        before = time
    return tuple(actors), tuple(zip(*lines, strict=True)) if lines else ()


def from_stamps(plain: Any) -> tuple[tuple[Stamp, Actor], ...]:
    """Who gave which stamp."""
    table, columns = plain
    actors = [Actor(_natural(kind), _text(ident), _text(role), _natural(shop)) for kind, ident, role, shop in table]
    found: list[tuple[Stamp, Actor]] = []
    time = 0
    for step, site, incarnation, number in zip(*columns, strict=True):
        time += step
        found.append((_stamp((time, site, incarnation)), actors[_natural(number)]))
    return tuple(found)


def to_losers(losers: tuple[Loser, ...]) -> tuple[Any, ...]:
    """Losers, one after the other: they are few."""
    return tuple((from_key(one.key), one.number, one.value, one.stamp, one.winner) for one in losers)


def from_losers(plain: Any) -> tuple[Loser, ...]:
    """Losers again."""
    return tuple(
        Loser(to_key(key), _natural(number), value, _stamp(stamp), _stamp(winner))
        for key, number, value, stamp, winner in plain
    )


def from_key(key: Key) -> tuple[bytes, int, bytes]:
    """A key as plain values."""
    return (key[0], int(key[1]), key[2])


def to_key(plain: Any) -> Key:
    """A key, or the place before all keys; raises ValueError or TypeError for anything else."""
    entity, kind, dot = plain
    if type(entity) is not bytes or type(dot) is not bytes or len(entity) not in (0, ID) or len(dot) not in (0, ID):
        raise ValueError("not a key")
    return (entity, _natural(kind), dot)


def _stamp(plain: Any) -> Stamp:
    time, site, incarnation = plain
    return (_natural(time), _natural(site), _natural(incarnation))


def _natural(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("not a natural number")
    return value


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > 500:
        raise ValueError("not a short text")
    return value
