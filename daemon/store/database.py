"""The door to SQLite: opens the file, migrates it, runs units of work.

A unit of work is one closure, one hop to the connection's thread, one transaction. Nothing is answered, acknowledged or
printed before the unit that saved it has returned.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from daemon.domain.account import account_in
from daemon.domain.claims import tried_at_in
from daemon.domain.coupon import coupon_account_in
from daemon.domain.ledger import earned_book_in, earned_in
from daemon.domain.sale import copied_in
from daemon.domain.sound_key import sound_key
from daemon.errors import ComptoirError, DamagedFile, DamagedRow, StoreFault
from daemon.store.ballast import NO_ROOM_BYTES, Ballast, Refusal, Room, fault_of, refusal_of
from daemon.store.checkpoints import SAYS_ITS_LENGTH, Checkpoints
from daemon.store.courtesy import STEPS, Courtesy
from daemon.store.slots import one_record

try:
    from sqlcipher3 import dbapi2 as engine
except ImportError:  # a platform without the wheel: the standard module serves, without encryption
    import sqlite3 as engine

T = TypeVar("T")
Connection = sqlite3.Connection
DatabaseError = engine.Error
"""What a damaged file raises in the middle of a unit."""

Unit = Callable[[Connection], T]

# The module knows bytes for plain only after an exception that it raises and swallows for each one that is bound: with
# an adapter, though it changes nothing, a statement over ids and bodies costs a third.
engine.register_adapter(bytes, bytes)

SAFE_WITH_TWO = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""Versions from which (in their line) two connections that write or checkpoint cannot corrupt a WAL database."""

CACHE_KIB = 8 * 1024
"""Page cache of each connection: a million customers' index pages above the leaves fit."""


class Courteous(engine.Connection):  # type: ignore[misc]  # the engine has no types
    """A connection whose units pause while somebody reads, where `give_way` is set (`courtesy.paced`)."""

    give_way: Callable[[], object] | None = None


def sqlite_version() -> tuple[int, ...]:
    """The version of SQLite in use, which `doctor` says."""
    return tuple(engine.sqlite_version_info)


def may_read_beside() -> bool:
    """Whether a second, reading connection is safe with this SQLite."""
    version = sqlite_version()
    newest = SAFE_WITH_TWO[0]
    return version >= newest or any(version[:2] == safe[:2] and version >= safe for safe in SAFE_WITH_TWO[1:])


def open_connection(path: Path | str, *, key: bytes | None = None, read_only: bool = False) -> Connection:
    """Open one connection with the settings that the promises rest on; raises StoreFault.

    `key` is 32 raw bytes; a passphrase would cost a tenth of a second at each opening.
    """
    conn: Connection | None = None
    try:
        conn = engine.connect(str(path), isolation_level=None, check_same_thread=False, factory=Courteous)
        assert conn is not None, "it opens or it raises"
        # Asked by the migrations that give what was stored before its new form; nothing else needs them.
        conn.create_function("sound_key", 1, sound_key, deterministic=True)
        conn.create_function("account_in", 1, account_in, deterministic=True)
        conn.create_function("one_record", 2, one_record, deterministic=True)
        conn.create_function("coupon_account_in", 1, coupon_account_in, deterministic=True)
        conn.create_function("earned_in", 1, earned_in, deterministic=True)
        conn.create_function("earned_book_in", 1, earned_book_in, deterministic=True)
        conn.create_function("copied_in", 1, copied_in, deterministic=True)
        conn.create_function("tried_at_in", 1, tried_at_in, deterministic=True)
        if key is not None:
            _unlock(conn, key)
        if not read_only:
            conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("PRAGMA secure_delete=ON")
        conn.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        conn.execute("PRAGMA temp_store=MEMORY")
        conn.execute("PRAGMA busy_timeout=5000")
        if read_only:
            conn.execute("PRAGMA query_only=ON")
        conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except engine.Error as fault:
        if conn is not None:
            conn.close()
        kind = DamagedFile if refusal_of(str(fault), 0) is Refusal.DAMAGED else StoreFault
        raise kind(f"the database {path} cannot be opened: {fault}") from fault
    return conn


def _unlock(conn: Connection, key: bytes) -> None:
    """Give SQLCipher its raw key; the standard module would silently ignore it and store plain text."""
    conn.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    if conn.execute("PRAGMA cipher_version").fetchone() is None:
        raise StoreFault("an encryption key is configured, but this machine's SQLite cannot encrypt")


def migrate(conn: Connection, *, before: Callable[[int], None] = lambda _: None) -> int:
    """Bring the schema up to date, one transaction a step; returns the version. Raises StoreFault on a newer file.

    `before(version)` is called once ahead of the first step on a file that already holds data: the time for a backup.
    """
    steps = _steps()
    version = int(conn.execute("PRAGMA user_version").fetchone()[0])
    if version > len(steps):
        raise StoreFault(f"the database is of schema {version}, this program knows {len(steps)}: downgrade refused")
    if 0 < version < len(steps):
        before(version)
    for number, script in enumerate(steps[version:], start=version + 1):
        conn.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(script):
                conn.execute(statement)
            conn.execute(f"PRAGMA user_version={number}")
            conn.execute("COMMIT")
        except BaseException:
            conn.execute("ROLLBACK")
            raise
    return len(steps)


