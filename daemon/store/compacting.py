"""Writes a small file anew once somebody was erased: copies of moved rows stay in unused parts of SQLite's pages.

`secure_delete` overwrites what is deleted where it lies. Where the balancing of a tree had moved a row to another page
before, the old page may keep its bytes in the gap before its cells (btree.c, rebuildPage) until something else is
written there.
"""

from typing import Final

from daemon.clock import Clock
from daemon.errors import StoreFault
from daemon.store.ballast import NO_ROOM_BYTES
from daemon.store.database import Connection, Database
from daemon.store.index_merging import is_forgetting
from daemon.store.replica import get_meta, put_meta

LOOK_S: Final = 60.0
REST_S: Final = 3_600.0
"""After a disk that refused."""

SMALL_BYTES: Final = 16 * 1024 * 1024
"""So large a file is written anew in a second or two on a small board. SQLite makes the new one in memory."""

_ERASED, _CLEAN = "erasures", "erasures_out_of_the_file"


def note_erased(conn: Connection) -> None:
    """Somebody was erased, in the caller's transaction."""
    put_meta(conn, _ERASED, int(get_meta(conn, _ERASED, 0)) + 1)


def remains(conn: Connection) -> int:
    """The last erasure after which the file was not written anew; 0: none, or its words are going still."""
    last = int(get_meta(conn, _ERASED, 0))
    return last if last > int(get_meta(conn, _CLEAN, 0)) and not is_forgetting(conn) else 0


def may_begin(*, size: int, free: int) -> bool:
    """Whether a file of so many bytes may be written anew: the log takes as much, and half as much stays free."""
    return size <= SMALL_BYTES and free > size + size // 2 + NO_ROOM_BYTES


async def keep_erased_out(database: Database, clock: Clock) -> None:
    """Write the file anew after erasures; for ever."""
    while True:
        await clock.sleep(LOOK_S)
        try:
            await _look(database)
        except (StoreFault, OSError):
            await clock.sleep(REST_S)  # whoever saves something is told what the disk says


async def _look(database: Database) -> None:
    last = await database.read(remains)
    if last and may_begin(size=database.path.stat().st_size, free=database.room.free_bytes):
        await database.compact()
        # What was erased since waits for the next time.
        await database.write_in_turn(lambda conn: put_meta(conn, _CLEAN, last))
