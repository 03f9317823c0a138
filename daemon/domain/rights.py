"""Rights (escrow): who may spend how much of an account without asking anybody. Pure.

What a holder has left is what it was given minus what it spent: it is summed up, never stored and never sent. A till
spends only what it holds itself. So nobody spends what is not theirs, however many tills are cut off, as long as

    the sum of all that holders have left  <=  the balance of the account        (the floor)

which each operation here keeps: a spend takes as much from both; an earning adds to the balance what it gives to the
till whose visit issued the sale; a right that is passed on leaves one holder and comes to the other in one record; only
head office hands out what nobody holds, and only while it knows what everybody holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Operation
from daemon.domain.kinds import (
    BOOK_COUPON,
    BOOK_CREDIT_NOTE,
    BOOK_DEBT,
    BOOK_LIMIT,
    BOOK_POINTS,
    BOOK_QUOTA,
    Kind,
)
from daemon.domain.ledger import AMOUNT, BOOK, HOLDER
from daemon.domain.sale import site_of_sale

CAUSE: Final = 3
SALE: Final = 4
WANTED: Final = 7
KEEP: Final = 8
TO: Final = 9

GUARDED: Final = frozenset({BOOK_POINTS, BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_QUOTA})
"""The books that nobody may overdraw."""

EARNED: Final = "earned"
SPENT: Final = "spent"
TAKEN_BACK: Final = "taken back"
GRANTED: Final = "granted"
RETURNED: Final = "returned"
PASSED_ON: Final = "passed on"
ASKED: Final = "asked"
RECALLED: Final = "recalled"
AT_RISK: Final = "at risk"
OVERDRAWN: Final = "overdrawn"
SETTLED: Final = "settled"
ON_ACCOUNT: Final = "on account"
PAID: Final = "paid"
ISSUED: Final = "issued"

ASKED_MS: Final = 10 * 60_000
"""What was asked for longer ago is not given any more: the customer has left."""

Holder = tuple[int, bytes]
"""(site, 64 random bits)"""


def debt_book(book: int) -> int:
    """The book of what is at risk of another one, in its unit: points are not cents."""
    return (BOOK_DEBT << 8) + book


def fact_of(what: str, sale: bytes, account: bytes, book: int) -> bytes:
    """The id of what a sale does to an account: the same from whoever says it, however often."""
    return digest8(what.encode("ascii") + b"/", pack((sale, account, book)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Purse:
    """One guarded book of one account as a till sees it. `left`: what this till may still spend of it."""

    account: bytes
    book: int
    left: int
    balance: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One guarded book of one account as head office sees it: who holds how much."""

    account: bytes
    book: int
    balance: int
    held: Mapping[Holder, int]

    @property
    def free(self) -> int:
        """What no one holds; negative where the floor is broken."""
        return self.balance - sum(max(left, 0) for left in self.held.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A till asks to hold at least `wanted` of a book."""

    account: bytes
    book: int
    wanted: int
    holder: Holder


# At a till.


def spend(purse: Purse, amount: int, *, holder: Holder, sale: bytes = b"", cause: str = SPENT) -> list[Operation]:
    """Take from the balance and from this till's rights; None of it where the till does not hold as much."""
    if not 0 < amount <= purse.left:
        return []
    fields = {BOOK: purse.book, AMOUNT: -amount, CAUSE: cause, SALE: sale.hex() or None, HOLDER: holder}
    fact = fact_of(cause, sale, purse.account, purse.book) if sale else b""
    return [authoring.add(Kind.ENTRY, purse.account, fields, fact=fact)]


def earn(
    account: bytes, book: int, amount: int, *, sale: bytes, holder: Holder | None, cause: str = EARNED
) -> list[Operation]:
    """What a sale brings, once, whoever posts it; the right to it only at the till that issued the sale.

    `holder`: this till's, where the sale's visit was opened here, under this very holder; else None.
    """
    if amount <= 0:
        return []
    fact = fact_of(cause, sale, account, book)
    entry = authoring.add(
        Kind.ENTRY, account, {BOOK: book, AMOUNT: amount, CAUSE: cause, SALE: sale.hex() or None}, fact=fact
    )
    if holder is None:
        return [entry]
    right = authoring.add(Kind.RIGHT, account, {BOOK: book, AMOUNT: amount, CAUSE: cause, HOLDER: holder}, fact=fact)
    return [entry, right]


def take_back(purse: Purse, amount: int, *, holder: Holder, sale: bytes, cause: str = TAKEN_BACK) -> list[Operation]:
    """Undo what was earned: from this till's rights as far as they go, the rest is a debt that head office settles."""
    if amount <= 0:
        return []
    here = min(max(purse.left, 0), amount)
    return [
        *spend(purse, here, holder=holder, sale=sale, cause=cause),
        *owe(purse.account, purse.book, amount - here, sale=sale, cause=cause),
    ]


def owe(account: bytes, book: int, amount: int, *, sale: bytes = b"", cause: str = AT_RISK) -> list[Operation]:
    """A debt: what was given without a right to it; the main book stays exact."""
    if amount <= 0:
        return []
    debt = debt_book(book)
    fact = fact_of(cause, sale, account, debt) if sale else b""
    fields = {BOOK: debt, AMOUNT: amount, CAUSE: cause, SALE: sale.hex() or None}
    return [authoring.add(Kind.ENTRY, account, fields, fact=fact)]


def book(account: bytes, number: int, amount: int, *, sale: bytes, cause: str) -> list[Operation]:
    """A movement of a book that nobody guards: what is owed on account. Once for each sale."""
    if amount == 0:
        return []
    fields = {BOOK: number, AMOUNT: amount, CAUSE: cause, SALE: sale.hex() or None}
    return [authoring.add(Kind.ENTRY, account, fields, fact=fact_of(cause, sale, account, number) if sale else b"")]


def ask(purse: Purse, wanted: int, *, holder: Holder) -> list[Operation]:
    """Ask head office for rights; nothing where this till holds enough.

    An entry of no amount: it goes after all that this till has spent, so that head office answers what is so. One
    element for each book, however often it asks.
    """
    if wanted <= max(purse.left, 0):
        return []
    fields = {BOOK: purse.book, AMOUNT: 0, CAUSE: ASKED, HOLDER: holder, WANTED: wanted}
    return [authoring.add(Kind.RIGHT, purse.account, fields, fact=_message("ask", purse.account, purse.book, holder))]


def answer_recall(recall: Operation, purse: Purse, *, holder: Holder) -> list[Operation]:
    """What a till passes on when head office asks it to: to another holder, or back to nobody; only its own."""
    wanted, keep, to = recall.fields.get(WANTED), recall.fields.get(KEEP), _holder(recall.fields.get(TO))
    if recall.fields.get(CAUSE) != RECALLED or _holder(recall.fields.get(HOLDER)) != holder or to == holder:
        return []
    if type(wanted) is not int or type(keep) is not int:
        return []
    amount = min(wanted, purse.left - max(keep, 0))
    if amount <= 0:
        return []
    cause = RETURNED if to is None else PASSED_ON
    gone = _right(purse.account, purse.book, -amount, cause, holder)
    return [gone] if to is None else [gone, _right(purse.account, purse.book, amount, cause, to)]


# At head office.


def asked(op: Operation) -> Ask | None:
    """What a till asks for, if this is such an operation."""
    if op.kind != Kind.RIGHT or op.fields.get(CAUSE) != ASKED:
        return None
    book, wanted, holder = op.fields.get(BOOK), op.fields.get(WANTED), _holder(op.fields.get(HOLDER))
    if type(book) is not int or type(wanted) is not int or holder is None or book not in GUARDED:
        return None
    return Ask(account=op.entity, book=book, wanted=wanted, holder=holder)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unclaimed:
    """What a sale earned that was posted elsewhere: the right to it is that of the till whose visit issued the sale."""

    account: bytes
    book: int
    amount: int
    cause: str
    fact: bytes
    site: int


def unclaimed(site: int, op: Operation) -> Unclaimed | None:
    """What an entry of a till earned for a sale that another till's visit issued.

    Head office keeps the right for that till, under the very fact: that till may have created it already, and spent it.
    """
    sale, book, amount = op.fields.get(SALE), op.fields.get(BOOK), op.fields.get(AMOUNT)
    if op.kind != Kind.ENTRY or type(book) is not int or book not in GUARDED or type(amount) is not int or amount <= 0:
        return None
    issuer = _issuer(sale) if op.dot else 0
    if not issuer or issuer == site:
        return None
    cause = str(op.fields.get(CAUSE))
    return Unclaimed(account=op.entity, book=book, amount=amount, cause=cause, fact=op.dot, site=issuer)


def keep_for(one: Unclaimed, holder: Holder) -> Operation:
    """The right to what was earned for a sale of this holder's."""
    fields = {BOOK: one.book, AMOUNT: one.amount, CAUSE: one.cause, HOLDER: holder}
    return authoring.add(Kind.RIGHT, one.account, fields, fact=one.fact)


def _issuer(sale: Any) -> int:
    """The till that a sale's id names; 0 for what is no sale's id."""
    try:
        raw = bytes.fromhex(sale) if isinstance(sale, str) else b""
    except ValueError:
        return 0
    return site_of_sale(raw) if len(raw) == 8 else 0


def answer(standing: Standing, one: Ask, *, may_grant: bool) -> list[Operation]:
    """Grant what no one holds; have the rest passed on by those who hold most.

    `may_grant`: head office knows what everybody holds; else it only asks others to pass on, which is always safe.
    """
    missing = min(one.wanted, standing.balance) - max(standing.held.get(one.holder, 0), 0)
    operations: list[Operation] = []
    if may_grant and missing > 0 and standing.free > 0:
        granted = min(missing, standing.free)
        missing -= granted
        operations.append(_right(one.account, one.book, granted, GRANTED, one.holder))
    others = sorted(((left, holder) for holder, left in standing.held.items() if left > 0), reverse=True)
    for left, holder in others:
        if missing <= 0:
            break
        if holder != one.holder:
            part = min(missing, left)
            missing -= part
            operations.append(_recall(standing, holder, part, keep=0, to=one.holder))
    return operations


RESERVE_SHARE: Final = 8
"""Head office keeps an eighth of a balance for whoever asks elsewhere, the usual shop has the rest."""


def hand_out(standing: Standing, usual: Sequence[Holder]) -> list[Operation]:
    """Grant what no one holds to the tills of the usual shop, evenly; what cannot be divided to the first of them."""
    if not usual or standing.free <= 0:
        return []
    if standing.book == BOOK_COUPON:
        return [_right(standing.account, standing.book, standing.free, GRANTED, usual[0])]
    amount = standing.free - standing.balance // RESERVE_SHARE
    if amount < max(1, standing.balance // (4 * RESERVE_SHARE)):
        return []
    shares = level([max(standing.held.get(one, 0), 0) for one in usual], amount)
    return [
        _right(standing.account, standing.book, share, GRANTED, one)
        for one, share in zip(usual, shares, strict=True)
        if share > 0
    ]


def even_out(standing: Standing, usual: Sequence[Holder]) -> list[Operation]:
    """Have the till of a shop that holds much more than its part pass it on to the one that holds least.

    Customers change lanes. Nothing moves before the one has less than half of an even part, and the other more than
    half more: that is after many sales.
    """
    if len(usual) < 2 or standing.book == BOOK_COUPON:
        return []
    held = [(max(standing.held.get(one, 0), 0), one) for one in usual]
    part = sum(left for left, _ in held) // len(held)
    least, most = min(held), max(held)
    if least[0] * 2 >= part or most[0] * 2 <= part * 3:
        return []
    return [_recall(standing, most[1], min(most[0] - part, part - least[0]), keep=part, to=least[1])]


def settle(standing: Standing) -> list[Operation]:
    """Make the floor whole again where it is broken, and book what that took as a debt.

    A holder that spent more than it was given is a disk that was put back, or a till whose rights were written off.
    """
    account, book = standing.account, standing.book
    operations: list[Operation] = []
    total, balance = 0, standing.balance
    for holder, left in sorted(standing.held.items()):
        if left < 0:
            total -= left
            balance -= left
            fields = {BOOK: book, AMOUNT: -left, CAUSE: OVERDRAWN, HOLDER: holder}
            operations.append(authoring.add(Kind.ENTRY, account, fields))
    short = sum(max(left, 0) for left in standing.held.values()) - balance
    if short > 0:
        total += short
        operations.append(authoring.add(Kind.ENTRY, account, {BOOK: book, AMOUNT: short, CAUSE: OVERDRAWN}))
    return [*operations, *owe(account, book, total, cause=OVERDRAWN)]


def correct(standing: Standing, amount: int, *, cause: str, sale: bytes = b"") -> list[Operation]:
    """A movement that head office books itself: what it takes, it takes from what no one holds.

    Returns nothing where that is not enough: recall it first.
    """
    if amount == 0 or amount < -max(standing.free, 0):
        return []
    fields = {BOOK: standing.book, AMOUNT: amount, CAUSE: cause, SALE: sale.hex() or None}
    return [authoring.add(Kind.ENTRY, standing.account, fields)]


def recall(standing: Standing, amount: int) -> list[Operation]:
    """Ask holders to return rights until so much is free; those who hold most first."""
    missing = amount - max(standing.free, 0)
    operations: list[Operation] = []
    for left, holder in sorted(((left, holder) for holder, left in standing.held.items() if left > 0), reverse=True):
        if missing <= 0:
            break
        operations.append(_recall(standing, holder, min(missing, left), keep=0, to=None))
        missing -= left
    return operations


def level(held: Sequence[int], amount: int) -> list[int]:
    """How much each gets of an amount, so that the least become as even as it goes."""
    shares = [0] * len(held)
    order = sorted(range(len(held)), key=lambda at: (held[at], at))
    for count in range(1, len(order) + 1):
        water = held[order[count]] if count < len(order) else None
        room = None if water is None else sum(water - held[at] - shares[at] for at in order[:count])
        if room is None or room >= amount:
            base, more = divmod(amount + sum(held[at] + shares[at] for at in order[:count]), count)
            return [
                base + (order.index(at) < more) - held[at] if at in order[:count] else shares[at]
                for at in range(len(held))
            ]
        amount -= room
        for at in order[:count]:
            assert water is not None
            shares[at] = water - held[at]
    return shares


def _right(account: bytes, book: int, amount: int, cause: str, holder: Holder) -> Operation:
    return authoring.add(Kind.RIGHT, account, {BOOK: book, AMOUNT: amount, CAUSE: cause, HOLDER: holder})


def _recall(standing: Standing, holder: Holder, wanted: int, *, keep: int, to: Holder | None) -> Operation:
    fields = {
        BOOK: standing.book, AMOUNT: 0, CAUSE: RECALLED, HOLDER: holder, WANTED: wanted, KEEP: keep, TO: to,
    }  # fmt: skip
    fact = _message("recall", standing.account, standing.book, holder)
    return authoring.add(Kind.RIGHT, standing.account, fields, fact=fact)


def _message(what: str, account: bytes, book: int, holder: Holder) -> bytes:
    return digest8(what.encode("ascii") + b"/", pack((account, book, holder)))


def _holder(value: Any) -> Holder | None:
    if isinstance(value, tuple) and len(value) == 2 and type(value[0]) is int and isinstance(value[1], bytes):
        return (value[0], value[1])
    return None
