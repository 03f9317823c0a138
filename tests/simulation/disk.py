"""The disk of a simulated box: real SQLite files in memory, and a connection that can die at any statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.store import database
from daemon.store.database import Connection, migrate

SUFFIXES = ("", "-wal")
FULL = 2
"""What `PRAGMA synchronous` says when each commit waits for the platter."""

EngineError: type[Exception] = vars(database)["engine"].Error
"""What the engine in use raises."""


class Crashed(BaseException):
    """The process is dead from here on; nobody inside may catch this."""


@dataclass(frozen=True, slots=True)
class Image:
    """The bytes of a disk at one moment."""

    files: tuple[bytes, ...]


class Disk:
    """The files of one box."""

    _empty: bytes | None = None

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.db"
        self.is_full = True

    def format(self) -> None:
        """A database as the first start makes it; the schema is made once for all boxes."""
        if Disk._empty is None:
            conn = database.open_connection(self.path)
            migrate(conn)
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.close()
            Disk._empty = self.path.read_bytes()
        self.write(Image((Disk._empty, b"")))

    def open(self) -> Tripwire:
        """Open as the program does, but without waiting for the platter: `after_power_cut` says what had reached it."""
        conn = database.open_connection(self.path)
        (level,) = conn.execute("PRAGMA synchronous").fetchone()
        self.is_full = level >= FULL
        conn.execute("PRAGMA synchronous=OFF")
        migrate(conn)
        return Tripwire(conn)

    def read(self) -> Image:
        """The bytes as they stand, between two units of work."""
        return Image(tuple(path.read_bytes() if path.exists() else b"" for path in self._paths()))

    def after_power_cut(self) -> Image:
        """What has reached the platter. With FULL the log does at each commit, else only by a checkpoint."""
        whole = self.read()
        return whole if self.is_full else Image((whole.files[0], b""))

    def write(self, image: Image) -> None:
        """Swap the bytes; nobody may have the files open."""
        for path, raw in zip(self._paths(), image.files, strict=True):
            path.unlink(missing_ok=True)
            if raw:
                path.write_bytes(raw)
        self.path.with_name(f"{self.path.name}-shm").unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        return [self.path.with_name(self.path.name + suffix) for suffix in SUFFIXES]


def _nobody() -> None:
    """Nobody is told."""


class Tripwire:
    """A connection that counts statements; at the chosen one the process dies, or the disk refuses for a while."""

    __slots__ = ("_after", "_conn", "_crash_in", "_refusals", "_refuse_in", "_refused", "is_dead")

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._crash_in = 0
        self._refuse_in = 0
        self._refusals = 0
        self._refused: Callable[[], None] = _nobody
        self._after = False
        self.is_dead = False

    def crash_in(self, statements: int, *, after: bool) -> None:
        """Die at that statement from now on; `after` it has had its effect."""
        self._crash_in, self._after = max(statements, 1), after

    def refuse_in(self, statements: int, *, times: int, refused: Callable[[], None]) -> None:
        """Refuse that statement from now on and the next ones, so many `times`, and say so each time."""
        self._refuse_in, self._refusals, self._refused = max(statements, 1), max(times, 1), refused

    def disarm(self) -> None:
        """Nothing will happen to it."""
        self._crash_in = self._refuse_in = 0

    @property
    def in_transaction(self) -> bool:
        """As of the real connection."""
        return self._conn.in_transaction

    @property
    def plain(self) -> Connection:
        """The real connection, for judges."""
        return self._conn

    def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        """Run one statement, unless this is the one."""
        dies_after = self._count(is_undone=sql == "ROLLBACK")
        cursor = self._conn.execute(sql, tuple(parameters))
        if dies_after:
            self._die()
        return cursor

    def executemany(self, sql: str, rows: Iterable[Iterable[Any]]) -> Any:
        """Run one statement over many rows, unless this is the one."""
        dies_after = self._count()
        cursor = self._conn.executemany(sql, list(rows))  # type: ignore[arg-type]  # rows of any sequence
        if dies_after:
            self._die()
        return cursor

    def close(self) -> None:
        """Close the files; what was not committed is gone."""
        self._conn.close()

    def _count(self, *, is_undone: bool = False) -> bool:
        """Count one statement; says whether the process dies once it has run. Undoing needs no room."""
        if self.is_dead:
            raise Crashed
        if self._refuse_in and not is_undone:
            self._refuse_in -= 1
            if not self._refuse_in:
                self._refusals -= 1
                self._refuse_in = int(self._refusals > 0)
                self._refused()
                raise EngineError("database or disk is full")
        if self._crash_in:
            self._crash_in -= 1
            if not self._crash_in:
                if self._after:
                    return True
                self._die()
        return False

    def _die(self) -> None:
        self.is_dead = True
        raise Crashed
