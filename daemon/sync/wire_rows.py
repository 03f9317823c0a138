"""Messages that bring a replica what the feed alone does not: digests, rows, and what a restored hub has lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from daemon.domain.digest import GROUP_BYTES, GROUPS
from daemon.domain.element import Key
from daemon.domain.feed import Cursor, Frame, Scope
from daemon.domain.portion import Part, Portion
from daemon.sync.columns import from_columns, to_columns
from daemon.sync.plain import chain_bytes, exact, from_cursor, from_scope, natural, to_cursor, to_scope
from daemon.sync.row_columns import (
    from_key,
    from_losers,
    from_row_columns,
    from_stamps,
    to_key,
    to_losers,
    to_row_columns,
    to_stamps,
)

ALL_GROUPS = GROUPS
"""Asks for the digests of the groups themselves."""

TICKET_BYTES = 12

BUCKETS_MAX = 256
"""The most buckets whose rows are asked for one by one: where more differ, the replica is filled anew."""


@dataclass(frozen=True, slots=True)
class DigestWanted:
    """Till → hub: the digests of all groups of buckets (ALL_GROUPS), or the buckets of one group."""

    scope: Scope
    group: int


@dataclass(frozen=True, slots=True)
class Digest:
    """Hub → till: 256 digests of 16 bytes, and where the feed stood there."""

    scope: Scope
    cursor: Cursor
    group: int
    digests: bytes


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """Till → hub: the rows of a scope after a key, in so many portions at most; of these buckets, or of all (none).

    The answers carry the `ticket`: an answer to an older question was read too early. Of one `part` alone; an older
    hub answers with all of them.
    """

    scope: Scope
    after: Key
    buckets: tuple[int, ...]
    portions: int
    ticket: bytes
    part: Part = Part.WHOLE


@dataclass(frozen=True, slots=True)
class Rows:
    """Hub → till: the next rows."""

    portion: Portion
    ticket: bytes


@dataclass(frozen=True, slots=True)
class Returned:
    """Till → hub: records that the hub had ordered before it was restored, in their old order and places."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Hub → till: what was returned of that old generation up to this offset is ordered again."""

    scope: Scope
    generation: int
    last: int


MISSED_MAX = 64
"""Rows that are asked for at once."""


@dataclass(frozen=True, slots=True)
class RowsMissed:
    """Hub → till: rows that are damaged at head office."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class RowsHeld:
    """Till → hub: those of the missed rows that it holds, with their bodies as they are stored."""

    rows: tuple[tuple[Key, bytes], ...]


RowMessage = DigestWanted | Digest | RowsWanted | Rows | Returned | TakenBack | RowsMissed | RowsHeld


def _rows(m: Rows) -> Any:
    one = m.portion
    return (
        from_scope(one.scope),
        from_cursor(one.cursor),
        from_key(one.after),
        None if one.upto is None else from_key(one.upto),
        to_row_columns(one.rows),
        one.level,
        tuple(from_key(key) for key in one.unsure),
        to_losers(one.losers),
        to_stamps(one.authors),
        one.total,
        m.ticket,
        *_part(one.part),
    )


def _part(part: Part) -> tuple[int, ...]:
    """Said after all else, and only where it is not the whole: so it is as versions say it that know of no parts."""
    return (int(part),) if part else ()


def _to_part(more: list[Any]) -> Part:
    """What was not said, or by a newer version, is the whole: nobody is answered with a part that was not asked for."""
    return Part(more[0]) if more and type(more[0]) is int and more[0] in {*Part} else Part.WHOLE


def _to_rows(plain: Any) -> Rows:
    scope, cursor, after, upto, rows, level, unsure, losers, authors, total, ticket, *more = plain
    return Rows(
        Portion(
            scope=to_scope(scope),
            cursor=to_cursor(cursor),
            after=to_key(after),
            upto=None if upto is None else to_key(upto),
            rows=from_row_columns(rows),
            level=natural(level),
            unsure=tuple(to_key(key) for key in unsure),
            losers=from_losers(losers),
            authors=from_stamps(authors),
            total=natural(total),
            part=_to_part(more),
        ),
        exact(ticket, TICKET_BYTES),
    )


def _rows_wanted(m: RowsWanted) -> Any:
    return (from_scope(m.scope), from_key(m.after), m.buckets, m.portions, m.ticket, *_part(m.part))


def _to_rows_wanted(plain: Any) -> RowsWanted:
    scope, after, buckets, portions, ticket, *more = plain
    if len(buckets) > BUCKETS_MAX:
        raise ValueError("too many buckets")
    return RowsWanted(
        to_scope(scope),
        to_key(after),
        tuple(natural(one) for one in buckets),
        natural(portions),
        exact(ticket, TICKET_BYTES),
        _to_part(more),
    )


def _to_digest_wanted(plain: Any) -> DigestWanted:
    scope, group, *_ = plain
    if not 0 <= natural(group) <= ALL_GROUPS:
        raise ValueError("no such group")
    return DigestWanted(to_scope(scope), group)


def _to_digest(plain: Any) -> Digest:
    scope, cursor, group, digests, *_ = plain
    return Digest(to_scope(scope), to_cursor(cursor), natural(group), exact(digests, GROUP_BYTES))


def _returned(m: Returned) -> Any:
    frame = m.frame
    return (from_scope(frame.scope), frame.generation, frame.first, frame.chain, to_columns(frame.records))


def _to_returned(plain: Any) -> Returned:
    scope, generation, first, chain, columns, *_ = plain
    records = from_columns(columns)
    return Returned(Frame(to_scope(scope), natural(generation), natural(first), chain_bytes(chain), records))


def _to_taken_back(plain: Any) -> TakenBack:
    scope, generation, last, *_ = plain
    return TakenBack(to_scope(scope), natural(generation), natural(last))


def _to_rows_missed(plain: Any) -> RowsMissed:
    keys, *_ = plain
    if len(keys) > MISSED_MAX:
        raise ValueError("too many rows")
    return RowsMissed(tuple(to_key(key) for key in keys))


def _to_rows_held(plain: Any) -> RowsHeld:
    rows, *_ = plain
    if len(rows) > MISSED_MAX or not all(type(body) is bytes for _, body in rows):
        raise ValueError("not rows")
    return RowsHeld(tuple((to_key(key), body) for key, body in rows))


ROW_MESSAGES: dict[type, tuple[int, Callable[[Any], Any], Callable[[Any], RowMessage]]] = {
    DigestWanted: (13, lambda m: (from_scope(m.scope), m.group), _to_digest_wanted),
    Digest: (14, lambda m: (from_scope(m.scope), from_cursor(m.cursor), m.group, m.digests), _to_digest),
    RowsWanted: (15, _rows_wanted, _to_rows_wanted),
    Rows: (16, _rows, _to_rows),
    Returned: (17, _returned, _to_returned),
    TakenBack: (18, lambda m: (from_scope(m.scope), m.generation, m.last), _to_taken_back),
    RowsMissed: (19, lambda m: (tuple(from_key(key) for key in m.keys),), _to_rows_missed),
    RowsHeld: (20, lambda m: (tuple((from_key(key), body) for key, body in m.rows),), _to_rows_held),
}
"""Message types by their number on the wire, as in `wire`; a number is never reused."""