def _steps() -> list[str]:
    files = resources.files("daemon.store").joinpath("schema").iterdir()
    scripts = sorted((file.name, file.read_text("utf-8")) for file in files if file.name.endswith(".sql"))
    return [text for _, text in scripts]


def _statements(script: str) -> list[str]:
    """Split a migration at the semicolons that end statements."""
    found, pending = [], ""
    for line in script.splitlines():
        if line.lstrip().startswith("--"):
            continue
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    assert not pending.strip(), "a migration ends inside a statement"
    return found


def run(conn: Connection, unit: Unit[T]) -> T:
    """Run a unit in one durable transaction; whatever it raises rolls everything back."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        answer = unit(conn)
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise
    return answer


def look(conn: Connection, unit: Unit[T]) -> T:
    """Run a unit that only reads; all that it sees is of one moment, whatever is committed meanwhile."""
    conn.execute("BEGIN")
    try:
        return unit(conn)
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")


class Database:
    """One file, open: a connection that writes and, where it is safe, one that only reads."""

    def __init__(
        self,
        writer: aiosqlite.Connection,
        reader: aiosqlite.Connection | None,
        path: Path,
        ballast: Ballast | None = None,
        checkpoints: Checkpoints | None = None,
        courtesy: Courtesy | None = None,
    ) -> None:
        self.path = path
        self._courtesy = courtesy or Courtesy()
        self._ballast = ballast or Ballast(path, 0)
        self._checkpoints = checkpoints
        self.commits = 0
        """How many units were committed since the file was opened: what was read since the last one still holds."""
        self._writer = writer
        self._reader = reader
        self._at_counter = 0
        self._counter_free = asyncio.Event()
        self._counter_free.set()
        self._on_rollback: list[Unit[Any]] = []
        self._is_stale = False
        """A unit failed, and what is held in memory could not be read again."""
        self._on_write: list[Callable[[], None]] = []
        self._on_damage: list[Callable[[tuple[bytes, int, bytes]], None]] = []
        self._on_commit: list[Callable[[], None]] = []
        self._on_broken: list[Callable[[DamagedFile], None]] = []

    @property
    def room(self) -> Room:
        """What is free on the disk, and whether that is too little to save anything."""
        return self._ballast.room()

    @property
    def trouble(self) -> str:
        """What is wrong beneath it though commits succeed, in one sentence; empty where nothing is."""
        return self._checkpoints.trouble if self._checkpoints is not None else ""

    def on_rollback(self, reload: Unit[Any]) -> None:
        """Call `reload` after each failed unit: what is held in memory must say what the file says.

        Where even that fails, no unit that writes begins before it has succeeded.
        """
        self._on_rollback.append(reload)

    def on_write(self, told: Callable[[], None]) -> None:
        """Call `told` after each committed `write`: there may be something to send. It must not block or raise."""
        self._on_write.append(told)

    def on_damage(self, told: Callable[[tuple[bytes, int, bytes]], None]) -> None:
        """Call this with the key of a row that somebody met and that does not match its hash any more."""
        self._on_damage.append(told)

    def on_broken(self, told: Callable[[DamagedFile], None]) -> None:
        """Call this when a unit meets damage of the file itself: nothing that it says can be trusted any more."""
        self._on_broken.append(told)

    def on_commit(self, told: Callable[[], None]) -> None:
        """Call `told` after each committed unit, those of replication too. It must not block or raise."""
        self._on_commit.append(told)

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit for somebody at the counter: durable when it returns. Raises StoreFault when the disk refuses."""
        self._at_counter += 1
        self._counter_free.clear()
        try:
            return await self._run(self._writer, partial(self._commit, unit, asyncio.get_running_loop()))
        finally:
            self._at_counter -= 1
            if not self._at_counter:
                self._counter_free.set()

    async def write_in_turn(self, unit: Unit[T]) -> T:
        """Run a unit of replication: as `write`, but after everybody who waits at the counter."""
        await self._wait_for_turn()
        return await self._run(self._writer, partial(self._transact, unit, asyncio.get_running_loop()))

    async def write_behind(self, unit: Unit[T]) -> T:
        """Run a unit of a long task of somebody's: as `write`, but after everybody who waits at the counter."""
        await self._wait_for_turn()
        return await self._run(self._writer, partial(self._commit, unit, asyncio.get_running_loop()))

    async def _wait_for_turn(self) -> None:
        """Until nobody waits at the counter; and where the log is long, until it is folded."""
        if self._checkpoints is not None and self._checkpoints.is_long:
            await asyncio.wrap_future(self._checkpoints.begin())
        await self._counter_free.wait()

    async def read(self, unit: Unit[T], *, is_search: bool = False) -> T:
        """Run a unit that only reads, beside the writer where that is safe; it sees what is durable, of one moment.

        What is held in memory is not read again for it (`on_rollback`). `is_search`: for somebody who types.
        """
        with self._courtesy.reading(is_search=is_search):
            return await self._run(self._reader or self._writer, partial(look, unit=unit))

    async def compact(self) -> None:
        """Write the whole file anew, without what lies in unused parts of it. Raises StoreFault."""
        await self._wait_for_turn()
        await self._run(self._writer, lambda conn: conn.execute("VACUUM").close())

    def _commit(self, unit: Unit[T], loop: asyncio.AbstractEventLoop, conn: Connection) -> T:
        """On the connection's thread: what is committed is told, also when who asked for it has been cancelled."""
        self._ballast.require()
        answer = self._transact(unit, loop, conn)
        for told in self._on_write:
            loop.call_soon_threadsafe(told)
        return answer

    def _transact(self, unit: Unit[T], loop: asyncio.AbstractEventLoop, conn: Connection) -> T:
        if self._is_stale:
            self._reload(conn)
        try:
            answer = run(conn, unit)
        except BaseException as failed:
            with suppress(engine.Error):
                self._reload(conn)
            if isinstance(failed, engine.Error):
                self._make_room(conn, failed)
            raise
        self.commits += 1
        if self._checkpoints is not None:
            self._checkpoints.look(conn)
        for told in self._on_commit:
            loop.call_soon_threadsafe(told)
        return answer

    def _reload(self, conn: Connection) -> None:
        self._is_stale = True
        for reload in self._on_rollback:
            reload(conn)
        self._is_stale = False

    def _make_room(self, conn: Connection, failed: Exception) -> None:
        """On a full disk the ballast goes, and the log is folded into the database: that is room for replication."""
        if refusal_of(str(failed), self._ballast.free_bytes()) is Refusal.FULL and self._ballast.release():
            with suppress(engine.Error):
                conn.execute("PRAGMA wal_checkpoint(PASSIVE)")

    async def _run(self, on: aiosqlite.Connection, unit: Unit[T]) -> T:
        # aiosqlite has no public call for a closure; statement by statement a unit would cost a hop each.
        work = partial(unit, on._conn)  # noqa: SLF001
        try:
            return await on._execute(work)  # type: ignore[no-any-return,no-untyped-call]  # noqa: SLF001
        except DamagedRow as hit:
            for told in self._on_damage:
                told(hit.key)
            raise
        except ComptoirError:
            raise
        except engine.Error as fault:
            said = str(fault)
            sentence = fault_of(refusal_of(said, self._ballast.free_bytes()), said, self.path)
            if isinstance(sentence, DamagedFile):
                for broken in self._on_broken:
                    broken(sentence)
            raise sentence from fault


