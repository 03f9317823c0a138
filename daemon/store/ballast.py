"""Room kept for the day when the disk is full: a file of nothing, given up so that what is saved can be sent.

On a full disk everything can be read, and whoever wants to save is told. The room of the ballast is for replication:
what head office has acknowledged is dropped, the log is folded into the database. The ballast is made again, and saving
goes on, as soon as somebody has made room.
"""

import errno
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from daemon.domain import disk_room
from daemon.durable_file import sync_directory
from daemon.errors import DamagedFile, StoreFault

NAME: Final = "ballast"
BYTES: Final = 8 * 1024 * 1024
"""Twice the log that SQLite writes before it folds it into the database."""
NO_ROOM_BYTES: Final = 256 * 1024
"""With less than this free, an error of the disk that names no reason is taken for a full one."""


class Refusal(Enum):
    """Why a disk refuses."""

    FULL = "full"
    READ_ONLY = "read-only"
    BROKEN = "broken"
    DAMAGED = "damaged"
    OTHER = "other"


def refusal_of(said: str, free_bytes: int) -> Refusal:
    """What SQLite's complaint says of the disk."""
    match said:
        case "database or disk is full":
            return Refusal.FULL
        case "attempt to write a readonly database":
            return Refusal.READ_ONLY
        case "disk I/O error" | "unable to open database file":
            return Refusal.FULL if free_bytes < NO_ROOM_BYTES else Refusal.BROKEN
        case "database disk image is malformed" | "file is not a database":
            return Refusal.DAMAGED
        case _:
            # What stands behind the colon of "malformed database schema" quotes the schema.
            return Refusal.DAMAGED if said.startswith("malformed database schema") else Refusal.OTHER


def fault_of(refusal: Refusal, said: str, database: Path) -> StoreFault:
    """The sentence for who can mend it."""
    match refusal:
        case Refusal.FULL:
            return StoreFault(f"the disk is full: reads go on, nothing can be saved until {database.parent} has room")
        case Refusal.READ_ONLY:
            return StoreFault(f"the disk is read-only: reads go on, nothing can be saved in {database.parent}")
        case Refusal.BROKEN:
            return StoreFault(f"the disk of {database.parent} reports errors: nothing was saved; look at the disk")
        case Refusal.DAMAGED:
            return DamagedFile(f"the database {database.name} is damaged: {said.partition('(')[0].strip()}")
        case Refusal.OTHER:
            return StoreFault(f"the database {database.name} refuses: {said}")


@dataclass(frozen=True, slots=True)
class Room:
    """How much is free beside the database; `is_full`: changes are refused until there is room again."""

    free_bytes: int
    is_full: bool


class Ballast:
    """The ballast of `size` bytes beside one database; of none, nothing is made and nothing refused."""

    def __init__(self, database: Path, size: int) -> None:
        self._database = database
        self._path = database.with_name(NAME)
        self._bytes = size
        self._is_needed = False

    def begin(self) -> None:
        """At the start: make it where there is room; with less room than it has, the disk counts as full."""
        if self._bytes and not self.take_in():
            self._is_needed = self.free_bytes() < self._bytes

    def require(self) -> None:
        """Raise StoreFault for who wants to save while the ballast is out and there is no room to make it again."""
        if self._is_needed and self._bytes and not self.take_in():
            raise fault_of(Refusal.FULL, "", self._database)

    def release(self) -> bool:
        """Give up the room; whether there was any."""
        self._is_needed = True
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def take_in(self) -> bool:
        """Whether it is there now. It is made only where as much stays free beside it."""
        if self._path.exists() and self._path.stat().st_size == self._bytes:
            self._is_needed = False
            return True
        if self.free_bytes() < 2 * self._bytes:
            return False
        try:
            self._make()
        except OSError as failure:
            if failure.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
                raise StoreFault(f"the ballast {self._path} cannot be made: {failure.strerror}") from failure
            with suppress(OSError):
                self._path.unlink()
            return False
        self._is_needed = False
        return True

    def room(self) -> Room:
        """What there is now, without trying to take the ballast in."""
        free = self.free_bytes()
        return Room(free, free < NO_ROOM_BYTES or (self._is_needed and bool(self._bytes) and free < 2 * self._bytes))

    @property
    def directory(self) -> Path:
        """Where the database is."""
        return self._database.parent

    def is_low(self) -> bool:
        """Whether somebody should make room soon beside the database."""
        return disk_room.is_low(self.free_bytes())

    def free_bytes(self) -> int:
        """What is free beside the database."""
        try:
            return shutil.disk_usage(self._database.parent).free
        except OSError:
            return 0

    def _make(self) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Real blocks: a file with holes would give nothing back.
            os.posix_fallocate(descriptor, 0, self._bytes)
            os.ftruncate(descriptor, self._bytes)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(self._path.parent)
