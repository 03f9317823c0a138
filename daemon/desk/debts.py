"""What customers had without a right to it: listed at head office until somebody settles it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.clock import random_id
from daemon.desk import instant
from daemon.desk.customer import display_name, row_of
from daemon.desk.head_office_only import refuse_at_tills
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain import authoring, escrow
from daemon.domain import rights as rules
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.hlc import ms_of
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_POINTS, BOOK_QUOTA, Kind
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.domain.plain_line import plain_line
from daemon.domain.remark import remark
from daemon.domain.rights import CAUSE, REASON, SALE, SETTLED, debt_book
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.store import account_owners, elements, loyalty, rights
from daemon.store import authoring as store
from daemon.store.database import Connection

REASON_LENGTH_MAX: Final = 200
LISTED_MAX: Final = 500

BookName = Literal["points", "on_account", "coupon", "credit_note", "promo_code"]
BOOKS: Final[dict[str, int]] = {
    "points": BOOK_POINTS,
    "on_account": BOOK_LIMIT,
    "coupon": BOOK_COUPON,
    "credit_note": BOOK_CREDIT_NOTE,
    "promo_code": BOOK_QUOTA,
}
_NAMES: Final[dict[int, BookName]] = {
    BOOK_POINTS: "points",
    BOOK_LIMIT: "on_account",
    BOOK_COUPON: "coupon",
    BOOK_CREDIT_NOTE: "credit_note",
    BOOK_QUOTA: "promo_code",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DebtEntry:
    """One entry of a debt.

    at risk     a till gave it beyond its rights
    overdrawn   a disk that was put back, or a withdrawn till, had spent it
    settled     somebody at head office ended so much of it
    """

    at: str
    amount: int
    cause: str
    sale: str
    till: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Debt:
    """What stands against one account; `customer` is empty once they are erased, and for coupons."""

    account: str
    customer: str
    display_name: str
    book: BookName
    amount: int
    entries: tuple[DebtEntry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DebtsShown:
    """What is not settled, the largest first."""

    debts: tuple[Debt, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """How a debt ends. deduct: it is taken from what the account has and no till holds; waive: the chain bears it."""

    book: BookName
    amount: int
    how: Literal["deduct", "waive"]
    reason: str


class DebtDesk:
    """Where head office sees what stands at risk, and settles it."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def debts(self) -> DebtsShown:
        """What is not settled."""
        return await self._premises.database.read(lambda conn: DebtsShown(debts=tuple(_debts(conn))))

    async def settle(self, call: Call, account: EntityId, given: Settlement) -> DebtsShown:
        """Settle a debt, or a part of it; raises NotFound, Conflicting, OperatorMistake, Forbidden at a till."""
        refuse_at_tills(self._premises, "debts")
        reason = plain_line(given.reason, "reason", REASON_LENGTH_MAX)
        if not reason:
            raise OperatorMistake("reason: say why", field="reason")

        def unit(conn: Connection) -> DebtsShown:
            operations = self._settling(conn, account, given, reason)
            now_ms = self._premises.clock.now_ms()
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return DebtsShown(debts=tuple(_debts(conn)))

        return await write_once(self._premises, call, DebtsShown, unit, told=lambda _: None)

    def _settling(self, conn: Connection, account: bytes, given: Settlement, reason: str) -> list[Operation]:
        number = BOOKS[given.book]
        debt = rights.balance(conn, account, debt_book(number))
        if debt <= 0:
            raise NotFound("nothing stands against this account in this book", field="book")
        if not 0 < given.amount <= debt:
            raise OperatorMistake(f"amount: from 1 to {debt}", field="amount")
        fact = random_id()
        fields = {BOOK: debt_book(number), AMOUNT: -given.amount, CAUSE: SETTLED, REASON: given.how}
        ended = [
            authoring.add(Kind.ENTRY, account, fields, fact=fact),
            *remark(account_owners.owner(conn, account), fact, reason),
        ]
        if given.how != rules.DEDUCTED:
            return ended
        standing = rights.standing(conn, account, number)
        taken = escrow.correct(standing, -given.amount, cause=SETTLED)
        if not taken or not rights.may_grant(conn, self._premises.replica.boot):
            free = max(standing.free, 0)
            raise Conflicting(f"amount: {free} can be taken now, tills hold the rest of the balance", field="amount")
        return [*ended, *taken]


_OF_DEBTS: Final = "holder = x'' AND book > 768 AND book < 1000000"
"""In the words of the index: without them every sum of the chain would be looked at."""


def _debts(conn: Connection) -> list[Debt]:
    marks = ",".join("?" * len(_NAMES))
    rows = conn.execute(
        f"SELECT account, book, amount FROM balance WHERE {_OF_DEBTS} AND amount > 0 AND book IN ({marks})"
        " ORDER BY amount DESC LIMIT ?",
        (*(debt_book(number) for number in _NAMES), LISTED_MAX),
    ).fetchall()
    return [_debt(conn, account, book - debt_book(0), amount) for account, book, amount in rows]


def _debt(conn: Connection, account: bytes, number: int, amount: int) -> Debt:
    owner = account_owners.owner(conn, account)
    row = row_of(elements.elements_of(conn, owner)) if owner is not None else None
    entries = [one for one in loyalty.entries(conn, account) if one.fields.get(BOOK) == debt_book(number)]
    return Debt(
        account=account.hex(),
        customer=owner.hex() if owner is not None and row is not None else "",
        display_name=display_name(row) if row is not None else "",
        book=_NAMES[number],
        amount=amount,
        entries=tuple(_entry(one) for one in _newest_first(entries)),
    )


def _newest_first(entries: Sequence[Element]) -> list[Element]:
    return sorted(entries, key=lambda one: (one.base, one.dot), reverse=True)


def _entry(one: Element) -> DebtEntry:
    value = one.fields.get
    amount = value(AMOUNT)
    return DebtEntry(
        at=instant.shown(ms_of(one.base)),
        amount=amount if isinstance(amount, int) else 0,
        cause=str(value(CAUSE) or ""),
        sale=str(value(SALE) or ""),
        till=one.base[1],
    )


assert set(_NAMES) == rules.GUARDED, "each guarded book has a name"
