"""What a list says of a customer beside the name: points, the last purchase, what there is to know before serving them.

Read for some twenty customers at each key that is typed: few look-ups each, and nothing that grows with a history.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.desk import coupons, instant
from daemon.desk.credit_notes import ACCOUNT as NOTE_ACCOUNT
from daemon.desk.customer import row_of
from daemon.desk.customer_parts import NOTE_DONE, NOTE_SHOW, NOTE_TEXT, is_bad, number, of_kind, text_of
from daemon.desk.on_account import may_buy
from daemon.desk.premises import Premises
from daemon.desk.sales import accounts_of
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_CREDIT_NOTE, BOOK_POINTS, Kind
from daemon.domain.sale import SaleHead
from daemon.store import loyalty, rights, sales, terms
from daemon.store.database import Connection

_EVER_MS = 2**62
YEAR_MS = 365 * 86_400_000
PURCHASES_MAX = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Glance:
    """One customer at a glance. `coupons` can be used here now; `credit` is what is left of credit notes, in cents."""

    points: int = 0
    coupons: int = 0
    credit: int = 0
    on_account: bool = False
    bad_address: bool = False
    note: str = ""
    """What is to be done at the till; empty where nothing is."""
    last_bought_at: str = ""
    last_amount: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How somebody buys: purchases of the last twelve months, and of what amount they are on average, in cents."""

    purchases: int
    average: int
    last_bought_at: str
    last_amount: int
    since: str
    """Of the first purchase that is known among the last 500."""


class GlanceDesk:
    """Where lists ask."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def of(self, ids: Sequence[EntityId]) -> dict[str, Glance]:
        """These customers by id; who is gone meanwhile is missing."""

        def unit(conn: Connection) -> dict[str, Glance]:
            return {id_.hex(): found for id_ in ids if (found := self._glance(conn, id_)) is not None}

        return await self._premises.database.read(unit)

    async def habits(self, id_: EntityId) -> Habits | None:
        """How this customer buys; None who never did. Raises NotFound."""
        now_ms = self._now_ms()

        def unit(conn: Connection) -> Habits | None:
            heads = sales.of_accounts(conn, accounts_of(conn, id_), before_ms=_EVER_MS, limit=PURCHASES_MAX)
            return _habits(heads, now_ms)

        return await self._premises.database.read(unit)

    def _glance(self, conn: Connection, id_: EntityId) -> Glance | None:
        here = loyalty.owned(conn, id_)
        row = row_of(here)
        if row is None:
            return None
        replica = self._premises.replica
        day = terms.day_there(conn, replica.identity.shop, self._now_ms())
        accounts = loyalty.accounts_of(conn, id_)
        notes = [one.fields[NOTE_ACCOUNT] for one in of_kind(here, Kind.CREDIT_NOTE) if one.fields.get(NOTE_ACCOUNT)]
        last = sales.of_accounts(conn, accounts, before_ms=_EVER_MS, limit=1)
        return Glance(
            points=sum(rights.balance(conn, account, BOOK_POINTS) for account in accounts),
            coupons=sum(one.state == "usable" for one in coupons.shown(conn, replica, here, day)),
            credit=sum(rights.balance(conn, account, BOOK_CREDIT_NOTE) for account in notes),
            on_account=may_buy(row),
            bad_address=is_bad(row, number("address"), number("bad_address")),
            note=next((text_of(one.fields.get(NOTE_TEXT)) for one in of_kind(here, Kind.NOTE) if _is_to_do(one)), ""),
            last_bought_at=instant.shown(last[0].sold_ms) if last else "",
            last_amount=last[0].total if last else 0,
        )

    def _now_ms(self) -> int:
        return self._premises.clock.now_ms() + self._premises.replica.timeline.offset_ms


def _habits(heads: Sequence[SaleHead], now_ms: int) -> Habits | None:
    bought = [one for one in heads if one.kind == "sale" and one.total > 0]
    if not bought:
        return None
    lately = [one.total for one in bought if one.sold_ms > now_ms - YEAR_MS]
    return Habits(
        purchases=len(lately),
        average=sum(lately) // len(lately) if lately else 0,
        last_bought_at=instant.shown(bought[0].sold_ms),
        last_amount=bought[0].total,
        since=instant.shown(bought[-1].sold_ms),
    )


def _is_to_do(note: Element) -> bool:
    return note.is_here and note.fields.get(NOTE_SHOW) == 1 and note.fields.get(NOTE_DONE) != 1
