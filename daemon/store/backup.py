"""Backups of the hub: taken while it serves, verified, and the only ones that may ever be restored.

`backed-up` in the marks names the feed offset that the last verified backup holds: until then tills keep their own
records, and after a restore they send again what came later.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from daemon.domain.authoring import erase
from daemon.domain.change import Actor, ActorKind
from daemon.domain.element import tombstone_key
from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.durable_file import sync_directory
from daemon.errors import StoreFault
from daemon.store import authoring, ordering
from daemon.store.database import Connection, DatabaseError, migrate, open_connection, run
from daemon.store.replica import Replica, get_meta, put_meta, read_identity
from daemon.store.verify import verify

PATTERN = "hub-*.db"


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A verified backup: the file, the chain feed's offset in it, how many things it holds."""

    path: Path
    offset: int
    elements: int
    bytes: int


def take(database: Path, directory: Path, *, key: bytes | None, stamp: str) -> Backup:
    """Copy the hub's database beside its work, verify the copy, and let the marks say that it exists.

    `stamp` names the file (digits of the time). Raises StoreFault; a copy that fails its check is removed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    target, draft = directory / f"hub-{stamp}.db", directory / f".hub-{stamp}.draft"
    draft.unlink(missing_ok=True)
    source = open_connection(database, key=key, read_only=True)
    try:
        # A snapshot in one read transaction: the hub goes on ordering meanwhile.
        source.execute("PRAGMA query_only=OFF")
        source.execute("VACUUM INTO ?", (str(draft),))
    finally:
        source.close()
    try:
        offset, elements = _check(draft, key)
    except StoreFault:
        draft.unlink(missing_ok=True)
        raise
    _sync(draft)
    draft.replace(target)
    sync_directory(directory)
    _say_backed_up(database, key, offset)
    return Backup(path=target, offset=offset, elements=elements, bytes=target.stat().st_size)


def restore(backup: Path, database: Path, *, key: bytes | None, boot: bytes, now_ms: int) -> Backup:
    """Put a backup in the place of the hub's database, which must not be open. Raises StoreFault.

    The feeds begin a new generation, so that every till sends again what this backup does not hold; whoever was erased
    since is erased again before anything is served. The replaced file stays beside, under another name.
    """
    offset, elements = _check(backup, key)
    gone = _erased_since(database, key) | _erased_since(backup, key)
    draft = database.with_suffix(".restoring")
    for suffix in ("", "-wal", "-shm"):
        # What a restore that was killed left behind would be replayed over this copy.
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)
    draft.write_bytes(backup.read_bytes())
    conn = open_connection(draft, key=key)
    try:
        migrate(conn)
        run(conn, lambda c: _begin(c, boot=boot, gone=gone, now_ms=now_ms))
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        conn.close()
    _sync(draft)
    _move_away(database)
    draft.replace(database)
    sync_directory(database.parent)
    return Backup(path=backup, offset=offset, elements=elements, bytes=backup.stat().st_size)


def newest(directory: Path) -> Path | None:
    """The last backup of a directory."""
    return max(directory.glob(PATTERN), default=None)


def _begin(conn: Connection, *, boot: bytes, gone: set[bytes], now_ms: int) -> None:
    replica = Replica(boot)
    replica.reload(conn)
    ordering.begin_generation(conn)
    who = Actor(ActorKind.SYSTEM, "restore", "hub")
    for (entity,) in conn.execute(
        "SELECT DISTINCT entity FROM element WHERE kind = ?", (int(Kind.CUSTOMER),)
    ).fetchall():
        if tombstone_key(entity)[0] in gone:
            authoring.commit(conn, replica, who, [erase(Kind.ERASE, entity)], now_ms=now_ms)


def _erased_since(path: Path, key: bytes | None) -> set[bytes]:
    """Hashes of the ids that a file says are erased; none from a file that cannot be read."""
    if not path.exists():
        return set()
    try:
        conn = open_connection(path, key=key, read_only=True)
    except StoreFault:
        return set()
    try:
        return {row[0] for row in conn.execute("SELECT entity FROM element WHERE kind = ?", (int(Kind.ERASE),))}
    except DatabaseError:
        return set()  # the damaged file that this restore is for; it stays beside, for who can read more of it
    finally:
        conn.close()


def _check(path: Path, key: bytes | None) -> tuple[int, int]:
    """(feed offset, elements) of a sound backup; raises StoreFault."""
    conn = open_connection(path, key=key, read_only=True)
    try:
        identity = read_identity(conn)
        if identity is None or not identity.is_hub:
            raise StoreFault(f"{path.name} is not a backup of a hub")
        verdict = verify(conn)
        if not verdict.is_sound:
            raise StoreFault(f"{path.name}: {verdict.faults[0]}")
        return ordering.feed_head(conn, CHAIN).offset, verdict.elements
    finally:
        conn.close()


def _say_backed_up(database: Path, key: bytes | None, offset: int) -> None:
    conn = open_connection(database, key=key)
    try:
        run(conn, lambda c: put_meta(c, "backed_up", max(offset, int(get_meta(c, "backed_up", 0)))))
    finally:
        conn.close()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _move_away(database: Path) -> None:
    """Keep the replaced files: a restore may have been a mistake."""
    for suffix in ("", "-wal", "-shm"):
        old = database.with_name(database.name + suffix)
        if old.exists():
            old.replace(database.with_name(f"{database.name}.replaced{suffix}"))
