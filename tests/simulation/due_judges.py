"""What must hold of coupons that rules make due, of points that expire, and of what is bought on account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from daemon.domain import coupon, expiry
from daemon.domain.account import account_of
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation, dot_of
from daemon.domain.element import Element
from daemon.domain.hlc import Stamp, ms_of
from daemon.domain.kinds import BOOK_CREDIT, BOOK_LIMIT, BOOK_POINTS, CUSTOMER, Kind
from daemon.domain.ledger import AMOUNT, BOOK, CAUSE, CORRECTED, EARNED, TAKEN_BACK
from daemon.domain.loyalty import coupon_fact
from daemon.domain.rights import BY_HAND, ISSUED, ON_ACCOUNT, SALE, debt_book, due_book
from daemon.store import sales
from tests.simulation.coupons_found import EVERY, RULES
from tests.simulation.history import History
from tests.simulation.record_book import Ordered
from tests.simulation.waiting_for import MONTH_MS

if TYPE_CHECKING:
    from tests.simulation.world import World

THRESHOLD = RULES[0][0]
LATEST = ((1 << 63, 0, 0), 0)
BROUGHT = (EARNED, CORRECTED)


def _entries(world: World) -> Iterator[Element]:
    return (one for one in History.of(world).elements.values() if one.kind == Kind.ENTRY)


def _accounts(world: World) -> set[bytes]:
    return {digest8(b"account/" + customer) for customer in world.people.ids}


def due_once(world: World) -> Iterator[str]:
    """A coupon that a rule makes due is one coupon with one use, whoever found it out, and nothing else is."""
    issued: Counter[bytes] = Counter()
    earned: Counter[bytes] = Counter()
    for one in _entries(world):
        issued[one.entity] += one.fields.get(CAUSE) == ISSUED
        amount = int(one.fields[AMOUNT])
        if one.fields.get(CAUSE) in BROUGHT and one.fields.get(BOOK) == BOOK_POINTS and amount > 0:
            earned[one.entity] += amount
    crossed = {
        coupon_fact(THRESHOLD.hex(), account, number)
        for account, points in earned.items()
        for number in range(1, points // EVERY + 1)
    }
    for one in History.of(world).elements.values():
        if not coupon.is_coupon(one):
            continue
        account = one.fields.get(coupon.ACCOUNT)
        if isinstance(account, bytes) and issued[account] != 1:
            yield f"a coupon that is due was issued {issued[account]} times"
        if one.fields.get(coupon.RULE) == THRESHOLD.hex() and one.dot not in crossed:
            yield "a coupon was given for points that nobody has earned"


def none_missing(world: World) -> Iterator[str]:
    """What tills that were cut off have earned together is found out by head office.

    Only where the rule was there before any points, nothing came back, and nobody lost a disk or a row: what else keeps
    a coupon from being due is not told in the feeds.
    """
    counts = world.faults.counts
    names = ("bit flipped", "bit flipped at the hub", "file damaged", "hub restored, announced")
    if world.swapped_sites or any(counts[name] for name in (*names, "hub restored, unannounced")):
        return
    gone, points, ruled_at, first_at = _of_feed(world)
    if ruled_at is None or (first_at is not None and first_at < ruled_at):
        return
    elements = History.of(world).elements
    for customer in world.people.ids:
        row = elements.get((customer, int(Kind.CUSTOMER), b""))
        if row is None or not _is_plain(row):
            continue
        account = account_of(row)
        for number in range(1, points[account] // EVERY + 1) if account not in gone else ():
            world.faults.count("threshold crossed")
            if (customer, int(Kind.COUPON), coupon_fact(THRESHOLD.hex(), account, number)) not in elements:
                yield "points were earned for which nobody has given the coupon"


def _of_feed(world: World) -> tuple[set[bytes], Counter[bytes], int | None, int | None]:
    """Accounts of which something came back; points by account; where the one rule and the first points stand."""
    gone: set[bytes] = set()
    points: Counter[bytes] = Counter()
    said: set[tuple[bytes, bytes]] = set()
    ruled: list[int] = []
    first: list[int] = []
    for offset, dot, op in _said(world):
        if op.kind == Kind.LOYALTY_RULE and op.entity == THRESHOLD:
            ruled.append(offset)
        if op.kind != Kind.ENTRY or (op.entity, dot) in said:
            continue
        said.add((op.entity, dot))
        if op.fields.get(CAUSE) == TAKEN_BACK:
            gone.add(op.entity)
        elif (op.fields.get(CAUSE), op.fields.get(BOOK)) == (EARNED, BOOK_POINTS):
            first.append(offset)
            points[op.entity] += op.fields[AMOUNT]
    return gone, points, ruled[0] if len(ruled) == 1 else None, min(first, default=None)


def _said(world: World) -> Iterator[tuple[int, bytes, Operation]]:
    """What was said, in the order of the chain's feed, with its dot."""
    for record in _chain(world):
        for at, op in record.operations():
            yield record.offset, op.dot or dot_of(record.header.record, at), op


