"""The files around a database that is damaged: what says so, where it is moved, what is kept for that day.

till.db.corrupt   somebody met the damage: the next start makes a new database (durable, so that no start forgets it)
till.db.damaged   the database that was moved away; it goes once the new one is proved equal (`leftovers`)
till.db.first     the pages of the schema as they were when the file could be opened: without them no table is found
"""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from daemon.durable_file import sync_directory, write_durably
from daemon.errors import StoreFault
from daemon.store.leftovers import COMPANIONS, DAMAGED, beside
from daemon.store.page_image import PAGE_BYTES, as_of_any_size, schema_pages

MARK: Final = ".corrupt"
FIRST: Final = ".first"
_KEY_DIGEST_BYTES: Final = 16
_NUMBER_BYTES: Final = 4

Pages = Mapping[int, bytes]
"""Pages of the schema by number, as they lie in the file."""


def mark(database: Path, said: str) -> None:
    """Remember durably that this database is damaged, and SQLite's own words for it."""
    write_durably(beside(database, MARK), said.encode())


def is_marked(database: Path) -> bool:
    """Whether somebody met damage and no new database was made since."""
    return beside(database, MARK).exists()


def unmark(database: Path) -> None:
    """A new database stands in its place."""
    beside(database, MARK).unlink(missing_ok=True)
    sync_directory(database.parent)


def is_left(database: Path) -> bool:
    """Whether a damaged database was moved away and is not removed yet."""
    return beside(database, DAMAGED).exists()


def is_gone(database: Path) -> bool:
    """Whether there is no such file, or nothing in it."""
    return not database.exists() or not database.stat().st_size


def move_away(database: Path) -> Path:
    """Move the damaged database and its log aside; may be interrupted at any moment and done again.

    The log goes first: were the database gone without it, a new one would be opened over the old log.
    """
    target = beside(database, DAMAGED)
    if database.exists():
        if target.exists():
            # Of another time. Its log goes first too: it must not be taken for the log of this one.
            for end in reversed(COMPANIONS):
                beside(target, end).unlink(missing_ok=True)
        for end in reversed(COMPANIONS):
            with suppress(FileNotFoundError):
                beside(database, end).replace(beside(target, end))
        sync_directory(database.parent)
    return target


def pages_of(database: Path, key: bytes | None) -> Pages:
    """The pages of the schema as they lie on the disk; none of a file that is not there, or damaged there.

    Only while this process has the file not open: closing it frees locks. What still lies in the log beside it is not
    looked at: the log stays with its file, and is laid over it again.
    """
    try:
        with database.open("rb") as file:

            def read(number: int) -> bytes:
                file.seek((number - 1) * PAGE_BYTES)
                return file.read(PAGE_BYTES)

            return schema_pages(read, key)
    except OSError:
        return {}


def keep_pages(database: Path, pages: Pages, key: bytes | None) -> None:
    """Keep the pages of the schema of a database that could be opened; they name tables and nobody.

    On a full disk they are not kept this time: a till that can still read must not stay shut for it.
    """
    path = beside(database, FIRST)
    kept = _digest_of(key) + b"".join(number.to_bytes(_NUMBER_BYTES, "big") + pages[number] for number in sorted(pages))
    if not pages or (path.exists() and path.read_bytes() == kept):
        return
    with suppress(StoreFault):
        write_durably(path, kept)


def was_whole(database: Path, key: bytes | None) -> bool:
    """Whether this file was once opened with this very key: a wrong key looks like a damaged file."""
    return _kept(database)[:_KEY_DIGEST_BYTES] == _digest_of(key)


def put_pages_back(damaged: Path, database: Path, key: bytes | None, *, first_alone: bool) -> bool:
    """Give a damaged file the pages that were kept, or the first of them; whether there were any.

    The others are those of the day when they were kept: a table that came since is found by its own pages alone.
    """
    pages = dict(_kept_pages(database))
    if 1 not in pages or not damaged.exists() or (len(pages) == 1 and not first_alone):
        return False
    pages[1] = as_of_any_size(pages[1], key)
    try:
        with damaged.open("r+b") as file:
            for number in (1,) if first_alone else sorted(pages):
                file.seek((number - 1) * PAGE_BYTES)
                file.write(pages[number])
            file.flush()
            os.fsync(file.fileno())
    except OSError as failure:
        raise StoreFault(f"{damaged} could not be written: {failure.strerror}") from failure
    return True


def _kept(database: Path) -> bytes:
    try:
        return beside(database, FIRST).read_bytes()
    except OSError:
        return b""


def _kept_pages(database: Path) -> Pages:
    kept = _kept(database)[_KEY_DIGEST_BYTES:]
    if len(kept) == PAGE_BYTES:
        return {1: kept}  # as an earlier version kept it
    size = _NUMBER_BYTES + PAGE_BYTES
    parts = [kept[at : at + size] for at in range(0, len(kept) - size + 1, size)]
    return {int.from_bytes(part[:_NUMBER_BYTES], "big"): part[_NUMBER_BYTES:] for part in parts}


def _digest_of(key: bytes | None) -> bytes:
    return hashlib.blake2b(key or b"", digest_size=_KEY_DIGEST_BYTES, person=b"store key").digest()
