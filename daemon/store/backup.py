"""Backups of the hub: taken while it serves, verified, and the only ones that may ever be restored.

`backed-up` in the marks names what the oldest of them holds (`backup_list`): until then tills keep their own records,
and after a restore they send again what came later.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from daemon.domain.authoring import erase
from daemon.domain.change import Actor, ActorKind
from daemon.domain.element import tombstone_key
from daemon.domain.feed import CHAIN, Cursor
from daemon.domain.kinds import Kind
from daemon.durable_file import sync_directory
from daemon.errors import OperatorMistake, StoreFault
from daemon.store import authoring, backup_list, leftovers, ordering
from daemon.store.backup_list import KEEP, Listed
from daemon.store.database import Connection, DatabaseError, migrate, open_connection, run
from daemon.store.replica import Replica, read_identity
from daemon.store.verify import verify

PATTERN = "hub-*.db"
_DRAFTS = ".hub-*.draft"


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A verified backup: the file, the chain feed's offset in it, how many things it holds.

    `backed_up` is the offset that the marks name now; `withdrawn` lie where they were written and may not be restored.
    """

    path: Path
    offset: int
    elements: int
    bytes: int
    backed_up: int
    withdrawn: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What was put in the place of the database.

    `erasures_known`: the replaced database could be read, so whoever was erased since this backup is erased again.
    """

    path: Path
    offset: int
    elements: int
    bytes: int
    erasures_known: bool


@dataclass(frozen=True, slots=True)
class _Witness:
    """What a database says of the history of its chain, and of those who were erased.

    `backed_up` is what the tills were told, with the chain there; `continues`: the backup in question is its beginning.
    """

    head: Cursor
    backed_up: int
    chain: bytes | None
    continues: bool
    erased: frozenset[bytes]


def take(
    database: Path, directory: Path, *, key: bytes | None, stamp: str, now_ms: int = 0, keep: int = KEEP
) -> Backup:
    """Copy the hub's database beside its work, verify the copy, and let the marks say what the last `keep` all hold.

    `stamp` names the file (digits of the time). The older ones are withdrawn: their files are the caller's to remove,
    now that no till relies on them. Raises StoreFault; a copy that fails its check is removed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for unfinished in directory.glob(_DRAFTS):
        unfinished.unlink()  # whoever wrote it was killed; it holds persons, and nobody else looks for it
    target, draft = directory / f"hub-{stamp}.db", directory / f".hub-{stamp}.draft"
    source = open_connection(database, key=key, read_only=True)
    try:
        # A snapshot in one read transaction: the hub goes on ordering meanwhile.
        source.execute("PRAGMA query_only=OFF")
        source.execute("VACUUM INTO ?", (str(draft),))
    except DatabaseError as fault:
        draft.unlink(missing_ok=True)
        raise StoreFault(f"the copy {draft} could not be written: {fault}") from fault
    finally:
        source.close()
    try:
        at, elements = _check(draft, key)
    except StoreFault:
        draft.unlink(missing_ok=True)
        raise
    _sync(draft)
    draft.replace(target)
    sync_directory(directory)
    listed = Listed(path=target.absolute(), taken_ms=now_ms, at=at)
    backed_up, withdrawn = _list(database, key, listed, keep=keep)
    # The database proved itself whole: what it replaced is not needed any more.
    leftovers.remove(database)
    return Backup(
        path=target,
        offset=at.offset,
        elements=elements,
        bytes=target.stat().st_size,
        backed_up=backed_up,
        withdrawn=tuple(withdrawn),
    )


def restore(
    backup: Path, database: Path, *, key: bytes | None, boot: bytes, now_ms: int, accept_loss: bool = False
) -> Restored:
    """Put a backup in the place of the hub's database, which must not be open. Raises StoreFault, OperatorMistake.

    The feeds begin a new generation, so that every till sends again what this backup does not hold; whoever was erased
    since is erased again before anything is served. The replaced file stays beside (`leftovers`). A backup older than
    what the tills were told to be backed up is refused, because they may have dropped the rest, unless `accept_loss`.
    """
    at, elements = _check(backup, key)
    replaced = _testimony(database, key, at)
    siblings = [path for path in backup.parent.glob(PATTERN) if path.absolute() != backup.absolute()]
    others = [_testimony(path, key, at) for path in siblings]
    witnesses = [one for one in (replaced, *others) if one is not None]
    if not accept_loss:
        _refuse_outdated(backup, key, witnesses)
    draft = leftovers.beside(database, leftovers.RESTORING)
    for companion in leftovers.COMPANIONS:
        # What a restore that was killed left behind would be replayed over this copy.
        draft.with_name(draft.name + companion).unlink(missing_ok=True)
    draft.write_bytes(backup.read_bytes())
    conn = open_connection(draft, key=key)
    try:
        migrate(conn)
        listed = Listed(path=backup.absolute(), taken_ms=int(backup.stat().st_mtime * 1000), at=at)
        run(conn, lambda c: _begin(c, listed, witnesses, boot=boot, now_ms=now_ms))
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        conn.close()
    _sync(draft)
    _move_away(database)
    draft.replace(database)
    sync_directory(database.parent)
    return Restored(
        path=backup,
        offset=at.offset,
        elements=elements,
        bytes=backup.stat().st_size,
        erasures_known=replaced is not None,
    )


