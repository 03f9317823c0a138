"""Rights (escrow): who may spend how much of an account without asking anybody. Pure.

What a holder has left is what it was given minus what it spent: it is summed up, never stored and never sent. A till
spends only what it holds itself. So nobody spends what is not theirs, however many tills are cut off, as long as

    the sum of all that holders have left  <=  the balance of the account        (the floor)

which each operation here keeps: a spend takes as much from both; an earning adds to the balance what it gives to the
till whose visit issued the sale; a right that is passed on leaves one holder and comes to the other in one record; only
head office hands out what nobody holds, and only while it knows what everybody holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain import authoring, ledger
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Operation
from daemon.domain.kinds import (
    BOOK_COUPON,
    BOOK_CREDIT,
    BOOK_CREDIT_NOTE,
    BOOK_DEBT,
    BOOK_LIMIT,
    BOOK_POINTS,
    BOOK_QUOTA,
    Kind,
)
from daemon.domain.ledger import AMOUNT, BOOK, HOLDER

CAUSE: Final = 3
SALE: Final = 4
WANTED: Final = 7
REASON: Final = 7
"""Of an entry: why the program booked it. What people type is a `remark`: an entry outlives its customer."""
KEEP: Final = 8
TO: Final = 9

GUARDED: Final = frozenset({BOOK_POINTS, BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_QUOTA})
"""The books that nobody may overdraw."""

EARNED: Final = ledger.EARNED
SPENT: Final = "spent"
TAKEN_BACK: Final = ledger.TAKEN_BACK
GRANTED: Final = "granted"
RETURNED: Final = "returned"
PASSED_ON: Final = "passed on"
ASKED: Final = "asked"
RECALLED: Final = "recalled"
WHOSE: Final = "whose"
"""Head office asks a till under which of its holders it issued a sale that another one has posted."""
AT_RISK: Final = "at risk"
OVERDRAWN: Final = "overdrawn"
SETTLED: Final = "settled"
ON_ACCOUNT: Final = "on account"
PAID: Final = "paid"
ISSUED: Final = "issued"
BY_HAND: Final = "by hand"
GIVEN_BACK: Final = "given back"
DEDUCTED: Final = "deduct"
"""Why a debt is settled no longer owed, of a `SETTLED` entry: it was taken from the account; or `waive`, a present."""
CORRECTED: Final = ledger.CORRECTED

ASKED_MS: Final = 10 * 60_000
"""What was asked for longer ago is not given any more: the customer has left."""

Holder = tuple[int, bytes]
"""(site, 64 random bits)"""


def debt_book(book: int) -> int:
    """The book of what is at risk of another one, in its unit: points are not cents."""
    return (BOOK_DEBT << 8) + book


def due_book(book: int) -> int:
    """The book of what goods that came back had earned, and was spent already: head office collects it."""
    return ledger.DUE_BOOKS + book


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
    """One guarded book of one account as head office sees it: who holds how much.

    `unclaimed`: what was earned for sales of tills of which head office does not know yet how they hold it.
    """

    account: bytes
    book: int
    balance: int
    held: Mapping[Holder, int]
    unclaimed: int = 0

    @property
    def free(self) -> int:
        """What no one holds; negative where the floor is broken."""
        return self.balance - self.unclaimed - sum(max(left, 0) for left in self.held.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A till asks to hold at least `wanted` of a book."""

    account: bytes
    book: int
    wanted: int
    holder: Holder


# At a till.


def spend(
    purse: Purse, amount: int, *, holder: Holder, sale: bytes = b"", cause: str = SPENT, fact: bytes = b""
) -> list[Operation]:
    """Take from the balance and from this till's rights; nothing where the till does not hold as much.

    `fact`: what the entry states, where no sale says it.
    """
    if not 0 < amount <= purse.left:
        return []
    fields = {BOOK: purse.book, AMOUNT: -amount, CAUSE: cause, HOLDER: holder}
    fields |= {SALE: sale.hex() or None}
    fact = fact_of(cause, sale, purse.account, purse.book) if sale else fact
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


def points_earned(said: Iterable[Operation]) -> int:
    """The points that a sale brings by what is said of it."""
    fields = [op.fields for op in said if op.kind == Kind.ENTRY]
    return sum(one[AMOUNT] for one in fields if (one.get(CAUSE), one.get(BOOK)) == (EARNED, BOOK_POINTS))


def take_back(purse: Purse, amount: int, *, holder: Holder, sale: bytes, cause: str = TAKEN_BACK) -> list[Operation]:
    """Undo what was earned: from this till's rights as far as they go, the rest is due and head office collects it."""
    if amount <= 0:
        return []
    here = min(max(purse.left, 0), amount)
    rest = book(purse.account, due_book(purse.book), amount - here, sale=sale, cause=cause)
    return [*spend(purse, here, holder=holder, sale=sale, cause=cause), *rest]


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


def give_back(account: bytes, number: int, amount: int, *, sale: bytes) -> list[Operation]:
    """What was spent in a sale that is cancelled by `sale`, once, whoever says it; the right to it is nobody's yet."""
    return earn(account, number, amount, sale=sale, holder=None, cause=GIVEN_BACK)


def owe_less(account: bytes, number: int, amount: int, *, sale: bytes) -> list[Operation]:
    """What was given at risk in a sale that is cancelled is owed no longer; said by head office, which settles."""
    return book(account, debt_book(number), -max(amount, 0), sale=sale, cause=GIVEN_BACK)


