"""The wish list of a customer: articles that were scanned or typed, removed, bought."""

from dataclasses import dataclass
from typing import Any, Final

from daemon.desk import instant
from daemon.desk.customer import is_walk_in, row_of
from daemon.desk.events import ArticleAsked, Event
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.visits import VisitShown
from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.hlc import ms_of
from daemon.domain.ids import EntityId
from daemon.domain.kinds import SHAPES, Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.plain_line import plain_line
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import elements, terms
from daemon.store.database import Connection

_SHAPE: Final = SHAPES[Kind.WISH]
PRODUCT: Final = _SHAPE.number("product")
LABEL: Final = _SHAPE.number("label")
QUANTITY: Final = _SHAPE.number("quantity")
BOUGHT: Final = _SHAPE.number("bought_ms")
WISHES_MAX: Final = 200
QUANTITY_MAX: Final = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class NewWish:
    """An article: its code as it was scanned, or a label; pieces."""

    product: str = ""
    label: str = ""
    quantity: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """One article of the list; `known`: the catalogue has it."""

    id: str
    product: str
    label: str
    quantity: int
    known: bool
    added_at: str
    bought_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What is wished for, then what was bought; each as it was added."""

    wishes: tuple[Wish, ...]


class WishDesk:
    """Where wishes are kept."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def wishes(self, customer: EntityId) -> Wishes:
        """The list of a customer; raises NotFound."""
        return await self._premises.database.read(lambda conn: _listed(conn, customer))

    async def add(self, call: Call, customer: EntityId, given: NewWish) -> Wishes:
        """Put an article on the list; one that is there already gets more pieces. Raises NotFound, OperatorMistake."""
        product = plain_line(given.product, "product", 64)
        label = plain_line(given.label, "label", 100)
        if not product and not label:
            raise OperatorMistake("product: scan an article, or give a label", field="product")
        if not 1 <= given.quantity <= QUANTITY_MAX:
            raise OperatorMistake(f"quantity: from 1 to {QUANTITY_MAX} pieces", field="quantity")

        def decide(conn: Connection, here: list[Element]) -> list[Operation]:
            open_ones = [one for one in here if not one.fields.get(BOUGHT)]
            if len(open_ones) >= WISHES_MAX:
                raise Conflicting(f"product: a list has at most {WISHES_MAX} articles", field="product")
            same = next((one for one in open_ones if product and one.fields.get(PRODUCT) == product), None)
            if same is not None:
                more = min(_number(same, QUANTITY) + given.quantity, QUANTITY_MAX)
                return [authoring.change(same, {QUANTITY: more})]
            known = terms.products_named(conn, [product]).get(product) if product else None
            shown = label or (known.label if known is not None else "")
            fields = {PRODUCT: product or None, LABEL: shown or None, QUANTITY: given.quantity}
            return [authoring.add(Kind.WISH, customer, fields)]

        return await self._write(call, customer, decide)

    async def bought(self, call: Call, customer: EntityId, wish: EntityId) -> Wishes:
        """The article was bought; raises NotFound."""
        now_ms = self._premises.clock.now_ms() + self._premises.replica.timeline.offset_ms

        def decide(_: Connection, here: list[Element]) -> list[Operation]:
            one = _one(here, wish)
            return [] if one.fields.get(BOUGHT) else [authoring.change(one, {BOUGHT: now_ms})]

        return await self._write(call, customer, decide)

    async def ask_for(self, customer: EntityId, wish: EntityId, visit: VisitShown) -> Wish:
        """Ask the till software to put a wish into the sale of the customer: the basket is its own. Raises NotFound."""
        found = next((one for one in (await self.wishes(customer)).wishes if one.id == wish.hex()), None)
        if found is None or found.bought_at is not None:
            raise NotFound("wish: this is not on the list", field="wish")
        asked = ArticleAsked(
            visit=visit.id,
            lane=visit.lane,
            customer=customer.hex(),
            product=found.product,
            label=found.label,
            quantity=found.quantity,
            wish=found.id,
        )
        self._premises.announce(Event.ARTICLE, asked)
        return found

    async def remove(self, call: Call, customer: EntityId, wish: EntityId) -> Wishes:
        """Take an article off the list; raises NotFound."""
        return await self._write(call, customer, lambda _, here: [authoring.remove(_one(here, wish))])

    async def _write(self, call: Call, customer: EntityId, decide: Any) -> Wishes:
        def unit(conn: Connection) -> Wishes:
            operations = decide(conn, _here(conn, customer))
            if operations:
                now_ms = self._premises.clock.now_ms()
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return _listed(conn, customer)

        return await write_once(self._premises, call, Wishes, unit, told=lambda _: None)


def _here(conn: Connection, customer: EntityId) -> list[Element]:
    found = elements.elements_of(conn, customer)
    row = row_of(found)
    if row is None or is_deleted(row):
        raise NotFound("customer: no customer has this id", field="customer")
    if is_walk_in(row):
        raise Conflicting("customer: nobody in particular wishes for nothing", field="customer")
    return [one for one in found if one.kind == Kind.WISH]


def _one(here: list[Element], wish: bytes) -> Element:
    found = next((one for one in here if one.dot == wish), None)
    if found is None:
        raise NotFound("wish: this is not on the list", field="wish")
    return found


def _listed(conn: Connection, customer: EntityId) -> Wishes:
    here = _here(conn, customer)
    names = [str(one.fields[PRODUCT]) for one in here if one.fields.get(PRODUCT)]
    known = terms.products_named(conn, dict.fromkeys(names))
    ordered = sorted(here, key=lambda one: (bool(one.fields.get(BOUGHT)), one.base, one.dot))
    return Wishes(wishes=tuple(_shown(one, frozenset(known)) for one in ordered))


def _shown(one: Element, known: frozenset[str]) -> Wish:
    product, label, bought = (one.fields.get(at) for at in (PRODUCT, LABEL, BOUGHT))
    return Wish(
        id=one.dot.hex(),
        product=product if isinstance(product, str) else "",
        label=label if isinstance(label, str) else "",
        quantity=_number(one, QUANTITY) or 1,
        known=product in known,
        added_at=instant.shown(ms_of(one.base)),
        bought_at=instant.shown(bought) if isinstance(bought, int) else None,
    )


def _number(one: Element, at: int) -> int:
    value = one.fields.get(at)
    return value if type(value) is int else 0
