"""Sales with their lines, groups, prices: what a sale leaves in two scopes by one record, and what groups redirect."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain import authoring, price_list, sale
from daemon.domain import group as groups
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation as Said
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.errors import OperatorMistake
from daemon.store import elements, sales
from tests.simulation import operations as op
from tests.simulation.acting import Scene, account_id
from tests.simulation.addition import Addition
from tests.simulation.planted_sales import PLANTED
from tests.simulation.reversing import rest_of, reversal
from tests.simulation.selling_judges import JUDGES
from tests.simulation.world import SHOPS

if TYPE_CHECKING:
    pass

GROUPS = 4
PRODUCTS = ("A1", "B2", "C3")


@dataclass(frozen=True, slots=True)
class Sell:
    """A sale with lines; `fact` 0: one of its own, else that of this number, which any till of its shop posts.

    Another shop's sale of that number is another sale: the desk does not post an id that another shop issued.
    """

    at: int
    account: int
    amount: int
    fact: int


@dataclass(frozen=True, slots=True)
class SellBack:
    """So much comes back of a line of a sale that is seen, as far as this box knows that it may."""

    at: int
    pick: int
    pieces: int


@dataclass(frozen=True, slots=True)
class CancelSale:
    """A sale that is seen is cancelled: perhaps at two tills at once."""

    at: int
    pick: int


@dataclass(frozen=True, slots=True)
class JoinGroup:
    """A customer joins a group, or leaves it."""

    at: int
    who: int
    group: int
    principal: bool
    leave: bool


@dataclass(frozen=True, slots=True)
class MakeGroup:
    """Head office makes a group, or changes its terms."""

    group: int
    discount: int


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """Head office deletes a group by naming another."""

    group: int
    into: int


@dataclass(frozen=True, slots=True)
class NamePrice:
    """A price of a customer's own is added, changed or taken back."""

    at: int
    who: int
    product: int
    cents: int


def group_id(number: int) -> EntityId:
    """One of the groups."""
    return EntityId(digest8(b"simulated group", (number % GROUPS).to_bytes(2, "big")))


def _shop(scene: Scene) -> int:
    """Head office sells in the name of the first shop."""
    return SHOPS[scene.holder[0]] or 1


def _known(scene: Scene, kind: int) -> list[Element]:
    sql = "SELECT entity, dot FROM element WHERE kind = ? ORDER BY entity, dot"
    rows = scene.conn.execute(sql, (int(kind),)).fetchall()
    found = [elements.element(scene.conn, (entity, kind, dot)) for entity, dot in rows]
    return [one for one in found if one is not None]


def _groups(scene: Scene) -> dict[str, groups.Group]:
    return groups.groups_of(_known(scene, Kind.GROUP))


