"""Head office minds rights: what is asked for, whose an earning is, what the floor needs. Pure."""

from dataclasses import dataclass
from typing import Any

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT, AMOUNT_MAX, BOOK, HOLDER
from daemon.domain.rights import (
    ASKED,
    CAUSE,
    EARNED,
    GRANTED,
    GUARDED,
    KEEP,
    OVERDRAWN,
    REASON,
    RECALLED,
    SALE,
    SETTLED,
    TO,
    WANTED,
    WHOSE,
    Ask,
    Holder,
    Standing,
    due_book,
    holder_in,
    message_id,
    owe,
    right,
)
from daemon.domain.sale import site_of_sale


def asked(op: Operation) -> Ask | None:
    """What a till asks for, if this is such an operation."""
    if op.kind != Kind.RIGHT or op.fields.get(CAUSE) != ASKED:
        return None
    book, wanted, holder = op.fields.get(BOOK), op.fields.get(WANTED), holder_in(op.fields.get(HOLDER))
    if type(book) is not int or type(wanted) is not int or holder is None or book not in GUARDED:
        return None
    return Ask(account=op.entity, book=book, wanted=wanted, holder=holder)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unclaimed:
    """What a sale earned that was posted elsewhere: the right to it is that of the box whose visit issued the sale.

    The sale names the till, and a till may have been several boxes, some of which head office has never heard of. Which
    one it was the till alone knows: were it guessed, two boxes could spend one earning.
    """

    account: bytes
    book: int
    amount: int
    cause: str
    fact: bytes
    site: int


def unclaimed(site: int, op: Operation, *, is_claimed: bool = False) -> Unclaimed | None:
    """What an entry of a till earned without the right to it: that belongs to the till whose visit issued the sale.

    Head office keeps it for nobody else, and asks: that till may have created the right already, and spent it.
    `is_claimed`: the same record gives the right. The issuer itself does not where it has forgotten its visit: its disk
    was put back, and were the amount nobody's, it would be given away before the next till posts the sale once more.
    """
    sale, book, amount = op.fields.get(SALE), op.fields.get(BOOK), op.fields.get(AMOUNT)
    if op.kind != Kind.ENTRY or type(book) is not int or book not in GUARDED:
        return None
    if type(amount) is not int or not 0 < amount <= AMOUNT_MAX:
        return None
    issuer = _issuer(sale) if op.dot and op.fields.get(CAUSE) == EARNED else 0
    if not issuer or (issuer == site and is_claimed):
        return None
    cause = str(op.fields.get(CAUSE))
    return Unclaimed(account=op.entity, book=book, amount=amount, cause=cause, fact=op.dot, site=issuer)


def ask_whose(one: Unclaimed, sale: str, holder: Holder) -> Operation:
    """Ask a till, by the holder that it was last, as which one it issued a sale; no right moves by this.

    One element for each book and holder: the till hears each of them, whichever stands.
    """
    fields = {BOOK: one.book, AMOUNT: 0, CAUSE: WHOSE, SALE: sale, HOLDER: holder, WANTED: one.amount}
    fact = message_id("whose", one.account, one.book, holder)
    return authoring.add(Kind.RIGHT, one.account, fields, fact=fact)


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
        operations.append(right(one.account, one.book, granted, GRANTED, one.holder))
    others = sorted(((left, holder) for holder, left in standing.held.items() if left > 0), reverse=True)
    for left, holder in others:
        if missing <= 0:
            break
        if holder != one.holder:
            part = min(missing, left)
            missing -= part
            operations.append(recall_from(standing, holder, part, keep=0, to=one.holder))
    return operations


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


def collect(standing: Standing, due: int) -> list[Operation]:
    """Take what is due from what no one holds; ask those who hold the rest to return it."""
    taken = min(due, max(standing.free, 0))
    operations: list[Operation] = []
    if taken > 0:
        for book_, amount in ((standing.book, -taken), (due_book(standing.book), -taken)):
            fields = {BOOK: book_, AMOUNT: amount, CAUSE: SETTLED}
            operations.append(authoring.add(Kind.ENTRY, standing.account, fields))
    return [*operations, *(recall(standing, due) if due > taken else [])]


def correct(standing: Standing, amount: int, *, cause: str, reason: str = "", fact: bytes = b"") -> list[Operation]:
    """A movement that head office books itself: what it takes, it takes from what no one holds.

    Returns nothing where that is not enough: recall it first.
    """
    if amount == 0 or amount < -max(standing.free, 0):
        return []
    fields = {BOOK: standing.book, AMOUNT: amount, CAUSE: cause, REASON: reason or None}
    return [authoring.add(Kind.ENTRY, standing.account, fields, fact=fact)]


def recall(standing: Standing, amount: int) -> list[Operation]:
    """Ask holders to return rights until so much is free; those who hold most first."""
    missing = amount - max(standing.free, 0)
    operations: list[Operation] = []
    for left, holder in sorted(((left, holder) for holder, left in standing.held.items() if left > 0), reverse=True):
        if missing <= 0:
            break
        operations.append(recall_from(standing, holder, min(missing, left), keep=0, to=None))
        missing -= left
    return operations


def recall_from(standing: Standing, holder: Holder, wanted: int, *, keep: int, to: Holder | None) -> Operation:
    """Ask one holder to pass so much on, or to return it; it keeps `keep`."""
    fields = {
        BOOK: standing.book, AMOUNT: 0, CAUSE: RECALLED, HOLDER: holder, WANTED: wanted, KEEP: keep, TO: to,
    }  # fmt: skip
    fact = message_id("recall", standing.account, standing.book, holder)
    return authoring.add(Kind.RIGHT, standing.account, fields, fact=fact)
