"""Reads what can still be read of a damaged database: each row for itself, from both ends, around the holes."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from daemon.errors import StoreFault
from daemon.store.database import Connection, DatabaseError, open_connection

Row = tuple[Any, ...]

RANGE_MAX = 1_000_000
"""Records looked for one by one between the first and the last that are known."""


class Remains:
    """A damaged file. Nothing here raises for damage: what cannot be read is not there, and counted."""

    def __init__(self, path: Path, key: bytes | None) -> None:
        self._path, self._key = path, key
        self._conn: Connection | None = None
        self.holes = 0
        """Reads that failed."""

    def opens(self) -> bool:
        """Whether its tables can be found at all."""
        return bool(self._read("SELECT name FROM sqlite_schema LIMIT 1", ())[0])

    def close(self) -> None:
        """Let go of the file."""
        if self._conn is not None:
            with suppress(DatabaseError):
                self._conn.close()
        self._conn = None

    def read(self, sql: str, *values: object) -> list[Row]:
        """The rows of a query until the first that cannot be read."""
        found, is_whole = self._read(sql, values)
        self.holes += not is_whole
        return found

    def one(self, sql: str, *values: object) -> Row | None:
        """The only row of a query; None where it is not, or cannot be read."""
        return next(iter(self.read(sql, *values)), None)

    def table(self, name: str, columns: tuple[str, ...], order: tuple[str, ...]) -> Iterator[Row]:
        """The rows of a table from its beginning to the first hole, and from its end to the last one."""
        here = {column for (column,) in self.read("SELECT name FROM pragma_table_info(?)", name)}
        if not here.issuperset(columns):
            return
        seen: set[Row] = set()
        at = [columns.index(column) for column in order]
        for way in ("ASC", "DESC"):
            by = ", ".join(f"{column} {way}" for column in order)
            rows, is_whole = self._read(f"SELECT {', '.join(columns)} FROM {name} ORDER BY {by}", ())
            for row in rows:
                ident = tuple(row[number] for number in at)
                if ident not in seen:
                    seen.add(ident)
                    yield row
            if is_whole:
                return
            self.holes += 1

    def ordinals(self) -> list[int]:
        """The numbers of own records: first those that wait, by their indexes, then all others that there may be."""
        waiting = self._named("change INDEXED BY change_waiting WHERE waiting != 0", "waiting")
        waiting |= self._named("change INDEXED BY change_open WHERE sealed = 0", "saved_ms")
        others = self._named("change NOT INDEXED", "ordinal")
        others |= self._named("change INDEXED BY change_record", "boot")
        others |= self._named("change INDEXED BY change_position", "incarnation")
        known = waiting | others
        if known and max(known) - min(known) < RANGE_MAX:
            others = set(range(min(known), max(known) + 1))
        return [*sorted(waiting), *sorted(others - waiting)]

    def _named(self, table: str, order: str) -> set[int]:
        """The numbers that can be read along one index, from both of its ends."""
        found: set[int] = set()
        for way in ("ASC", "DESC"):
            rows, is_whole = self._read(f"SELECT ordinal FROM {table} ORDER BY {order} {way}", ())
            found |= {at for (at,) in rows if isinstance(at, int)}
            if is_whole:
                return found
            self.holes += 1
        return found

    def _read(self, sql: str, values: tuple[object, ...]) -> tuple[list[Row], bool]:
        found: list[Row] = []
        try:
            if self._conn is None:
                self._conn = open_connection(self._path, key=self._key, read_only=True)
            found.extend(self._conn.execute(sql, values))
        except (DatabaseError, StoreFault):
            # After a page that it cannot decrypt a connection refuses everything: the next read opens another one.
            self.close()
            return found, False
        return found, True
