"""Who stands ready when a search opens: anonymous profiles that carry a discount, favourite customers; by shop."""

from dataclasses import dataclass, field

from daemon.clock import random_id
from daemon.desk.customer import PERSON, Customer, is_profile, row_of
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import number
from daemon.desk.lookup import load_customer
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.search_answer import CustomerBrief, brief_of
from daemon.desk.setting_up import say
from daemon.domain import authoring
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import Kind
from daemon.domain.leaving import is_deleted
from daemon.domain.policy import text_of
from daemon.domain.rate import rate_of
from daemon.errors import Forbidden, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import customers, elements
from daemon.store.database import Connection
from daemon.typed import parse_json, to_json

FAVOURITES_MAX = 40
LABEL_LENGTH_MAX = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class NewProfile:
    """An anonymous profile, as “VIP” or “Ami”; the discount in hundredths of a percent."""

    label: str
    discount: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FavouritesEdit:
    """The favourites of a shop, in their order; ids of customers and profiles."""

    customers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Favourite:
    """One of those who stand ready."""

    customer: CustomerBrief = field(repr=False)
    profile: bool
    discount: int | None


def favourites(conn: Connection, shop: int) -> tuple[Favourite, ...]:
    """The favourites of a shop in their order: its own, else those of the chain. Who is gone is left out."""
    found = []
    for id_ in _ids(conn, shop):
        listed = customers.listed_person(conn, id_)
        row, brief = row_of(listed), brief_of(listed)
        if row is None or brief is None or is_deleted(row):
            continue
        discount = row.fields.get(number("discount"))
        found.append(
            Favourite(customer=brief, profile=is_profile(row), discount=discount if isinstance(discount, int) else None)
        )
    return tuple(found)


def _ids(conn: Connection, shop: int) -> list[EntityId]:
    text = text_of(customers.policy(conn, _policy(shop))) or text_of(customers.policy(conn, _policy(0)))
    if not text:
        return []
    try:
        told = parse_json(text.encode("utf-8"), tuple[str, ...])
    except OperatorMistake:
        return []
    return [id_ for one in told if (id_ := parse_entity(one)) is not None]


def _policy(shop: int) -> str:
    return f"favourites/{shop}" if shop else "favourites"


class FavouriteDesk:
    """Where profiles are made and favourites are ordered."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def of_shop(self, shop: int | None = None) -> tuple[Favourite, ...]:
        """The favourites of a shop; of this one unless another is named."""
        here = self._premises.replica.identity.shop if shop is None else shop
        return await self._premises.database.read(lambda conn: favourites(conn, here))

    async def make_profile(self, call: Call, given: NewProfile) -> Customer:
        """Make an anonymous profile at head office; raises Forbidden at a till, OperatorMistake."""
        if not self._premises.replica.identity.is_hub:
            raise Forbidden("anonymous profiles are made at head office")
        label, now_ms, id_ = line(given.label, "label", LABEL_LENGTH_MAX), self._premises.clock.now_ms(), random_id()
        if not label:
            raise OperatorMistake("label: the profile has no name", field="label")
        discount = rate_of(given.discount, "discount")

        def unit(conn: Connection) -> Customer:
            values = {
                number("kind"): PERSON,
                number("name"): ("", label),
                number("code"): customers.next_code(conn, self._premises.replica),
                number("discount"): discount,
                number("profile"): 1,
            }
            row = authoring.create(Kind.CUSTOMER, id_, values)
            store.commit(conn, self._premises.replica, call.actor, [row], now_ms=now_ms)
            return load_customer(conn, EntityId(id_))

        return await write_once(self._premises, call, Customer, unit, told=lambda _: None)

    async def put(self, call: Call, shop: int, given: FavouritesEdit) -> tuple[Favourite, ...]:
        """Order the favourites of a shop (0: of the chain), a till its own shop's; raises NotFound, Forbidden."""
        identity, now_ms = self._premises.replica.identity, self._premises.clock.now_ms()
        if not identity.is_hub and shop != identity.shop:
            raise Forbidden("a till orders the favourites of its own shop")
        ids = [parse_entity(one) for one in dict.fromkeys(given.customers)]
        if len(ids) > FAVOURITES_MAX:
            raise OperatorMistake(f"customers: at most {FAVOURITES_MAX} favourites", field="customers")

        def unit(conn: Connection) -> tuple[Favourite, ...]:
            for id_ in ids:
                row = elements.element(conn, (id_, Kind.CUSTOMER, b"")) if id_ is not None else None
                if row is None or is_deleted(row):
                    raise NotFound("customers: one of these is no customer", field="customers")
            text = to_json([id_.hex() for id_ in ids if id_ is not None]).decode("ascii")
            rule = customers.policy(conn, _policy(shop))
            if text_of(rule) != text:
                operation = say(rule, _policy(shop), text)
                store.commit(conn, self._premises.replica, call.actor, [operation], now_ms=now_ms)
            return favourites(conn, shop)

        return await self._premises.database.write(unit)
