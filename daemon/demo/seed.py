"""Fills head office before it starts: who works there, nobody in particular, and as many customers as are wanted.

All of it goes the way of every edit, through `store.authoring.commit`: recorded, ordered, in the digest, so that tills
that join later fetch it like anything else. What tills need first is written first: they are ready while they catch up.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from daemon.clock import SystemClock, random_bytes, random_id
from daemon.config import HubConfig
from daemon.demo.chain import CHAIN_ID, OPERATORS, SHOPS
from daemon.demo.house_terms import set_terms
from daemon.demo.lively import DAY_MS, MONTHS, UNIT_EVENTS, Scene, events, told
from daemon.demo.past_clock import PastClock
from daemon.demo.people import People
from daemon.desk.customer_fields import Customs
from daemon.desk.customer_parts import number
from daemon.desk.desks import Desks, furnish
from daemon.desk.edit import Author, NewCustomer, NewIds, decide_creation
from daemon.desk.premises import Call, Premises
from daemon.desk.setting_up import WALK_IN_NAME, NewOperator, decide_walk_in, say
from daemon.desk.shops import ShopName
from daemon.domain import policy
from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.feed import CHAIN
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from daemon.head_office.founding import DATABASE, found, keys
from daemon.state_directory import taken
from daemon.store import authoring, ordering
from daemon.store import customers as stored
from daemon.store.database import Connection, Database, open_database
from daemon.store.replica import Replica, get_meta, put_meta
from daemon.typed import convert

UNIT_CUSTOMERS: Final = 500
"""Customers of one transaction: an interrupted start loses at most so many, and goes on from there."""
RECORD_CUSTOMERS: Final = 40
"""Customers of one record, as an import writes them: about 16 of the 32 KiB that a record may have."""
CACHE_KIB: Final = 256 * 1024
"""Page cache while filling: with the daemon's own 8 MiB the indexes of a million customers would live on the disk."""

_TELEPHONES: Final = ("mobile", "phone")
_FILLED: Final = "demo_customers"
_LIVED: Final = "demo_lived"
YEARS: Final = 8
YEAR_MS: Final = 365 * DAY_MS
_CUSTOMS: Final = Customs(card_prefixes=("29",))
_ACTOR: Final = Actor(ActorKind.APPLICATION, "demo", Role.OWNER, 0)

Progress = Callable[[int, int], None]
"""Told how many customers are there, of how many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadOffice:
    """The hub's database and desks, open while its process does not run."""

    database: Database
    replica: Replica
    desks: Desks
    clock: PastClock


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """What head office holds before it starts: customers of the demo, and the head of the feed that tills fetch."""

    customers: int
    feed_offset: int


async def fill(config: HubConfig, count: int, progress: Progress) -> Filled:
    """Found the chain and bring it to `count` customers, or leave it at more.

    Whatever is there already stays: after an interruption it goes on.
    """
    await asyncio.to_thread(found, config, CHAIN_ID)
    clock = PastClock(SystemClock(), SystemClock().now_ms() - YEARS * YEAR_MS)
    async with _opened(config, clock) as office:
        await _set_up(office)
        customers = await _fill(office, count, progress)
        await _live(office, clock)
        head = await office.database.read(lambda conn: ordering.feed_head(conn, CHAIN))
        return Filled(customers=customers, feed_offset=head.offset)


@asynccontextmanager
async def _opened(config: HubConfig, clock: PastClock) -> AsyncIterator[HeadOffice]:
    state = Path(config.hub.state_directory)
    with taken(state):
        async with open_database(state / DATABASE) as database:
            replica = Replica(random_bytes(8))
            await database.write(replica.reload)
            database.on_rollback(replica.reload)
            premises = Premises(
                database=database, replica=replica, clock=clock, announce=lambda *_: None, customs=_CUSTOMS
            )
            desks = furnish(premises, pin_key=keys(config, CHAIN_ID, may_create=False).pin_key)
            yield HeadOffice(database=database, replica=replica, desks=desks, clock=clock)


async def _set_up(office: HeadOffice) -> None:
    """Shops, walk-in customers and operators, where they are missing."""
    call = Call(actor=_ACTOR)
    for shop in SHOPS:
        await office.desks.shops.name_shop(call, shop.number, ShopName(label=shop.name))
        await office.database.write(partial(_choose_walk_in, office=office, shop=shop.number))
    known = {operator.display_name for operator in await office.desks.operators.operators()}
    for one in OPERATORS:
        if one.name not in known:
            given = NewOperator(display_name=one.name, role=Role(one.role), pin=one.pin, badge=one.badge)
            await office.desks.setting_up.add_operator(call, given)