def _sell(scene: Scene, action: Sell) -> list[Said]:
    count = len(_known(scene, Kind.SALE))
    # A sale of its own: nobody else gives its id; two boxes with one disk give two ids.
    drawn = digest8(scene.holder[1], count.to_bytes(4, "big"), action.amount.to_bytes(4, "big"))
    shop = _shop(scene)
    id_ = digest8(b"sold", bytes((shop - 1, action.fact))) if action.fact else sale.new_sale_id(scene.holder[0], drawn)
    product = PRODUCTS[action.amount % len(PRODUCTS)]
    lines = (
        sale.SoldLine(product=product, quantity_milli=3_000, amount=action.amount - action.amount // 3),
        sale.SoldLine(label="gravure", quantity_milli=1_000, amount=action.amount // 3),
    )
    head = sale.SaleHead(
        id=id_,
        account=account_id(action.account),
        kind="sale",
        total=action.amount,
        month=202_600 + action.amount % 12 + 1,
        sold_ms=1_750_000_000_000 + action.amount + scene.holder[0],
        shop=shop,
        lines=2,
    )
    return sale.decide_sale(head, lines)


def _original(scene: Scene, pick: int) -> tuple[sale.SaleHead, tuple[sale.SoldLine, ...], sale.Returned] | None:
    """A sale whose lines are here, with what is known to have come back of it."""
    seen = [one for one in map(sale.head_of, _known(scene, Kind.SALE)) if one.kind == "sale"]
    for head in seen[pick % len(seen) :] if seen else ():
        lines = sales.lines(scene.conn, head)
        if lines is not None:
            return head, lines, sale.returned_of(sales.following(scene.conn, head.id))
    return None


_Wanted = tuple[bytes, sale.SaleKind, int]
"""What takes a sale back: its id, its kind, and its total."""


def _back(scene: Scene, of: sale.SaleHead, wanted: _Wanted, lines: tuple[sale.SoldLine, ...]) -> list[Said]:
    id_, kind, total = wanted
    head = sale.SaleHead(
        id=id_,
        account=of.account,
        kind=kind,
        total=total,
        month=of.month,
        sold_ms=of.sold_ms + 1,
        shop=SHOPS[scene.holder[0]] or of.shop,
        original=of.id,
        lines=len(lines),
    )
    return reversal(scene.conn, scene.replica, head, lines, of)


def _sell_back(scene: Scene, action: SellBack) -> list[Said]:
    found = _original(scene, action.pick)
    if found is None:
        return []
    head, lines, returned = found
    back = [sale.TakenBack(line=0, quantity_milli=1_000 * (action.pieces % 3 + 1))]
    try:
        taken = sale.return_lines(lines, back, returned)
    except OperatorMistake:
        return []
    count = len(_known(scene, Kind.SALE))
    drawn = digest8(b"back", scene.holder[1], count.to_bytes(4, "big"), head.id)
    total = sum(line.amount for line in taken)
    return _back(scene, head, (sale.new_sale_id(scene.holder[0], drawn), "return", total), taken)


def _cancel(scene: Scene, action: CancelSale) -> list[Said]:
    """As the desk does: a till of another shop knows what is left of a sale, though not of which lines."""
    seen = [one for one in map(sale.head_of, _known(scene, Kind.SALE)) if one.kind == "sale"]
    if not seen:
        return []
    head = seen[action.pick % len(seen)]
    left, back = rest_of(scene.conn, head)
    return _back(scene, head, (sale.cancellation_id(head.id), "cancellation", -left), back) if left else []


def _join(scene: Scene, action: JoinGroup) -> list[Said]:
    row = scene.pick(action.who)
    if row is None:
        return []
    here, known = elements.elements_of(scene.conn, row.entity), _groups(scene)
    group = group_id(action.group).hex()
    try:
        if action.leave:
            return groups.decide_leaving(here, known, group)
        return groups.decide_joining(here, known, group, principal=action.principal)
    except OperatorMistake:
        return []


def _make_group(scene: Scene, action: MakeGroup) -> list[Said]:
    id_ = group_id(action.group)
    given = groups.GroupEdit(label=f"group {action.group % GROUPS}", discount=action.discount)
    present = frozenset({"label", "discount"})
    here = elements.element(scene.conn, (id_, Kind.GROUP, b""))
    if here is None:
        return groups.decide_new_group(id_, given, present)
    try:
        return groups.decide_group(here, id_, given, present)
    except OperatorMistake:
        return []


def _delete_group(scene: Scene, action: DeleteGroup) -> list[Said]:
    here = elements.element(scene.conn, (group_id(action.group), Kind.GROUP, b""))
    try:
        return groups.decide_deletion(here, _groups(scene), group_id(action.into).hex())
    except OperatorMistake:
        return []


def _name_price(scene: Scene, action: NamePrice) -> list[Said]:
    row = scene.pick(action.who)
    if row is None:
        return []
    product = PRODUCTS[action.product % len(PRODUCTS)]
    here = [one for one in elements.elements_of(scene.conn, row.entity) if one.kind == Kind.PRICE]
    standing = [one for one in here if one.fields.get(price_list.PRODUCT) == product]
    if not standing:
        return price_list.decide_new_price(row.entity, price_list.NewPrice(product=product, price_cents=action.cents))
    if action.cents % 4 == 0:
        return [authoring.remove(standing[0])]
    given = price_list.PriceEdit(price_cents=action.cents)
    return price_list.decide_price(here, standing[0].dot.hex(), given, frozenset({"price_cents"}))


# How it is drawn.


def _site(chance: Random) -> int:
    return chance.choice((0, 1, 1, 2, 2, 3, 3, 4))


def _draw_sell(chance: Random) -> Sell:
    fact = chance.choice((0, 0, 0, chance.randrange(1, 4)))
    # A sale that is posted again says the same.
    amount = 1_000 + fact if fact else chance.randrange(1, 5_000)
    return Sell(chance.choice((0, 1, 2)) if fact else _site(chance), fact or chance.randrange(2), amount, fact)


def _draw_back(chance: Random) -> SellBack:
    return SellBack(_site(chance), chance.randrange(8), chance.randrange(3))


def _draw_cancel(chance: Random) -> CancelSale:
    return CancelSale(_site(chance), chance.randrange(8))


def _draw_join(chance: Random) -> JoinGroup:
    leave = chance.random() < 0.3
    return JoinGroup(_site(chance), chance.randrange(4), chance.randrange(GROUPS), chance.random() < 0.4, leave)


def _draw_group(chance: Random) -> MakeGroup:
    return MakeGroup(chance.randrange(GROUPS), 100 * chance.randrange(1, 20))


def _draw_delete(chance: Random) -> DeleteGroup:
    return DeleteGroup(chance.randrange(GROUPS), chance.randrange(GROUPS))


def _draw_price(chance: Random) -> NamePrice:
    return NamePrice(_site(chance), chance.randrange(4), chance.randrange(3), chance.randrange(1, 900))


def joined_meanwhile(chance: Random) -> list[Any]:
    """A group is deleted while a till that is cut off still puts people into it."""
    till = chance.randrange(1, 4)
    gone, into = chance.sample(range(GROUPS), 2)
    return [
        MakeGroup(gone, 500), MakeGroup(into, 700), op.Wait(8_000), op.Cut(till), DeleteGroup(gone, into),
        JoinGroup(till, 0, gone, chance.random() < 0.5, leave=False), JoinGroup(till, 1, gone, True, leave=False),
        op.Wait(3_000), op.Heal(till), op.Wait(6_000),
    ]  # fmt: skip


def posted_at_two_tills(chance: Random) -> list[Any]:
    """A till posts a sale and is cut off; the other one of the shop posts it as well, and both cancel it."""
    fact = chance.randrange(1, 4)
    first, second = chance.sample((1, 2), 2)
    pick = chance.randrange(4)
    return [
        op.Cut(first), Sell(first, fact, 1_000 + fact, fact), Sell(second, fact, 1_000 + fact, fact), op.Wait(2_000),
        SellBack(first, pick, 0), CancelSale(second, pick), CancelSale(first, pick), op.Heal(first), op.Wait(8_000),
    ]  # fmt: skip


def cancelled_in_two_shops(chance: Random) -> list[Any]:
    """A sale is cancelled where it was made and in another shop, before one hears of the other."""
    there, elsewhere = chance.choice((1, 2)), chance.choice((3, 3, 0))
    cancelled = [CancelSale(there, 0), op.Wait(chance.choice((0, 200, 3_000))), CancelSale(elsewhere, 0)]
    return [
        Sell(there, 0, chance.randrange(300, 900), 0), op.Wait(8_000), op.Cut(elsewhere or there),
        *chance.choice((cancelled, cancelled[::-1])), op.Heal(elsewhere or there), op.Wait(8_000),
    ]  # fmt: skip


def shop_filled_anew(chance: Random) -> list[Any]:
    """A till was away for so long that it is filled from rows: those of its shop as well."""
    till, other = chance.sample((1, 2), 2)
    return [
        Sell(other, 0, 700, 0), op.Cut(till), Sell(other, 1, 800, 0), Sell(till, 1, 900, 0), SellBack(other, 0, 1),
        op.Wait(4_000), op.Prune(1_000), op.Heal(till), Sell(till, 0, 950, 0), op.Wait(15_000),
    ]  # fmt: skip


def history_in_a_storm(chance: Random) -> list[Any]:
    """The second pass of a fill is slow, and stops and starts, while the others sell and take back."""
    till, other = chance.sample((1, 2), 2)
    before = [Sell(chance.choice((other, 3)), chance.randrange(3), 700 + at, 0) for at in range(12)]
    during: list[Any] = []
    for at in range(6):
        acts = [Sell(other, chance.randrange(3), 500 + at, 0), CancelSale(other, at), Sell(till, 0, 300 + at, 0)]
        stops = [op.Restart(till, 500), op.Cut(till), op.Wait(400)]
        during += [chance.choice(acts), op.Wait(chance.choice((900, 4_000))), chance.choice(stops), op.Heal(till)]
    return [
        *before[:2], op.Wait(4_000), op.Cut(till), *before[2:], op.Wait(4_000), op.Prune(1_000),
        op.Storm(0, 300, chance.choice((1_500, 5_000))), op.Heal(till), *during, op.Storm(0, 0, 50), op.Wait(20_000),
    ]  # fmt: skip


def shop_of_a_restored_hub(chance: Random) -> list[Any]:
    """The hub forgets sales with their lines; whoever has them gives them back."""
    till, author = chance.sample((1, 2), 2)
    return [
        Sell(author, 0, 600, 0), op.Wait(8_000), op.Backup(), Sell(author, 1, 800, 0), CancelSale(till, 0),
        op.Wait(8_000), op.TakeImage(till), op.RestoreHub(chance.random() < 0.5), Sell(till, 1, 900, 0),
        op.Wait(15_000),
    ]  # fmt: skip


def sold_often_meanwhile(chance: Random) -> list[Any]:
    """Sales of one customer are closed while a till is cut off that has sold to them too, and takes old ones back."""
    away, other, third = chance.choice(((1, 2, 3), (2, 3, 1), (3, 1, 2)))
    fact = chance.randrange(1, 4)
    many = [Sell(chance.choice((other, third)), 0, chance.randrange(1, 5_000), 0) for _ in range(5)]
    return [
        Sell(1, 0, 1_000 + fact, fact), op.Wait(6_000), op.Cut(away), Sell(away, 0, 700, 0), *many, op.Wait(4_000),
        Sell(2, 0, 1_000 + fact, fact), SellBack(away, chance.randrange(4), 0), CancelSale(third, chance.randrange(4)),
        op.Heal(away), op.Wait(8_000), Sell(other, 0, 900, 0), op.Wait(8_000),
    ]  # fmt: skip


def closed_before_a_restore(chance: Random) -> list[Any]:
    """Head office is put back to before it closed sales; what it forgot comes back in parts."""
    till, other = chance.sample((1, 2, 3), 2)
    many = [Sell(chance.choice((till, other)), 0, chance.randrange(1, 5_000), 0) for _ in range(4)]
    return [
        Sell(till, 0, 600, 0), Sell(other, 0, 650, 0), op.Wait(8_000), op.Backup(), *many, op.Wait(10_000),
        op.RestoreHub(chance.random() < 0.5), Sell(till, 0, 800, 0), Sell(other, 0, 850, 0), op.Wait(15_000),
    ]  # fmt: skip


def returned_at_two_tills(chance: Random) -> list[Any]:
    """Two tills of a shop that do not hear of each other take the same pieces back."""
    first, second = chance.sample((1, 2), 2)
    backs = [SellBack(at, 0, 2) for at in (first, second)]
    return [
        Sell(first, 0, 900, 0), op.Wait(6_000), op.Cut(second), *backs, op.Wait(2_000), op.Heal(second),
        op.Wait(8_000),
    ]  # fmt: skip


ADDITION = Addition(
    acts={
        Sell: _sell, SellBack: _sell_back, CancelSale: _cancel, JoinGroup: _join, MakeGroup: _make_group,
        DeleteGroup: _delete_group, NamePrice: _name_price,
    },
    acts_drawn={
        _draw_sell: 5, _draw_back: 2, _draw_cancel: 1, _draw_join: 3, _draw_group: 1, _draw_delete: 1, _draw_price: 2,
    },
    recipes=(
        joined_meanwhile, posted_at_two_tills, cancelled_in_two_shops, shop_filled_anew, shop_of_a_restored_hub,
        sold_often_meanwhile,        closed_before_a_restore, returned_at_two_tills, history_in_a_storm,
    ),
    judges=JUDGES,
    must_be_reached=("sale posted twice", "sale closed", "returned too often", "sale cancelled in another shop"),
    planted=PLANTED,
    looked_for_in={
        "sale_stated_twice_counts_twice": (posted_at_two_tills,),
        "cancelled_lines_stand_in_each_shop": (cancelled_in_two_shops,),
        "register_keeps_what_was_said_later": (posted_at_two_tills,),
        "deleted_group_keeps_its_members": (joined_meanwhile,),
        "lines_go_to_the_whole_chain": (posted_at_two_tills,),
        "closed_sales_are_missing_in_the_months": (sold_often_meanwhile,),
        "late_sales_are_not_counted": (sold_often_meanwhile,),
        "second_pass_forgotten": (history_in_a_storm, shop_filled_anew),
        "judged_before_its_history": (history_in_a_storm,),
        "closed_sales_come_back": (sold_often_meanwhile, posted_at_two_tills),
    },
)  # fmt: skip
