"""What must hold of sales, months, shops and groups, judged from the data alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from daemon.domain import group as groups
from daemon.domain import sale
from daemon.domain.account import account_of
from daemon.domain.change import Verb
from daemon.domain.coupon import coupon_account_in
from daemon.domain.element import Element, read_body
from daemon.domain.feed import Scope
from daemon.domain.hlc import Stamp
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import BOOK_MONTHS, BOOK_SOLD, SHOP_NUMBER, Kind
from daemon.domain.ledger import COPY_MONTH, COPY_TOTAL
from daemon.hub import closing
from daemon.store import sales
from daemon.store.buckets import read_buckets
from tests.simulation.history import History
from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World


Facts = dict[tuple[bytes, int, bytes], tuple[Stamp, dict[int, Any]]]


def _posted(world: World) -> tuple[Facts, set[tuple[bytes, int, bytes]]]:
    """The earliest statement of each sale, and those that head office closed."""
    expected: Facts = {}
    closed: set[tuple[bytes, int, bytes]] = set()
    for record in History.of(world).ordered():
        for _, operation in record.operations():
            if operation.kind not in sales.SALES:
                continue
            key = (operation.entity, int(operation.kind), operation.dot)
            if operation.verb == Verb.REMOVE:
                closed.add(key)
                continue
            said = (record.header.stamp, dict(operation.fields))
            if key not in expected or said[0] < expected[key][0]:
                expected[key] = said
    return expected, closed


def _sold_once(world: World) -> Iterator[str]:
    """Each posted sale is everywhere it belongs, once: lines at their shop and at the hub; heads with everybody.

    A head that was closed is with nobody, whatever was said of it before or later.
    """
    expected, closed = _posted(world)
    for machine in world.machines:
        wanted = {
            key: said
            for key, said in expected.items()
            if (key[1] == Kind.SALE and key not in closed)
            or (key[1] != Kind.SALE and (machine is world.hub or said[1].get(SHOP_NUMBER) == machine.shop))
        }
        stands = {key: (one.base, one.fields) for key, one in _sales(machine).items()}
        if stands != wanted:
            odd = [key for key in stands.keys() | wanted.keys() if stands.get(key) != wanted.get(key)]
            kinds = sorted({key[1] for key in odd})
            yield f"{machine.name}: {len(odd)} sales are not what was posted, of kinds {kinds}"
    world.faults.count("sale posted twice", _posted_twice(world))
    world.faults.count("sale closed", len(closed))
    copied = {key[2] for key in expected if key[1] == Kind.SALE_LINES}
    world.faults.count("sale cancelled in another shop", len({key[2] for key in expected} - copied))


def _bounded(world: World) -> Iterator[str]:
    """No account has more sales everywhere than its bound, but for what head office sold itself since.

    What another shop cancelled has no copy anywhere, and so it stands.
    """
    copied = {(account, id_) for account, kind, id_ in _posted(world)[0] if kind == Kind.SALE_LINES}
    for machine in world.machines:
        standing: dict[bytes, int] = {}
        for key, one in _sales(machine).items():
            is_counted = key[1] == Kind.SALE and one.base[1] != world.hub.site
            if is_counted and (key[0], key[2]) in copied:
                standing[key[0]] = standing.get(key[0], 0) + 1
        if max(standing.values(), default=0) > closing.BOUND.most:
            yield f"{machine.name}: an account has more sales than every replica should hold"


def _sales(machine: Machine) -> dict[tuple[bytes, int, bytes], Element]:
    rows = machine.conn.plain.execute("SELECT body FROM element WHERE kind IN (72, 74)")
    return {one.key: one for one in (read_body(body) for (body,) in rows) if one.is_here}


def _posted_twice(world: World) -> int:
    said: dict[bytes, int] = {}
    for ident, feeds in History.of(world).records.items():
        for record in feeds.get((0, 0), []):
            for _, operation in record.operations():
                if operation.kind == Kind.SALE and operation.verb == Verb.ADD and ident is not None:
                    said[operation.dot] = said.get(operation.dot, 0) + 1
    return sum(1 for times in said.values() if times > 1)


def _months(world: World) -> Iterator[str]:
    """The revenue of each month is what was sold in it, everywhere, however many sales were closed since.

    Where head office counts the months of an account it does so by the shops' copies; a sale cancelled in another shop
    has none, and stands as its head.
    """
    sold: dict[tuple[bytes, int], int] = {}
    posted = _posted(world)[0]
    rows = world.hub.conn.plain.execute("SELECT entity FROM element WHERE kind = ?", (int(Kind.MONTH),))
    counted = {account for (account,) in rows}
    for (account, kind, id_), (_, fields) in posted.items():
        if kind == Kind.SALE_LINES:
            continue
        copied = posted.get((account, int(Kind.SALE_LINES), id_))
        if copied is not None and account in counted:
            copy = copied[1][sale.COPY]
            month, total = copy[COPY_MONTH], copy[COPY_TOTAL]
        else:
            month, total = fields[sale.MONTH], fields[sale.TOTAL]
        sold[account, BOOK_MONTHS + month] = sold.get((account, BOOK_MONTHS + month), 0) + total
    wanted = {at: amount for at, amount in sold.items() if amount}
    for machine in world.machines:
        rows = machine.conn.plain.execute(
            "SELECT account, book, amount FROM balance WHERE book > ? AND book < ? AND amount != 0",
            (BOOK_MONTHS, BOOK_SOLD),
        )
        if {(account, book): amount for account, book, amount in rows} != wanted:
            yield f"{machine.name}: months are not the sums of the sales"


def _registered(world: World) -> Iterator[str]:
    """The register finds each sale that is here, by its head or by its shop's copy, and each product of its lines."""
    for machine in world.machines:
        listed: dict[tuple[bytes, bytes], tuple[Any, ...]] = {}
        found = _sales(machine).values()
        for one in sorted(found, key=lambda one: -one.kind):
            head = sale.head_of(one) if one.kind == Kind.SALE else sale.copy_of(one)
            assert head is not None
            listed[head.account, head.id] = (head.sold_ms, head.total, int(one.kind == Kind.SALE))
        products = {
            (line.product, listed[one.entity, one.dot][0], one.entity, one.dot)
            for one in found
            if one.kind == Kind.SALE_LINES
            for line in sale.lines_of(one)
            if line.product
        }
        conn = machine.conn.plain
        rows = conn.execute("SELECT account, id, sold_ms, total, everywhere FROM sale").fetchall()
        if len(rows) != len(listed) or {(row[0], row[1]): tuple(row[2:]) for row in rows} != listed:
            yield f"{machine.name}: the register of sales is not what the entries say"
        if {tuple(row) for row in conn.execute("SELECT product, sold_ms, account, id FROM sold_product")} != products:
            yield f"{machine.name}: the register of sold products is not what the entries say"