def _choose_walk_in(conn: Connection, *, office: HeadOffice, shop: int) -> None:
    """Each shop chooses its own at `comptoir setup`; here head office does it for all."""
    if stored.walk_in(conn, shop) is not None:
        return
    name, chosen = policy.walk_in_policy(shop), EntityId(random_id())
    operations = decide_walk_in(chosen, None, None, shop=shop, name=WALK_IN_NAME)
    operations.append(say(stored.policy(conn, name), name, chosen.hex()))
    authoring.commit(conn, office.replica, _ACTOR, operations, now_ms=office.clock.now_ms())


async def _fill(office: HeadOffice, count: int, progress: Progress) -> int:
    done = await office.database.read(filled)
    if done < count:
        await office.database.write(_prepare)
    people = People()
    while done < count:
        until = min(done + UNIT_CUSTOMERS, count)
        office.clock.set(_came_ms(done, count))
        await office.database.write(partial(_add, office=office, people=people, start=done, until=until))
        done = until
        progress(done, count)
    return done


def _came_ms(index: int, count: int) -> int:
    """When this customer came: one after the other, until the sales begin that are told of."""
    now_ms = SystemClock().now_ms()
    first, last = now_ms - YEARS * YEAR_MS, now_ms - (MONTHS + 1) * 30 * DAY_MS
    return first + (last - first) * index // count


async def _live(office: HeadOffice, clock: PastClock) -> None:
    """The 24 months of the chain, once."""
    if not await office.database.read(filled) or await office.database.read(lambda conn: get_meta(conn, _LIVED, 0)):
        return
    made, call, now_ms = await set_terms(office.desks, Call(actor=_ACTOR)), Call(actor=_ACTOR), SystemClock().now_ms()
    names = await office.desks.operators.operators()
    actors = tuple(Actor(ActorKind.OPERATOR, one.id, one.role, SHOPS[0].number) for one in names)
    scene = Scene(desks=office.desks, replica=office.replica, actors=actors or (call.actor,), now_ms=now_ms, terms=made)
    happened = events(scene, People(), await office.database.read(filled))
    for first in range(0, len(happened), UNIT_EVENTS):
        some = happened[first : first + UNIT_EVENTS]
        clock.set(some[0].at_ms)
        await office.database.write(partial(told, scene=scene, some=some))
    await office.database.write(lambda conn: put_meta(conn, _LIVED, 1))


def filled(conn: Connection) -> int:
    """How many customers of the demo are in this database of a hub."""
    return int(get_meta(conn, _FILLED, 0))


def _add(conn: Connection, *, office: HeadOffice, people: People, start: int, until: int) -> None:
    """A unit of work: these customers, and that they are there."""
    author = Author(actor=_ACTOR, now_ms=office.clock.now_ms())
    for first in range(start, until, RECORD_CUSTOMERS):
        operations = [
            operation
            for index in range(first, min(first + RECORD_CUSTOMERS, until))
            for operation in creation(people, index, author)
        ]
        authoring.commit(conn, office.replica, author.actor, operations, now_ms=author.now_ms)
    put_meta(conn, _FILLED, until)


def creation(people: People, index: int, author: Author) -> list[Operation]:
    """The operations that create one of these people, under an id that is the same in each demo. Pure."""
    draft = people.customer(index)
    # They are E.164 already, of a range kept for fiction that no plan knows: to parse them is to try six regions.
    telephones = {number(name): text for name, text in draft.items() if name in _TELEPHONES}
    rest = {name: value for name, value in draft.items() if name not in _TELEPHONES}
    first, *others = decide_creation(
        new_customer(rest),
        NewIds(customer=EntityId(people.customer_id(index)), code=""),
        required={},
        author=author,
        customs=_CUSTOMS,
    )
    return [replace(first, fields={**first.fields, **telephones}), *others]


def new_customer(draft: Mapping[str, Any]) -> NewCustomer:
    """A draft as a caller of the API would send it. Pure."""
    body: dict[str, Any] = {**draft, "surface": "import"}
    if "consents" in draft:
        body["consents"] = {channel: {"state": state} for channel, state in draft["consents"].items()}
    return convert(body, NewCustomer)


def _prepare(conn: Connection) -> None:
    conn.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
