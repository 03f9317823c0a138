"""Buying on account: ticked and unticked, its number, its maximum, what is owed, payments.

What may still be bought is a guarded book of the account, so that a till lets a customer buy for as much as it holds of
it and no more; what is owed is a plain sum beside it. The maximum is both together, and booked by head office alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from daemon.clock import random_id
from daemon.desk.approvals import Capped, authorise
from daemon.desk.customer import is_walk_in, row_of
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import number
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain import authoring, escrow
from daemon.domain import rights as rules
from daemon.domain.account import account_of
from daemon.domain.caps import Act
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import BOOK_CREDIT, BOOK_LIMIT
from daemon.domain.leaving import is_deleted
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.plain_line import plain_line
from daemon.domain.remark import remark
from daemon.domain.rights import BY_HAND, PAID
from daemon.domain.sale import new_sale_id
from daemon.errors import Conflicting, Forbidden, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, elements, rights
from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta

ON_ACCOUNT: Final = number("on_account")
ACCOUNT_NUMBER: Final = number("account_number")
NUMBER_LENGTH_MAX: Final = 32
REASON_LENGTH_MAX: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class OnAccountShown:
    """How a customer buys on account; cents. `here`: for how much they may buy at this till now."""

    on_account: bool
    number: str
    maximum: int
    owed: int
    available: int
    here: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OnAccountEdit:
    """What becomes of it; what is absent stays. `maximum` at head office only. `number` empty: a generated one."""

    on_account: bool | None = None
    number: str | None = None
    maximum: int | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """Money that the customer pays on what is owed, in cents."""

    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What is owed, corrected by hand: above zero more, below zero less; and why."""

    amount: int
    reason: str
    approval: str = field(default="", repr=False)


