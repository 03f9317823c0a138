"""Head office forgets held tickets that are over, or nobody's, once customers are kept no longer either.

What is in a ticket (label, basket, comment) and what people said when they closed it or took it away leaves every
replica by removals that head office states: tills follow. What was stated of it stays: ids, who and when, so that what
was sold once is not sold again.
"""

import logging
from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.domain import authoring as wish
from daemon.domain import policy_book
from daemon.domain.change import Actor, ActorKind
from daemon.domain.element import Element
from daemon.domain.expiry import MONTH_MS
from daemon.domain.kinds import Kind
from daemon.domain.retention import last_sign_ms
from daemon.domain.ticket import Ticket, is_over
from daemon.errors import DamagedRow, StoreFault
from daemon.store import authoring, customers, elements, rights, tickets
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica

log = logging.getLogger(__name__)

REGISTRAR: Final = Actor(ActorKind.SYSTEM, "registrar", "hub")

AT_ONCE: Final = 20
"""Tickets of one unit: a few milliseconds."""
PAUSE_S: Final = 0.2
REST_S: Final = 6 * 3_600.0


def forget_some(conn: Connection, replica: Replica, after: tickets.Written, *, now_ms: int) -> tickets.Written | None:
    """Look at some old tickets behind `after`; returns the last one, None once all were looked at.

    A restored head office waits until every till has said what became of them meanwhile.
    """
    if not rights.may_grant(conn, replica.boot):
        return None
    months: int = policy_book.value_of(
        policy_book.RETENTION_MONTHS, customers.policy(conn, policy_book.RETENTION_MONTHS)
    )
    before_ms = now_ms - months * MONTH_MS
    found = tickets.written_before(conn, before_ms, after, limit=AT_ONCE)
    going = [row for _, ticket, owner in found for row in _going(conn, owner, ticket, before_ms)]
    if going:
        authoring.commit(conn, replica, REGISTRAR, [wish.remove(row) for row in going], now_ms=now_ms)
    return found[-1] if len(found) == AT_ONCE else None


def _going(conn: Connection, owner: bytes, id_: bytes, before_ms: int) -> list[Element]:
    """What was typed of a ticket that is to be forgotten: what is in it, and why it was closed or taken away.

    Nothing of one that stays, or of which something cannot be read.
    """
    try:
        ticket = tickets.of_owner(conn, owner, id_)
        row = tickets.element_of(conn, ticket) if ticket is not None else None
        words = tickets.remarks(conn, ticket) if ticket is not None else []
        is_nobodys = elements.element(conn, (owner, Kind.CUSTOMER, b"")) is None
    except DamagedRow:
        return []
    if ticket is None or row is None or not is_over(ticket, is_nobodys=is_nobodys):
        return []
    return [row, *words] if _last_ms(row, ticket) < before_ms else []


def _last_ms(row: Element, ticket: Ticket) -> int:
    """When something was last said of it, by the stamps that head office has ordered."""
    return max([last_sign_ms([row], 0), *(step.stated[0] >> 16 for step in ticket.steps)])


async def keep_forgetting(database: Database, replica: Replica, clock: Clock) -> None:
    """Look at every old ticket a few times a day; for ever."""
    here = tickets.OLDEST
    while True:
        try:
            now_ms = clock.now_ms()
            after = await database.write_in_turn(partial(forget_some, replica=replica, after=here, now_ms=now_ms))
        except StoreFault as fault:
            log.warning("old tickets are forgotten later: %s", fault)
            await clock.sleep(REST_S)
            continue
        here = after or tickets.OLDEST
        await clock.sleep(PAUSE_S if after else REST_S)
