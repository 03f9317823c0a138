"""Writes the file anew once somebody was erased: copies of moved rows stay in unused parts of SQLite's pages.

`secure_delete` overwrites what is deleted where it lies. Where the balancing of a tree had moved a row to another page
before, the old page may keep its bytes in the gap before its cells (btree.c, rebuildPage) until something else is
written there.
"""

from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.domain.calendar import hour_of, zone_of
from daemon.errors import StoreFault
from daemon.store.ballast import NO_ROOM_BYTES
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica, get_meta, put_meta
from daemon.store.terms import zone_name

LOOK_S: Final = 60.0

SMALL_BYTES: Final = 8 * 1024 * 1024
"""So large a file is written anew in a second on a small board; a larger one at night, when nobody waits for it."""

NIGHT: Final = range(2, 5)
"""Hours of the shop's day."""

_ERASED, _CLEAN = "erasures", "erasures_out_of_the_file"


def note_erased(conn: Connection) -> None:
    """Somebody was erased, in the caller's transaction."""
    put_meta(conn, _ERASED, int(get_meta(conn, _ERASED, 0)) + 1)


def remains(conn: Connection) -> int:
    """The number of the last erasure after which the file was not written anew; 0: none."""
    last = int(get_meta(conn, _ERASED, 0))
    return last if last > int(get_meta(conn, _CLEAN, 0)) else 0


def note_clean(conn: Connection, last: int) -> None:
    """The file was written anew after this erasure; what was erased since waits for the next time."""
    put_meta(conn, _CLEAN, last)


def may_begin(*, size: int, free: int, hour: int) -> bool:
    """Whether a file of so many bytes may be written anew now: the log takes as much, and half as much stays free."""
    return (size <= SMALL_BYTES or hour in NIGHT) and free > size + size // 2 + NO_ROOM_BYTES


async def keep_erased_out(database: Database, replica: Replica, clock: Clock) -> None:
    """Write the file anew after erasures, when it disturbs nobody; for ever."""
    while True:
        await clock.sleep(LOOK_S)
        last = await database.read(remains)
        if not last:
            continue
        zone = zone_of(await database.read(partial(zone_name, shop=replica.identity.shop)))
        hour = hour_of(clock.now_ms(), zone)
        if may_begin(size=database.path.stat().st_size, free=database.room.free_bytes, hour=hour):
            try:
                await database.compact()
                await database.write_in_turn(partial(note_clean, last=last))
            except StoreFault:
                continue  # the disk's own alarms say so, and the next look tries again