class OnAccountDesk:
    """Where customers buy on account."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, customer: EntityId) -> OnAccountShown:
        """How it stands; raises NotFound."""
        return await self._premises.database.read(lambda conn: self._shown(conn, customer))

    async def edit(self, call: Call, customer: EntityId, given: OnAccountEdit) -> OnAccountShown:
        """Tick, untick, number, maximum; raises NotFound, Conflicting, Forbidden, OperatorMistake."""
        fact = random_id()

        def decide(conn: Connection, row: Element) -> list[Operation]:
            account = account_of(row)
            fields = self._fields(conn, row, given)
            changed = {at: value for at, value in fields.items() if row.fields.get(at) != value}
            operations = [authoring.change(row, changed)] if changed else []
            if given.maximum is not None:
                moved = self._maximum(conn, account, given.maximum, fact)
                reason = plain_line(given.reason, "reason", REASON_LENGTH_MAX)
                operations += [*moved, *(remark(customer, fact, reason) if moved else [])]
            return operations

        return await self._write(call, customer, decide)

    async def pay(self, call: Call, customer: EntityId, given: Payment) -> OnAccountShown:
        """Take a payment: always, at any till; what is paid may be bought for again, here at once."""
        if not 0 < given.amount <= AMOUNT_MAX:
            raise OperatorMistake("amount: more than nothing, within bounds", field="amount")
        replica, random = self._premises.replica, random_id()

        def decide(_: Connection, row: Element) -> list[Operation]:
            sale, account = new_sale_id(replica.identity.site, random), account_of(row)
            holder = None if replica.identity.is_hub else rights.holder_of(replica)
            return [
                *rules.book(account, BOOK_CREDIT, -given.amount, sale=sale, cause=PAID),
                *rules.earn(account, BOOK_LIMIT, given.amount, sale=sale, holder=holder, cause=PAID),
            ]

        return await self._write(call, customer, decide)

    async def correct(self, call: Call, customer: EntityId, given: Correction) -> OnAccountShown:
        """Correct what is owed, with a reason; raises NotFound, Conflicting, Forbidden, OperatorMistake."""
        reason = plain_line(given.reason, "reason", REASON_LENGTH_MAX)
        if not reason or not 0 < abs(given.amount) <= AMOUNT_MAX:
            raise OperatorMistake("reason: say how much and why", field="reason")
        fact = random_id()

        def decide(conn: Connection, row: Element) -> list[Operation]:
            now_ms = self._premises.clock.now_ms()
            wanted = Capped(act=Act.CREDIT, amount=given.amount, approval=given.approval)
            authorise(conn, self._premises.replica, call, wanted, now_ms=now_ms)
            account = account_of(row)
            limit = self._limit_by_hand(conn, account, -given.amount, fact)
            owed = rules.book(account, BOOK_CREDIT, given.amount, sale=fact, cause=BY_HAND)
            return [*owed, *limit, *remark(customer, fact, reason)]

        return await self._write(call, customer, decide)

    def _limit_by_hand(self, conn: Connection, account: bytes, amount: int, fact: bytes) -> Sequence[Operation]:
        """Move what may still be bought: at a till within what it holds, at head office within what no one holds."""
        replica = self._premises.replica
        if replica.identity.is_hub:
            standing = rights.standing(conn, account, BOOK_LIMIT)
            done = escrow.correct(standing, amount, cause=BY_HAND, fact=fact)
            if not done or (amount < 0 and not rights.may_grant(conn, replica.boot)):
                raise Conflicting(f"maximum: {max(standing.free, 0)} of it is not at tills", field="maximum")
            return done
        holder = rights.holder_of(replica)
        if amount > 0:
            return rules.give(account, BOOK_LIMIT, amount, holder=holder, fact=fact, cause=BY_HAND)
        purse = rights.purse(conn, replica, account, BOOK_LIMIT)
        done = rules.spend(purse, -amount, holder=holder, cause=BY_HAND, fact=fact)
        if not done:
            raise Conflicting(f"amount: {purse.left} can be bought for here", field="amount")
        return done

    def _maximum(self, conn: Connection, account: bytes, maximum: int, fact: bytes) -> list[Operation]:
        """A new maximum: head office takes from what no one holds, and asks tills to return the rest."""
        if not self._premises.replica.identity.is_hub:
            raise Forbidden("maximum: head office decides how much is lent", field="maximum")
        if not 0 <= maximum <= AMOUNT_MAX:
            raise OperatorMistake("maximum: cents, from nothing on", field="maximum")
        owed, standing = rights.balance(conn, account, BOOK_CREDIT), rights.standing(conn, account, BOOK_LIMIT)
        change = maximum - owed - standing.balance
        if change >= 0:
            return escrow.correct(standing, change, cause=BY_HAND, fact=fact)
        if not rights.may_grant(conn, self._premises.replica.boot):
            raise Conflicting("maximum: not every till has reported since head office started", field="maximum")
        # What tills hold comes back first: until then the maximum is lowered by what is here.
        taken = min(-change, max(standing.free, 0))
        lowered = escrow.correct(standing, -taken, cause=BY_HAND, fact=fact) if taken else []
        return [*lowered, *(escrow.recall(standing, -change) if taken < -change else [])]

    def _fields(self, conn: Connection, row: Element, given: OnAccountEdit) -> dict[int, Any]:
        fields: dict[int, Any] = {}
        ticked = row.fields.get(ON_ACCOUNT) == 1
        if given.on_account is False and ticked:
            if rights.balance(conn, account_of(row), BOOK_CREDIT):
                raise Conflicting("on_account: something is owed still: it is paid first", field="on_account")
            fields[ON_ACCOUNT] = None
        if given.on_account:
            fields[ON_ACCOUNT] = 1
        known = row.fields.get(ACCOUNT_NUMBER)
        if given.number is not None and given.number.strip():
            fields[ACCOUNT_NUMBER] = line(given.number, "number", NUMBER_LENGTH_MAX)
        elif (given.on_account and not known) or given.number is not None:
            fields[ACCOUNT_NUMBER] = next_number(conn, self._premises.replica)
        return fields

    async def _write(self, call: Call, customer: EntityId, decide: Any) -> OnAccountShown:
        def unit(conn: Connection) -> OnAccountShown:
            operations = decide(conn, _row(conn, customer))
            if operations:
                now_ms = self._premises.clock.now_ms()
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return self._shown(conn, customer)

        return await write_once(self._premises, call, OnAccountShown, unit, told=lambda _: None)

    def _shown(self, conn: Connection, customer: EntityId) -> OnAccountShown:
        row = _row(conn, customer)
        account, said = account_of(row), row.fields.get(ACCOUNT_NUMBER)
        owed = rights.balance(conn, account, BOOK_CREDIT)
        purse = rights.purse(conn, self._premises.replica, account, BOOK_LIMIT)
        return OnAccountShown(
            on_account=row.fields.get(ON_ACCOUNT) == 1,
            number=said if isinstance(said, str) else "",
            maximum=owed + purse.balance,
            owed=owed,
            available=purse.balance,
            here=purse.left,
        )


def may_buy(row: Element) -> bool:
    """Whether a customer buys on account."""
    return row.fields.get(ON_ACCOUNT) == 1


def _row(conn: Connection, customer: EntityId) -> Element:
    row = row_of(elements.elements_of(conn, customer))
    if row is None or is_deleted(row):
        raise NotFound("customer: no customer has this id", field="customer")
    if is_walk_in(row):
        raise Conflicting("customer: nobody in particular buys nothing on account", field="customer")
    return row


def next_number(conn: Connection, replica: Replica) -> str:
    """An account number that no other till gives: `K`, three digits of the site or more, five of a count."""
    count = int(get_meta(conn, "account_number", 0))
    while True:
        count += 1
        found = f"K{replica.identity.site:03d}{count:05d}"
        if not customers.owners_of(conn, Claim.ACCOUNT_NUMBER, found):
            put_meta(conn, "account_number", count)
            return found
