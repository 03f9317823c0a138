"""Looks for customers who may be one person, a little at a time: the counter and the tills never wait for it."""

from contextlib import suppress
from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.errors import StoreFault
from daemon.store import likely
from daemon.store.database import Connection, Database

UNIT_S: Final = 0.008
"""A unit takes up no further customer after so long: with the last one it stays below 20 ms."""
PAUSE_S: Final = 0.1
"""Between two units, for everybody else: a million customers are looked at in some hours, once."""
REST_S: Final = 5.0
"""Until the next look, once everybody was looked at: a new customer's twin is on the list within seconds."""


async def find_duplicates(database: Database, clock: Clock) -> None:
    """Keep the list of likely pairs up to date; for ever."""
    while True:
        more = False
        # A disk that refuses is said elsewhere, by whoever needs it more.
        with suppress(StoreFault):
            more = await database.write_in_turn(partial(look, clock=clock))
        await clock.sleep(PAUSE_S if more else REST_S)


def look(conn: Connection, clock: Clock) -> bool:
    """One unit; False when nobody is left to be looked at."""
    until_s = clock.monotonic_s() + UNIT_S
    return likely.look_on(conn, now_ms=clock.now_ms(), is_time_up=lambda: clock.monotonic_s() >= until_s)
