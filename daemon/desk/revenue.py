"""Revenue of a customer by month: 24 months with taxes, returns deducted, and up to when it is complete."""

from dataclasses import dataclass
from typing import Final

from daemon.desk import instant
from daemon.desk.premises import Premises
from daemon.desk.sales import accounts_of
from daemon.domain.calendar import month_text, months_back
from daemon.domain.ids import EntityId
from daemon.store import changes, customers, revenue, sales, terms
from daemon.store.database import Connection

MONTHS: Final = 24

HEARD_LATELY_MS: Final = 2 * 60_000
"""Tills report each minute: one that was heard so lately, with nothing to send, is up to date."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthShown:
    """Cents of one month, as 2026-11; below zero where more came back than was bought."""

    month: str
    revenue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TillBehind:
    """A till whose sales may be missing: when it was last heard, how many records it had to send then."""

    site: int
    heard_at: str
    waiting: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Revenue:
    """The months, the running one first; a sale counts in the month that its shop had, with taxes, less what came back.

    `complete_until`: nothing that was sold before that is missing, as far as head office knows (empty: never proved).
    At a till that is when its copy was last proved equal to head office's; at head office, when the till that has been
    silent for longest was heard with nothing to send: `behind` names those that are not up to date.
    `waiting`: tickets of theirs, registered at this till, that head office does not have yet; they are counted here.
    """

    months: tuple[MonthShown, ...]
    total: int
    complete_until: str
    behind: tuple[TillBehind, ...] = ()
    waiting: int = 0


class RevenueDesk:
    """Where revenue is asked for."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def revenue(self, customer: EntityId) -> Revenue:
        """The last 24 months of a person; raises NotFound."""
        replica, now_ms = self._premises.replica, self._premises.clock.now_ms()
        now_ms += replica.timeline.offset_ms

        def unit(conn: Connection) -> Revenue:
            months = months_back(terms.month_there(conn, replica.identity.shop, now_ms), MONTHS)
            accounts, unsent = accounts_of(conn, customer), changes.unsent_from(conn)
            sums = revenue.by_month(conn, accounts, months)
            until_ms, behind = _heard(conn, now_ms) if replica.identity.is_hub else (customers.proved_ms(conn), ())
            return Revenue(
                months=tuple(MonthShown(month=month_text(month), revenue=sums.get(month, 0)) for month in months),
                total=sum(sums.values()),
                complete_until=instant.shown(until_ms),
                behind=behind,
                waiting=sales.stated_from(conn, accounts, unsent) if unsent is not None else 0,
            )

        return await self._premises.database.read(unit)


def _heard(conn: Connection, now_ms: int) -> tuple[int, tuple[TillBehind, ...]]:
    """Up to when all tills have said what they sold, and which have not lately."""
    tills = revenue.tills_heard(conn)
    late = [one for one in tills if one.waiting or one.heard_ms < now_ms - HEARD_LATELY_MS]
    behind = tuple(TillBehind(site=one.site, heard_at=instant.shown(one.heard_ms), waiting=one.waiting) for one in late)
    # Of a till that had something to send it is not known since when: what it was heard with is not complete.
    until_ms = 0 if any(one.waiting for one in late) else min((one.heard_ms for one in late), default=now_ms)
    return until_ms, behind
