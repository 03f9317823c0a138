"""Head office finds out which coupons are due: thresholds that no till saw crossed, birthdays ahead of their day.

A coupon that a rule makes due has one id, whoever finds it out: what a till has issued already is not issued again, and
what both issue while the line is cut is one coupon with one use.
"""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from daemon.clock import Clock
from daemon.domain import coupon
from daemon.domain.change import OPERATIONS_MAX, Actor, ActorKind, Header, Operation
from daemon.domain.customer_type import is_withdrawn
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_POINTS, CUSTOMER, Kind
from daemon.domain.ledger import AMOUNT, BOOK, CAUSE, EARNED
from daemon.domain.loyalty import LoyaltyRule, coupon_fact, due
from daemon.errors import DamagedRow, StoreFault
from daemon.store import account_owners, authoring, balances, elements, loyalty, terms
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica

log = logging.getLogger(__name__)

ISSUER = Actor(ActorKind.SYSTEM, "loyalty", "hub")

LOOKED_AT_ONCE: Final = 200
"""Customers of one unit whose birthdays are looked at: a few milliseconds."""
ISSUED_AT_ONCE: Final = 20
PAUSE_S: Final = 0.2
REST_S: Final = 6 * 3_600.0

_BIRTHDAY, _WALK_IN, _DELETED, _ARCHIVED = (
    CUSTOMER.number(name) for name in ("birthday", "walk_in_of", "deleted", "archived")
)


def issue_crossed(
    conn: Connection, replica: Replica, booked: Iterable[tuple[Header, Operation]], *, now_ms: int
) -> int:
    """Issue what became due by points that were ordered just now, wherever they were earned; returns how many.

    Two tills that are cut off see a part of the points each: only here is it known that together they cross.
    """
    gained, shops = _gained(conn, booked)
    rules = [rule for rule in loyalty.rules(conn) if rule.kind == "threshold"] if gained else []
    count = 0
    for account, points in sorted(gained.items()) if rules else ():
        after = balances.from_sales(conn, account, BOOK_POINTS)
        wanted = [(rule, number) for rule in rules for number in due(rule, after - points, after)]
        owner = account_owners.owner(conn, account) if wanted else None
        here = _here(conn, owner) if owner is not None else []
        if owner is None or not _is_served(here):
            continue
        day = terms.day_there(conn, shops.get(account, 0), now_ms)
        known = coupon.known_facts(here)
        operations: list[Operation] = []
        for rule, number in wanted:
            fact = coupon_fact(rule.id, account, number)
            if fact not in known:
                operations += coupon.issue(owner, fact, rule.coupon, day, rule=rule.id)
                count += 1
        _commit(conn, replica, operations, now_ms=now_ms)
    return count


def _gained(
    conn: Connection, booked: Iterable[tuple[Header, Operation]]
) -> tuple[Mapping[bytes, int], Mapping[bytes, int]]:
    """Points that were earned, and the shop where, by account."""
    gained: dict[bytes, int] = {}
    shops: dict[bytes, int] = {}
    for header, op in booked:
        amount = op.fields.get(AMOUNT)
        if op.kind != Kind.ENTRY or op.fields.get(CAUSE) != EARNED or op.fields.get(BOOK) != BOOK_POINTS:
            continue
        if type(amount) is int and amount > 0:
            gained[op.entity] = gained.get(op.entity, 0) + amount
            row = conn.execute("SELECT shop FROM site WHERE site = ?", (header.site,)).fetchone()
            shops[op.entity] = int(row[0]) if row is not None else 0
    return gained, shops


def issue_birthdays(conn: Connection, replica: Replica, after: bytes, *, now_ms: int) -> bytes | None:
    """Look at the birthdays of some customers behind `after`; returns the last one, None once all were looked at."""
    rules = [rule for rule in loyalty.rules(conn) if rule.kind == "birthday" and not rule.withdrawn]
    if not rules:
        return None
    rows = conn.execute(
        f"SELECT {elements.ROW} FROM element WHERE kind = ? AND dot = x'' AND entity > ? ORDER BY entity LIMIT ?",
        (int(Kind.CUSTOMER), after, LOOKED_AT_ONCE),
    ).fetchall()
    day = terms.day_there(conn, 0, now_ms)
    issued = 0
    for stored in rows:
        issued += _birthday(conn, replica, stored, (rules, day), now_ms=now_ms)
        if issued >= ISSUED_AT_ONCE:
            return bytes(stored[0])
    return bytes(rows[-1][0]) if len(rows) == LOOKED_AT_ONCE else None


def _birthday(
    conn: Connection,
    replica: Replica,
    stored: tuple[bytes, int, bytes, bytes, bytes],
    today: tuple[list[LoyaltyRule], int],
    *,
    now_ms: int,
) -> int:
    rules, day = today
    try:
        row = next(iter(elements.shown([stored])), None)
    except DamagedRow:
        return 0  # it is mended elsewhere; the next round looks again
    if row is None or not _is_served([row]):
        return 0
    born = row.fields.get(_BIRTHDAY)
    maybe = [rule for rule in rules if coupon.birthday_due(rule, row.entity, born, frozenset(), day=day) is not None]
    known = coupon.known_facts(_here(conn, row.entity)) if maybe else frozenset[bytes]()
    operations: list[Operation] = []
    for rule in maybe:
        fact = coupon.birthday_due(rule, row.entity, born, known, day=day)
        operations += coupon.issue(row.entity, fact, rule.coupon, day, rule=rule.id) if fact is not None else []
    _commit(conn, replica, operations, now_ms=now_ms)
    return bool(operations)


async def keep_issuing(database: Database, replica: Replica, clock: Clock) -> None:
    """Look at every birthday a few times a day; for ever."""
    after: bytes | None = b""
    while True:
        try:
            here, now_ms = after or b"", clock.now_ms()
            after = await database.write_in_turn(partial(issue_birthdays, replica=replica, after=here, now_ms=now_ms))
        except StoreFault as fault:
            after = None
            log.warning("birthday coupons are issued later: %s", fault)
        await clock.sleep(PAUSE_S if after else REST_S)


def _here(conn: Connection, customer: bytes) -> list[Element]:
    """What a customer has; nothing while some of it cannot be read."""
    try:
        return elements.elements_of(conn, customer)
    except DamagedRow:
        return []


def _is_served(here: Iterable[Element]) -> bool:
    """Whether this is a customer to whom something is given: there, not archived, not nobody in particular."""
    row = next((one for one in here if one.kind == Kind.CUSTOMER), None)
    if row is None or row.fields.get(_WALK_IN) is not None:
        return False
    return row.fields.get(_DELETED) != 1 and not is_withdrawn(row.fields.get(_ARCHIVED))


def _commit(conn: Connection, replica: Replica, operations: list[Operation], *, now_ms: int) -> None:
    for start in range(0, len(operations), OPERATIONS_MAX):
        authoring.commit(conn, replica, ISSUER, operations[start : start + OPERATIONS_MAX], now_ms=now_ms)
