"""What must hold of sales, months, shops and groups, judged from the data alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from daemon.domain import group as groups
from daemon.domain import sale
from daemon.domain.account import account_of
from daemon.domain.element import Element, read_body
from daemon.domain.feed import Scope
from daemon.domain.hlc import Stamp
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import BOOK_MONTHS, SHOP_NUMBER, Kind
from daemon.store import sales
from daemon.store.buckets import read_buckets
from tests.simulation.history import History
from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World


def _sold_once(world: World) -> Iterator[str]:
    """Each posted sale is everywhere it belongs, once: heads with everybody, lines at their shop and at the hub."""
    expected: dict[tuple[bytes, int, bytes], tuple[Stamp, dict[int, Any]]] = {}
    for record in History.of(world).ordered():
        for _, operation in record.operations():
            if operation.kind in sales.SALES:
                key = (operation.entity, int(operation.kind), operation.dot)
                said = (record.header.stamp, dict(operation.fields))
                if key not in expected or said[0] < expected[key][0]:
                    expected[key] = said
    for machine in world.machines:
        wanted = {
            key: said
            for key, said in expected.items()
            if key[1] == Kind.SALE or machine is world.hub or said[1].get(SHOP_NUMBER) == machine.shop
        }
        stands = {key: (one.base, one.fields) for key, one in _sales(machine).items()}
        if stands != wanted:
            odd = [key for key in stands.keys() | wanted.keys() if stands.get(key) != wanted.get(key)]
            kinds = sorted({key[1] for key in odd})
            yield f"{machine.name}: {len(odd)} sales are not what was posted, of kinds {kinds}"
    world.faults.count("sale posted twice", _posted_twice(world))


def _sales(machine: Machine) -> dict[tuple[bytes, int, bytes], Element]:
    rows = machine.conn.plain.execute("SELECT body FROM element WHERE kind IN (72, 74)")
    return {one.key: one for one in (read_body(body) for (body,) in rows)}


def _posted_twice(world: World) -> int:
    said: dict[bytes, int] = {}
    for ident, feeds in History.of(world).records.items():
        for record in feeds.get((0, 0), []):
            for _, operation in record.operations():
                if operation.kind == Kind.SALE and ident is not None:
                    said[operation.dot] = said.get(operation.dot, 0) + 1
    return sum(1 for times in said.values() if times > 1)


def _months(world: World) -> Iterator[str]:
    """The revenue of each month is the sum of the sales of that month, and the register finds each of them."""
    for machine in world.machines:
        sums: dict[tuple[bytes, int], int] = {}
        listed: list[tuple[bytes, int, bytes, int]] = []
        products: set[tuple[str, bytes, bytes]] = set()
        for one in _sales(machine).values():
            if one.kind == Kind.SALE:
                head = sale.head_of(one)
                at = (head.account, BOOK_MONTHS + head.month)
                sums[at] = sums.get(at, 0) + head.total
                listed.append((head.account, head.sold_ms, head.id, head.total))
            else:
                lines = sale.lines_of(one)
                products |= {(line.product, one.entity, one.dot) for line in lines if line.product}
        conn = machine.conn.plain
        kept = {
            (account, book): amount
            for account, book, amount in conn.execute(
                "SELECT account, book, amount FROM balance WHERE book > ? AND amount != 0", (BOOK_MONTHS,)
            )
        }
        if kept != {at: amount for at, amount in sums.items() if amount}:
            yield f"{machine.name}: months are not the sums of the sales"
        if sorted(conn.execute("SELECT account, sold_ms, id, total FROM sale").fetchall()) != sorted(listed):
            yield f"{machine.name}: the register of sales is not what the entries say"
        if {tuple(row) for row in conn.execute("SELECT product, account, id FROM sold_product")} != products:
            yield f"{machine.name}: the register of sold products is not what the entries say"


def _owners(world: World) -> Iterator[str]:
    """Whose an account is says what the rows of the customers say."""
    for machine in world.machines:
        rows = machine.conn.plain.execute("SELECT body FROM element WHERE kind = 1")
        expected = {(account_of(row), row.entity) for row in (read_body(body) for (body,) in rows)}
        found = {tuple(row) for row in machine.conn.plain.execute("SELECT account, customer FROM account_owner")}
        if found != expected:
            yield f"{machine.name}: the owners of accounts are not what the customers say"


def _shops_equal(world: World) -> Iterator[str]:
    """What a shop holds is equal at each of its tills and at the hub."""
    for till in world.tills:
        scope = Scope(Reach.SHOP, till.shop)
        if read_buckets(till.conn.plain, scope).root() != read_buckets(world.hub.conn.plain, scope).root():
            yield f"{till.name} is not equal to the hub in the scope of its shop"


def _in_living_groups(world: World) -> Iterator[str]:
    """Nobody is left in a deleted group, and everybody is in the same groups wherever one asks."""
    told: dict[bytes, tuple[tuple[str, ...], str]] = {}
    for machine in world.machines:
        rows = [
            read_body(body)
            for (body,) in machine.conn.plain.execute("SELECT body FROM element WHERE kind IN (1, 6, 68)")
        ]
        known = groups.groups_of(one for one in rows if one.is_here)
        people: dict[bytes, list[Element]] = {}
        for one in rows:
            if one.kind != Kind.GROUP and one.is_here:
                people.setdefault(one.entity, []).append(one)
        for customer, here in people.items():
            found = (groups.memberships_of(here, known), groups.principal_of(here, known))
            if told.setdefault(customer, found) != found:
                yield f"{machine.name}: a customer is in other groups than elsewhere"
            if any(known[group].redirect for group in (*found[0], found[1]) if group in known):
                yield f"{machine.name}: a customer is left in a deleted group"


JUDGES: tuple[Callable[[World], Iterator[str]], ...] = (_sold_once, _months, _owners, _shops_equal, _in_living_groups)
