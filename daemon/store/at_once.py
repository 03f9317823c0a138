"""Many short rows in one step of a statement.

At each step another thread may take the interpreter. Beside a merge, whoever fetched a hundred rows one by one would
wait a hundred times; here SQLite lays them end to end, and they are cut apart afterwards.
"""

from collections.abc import Sequence
from typing import Any

from daemon.store.database import Connection

AT_ONCE = 128
"""Rows that one statement asks for."""

A_FEW = 48
"""Rows of a shorter one: what a search looks at."""


def _statements(many: int) -> tuple[str, str]:
    """What asks for so many rows: end to end, and one by one."""
    of_these = f"FROM element WHERE kind = ? AND dot = x'' AND entity IN ({','.join('?' * many)})"
    joined = "count(*), group_concat(length(body)), CAST(group_concat(entity || hash || body, '') AS BLOB)"
    return f"SELECT {joined} {of_these}", f"SELECT entity, body, hash {of_these}"


_ASKING = {many: _statements(many) for many in (A_FEW, AT_ONCE)}

_IDS = 8 + 16
"""Bytes of an entity and of a hash."""

Stored = tuple[bytes, bytes, bytes]
"""(entity, body, hash)"""


def rows(conn: Connection, kind: int, entities: Sequence[bytes]) -> list[Stored]:
    """The rows of a kind that these entities have, in no order."""
    found: list[Stored] = []
    for start in range(0, len(entities), AT_ONCE):
        part = entities[start : start + AT_ONCE]
        many = A_FEW if len(part) <= A_FEW else AT_ONCE
        found += _rows(conn, _ASKING[many], (kind, *part, *[part[-1]] * (many - len(part))))
    return found


def _rows(conn: Connection, asking: tuple[str, str], asked: tuple[Any, ...]) -> list[Stored]:
    in_one, one_by_one = asking
    count, told, joined = conn.execute(in_one, asked).fetchone()
    lengths = [int(one) for one in told.split(",")] if told else []
    if len(lengths) != count or sum(lengths) + count * _IDS != len(joined or b""):
        # A damaged row does not fit among the others: its reader says so, or mends it.
        return conn.execute(one_by_one, asked).fetchall()
    found: list[Stored] = []
    start = 0
    for length in lengths:
        body = start + _IDS
        end = body + length
        found.append((joined[start : start + 8], joined[body:end], joined[start + 8 : body]))
        start = end
    return found


def numbers(conn: Connection, query: str, asked: tuple[Any, ...]) -> list[int]:
    """What a query answers in its one column `found`, whole numbers, in its order."""
    (joined,) = conn.execute(f"SELECT group_concat(found) FROM ({query})", asked).fetchone()
    return [int(one) for one in joined.split(",")] if joined else []


def ids(conn: Connection, query: str, asked: tuple[Any, ...]) -> list[bytes]:
    """What a query answers in its one column `found`, ids of eight bytes, in its order."""
    joined = _joined(conn, query, asked)
    if len(joined) % 8:
        return [one for (one,) in conn.execute(query, asked)]
    return [joined[at : at + 8] for at in range(0, len(joined), 8)]


def distinct_ids(conn: Connection, query: str, asked: tuple[Any, ...]) -> set[int]:
    """The distinct ids of eight bytes that a query answers in its one column `found`, to be counted: as numbers."""
    joined = _joined(conn, query, asked)
    return set(memoryview(joined)[: len(joined) // 8 * 8].cast("Q"))


def _joined(conn: Connection, query: str, asked: tuple[Any, ...]) -> bytes:
    (joined,) = conn.execute(f"SELECT CAST(group_concat(found, '') AS BLOB) FROM ({query})", asked).fetchone()
    return joined or b""
