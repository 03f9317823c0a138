"""What head office clears away by itself: records of the feed that no till is expected to ask for any more."""

import logging
from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.journal import event
from daemon.store import pruning
from daemon.store.backup_list import restorable
from daemon.store.database import Connection, Database

log = logging.getLogger(__name__)

DAY_MS: Final = 86_400_000
RECORDS_MAX: Final = 1_000
"""Records of one unit: a few milliseconds."""
PAUSE_S: Final = 0.2
"""Between two units, for everybody else."""
REST_S: Final = 3_600.0
"""Until the next look, once nothing old is left."""


def prune(conn: Connection, *, before_ms: int) -> int:
    """Drop some records that were ordered before this; returns how many.

    Up to where the oldest backup stands that may be restored the chain is kept: a restore asks whether it is ours.
    """
    oldest = next(iter(restorable(conn)), None)
    keep_from = oldest.at.offset if oldest is not None else None
    return pruning.prune_log(conn, before_ms=before_ms, records_max=RECORDS_MAX, keep_from=keep_from)


async def keep_feed_short(database: Database, clock: Clock, *, days: int) -> None:
    """Forget what was ordered more than `days` ago, a little at a time; for ever."""
    done = 0
    while True:
        now = await database.write_in_turn(partial(prune, before_ms=clock.now_ms() - days * DAY_MS))
        done += now
        if not now and done:
            event(log, "feed-pruned", records=done)
            done = 0
        await clock.sleep(PAUSE_S if now else REST_S)
