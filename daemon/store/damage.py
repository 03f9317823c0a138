"""The files around a database that is damaged: what says so, where it is moved, what is kept for that day.

till.db.corrupt   somebody met the damage: the next start makes a new database (durable, so that no start forgets it)
till.db.damaged   the database that was moved away; it goes once the new one is proved equal (`leftovers`)
till.db.first     the first page as it was when the file could be opened: without it nobody finds the tables
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from daemon.durable_file import sync_directory, write_durably
from daemon.errors import StoreFault
from daemon.store.leftovers import COMPANIONS, DAMAGED, beside

MARK: Final = ".corrupt"
FIRST: Final = ".first"
PAGE_BYTES: Final = 4096
_KEY_DIGEST_BYTES: Final = 16
_MAGIC: Final = b"SQLite format 3\0"
_CHANGES_AT, _VALID_FOR_AT = 24, 92


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


def first_page(database: Path) -> bytes:
    """The first page as it lies on the disk. Only while this process has the file not open: closing it frees locks."""
    try:
        with database.open("rb") as file:
            return file.read(PAGE_BYTES)
    except OSError:
        return b""


def keep_first_page(database: Path, page: bytes, key: bytes | None) -> None:
    """Keep the first page of a database that could be opened; it names tables and nobody.

    On a full disk it is not kept this time: a till that can still read must not stay shut for it.
    """
    path = beside(database, FIRST)
    kept = _digest_of(key) + page
    if len(page) != PAGE_BYTES or (path.exists() and path.read_bytes() == kept):
        return
    with suppress(StoreFault):
        write_durably(path, kept)


def was_whole(database: Path, key: bytes | None) -> bool:
    """Whether this file was once opened with this very key: a wrong key looks like a damaged file."""
    return _kept(database)[:_KEY_DIGEST_BYTES] == _digest_of(key)


def put_first_page_back(damaged: Path, database: Path) -> bool:
    """Give a damaged file the first page that was kept; whether there was one."""
    page = _kept(database)[_KEY_DIGEST_BYTES:]
    if len(page) != PAGE_BYTES or not damaged.exists():
        return False
    if page.startswith(_MAGIC):
        # The page may say an older, smaller size; where these two differ, SQLite asks the file itself.
        other = bytes(byte ^ 0xFF for byte in page[_CHANGES_AT : _CHANGES_AT + 4])
        page = page[:_VALID_FOR_AT] + other + page[_VALID_FOR_AT + 4 :]
    try:
        with damaged.open("r+b") as file:
            file.write(page)
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


def _digest_of(key: bytes | None) -> bytes:
    return hashlib.blake2b(key or b"", digest_size=_KEY_DIGEST_BYTES, person=b"store key").digest()