@asynccontextmanager
async def open_database(
    path: Path,
    *,
    key: bytes | None = None,
    before_migration: Callable[[int], None] = lambda _: None,
    ballast_bytes: int = 0,
) -> AsyncIterator[Database]:
    """Open (and migrate) the database of this replica; raises StoreFault in one sentence."""
    ballast = Ballast(path, ballast_bytes)

    def connect() -> Connection:
        try:
            conn = open_connection(path, key=key)
        except StoreFault:
            if ballast.free_bytes() >= NO_ROOM_BYTES or not ballast.release():
                raise
            conn = open_connection(path, key=key)
        try:
            migrate(conn, before=before_migration)
        except engine.Error as fault:
            conn.close()
            raise fault_of(refusal_of(str(fault), ballast.free_bytes()), str(fault), path) from fault
        ballast.begin()
        return conn

    async with aiosqlite.Connection(connect, 64) as writer:
        if not may_read_beside():
            yield Database(writer, None, path, ballast)
            return
        courtesy = Courtesy()
        async with (
            aiosqlite.Connection(partial(open_connection, path, key=key, read_only=True), 64) as reader,
            _folding(writer, partial(open_connection, path, key=key), ballast, courtesy) as checkpoints,
        ):
            await writer.set_progress_handler(courtesy.give_way, STEPS)
            writer._conn.give_way = courtesy.give_way  # type: ignore[attr-defined]  # noqa: SLF001  # it is ours
            yield Database(writer, reader, path, ballast, checkpoints, courtesy)


@asynccontextmanager
async def _folding(
    writer: aiosqlite.Connection, connect: Callable[[], Connection], ballast: Ballast, courtesy: Courtesy
) -> AsyncIterator[Checkpoints | None]:
    """What folds the log beside the writer; None where commits do."""
    if sqlite_version() < SAYS_ITS_LENGTH:
        yield None
        return
    is_quiet, is_low = courtesy.is_quiet, ballast.is_low
    checkpoints = Checkpoints(connect, engine.Error, ballast.directory, lambda: not is_quiet() and not is_low())
    # As in `Database._run`: aiosqlite has no public call for a closure.
    await writer._execute(checkpoints.leave_to_us, writer._conn)  # type: ignore[no-untyped-call]  # noqa: SLF001
    try:
        yield checkpoints
    finally:
        await asyncio.to_thread(checkpoints.close)
