"""Customers who are deleted here while something is sold to them there: the sale turns the deletion into an archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain import authoring, sale
from daemon.domain.account import account_of
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation as Said
from daemon.domain.element import read_body
from daemon.domain.kinds import CUSTOMER
from daemon.hub import departures
from tests.simulation import operations as op
from tests.simulation.acting import Scene
from tests.simulation.addition import Addition
from tests.simulation.planting import Plant, everywhere
from tests.simulation.world import SHOPS

if TYPE_CHECKING:
    from tests.simulation.world import World

DELETED, ARCHIVED = CUSTOMER.number("deleted"), CUSTOMER.number("archived")


@dataclass(frozen=True, slots=True)
class DeleteCustomer:
    """Somebody who is to be seen, and to whom nothing was sold as far as this box knows, is deleted."""

    at: int
    who: int


@dataclass(frozen=True, slots=True)
class SellTo:
    """A sale to somebody who is to be seen."""

    at: int
    who: int
    amount: int


def _delete(scene: Scene, action: DeleteCustomer) -> list[Said]:
    row = scene.pick(action.who)
    if row is None or row.fields.get(DELETED) == 1:
        return []
    sold = scene.conn.execute("SELECT 1 FROM sale WHERE account = ? LIMIT 1", (account_of(row),)).fetchone()
    return [] if sold else [authoring.change(row, {DELETED: 1})]


def _sell_to(scene: Scene, action: SellTo) -> list[Said]:
    row = scene.pick(action.who)
    if row is None or row.fields.get(DELETED) == 1 or scene.is_hub:
        return []
    count = scene.conn.execute("SELECT count(*) FROM sale").fetchone()[0]
    drawn = digest8(b"to", scene.holder[1], count.to_bytes(4, "big"), row.entity)
    head = sale.SaleHead(
        id=sale.new_sale_id(scene.holder[0], drawn),
        account=account_of(row),
        kind="sale",
        total=action.amount,
        month=202_601,
        sold_ms=1_750_000_000_000 + action.amount,
        shop=SHOPS[scene.holder[0]],
        lines=1,
    )
    return sale.decide_sale(head, (sale.SoldLine(label="stylo", amount=action.amount),))


def _archived_with_their_history(world: World) -> Iterator[str]:
    """Nobody to whom something was sold is deleted without being archived, anywhere."""
    met = 0
    for machine in world.machines:
        conn = machine.conn.plain
        for (body,) in conn.execute("SELECT body FROM element WHERE kind = 1"):
            row = read_body(body)
            sold = conn.execute("SELECT 1 FROM sale WHERE account = ?", (account_of(row),)).fetchone()
            if row.fields.get(DELETED) != 1 or sold is None:
                continue
            met += 1
            archived = row.fields.get(ARCHIVED)
            if not (isinstance(archived, tuple) and archived and archived[0]):
                yield f"{machine.name}: somebody with a history is deleted, and not archived"
    world.faults.count("deleted while sold to", met)


def deleted_meanwhile(chance: Random) -> list[Any]:
    """A till that is cut off sells to somebody whom another till deletes."""
    away, other = chance.sample((1, 2, 3), 2)
    who = chance.randrange(3)
    acts = [SellTo(away, who, chance.randrange(1, 900)), DeleteCustomer(other, who)]
    chance.shuffle(acts)
    return [op.Wait(6_000), op.Cut(away), *acts, op.Wait(4_000), op.Heal(away), op.Wait(8_000)]


def late_sales_leave_them_deleted() -> AbstractContextManager[None]:
    """Head office does not look whether something was sold to who was deleted."""
    return everywhere(departures.late_archives, lambda *_, **__: ())


def _draw_delete(chance: Random) -> DeleteCustomer:
    return DeleteCustomer(chance.choice((0, 1, 2, 3)), chance.randrange(6))


def _draw_sell_to(chance: Random) -> SellTo:
    return SellTo(chance.choice((1, 2, 3)), chance.randrange(6), chance.randrange(1, 900))


PLANTED: Sequence[Plant] = (late_sales_leave_them_deleted,)

ADDITION = Addition(
    acts={DeleteCustomer: _delete, SellTo: _sell_to},
    acts_drawn={_draw_delete: 2, _draw_sell_to: 3},
    recipes=(deleted_meanwhile,),
    judges=(_archived_with_their_history,),
    must_be_reached=("deleted while sold to",),
    planted=PLANTED,
    looked_for_in={"late_sales_leave_them_deleted": (deleted_meanwhile,)},
)
