"""Who has been silent for as long as head office keeps customers: listed page by page, for somebody to decide."""

from dataclasses import dataclass
from typing import Final

from daemon.desk import instant
from daemon.desk.customer import is_anonymous
from daemon.desk.policies import value as policy_value
from daemon.desk.premises import Premises
from daemon.desk.search_answer import CustomerBrief, brief_of
from daemon.domain.account import account_of
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.policy_book import RETENTION_MONTHS
from daemon.domain.retention import Due, Inactive, inactive, last_sign_ms
from daemon.errors import Conflicting
from daemon.store import account_owners, customers, elements, sales, taking
from daemon.store.database import Connection

LOOKED_MAX: Final = 500
"""Customers that one page looks at: some hundredths of a second."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Silent:
    """A customer who is to be told, or erased, because nothing was heard of them; `until`: when their time is over."""

    customer: CustomerBrief
    due: Due
    last_sign: str
    until: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SilentPage:
    """Who is silent among those who were looked at. `next`: go on behind this id; empty at the end."""

    months: int
    customers: tuple[Silent, ...]
    next: str


class RetentionDesk:
    """Where silence is counted."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def page(self, after: EntityId | None) -> SilentPage:
        """The silent among the next customers behind one; raises Conflicting while purchases are still on their way."""
        now_ms = self._premises.now_ms()
        return await self._premises.database.read(lambda conn: _page(conn, after, now_ms))


def _page(conn: Connection, after: EntityId | None, now_ms: int) -> SilentPage:
    if taking.fillings(conn):
        raise Conflicting("the history of sales is still on its way here: ask again when it is complete")
    months: int = policy_value(conn, RETENTION_MONTHS)
    ids = account_owners.customers_after(conn, after or b"", limit=LOOKED_MAX)
    found = []
    for id_, row in zip(ids, customers.rows(conn, ids), strict=True):
        silent = _silent(conn, row, months, now_ms) if row is not None else None
        brief = brief_of(customers.listed(conn, [id_])[0]) if silent is not None else None
        if silent is not None and brief is not None:
            found.append(
                Silent(
                    customer=brief,
                    due=silent.due,
                    last_sign=instant.shown(silent.last_ms),
                    until=instant.shown(silent.over_ms),
                )
            )
    return SilentPage(months=months, customers=tuple(found), next=ids[-1].hex() if len(ids) == LOOKED_MAX else "")


def _silent(conn: Connection, row: Element, months: int, now_ms: int) -> Inactive | None:
    """What the silence of a person calls for, shown by one of their records; None where they spoke, or are nobody."""
    if is_anonymous(row) or is_deleted(row) or inactive(last_sign_ms([row], 0), months=months, now_ms=now_ms) is None:
        return None
    whole = customers.whole_person(conn, EntityId(row.entity))
    records = whole.records if whole is not None else (EntityId(row.entity),)
    if records[0] != row.entity:
        return None
    here = [one for record in records for one in elements.elements_of(conn, record)]
    accounts = [account_of(one) for one in here if one.kind == Kind.CUSTOMER]
    last = max((sales.last_ms(conn, account) for account in accounts), default=0)
    return inactive(last_sign_ms(here, last), months=months, now_ms=now_ms)
