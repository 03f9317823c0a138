"""Databases beside the database: files that can hold a person and that nobody serves.

A restore leaves the replaced one, in case it was a mistake. It goes with the next verified backup, or at once when
somebody is erased, because nobody is erased in it. So does a till's damaged one, once the new one is proved equal.
"""

from collections.abc import Iterator
from pathlib import Path

from daemon.errors import StoreFault
from daemon.store.database import Connection

REPLACED = ".replaced"
"""Behind the name of the database that a restore has replaced."""
RESTORING = ".restoring"
"""Behind the name of the one that is being made ready."""
DAMAGED = ".damaged"
"""Behind the name of one that could not be read and was replaced by what could be salvaged of it."""
COMPANIONS = ("", "-wal", "-shm")
"""What SQLite keeps beside a file, by the end of its name."""


def beside(database: Path, ending: str) -> Path:
    """The file with this ending beside a database."""
    return database.with_name(database.name + ending)


def found(database: Path) -> list[Path]:
    """What lies there."""
    return [path for path in _possible(database) if path.exists()]


def remove(database: Path) -> None:
    """Remove it; raises StoreFault."""
    for path in _possible(database):
        try:
            path.unlink(missing_ok=True)
        except OSError as failure:
            raise StoreFault(f"{path} cannot be removed: {failure.strerror}") from failure


def remove_of(conn: Connection) -> None:
    """Remove what lies beside the database of a connection; raises StoreFault."""
    for _number, name, file in conn.execute("PRAGMA database_list").fetchall():
        if name == "main" and file:
            remove(Path(file))


def _possible(database: Path) -> Iterator[Path]:
    for ending in (REPLACED, RESTORING, DAMAGED):
        for companion in COMPANIONS:
            yield beside(database, ending + companion)
