"""Opens the till's database; a damaged one is replaced first by what can be salvaged of it, so that the till sells."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from daemon.clock import Clock, random_bytes
from daemon.domain.feed import CHAIN
from daemon.domain.machine import Facts, Recognised
from daemon.errors import DamagedFile
from daemon.journal import event
from daemon.store import changes, damage, following, leftovers, machine, taking
from daemon.store.ballast import BYTES
from daemon.store.database import Connection, Database, open_database
from daemon.store.replica import Identity as Replicated
from daemon.store.replica import Replica
from daemon.store.salvage import salvage, salvaged
from daemon.sync.identity import Identity

log = logging.getLogger(__name__)

LOOK_S = 5.0

NO_FACTS: Final[Facts] = MappingProxyType({})
"""Of a machine of which nothing can be told from another one."""


@asynccontextmanager
async def open_store(
    path: Path, key: bytes | None, identity: Identity, clock: Clock, here: Facts = NO_FACTS
) -> AsyncIterator[tuple[Database, Replica]]:
    """The database and the replica in it, ready. Raises StoreFault for what cannot be mended here.

    `here` tells this machine from others: in another one than the last time, the till is another holder of rights.
    """
    pages = damage.pages_of(path, key)
    if damage.is_marked(path) or (damage.is_gone(path) and damage.was_whole(path, key)):
        pages = _replace(path, key, identity, clock)
    async with AsyncExitStack() as opened:
        try:
            found = await opened.enter_async_context(_opened(path, key, clock, here))
        except DamagedFile as broken:
            if not damage.was_whole(path, key):
                raise  # a wrong key, or none, reads like damage
            damage.mark(path, str(broken))
            pages = _replace(path, key, identity, clock)
            found = await opened.enter_async_context(_opened(path, key, clock, here))
        damage.keep_pages(path, pages, key)
        yield found
    damage.keep_pages(path, damage.pages_of(path, key), key)


@asynccontextmanager
async def _opened(path: Path, key: bytes | None, clock: Clock, here: Facts) -> AsyncIterator[tuple[Database, Replica]]:
    async with open_database(path, key=key, ballast_bytes=BYTES) as database:
        replica = Replica(random_bytes(8))
        found = await database.write_in_turn(partial(_begin, replica=replica, here=here, now_ms=clock.now_ms()))
        if found.is_other:
            event(log, "disk-ran-in-another-machine", logging.WARNING, told_by="/".join(found.changed))
        database.on_rollback(replica.reload)
        yield database, replica


def _begin(conn: Connection, *, replica: Replica, here: Facts, now_ms: int) -> Recognised:
    """Read who we are, and whether this is the machine that we were in; apply what an older version had to park."""
    replica.reload(conn)
    incarnation, lot = int.from_bytes(random_bytes(4), "big"), random_bytes(8)
    found = machine.settle_in(conn, replica, here, incarnation=incarnation, lot=lot, now_ms=now_ms)
    following.unpark(conn, replica)
    return found


def _replace(path: Path, key: bytes | None, identity: Identity, clock: Clock) -> damage.Pages:
    """Make the new database; returns the pages of its schema."""
    who = Replicated(
        chain=identity.chain,
        site=identity.site,
        shop=identity.shop,
        incarnation=int.from_bytes(random_bytes(4), "big"),
        lot=random_bytes(8),
    )
    found = salvage(path, who, key=key, boot=random_bytes(8), now_ms=clock.now_ms())
    event(
        log,
        "database-replaced",
        logging.WARNING,
        records=found.records,
        unsent=found.unsent,
        holes=found.holes,
    )
    return damage.pages_of(path, key)


async def forget_damaged(database: Database, clock: Clock) -> None:
    """Remove the damaged database once the new one was proved equal and nothing waits; returns then."""
    while damage.is_left(database.path):
        if await database.read(_is_proved):
            leftovers.remove(database.path)
            event(log, "damaged-database-removed")
            return
        await clock.sleep(LOOK_S)


def _is_proved(conn: Connection) -> bool:
    """Whether every feed was proved equal since this replica was made, and head office has all that was saved.

    A head office of before does not mark a feed in which nothing was said: of such a one there is nothing to prove.
    """
    here = salvaged(conn)
    since_ms = here.at_ms if here is not None else 0
    found = conn.execute("SELECT reach, feed_offset, proved_ms > ? FROM cursor", (since_ms,)).fetchall()
    is_chain_proved = any(is_proved for reach, _, is_proved in found if reach == CHAIN.reach)
    is_proved = is_chain_proved and all(is_proved or not offset for _, offset, is_proved in found)
    return is_proved and not taking.fillings(conn) and not changes.waiting(conn).records
