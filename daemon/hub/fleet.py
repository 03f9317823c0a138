"""The fleet as head office sees it: every enrolled till, what it last said of itself, and its place in the feed."""

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.clock import Clock
from daemon.domain.feed import CHAIN
from daemon.domain.ids import ShopId, SiteId
from daemon.hub.enrolment import EnrolmentOffice
from daemon.store import enrolments, ordering
from daemon.store.database import Connection, Database


@dataclass(frozen=True, kw_only=True, slots=True)
class TillFacts:
    """One till; what it never said is None, never 0. `behind`: records of the chain that it has not applied."""

    site: int
    shop: int
    online: bool
    revoked: bool
    heard_ms: int | None
    version: str | None
    clock_ahead_ms: int | None
    offset: int | None
    behind: int | None
    waiting: int | None


class Fleet:
    """Adds, shows and withdraws tills."""

    def __init__(self, database: Database, office: EnrolmentOffice, clock: Clock) -> None:
        self._database = database
        self._office = office
        self._clock = clock

    async def add_till(self, shop: int) -> str:
        """A one-use code, valid 24 hours, for a new till of a shop."""
        return await self._office.add_till(ShopId(shop), self._clock.now_ms())

    async def revoke(self, site: int) -> None:
        """Withdraw a till; raises NotFound."""
        await self._office.revoke(SiteId(site), self._clock.now_ms())

    async def facts(self) -> Sequence[TillFacts]:
        """Every till that was ever enrolled, by site."""
        return await self._database.read(_facts)


def _facts(conn: Connection) -> list[TillFacts]:
    head = ordering.feed_head(conn, CHAIN).offset
    said = {
        row[0]: row[1:]
        for row in conn.execute(
            "SELECT site, online, heard_ms, clock_ahead_ms, version, feed_offset, waiting FROM roster"
        )
    }
    found = []
    for row in enrolments.sites(conn):
        online, heard_ms, ahead, version, offset, waiting = said.get(row.site, (0, 0, 0, "", 0, 0))
        heard = bool(heard_ms)
        found.append(
            TillFacts(
                site=int(row.site),
                shop=int(row.shop),
                online=bool(online) and row.revoked_ms is None,
                revoked=row.revoked_ms is not None,
                heard_ms=heard_ms or None,
                version=version or None,
                clock_ahead_ms=ahead if heard else None,
                offset=offset if heard else None,
                behind=max(head - offset, 0) if heard else None,
                waiting=waiting if heard else None,
            )
        )
    return found