def _over_returned(world: World) -> Iterator[str]:
    """Sales of which more came back than was sold are listed, by what is known there."""
    for machine in world.machines:
        conn = machine.connection
        heads = [one for one in map(_head, _sales(machine).values()) if one is not None and one.kind == "sale"]
        expected = {
            head.id
            for head in heads
            if sale.is_over_returned(
                head, sales.lines(conn, head) or (), sale.returned_of(sales.following(conn, head.id))
            )
        }
        if {bytes(id_) for (id_,) in machine.conn.plain.execute("SELECT sale FROM over_returned")} != expected:
            yield f"{machine.name}: the list of what was returned too often is not what the sales say"
        if machine is world.hub:
            world.faults.count("returned too often", len(expected))


def _head(one: Element) -> sale.SaleHead | None:
    return sale.head_of(one) if one.kind == Kind.SALE else sale.copy_of(one)


def _owners(world: World) -> Iterator[str]:
    """Whose an account is says what the rows of the customers, and their coupons, say."""
    for machine in world.machines:
        rows = machine.conn.plain.execute("SELECT body FROM element WHERE kind = 1")
        expected = {(account_of(row), row.entity) for row in (read_body(body) for (body,) in rows)}
        given = machine.conn.plain.execute("SELECT entity, body FROM element WHERE kind = 12").fetchall()
        named = [(coupon_account_in(body), whose) for whose, body in given]
        expected |= {(EntityId(account), whose) for account, whose in named if account is not None}
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


JUDGES: tuple[Callable[[World], Iterator[str]], ...] = (
    _sold_once, _bounded, _months, _registered, _over_returned, _owners, _shops_equal, _in_living_groups,
)  # fmt: skip