def newest(directory: Path) -> Path | None:
    """The last backup of a directory."""
    return max(directory.glob(PATTERN), default=None)


def forget_withdrawn(database: Path, gone: Iterable[Path], *, key: bytes | None) -> None:
    """The files of these withdrawn backups are not there any more."""
    conn = open_connection(database, key=key)
    try:
        for path in gone:
            backup_list.forget(conn, path)
    finally:
        conn.close()


def _begin(conn: Connection, backup: Listed, witnesses: list[_Witness], *, boot: bytes, now_ms: int) -> None:
    replica = Replica(boot)
    replica.reload(conn)
    seen = max((one.head.generation for one in witnesses), default=0)
    # A later history that does not begin with this backup: from where the feeds differ, nobody can say.
    is_known = all(one.continues or _is_older(one.head, backup.at) for one in witnesses)
    ordering.begin_generation(conn, is_known=is_known, after=seen)
    promised = max((one.backed_up for one in witnesses), default=0)
    backup_list.withdraw_before(conn, promised, now_ms=now_ms)
    backup_list.enter(conn, backup)
    gone = frozenset[bytes]().union(*(one.erased for one in witnesses))
    who = Actor(ActorKind.SYSTEM, "restore", "hub")
    for (entity,) in conn.execute(
        "SELECT DISTINCT entity FROM element WHERE kind = ?", (int(Kind.CUSTOMER),)
    ).fetchall():
        if tombstone_key(entity)[0] in gone:
            authoring.commit(conn, replica, who, [erase(Kind.ERASE, entity)], now_ms=now_ms)


def _refuse_outdated(path: Path, key: bytes | None, witnesses: list[_Witness]) -> None:
    """Every till may have dropped what `backed_up` names: this backup must hold the same history up to there."""
    conn = open_connection(path, key=key, read_only=True)
    try:
        for one in witnesses:
            here = ordering.chain_in_feed(conn, CHAIN, one.backed_up)
            too_short = ordering.feed_head(conn, CHAIN).offset < one.backed_up
            differs = None not in (here, one.chain) and here != one.chain
            if too_short or differs:
                raise OperatorMistake(
                    f"{path.name} was withdrawn: tills may have dropped records up to position {one.backed_up}"
                    " that it does not hold; take a later one, or give --accept-loss"
                )
    finally:
        conn.close()


def _is_older(one: Cursor, other: Cursor) -> bool:
    return (one.generation, one.offset) <= (other.generation, other.offset)


def _testimony(path: Path, key: bytes | None, at: Cursor) -> _Witness | None:
    """What a database that is not in use says; None from one that is not there or cannot be read to its end."""
    if not path.exists():
        return None
    with suppress(StoreFault, DatabaseError):
        conn = open_connection(path, key=key, read_only=True)
        try:
            backed_up = backup_list.backed_up(conn)
            erased = conn.execute("SELECT entity FROM element WHERE kind = ?", (int(Kind.ERASE),)).fetchall()
            return _Witness(
                head=ordering.feed_head(conn, CHAIN),
                backed_up=backed_up,
                chain=ordering.chain_in_feed(conn, CHAIN, backed_up),
                continues=ordering.chain_in_feed(conn, CHAIN, at.offset) == at.chain,
                erased=frozenset(entity for (entity,) in erased),
            )
        finally:
            conn.close()
    return None


def _check(path: Path, key: bytes | None) -> tuple[Cursor, int]:
    """(where the chain's feed stands, elements) of a sound backup; raises StoreFault."""
    conn = open_connection(path, key=key, read_only=True)
    try:
        identity = read_identity(conn)
        if identity is None or not identity.is_hub:
            raise StoreFault(f"{path.name} is not a backup of a hub")
        verdict = verify(conn)
        if not verdict.is_sound:
            raise StoreFault(f"{path.name}: {verdict.faults[0]}")
        return ordering.feed_head(conn, CHAIN), verdict.elements
    except DatabaseError as fault:
        raise StoreFault(f"{path.name} cannot be read to its end: {fault}") from fault
    finally:
        conn.close()


def _list(database: Path, key: bytes | None, backup: Listed, *, keep: int) -> tuple[int, list[Path]]:
    """Enter a backup and withdraw the oldest; returns what the marks say from now on, and what was withdrawn."""

    def unit(conn: Connection) -> tuple[int, list[Path]]:
        backup_list.enter(conn, backup)
        withdrawn = backup_list.withdraw_all_but(conn, keep, now_ms=backup.taken_ms)
        return backup_list.backed_up(conn), withdrawn

    conn = open_connection(database, key=key)
    try:
        return run(conn, unit)
    except DatabaseError as fault:
        raise StoreFault(f"the database {database.name} refuses: {fault}") from fault
    finally:
        conn.close()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _move_away(database: Path) -> None:
    """Keep the replaced files: a restore may have been a mistake."""
    for companion in leftovers.COMPANIONS:
        old = database.with_name(database.name + companion)
        if old.exists():
            old.replace(leftovers.beside(database, leftovers.REPLACED + companion))
