"""What must hold of ledgers: balances are sums, each entry counts once, only head office makes rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from daemon.domain.canonical import pack
from daemon.domain.change import dot_of
from daemon.domain.element import Element, read_body
from daemon.domain.hlc import Stamp
from daemon.domain.ids import HUB_SITE, RecordId
from daemon.domain.kinds import BOOK_MONTHS, Kind
from daemon.domain.ledger import FROM_SALES
from daemon.domain.rights import CORRECTED, EARNED, ISSUED, PAID
from tests.simulation.history import History

if TYPE_CHECKING:
    from tests.simulation.world import World


def named(ident: RecordId) -> str:
    """A record as complaints name it."""
    return f"{ident.site}/{ident.boot.hex()[:6]}/{ident.n}"


def _balances(world: World) -> Iterator[str]:
    """A balance is the sum of its entries; at the hub, of what the feeds say, each fact once. (Months: `selling`.)"""
    for machine in world.machines:
        sums: dict[tuple[bytes, int, bytes], int] = {}
        for (body,) in machine.conn.plain.execute("SELECT body FROM element WHERE kind IN (16, 17)"):
            element = read_body(body)
            for key, amount in _postings(element):
                sums[key] = sums.get(key, 0) + amount
        kept = {
            (a, b, h): amount
            for a, b, h, amount in machine.conn.plain.execute("SELECT account, book, holder, amount FROM balance")
            if b < BOOK_MONTHS
        }
        if {k: v for k, v in sums.items() if v} != {k: v for k, v in kept.items() if v}:
            yield f"{machine.name}: balances are not the sums of the entries"


def _postings(element: Element) -> Iterator[tuple[tuple[bytes, int, bytes], int]]:
    book, amount, holder = (element.fields.get(number) for number in (1, 2, 5))
    assert isinstance(book, int)
    assert isinstance(amount, int)
    if element.kind == Kind.ENTRY:
        yield (element.entity, book, b""), amount
        cause = element.fields.get(3)
        if cause in (EARNED, CORRECTED) and amount > 0:
            yield (element.entity, FROM_SALES + book, b""), amount
        elif cause == "taken back" and (book, amount < 0) in {(1, True), (897, False)}:
            yield (element.entity, FROM_SALES + 1, b""), -abs(amount)
    if holder is not None:
        yield (element.entity, book, pack(holder)), amount


def _entries(world: World) -> Iterator[str]:
    """Each entry counts once: the earliest statement of a fact, every other entry as it was made."""
    history = History.of(world)
    expected: dict[tuple[bytes, int, bytes], tuple[Stamp, dict[int, object]]] = {}
    for record in history.ordered():
        for at, operation in record.operations():
            if operation.kind not in (Kind.ENTRY, Kind.RIGHT):
                continue
            dot = operation.dot or dot_of(record.header.record, at)
            key = (operation.entity, operation.kind, dot)
            said = (record.header.stamp, dict(operation.fields))
            if key not in expected or said[0] < expected[key][0]:
                expected[key] = said
    stands = {
        key: (element.base, element.fields)
        for key, element in history.elements.items()
        if key[1] in (Kind.ENTRY, Kind.RIGHT)
    }
    if expected != stands:
        odd = [key for key in expected.keys() | stands.keys() if expected.get(key) != stands.get(key)]
        yield f"{len(odd)} entries at the hub are not what the feeds say"


def _rights(world: World) -> Iterator[str]:
    """Only head office makes rights; a till moves them from one holder to another in one record, or gives them up.

    What a sale earns is a fact of that sale; whether it is no more than was booked, the floors say. What a restored
    head office has lost is said again by whoever holds it, under its own name.
    """
    for ident, feeds in History.of(world).records.items():
        if ident.site == HUB_SITE or ident in world.book.destroyed or ident in world.orphans:
            continue
        moved: dict[tuple[bytes, object], dict[int, int]] = {}
        for stands in feeds.values():
            for at, operation in (one for record in stands for one in record.operations()):
                amount = operation.fields.get(2)
                is_known = bool(operation.dot) and operation.fields.get(3) in (EARNED, PAID, ISSUED)
                is_known = is_known or (operation.entity, operation.dot) in world.rights_ever
                if operation.kind == Kind.RIGHT and isinstance(amount, int) and not is_known:
                    moved.setdefault((operation.entity, operation.fields.get(1)), {})[at] = amount
        if any(sum(amounts.values()) > 0 for amounts in moved.values()):
            yield f"record {named(ident)} of a till makes rights out of nothing"


JUDGES: tuple[Callable[[World], Iterator[str]], ...] = (_balances, _entries, _rights)
