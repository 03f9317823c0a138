"""Knows, while a large file comes in, which names somebody may have at which postal code."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from daemon.desk.premises import Premises
from daemon.domain.namesakes import Namesakes
from daemon.store import customers
from daemon.store.database import Connection

LINES_MIN: Final = 1_000
CUSTOMERS_PER_LINE_MAX: Final = 4
"""A file that is short beside those who are here is looked up line by line: reading them all would take longer."""

READ_AT_ONCE: Final = 500


@asynccontextmanager
async def namesakes_known(premises: Premises, lines: int) -> AsyncIterator[Namesakes | None]:
    """Whom the lines of a file are held against; None where the index is asked for each."""
    most = CUSTOMERS_PER_LINE_MAX * lines
    if lines < LINES_MIN or await premises.database.read(partial(customers.are_more_than, count=most)):
        yield None
        return
    names = Namesakes()
    # First what is written from now on, then what is there: nobody falls between the two.
    premises.replica.namesakes = names
    try:
        after: bytes | None = b""
        while after is not None:
            after = await premises.database.read(partial(_learn_some, names=names, after=after))
        yield names
    finally:
        premises.replica.namesakes = None


def _learn_some(conn: Connection, names: Namesakes, after: bytes) -> bytes | None:
    """Learn the next customers; returns the last one, None when there are no more."""
    rows, last = customers.rows_after(conn, after, READ_AT_ONCE)
    names.learn(rows)
    return last
