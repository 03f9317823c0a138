"""Head office minds rights: who gets what no one holds, who is asked to pass on, what the floor needs. Pure."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_COUPON, Kind
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
    if op.kind != Kind.ENTRY or type(book) is not int or book not in GUARDED:
        return None
    if type(amount) is not int or not 0 < amount <= AMOUNT_MAX:
        return None
    issuer = _issuer(sale) if op.dot and op.fields.get(CAUSE) == EARNED else 0
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
        operations.append(right(one.account, one.book, granted, GRANTED, one.holder))
    others = sorted(((left, holder) for holder, left in standing.held.items() if left > 0), reverse=True)
    for left, holder in others:
        if missing <= 0:
            break
        if holder != one.holder:
            part = min(missing, left)
            missing -= part
            operations.append(_recall(standing, holder, part, keep=0, to=one.holder))
    return operations


RESERVE_SHARE: Final = 16
"""Head office keeps a sixteenth of a balance for whoever asks elsewhere, the usual shop has the rest."""


def hand_out(standing: Standing, usual: Sequence[Holder]) -> list[Operation]:
    """Grant what no one holds to the tills of the usual shop, evenly; what cannot be divided to the first of them."""
    if not usual or standing.free <= 0:
        return []
    if standing.book == BOOK_COUPON:
        return [right(standing.account, standing.book, standing.free, GRANTED, usual[0])]
    amount = standing.free - standing.balance // RESERVE_SHARE
    if amount < max(1, standing.balance // (4 * RESERVE_SHARE)):
        return []
    shares = level([max(standing.held.get(one, 0), 0) for one in usual], amount)
    return [
        right(standing.account, standing.book, share, GRANTED, one)
        for one, share in zip(usual, shares, strict=True)
        if share > 0
    ]


def even_out(standing: Standing, usual: Sequence[Holder], sold_at: AbstractSet[int] = frozenset()) -> list[Operation]:
    """Bring rights to where the customer goes: home from elsewhere, then evenly to the tills of the shop.

    A till of another shop that has just sold to this customer (`sold_at`) passes on what is left of its lease.
    Customers change lanes: the till that holds most passes on to the one that holds least, once that has less than
    three quarters of an even part.
    """
    if not usual or standing.book == BOOK_COUPON:
        return []
    home = {holder: max(standing.held.get(holder, 0), 0) for holder in usual}
    sites = {site for site, _ in usual}
    operations: list[Operation] = []
    for holder, left in sorted(standing.held.items()):
        if left > 0 and holder[0] in sold_at and holder[0] not in sites:
            least = min(usual, key=lambda one: (home[one], one))
            home[least] += left
            operations.append(_recall(standing, holder, left, keep=0, to=least))
    part = sum(home.values()) // len(home)
    most, least = max(home, key=lambda one: (home[one], one)), min(home, key=lambda one: (home[one], one))
    moved = min(home[most] - part, part - home[least])
    if not operations and home[least] * 4 < part * 3 and moved > 0:
        operations.append(_recall(standing, most, moved, keep=part, to=least))
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


def correct(standing: Standing, amount: int, *, cause: str, reason: str = "") -> list[Operation]:
    """A movement that head office books itself: what it takes, it takes from what no one holds.

    Returns nothing where that is not enough: recall it first.
    """
    if amount == 0 or amount < -max(standing.free, 0):
        return []
    fields = {BOOK: standing.book, AMOUNT: amount, CAUSE: cause, REASON: reason or None}
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


def _recall(standing: Standing, holder: Holder, wanted: int, *, keep: int, to: Holder | None) -> Operation:
    fields = {
        BOOK: standing.book, AMOUNT: 0, CAUSE: RECALLED, HOLDER: holder, WANTED: wanted, KEEP: keep, TO: to,
    }  # fmt: skip
    fact = message_id("recall", standing.account, standing.book, holder)
    return authoring.add(Kind.RIGHT, standing.account, fields, fact=fact)