def _chain(world: World) -> list[Ordered]:
    """The records of the chain's feed in their order."""
    records = (record for feeds in History.of(world).records.values() for record in feeds.get((0, 0), ()))
    return sorted(records, key=lambda record: record.offset)


def _is_plain(row: Element) -> bool:
    """Somebody whom nothing keeps from being given something."""
    return not {CUSTOMER.number(name) for name in ("archived", "deleted", "walk_in_of")} & row.fields.keys()


def expired(world: World) -> Iterator[str]:
    """What head office lets expire came in before the horizon, and was not spent as far as it had heard."""
    counts = world.faults.counts
    if counts["hub restored, announced"] or counts["hub restored, unannounced"]:
        return
    heard: dict[bytes, dict[bytes, tuple[Stamp, int]]] = {}
    for record in _chain(world):
        for at, op in record.operations():
            if op.kind != Kind.ENTRY or op.fields.get(BOOK) != BOOK_POINTS:
                continue
            before, dot, stamp = (
                heard.setdefault(op.entity, {}),
                op.dot or dot_of(record.header.record, at),
                record.header.stamp,
            )
            if op.fields.get(CAUSE) == expiry.EXPIRED:
                world.faults.count("points expired")
                # The stamp is never before the clock by which the horizon was taken.
                over = _over(list(before.values()), ms_of(stamp) - MONTH_MS)
                if -op.fields[AMOUNT] > over:
                    yield f"{-op.fields[AMOUNT]} points have expired, {over} of them were over"
            before[dot] = min((stamp, int(op.fields[AMOUNT])), before.get(dot, LATEST), key=lambda one: one[0])


def _over(entries: Sequence[tuple[Stamp, int]], before_ms: int) -> int:
    """What is left of what came in before a moment, the oldest being taken first."""
    came = sum(amount for stamp, amount in entries if amount > 0 and ms_of(stamp) < before_ms)
    return max(came + sum(amount for _, amount in entries if amount < 0), 0)


def on_account(world: World) -> Iterator[str]:
    """What is owed and what may still be bought are the maximum, together: whatever is bought, paid, brought back."""
    if world.swapped_sites:
        return  # a disk that was put back posts a sale again as it sees fit: what it took twice is a debt
    sums: Counter[bytes] = Counter()
    accounts, signs = _accounts(world), {BOOK_CREDIT: 1, BOOK_LIMIT: 1, debt_book(BOOK_LIMIT): -1}
    for one in _entries(world):
        book = one.fields.get(BOOK)
        if one.entity in accounts and book in signs and one.fields.get(CAUSE) != BY_HAND:
            sums[one.entity] += signs[book] * int(one.fields[AMOUNT])
    for off in sums.values():
        if off:
            yield f"what is owed and what may be bought for differ from the maximum by {off}"


def written_off_once(world: World) -> Iterator[str]:
    """No till writes off more of a sale than was bought on account, as far as it knew; nobody is given money for it."""
    if world.swapped_sites:
        return
    bought, off = Counter[bytes](), Counter[tuple[bytes, int]]()
    for one in _entries(world):
        sale, amount = one.fields.get(SALE), int(one.fields[AMOUNT])
        if one.fields.get(BOOK) != BOOK_CREDIT or not isinstance(sale, str):
            continue
        if one.fields.get(CAUSE) == ON_ACCOUNT:
            bought[bytes.fromhex(sale)] += amount
        elif one.fields.get(CAUSE) == TAKEN_BACK:
            off[_original(world, bytes.fromhex(sale)), one.base[1]] -= amount
    for (sale_, _), amount in off.items():
        if sale_ and amount > bought[sale_]:
            yield f"{amount} of a sale were written off, {bought[sale_]} of it were bought on account"


def _original(world: World, back: bytes) -> bytes:
    head = sales.head(world.hub.conn.plain, back)
    return head.original or b"" if head is not None else b""


def due_books(world: World) -> Iterator[str]:
    """What came back is due at most as long as nobody has it: never below zero."""
    sql = "SELECT amount FROM balance WHERE book = ? AND holder = x'' AND amount < 0"
    for (amount,) in world.hub.conn.plain.execute(sql, (due_book(BOOK_POINTS),)):
        yield f"head office has collected {-amount} points more than were due"


JUDGES: tuple[Callable[[World], Iterator[str]], ...] = (
    due_once, none_missing, expired, on_account, written_off_once, due_books,
)  # fmt: skip