def give_back_deducted(account: bytes, number: int, amount: int, *, sale: bytes) -> list[Operation]:
    """What was deducted for something at risk in a sale that is cancelled by `sale`, once, beside what was spent."""
    if amount <= 0:
        return []
    fields = {BOOK: number, AMOUNT: amount, CAUSE: GIVEN_BACK, SALE: sale.hex()}
    return [authoring.add(Kind.ENTRY, account, fields, fact=fact_of(SETTLED, sale, account, number))]


def off_the_debt(account: bytes, cents: int, *, sale: bytes) -> list[Operation]:
    """What was bought on account and comes back is owed no longer, and may be bought for again."""
    return [
        *book(account, BOOK_CREDIT, -cents, sale=sale, cause=TAKEN_BACK),
        *earn(account, BOOK_LIMIT, cents, sale=sale, holder=None, cause=TAKEN_BACK),
    ]


def owed_again(account: bytes, cents: int, *, sale: bytes) -> list[Operation]:
    """What came off the debt (`off_the_debt`) and was paid out besides is owed again, and may not be bought for."""
    return [
        *book(account, BOOK_CREDIT, cents, sale=sale, cause=ON_ACCOUNT),
        *book(account, due_book(BOOK_LIMIT), cents, sale=sale, cause=ON_ACCOUNT),
    ]


def evened_fact(sale: bytes, account: bytes, number: int, before: int) -> bytes:
    """The id of what evens a book out after a cancellation (`sale`), where that was done so often before."""
    return fact_of(f"{CORRECTED}/{before}" if before else CORRECTED, sale, account, number)


def even_out(account: bytes, number: int, left: int, *, sale: bytes, before: int = 0) -> list[Operation]:
    """What takes along what a cancelled sale has left, or gives back what was taken too much (`left` below zero).

    `before`: how often that was said in this direction: of several tills each may be heard after the last time.
    """
    if left == 0:
        return []
    to, amount, cause = (due_book(number), left, TAKEN_BACK) if left > 0 else (number, -left, CORRECTED)
    fields = {BOOK: to, AMOUNT: amount, CAUSE: cause, SALE: sale.hex()}
    return [authoring.add(Kind.ENTRY, account, fields, fact=evened_fact(sale, account, to, before))]


def give(account: bytes, book: int, amount: int, *, holder: Holder, fact: bytes, cause: str) -> list[Operation]:
    """A gift by hand at a till: it may be spent there at once."""
    fields = {BOOK: book, AMOUNT: amount, CAUSE: cause}
    return [
        authoring.add(Kind.ENTRY, account, fields, fact=fact),
        authoring.add(Kind.RIGHT, account, fields | {HOLDER: holder}, fact=fact),
    ]


def ask(purse: Purse, wanted: int, *, holder: Holder) -> list[Operation]:
    """Ask head office for rights; nothing where this till holds enough.

    An entry of no amount: it goes after all that this till has spent, so that head office answers what is so. One
    element for each book, however often it asks.
    """
    if wanted <= max(purse.left, 0):
        return []
    fields = {BOOK: purse.book, AMOUNT: 0, CAUSE: ASKED, HOLDER: holder, WANTED: wanted}
    return [authoring.add(Kind.RIGHT, purse.account, fields, fact=message_id("ask", purse.account, purse.book, holder))]


def answer_recall(recall: Operation, purse: Purse, *, holder: Holder) -> list[Operation]:
    """What a till passes on when head office asks it to: to another holder, or back to nobody; only its own."""
    wanted, keep, to = recall.fields.get(WANTED), recall.fields.get(KEEP), holder_in(recall.fields.get(TO))
    if recall.fields.get(CAUSE) != RECALLED or holder_in(recall.fields.get(HOLDER)) != holder or to == holder:
        return []
    if type(wanted) is not int or type(keep) is not int:
        return []
    amount = min(wanted, purse.left - max(keep, 0))
    if amount <= 0:
        return []
    cause = RETURNED if to is None else PASSED_ON
    gone = right(purse.account, purse.book, -amount, cause, holder)
    return [gone] if to is None else [gone, right(purse.account, purse.book, amount, cause, to)]


def sale_asked(op: Operation) -> bytes | None:
    """The sale that head office asks about, if this is such an operation (`escrow.ask_whose`)."""
    sale = op.fields.get(SALE)
    if op.kind != Kind.RIGHT or op.fields.get(CAUSE) != WHOSE or not isinstance(sale, str):
        return None
    try:
        return bytes.fromhex(sale)
    except ValueError:
        return None


def answer_whose(asked: Operation, sale: bytes, *, issuer: Holder) -> list[Operation]:
    """The right to what a sale earned, for the holder that issued it: the very statement that its posting makes.

    So it is one right whether head office asks, the visit is posted here as well, or an older image of this disk says
    it. An issuer that this box was and is no more holds it like the rest of what it held.
    """
    book, amount = asked.fields.get(BOOK), asked.fields.get(WANTED)
    if type(book) is not int or book not in GUARDED or type(amount) is not int:
        return []
    return earn(asked.entity, book, min(amount, ledger.AMOUNT_MAX), sale=sale, holder=issuer)[1:]


def right(account: bytes, book: int, amount: int, cause: str, holder: Holder) -> Operation:
    """Move what a holder may spend."""
    return authoring.add(Kind.RIGHT, account, {BOOK: book, AMOUNT: amount, CAUSE: cause, HOLDER: holder})


def message_id(what: str, account: bytes, book: int, holder: Holder) -> bytes:
    """The id of what till and head office ask of each other: one element for each book and holder."""
    return digest8(what.encode("ascii") + b"/", pack((account, book, holder)))


def holder_in(value: Any) -> Holder | None:
    """The holder that a field names, if it is one."""
    if isinstance(value, tuple) and len(value) == 2 and type(value[0]) is int and isinstance(value[1], bytes):
        return (value[0], value[1])
    return None
