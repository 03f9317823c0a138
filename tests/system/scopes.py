"""Whether a till holds what head office does, feed by feed (the chain, its shop, itself), read from both files."""

from contextlib import closing
from pathlib import Path

from daemon.domain.feed import Cursor, Scope
from daemon.store.buckets import read_buckets
from daemon.store.database import Connection, open_connection
from daemon.store.ordering import feed_head
from daemon.store.replica import saved_standing

Places = dict[Scope, tuple[Cursor, bytes]]
"""Where a replica stands in each feed, and the root of what it holds of it."""


def differing(hub: Path, till: Path) -> dict[Scope, str]:
    """The feeds in which two state directories differ, with what is different."""
    here = _read(till / "till.db", None)
    there = _read(hub / "hub.db", list(here))
    return {scope: _told(there[scope], mine) for scope, mine in here.items() if there[scope] != mine}


def _read(path: Path, wanted: list[Scope] | None) -> Places:
    with closing(open_connection(path, read_only=True)) as conn:
        conn.execute("BEGIN")  # one moment
        cursors = saved_standing(conn).cursors if wanted is None else _heads(conn, wanted)
        return {scope: (cursor, read_buckets(conn, scope).root()) for scope, cursor in cursors.items()}


def _heads(conn: Connection, wanted: list[Scope]) -> dict[Scope, Cursor]:
    return {scope: feed_head(conn, scope) for scope in wanted}


def _told(hub: tuple[Cursor, bytes], till: tuple[Cursor, bytes]) -> str:
    (theirs, root), (ours, mine) = hub, till
    at = f"head office at {theirs.generation}/{theirs.offset}, till at {ours.generation}/{ours.offset}"
    return f"{at}, {'the same rows' if root == mine else 'other rows'}"
