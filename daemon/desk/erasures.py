"""Receipts of erasures: who has confirmed each, and the tills that have not, by name. Nothing here names the erased."""

from dataclasses import dataclass

from daemon.desk import instant
from daemon.desk.lookup import operator_names
from daemon.desk.premises import Premises
from daemon.domain.author import system_user
from daemon.domain.hlc import ms_of
from daemon.domain.site_row import label_of, site_key
from daemon.store import elements
from daemon.store import erasures as store
from daemon.store.database import Connection

LIMIT_MAX = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Unconfirmed:
    """A till that has not said that it stands past an erasure. It applies it first when it returns, or is restored.

    `withdrawn`: it never returns; what it held when it left, it may still hold.
    """

    site: int
    label: str
    heard_at: str | None
    withdrawn: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureShown:
    """One erased record. `confirmed`: how many tills have applied it for good; `unconfirmed`: who has not."""

    tombstone: str
    erased_at: str
    by: str
    confirmed: int
    unconfirmed: tuple[Unconfirmed, ...]


class ErasureDesk:
    """Where head office sees that somebody is gone everywhere."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def newest(self, *, limit: int = 50) -> tuple[ErasureShown, ...]:
        """The last erasures, newest first."""
        return await self._premises.database.read(lambda conn: _shown(conn, max(1, min(limit, LIMIT_MAX))))


def _shown(conn: Connection, limit: int) -> tuple[ErasureShown, ...]:
    names, tills = operator_names(conn), store.standings(conn)
    labels = {till.site: label_of(elements.element(conn, site_key(till.site))) for till in tills}
    found = []
    for one in store.newest(conn, limit=limit):
        late = [till for till in tills if not one.feed_offset or till.feed_offset < one.feed_offset]
        unconfirmed = tuple(
            Unconfirmed(
                site=till.site,
                label=labels[till.site],
                heard_at=instant.shown(till.heard_ms) or None,
                withdrawn=till.is_withdrawn,
            )
            for till in late
        )
        found.append(
            ErasureShown(
                tombstone=one.tombstone.hex(),
                erased_at=instant.shown(ms_of(one.stamp)),
                by=names.get(one.actor, system_user(one.actor) or one.actor),
                confirmed=len(tills) - len(late),
                unconfirmed=unconfirmed,
            )
        )
    return tuple(found)
