"""Gives the demo a past: terms, sales of 24 months, points, coupons, credit notes, accounts, wishes, notes.

The same in every demo, but for the day on which it ends. It goes the way of every edit, like the customers themselves,
and in the order of time: what is told first was first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from struct import Struct
from typing import Any, Final

from daemon.demo.assortment import ARTICLES, NOTES, RETURNED, TO_DO
from daemon.demo.guests import guests
from daemon.demo.house_terms import HouseTerms
from daemon.demo.people import People
from daemon.desk import credit_notes, instant
from daemon.desk.custom_fields import CustomValues, decide_values, definitions
from daemon.desk.customer import row_of
from daemon.desk.customer_parts import number
from daemon.desk.desks import Desks
from daemon.desk.members import NewNote, add_note
from daemon.desk.on_account import ACCOUNT_NUMBER, ON_ACCOUNT
from daemon.desk.premises import Call
from daemon.desk.selling import NewSale, Place, PostedLine
from daemon.desk.wishes import LABEL, PRODUCT, QUANTITY
from daemon.domain import authoring, coupon, escrow
from daemon.domain import rights as rules
from daemon.domain.account import account_of
from daemon.domain.change import Actor, Operation
from daemon.domain.credit_note import account_of_note
from daemon.domain.group import decide_joining
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_CREDIT, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_POINTS, Kind
from daemon.domain.loyalty import CouponTerms
from daemon.domain.price_list import NewPrice, decide_new_price
from daemon.domain.sale import new_sale_id
from daemon.store import authoring as store
from daemon.store import elements, rights, terms
from daemon.store.database import Connection
from daemon.store.replica import Replica

DAY_MS: Final = 86_400_000
MONTHS: Final = 24
REGULARS: Final = 40
OCCASIONAL: Final = 110
UNIT_EVENTS: Final = 250
HUB_SITE: Final = 1
TILLS: Final = {1: 2, 2: 4}
"""By shop, the till where this is said to have been bought: head office numbers tills as they join."""

_DRAWS: Final = Struct("<8H").unpack


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Where it plays: the desks, who works there, when the last day is, the terms that stand, the shops."""

    desks: Desks
    replica: Replica
    actors: tuple[Actor, ...]
    now_ms: int
    terms: HouseTerms


Tell = Callable[[Connection, Scene], list[Operation]]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when, who did it, what it comes to."""

    at_ms: int
    actor: Actor
    tell: Tell


def draws(*what: object) -> tuple[int, ...]:
    """Eight numbers that are the same in every demo."""
    return _DRAWS(blake2b(repr(what).encode(), digest_size=16).digest())


def events(scene: Scene, people: People, count: int) -> list[Event]:
    """All that happened in 24 months, oldest first."""
    whole = [EntityId(people.customer_id(index)) for index in range(min(count, REGULARS + OCCASIONAL))]
    found = [event for at, id_ in enumerate(whole) for event in _purchases(scene, id_, at)]
    found += [event for at, id_ in enumerate(whole[:REGULARS]) for event in _benefits(scene, id_, at)]
    found += [event for at, id_ in enumerate(whole) for event in _remarks(scene, id_, at)]
    for at, guest in enumerate(guests(3)):
        found += _guest(scene, EntityId(bytes.fromhex(guest.id)), at)
    return sorted(found, key=lambda event: event.at_ms)


def told(conn: Connection, scene: Scene, some: list[Event]) -> None:
    """A unit of work: these events, each a record of its own, at its time."""
    for event in some:
        operations = event.tell(conn, scene)
        if operations:
            store.commit(conn, scene.replica, event.actor, operations, now_ms=event.at_ms)


# ---- what happens ----------------------------------------------------------------------------------------------------


def _purchases(scene: Scene, id_: EntityId, at: int) -> Iterator[Event]:
    """Regulars come most months, others now and then; more in December and in spring."""
    for month in range(MONTHS):
        draw = draws("month", at, month)
        often = 42_000 if at < REGULARS else 5_000
        season = 14_000 if (scene_month := _month(scene, month)) in {12, 4, 5} else 0
        if scene_month == 8 or draw[0] > often + season:
            continue
        when = scene.now_ms - (MONTHS - month) * 30 * DAY_MS + draw[1] % 27 * DAY_MS + 9 * 3_600_000
        when += draw[2] % (9 * 60) * 60_000
        if when < scene.now_ms - 3_600_000:
            yield Event(when, _actor(scene, draw[3]), _sale(id_, (at, month), when))


def _sale(id_: EntityId, what: tuple[int, int], when_ms: int) -> Tell:
    def tell(conn: Connection, scene: Scene) -> list[Operation]:
        draw = draws("sale", *what)
        picked = [draws("line", *what, line) for line in range(1 + draw[0] % 4)]
        lines = tuple(_line(one) for one in picked)
        sale = new_sale_id(HUB_SITE, blake2b(repr(what).encode(), digest_size=8).digest())
        where = Place(sale=sale, visit=None, customer=id_, lane="1", shop=1 + (draw[1] % 5 == 0))
        given = NewSale(lines=lines, sold_at=instant.shown(when_ms), ticket=f"{1000 + draw[2] % 9000}")
        call = Call(actor=_actor(scene, draw[3]))
        row = _row(conn, id_)
        rights.earned_at(conn, account_of(row), TILLS[where.shop])
        return list(scene.desks.selling.register(conn, call, where, given).operations)

    return tell


def _line(draw: tuple[int, ...]) -> PostedLine:
    article = ARTICLES[draw[0] % (len(ARTICLES) - 2)]
    pieces = 1 + (draw[1] % 4 == 0)
    return PostedLine(
        product=article.code,
        label=article.label,
        quantity_milli=pieces * 1000,
        unit_price=article.cents,
        amount=article.cents * pieces,
        vat=2000,
    )


def _benefits(scene: Scene, id_: EntityId, at: int) -> Iterator[Event]:
    """Coupons to use and used up by time, a credit note now and then, for who comes often."""
    draw = draws("benefits", at)
    if draw[0] % 3 == 0:
        yield _coupon(scene, id_, 20 + draw[1] % 30, CouponTerms(label="Bon anniversaire", amount=1000, days=60))
    if draw[0] % 4 == 1:
        yield _coupon(scene, id_, 12, CouponTerms(label="Coupon jardin", percent=1500, days=15))
    if draw[0] % 5 == 2:
        yield _coupon(scene, id_, 200, CouponTerms(label="Bon de rentrée", amount=500, days=60))
    if draw[2] % 6 == 0:
        yield _credit_note(scene, id_, 40 + draw[3] % 60, 490 + draw[4] % 80 * 50)


def _remarks(scene: Scene, id_: EntityId, at: int) -> Iterator[Event]:
    draw = draws("remark", at)
    when, by = scene.now_ms - (10 + draw[1] % 500) * DAY_MS, _actor(scene, draw[2])
    if draw[0] % 7 == 0:
        yield Event(when, by, _note(NOTES[draw[3] % len(NOTES)], when, is_shown=False, id_=id_))
    if draw[0] % 11 == 1:
        yield Event(when, by, _wish(id_, draw[3], 1 + draw[4] % 2))
    if draw[0] % 13 == 3:
        yield Event(when, by, _joins(id_, draw[3] % 2, principal=draw[4] % 2 == 0))
    if draw[0] % 29 == 4:
        yield Event(when, by, _bad_address(id_))
    if draw[0] % 17 == 5:
        yield Event(when, by, _custom(id_, draw[3]))


def _guest(scene: Scene, id_: EntityId, at: int) -> Iterator[Event]:
    """Those on whom the five things are tried have more to show than others."""
    days = [scene.now_ms - days * DAY_MS for days in (400, 170, 69, 25, 9)]
    by = scene.actors[0]
    if at == 0:
        yield Event(days[0], by, _joins(id_, 1, principal=True))
        yield Event(days[0], by, _on_account(id_, maximum=50_000, owed=18_240))
        yield Event(days[1], by, _special(id_, "410001", cents=4490))
        yield Event(days[1], by, _special(id_, "430007", discount=2000))
        for one in range(3):
            yield Event(days[2 + one % 2], by, _wish(id_, 3 + 7 * one, 1 + one % 2))
        yield _credit_note(scene, id_, 69, 2390)
        yield _coupon(scene, id_, 30, CouponTerms(label="Bon anniversaire", amount=1000, days=60))
        yield _coupon(scene, id_, 12, CouponTerms(label="Coupon jardin", percent=1500, days=15))
        yield Event(days[3], by, _points(id_, 600, "Reprise de l’ancienne carte"))
        yield Event(days[4], by, _note(NOTES[1], days[4], is_shown=False, id_=id_))
        return
    yield Event(days[3], by, _points(id_, 250 * at, "Parrainage"))
    yield Event(days[4], by, _note(TO_DO[at - 1], days[4], is_shown=True, id_=id_))
    yield _credit_note(scene, id_, 30, 1500)
    if at == 2:
        yield Event(days[4] + 3_600_000, by, _disagreement(id_))
    else:
        yield Event(days[1], by, _bad_address(id_))


# ---- how it is written -----------------------------------------------------------------------------------------------


def _coupon(scene: Scene, id_: EntityId, ago: int, given: CouponTerms) -> Event:
    when = scene.now_ms - ago * DAY_MS

    def tell(conn: Connection, scene: Scene) -> list[Operation]:
        fact = blake2b(bytes(id_) + given.label.encode(), digest_size=8).digest()
        day = terms.day_there(conn, scene.replica.identity.shop, when)
        return coupon.issue(id_, fact, given, day, rule="")

    return Event(when, scene.actors[0], tell)


def _credit_note(scene: Scene, id_: EntityId, ago: int, cents: int) -> Event:
    """As head office issues one by hand: whichever till needs it gets the right to it."""
    when = scene.now_ms - ago * DAY_MS

    def tell(conn: Connection, scene: Scene) -> list[Operation]:
        fact = blake2b(bytes(id_) + b"note %d" % cents, digest_size=8).digest()
        account = account_of_note(fact)
        fields: dict[int, Any] = {
            credit_notes.CODE: credit_notes.next_code(conn, scene.replica, fact),
            credit_notes.ACCOUNT: account,
            credit_notes.AMOUNT: cents,
            credit_notes.ORIGIN: RETURNED[fact[0] % len(RETURNED)],
            credit_notes.ISSUED_AT: when,
        }
        rights.earned_at(conn, account, TILLS[1])
        earned = rules.earn(account, BOOK_CREDIT_NOTE, cents, sale=fact, holder=None, cause=rules.ISSUED)
        return [authoring.add(Kind.CREDIT_NOTE, id_, fields, fact=fact), *earned]

    return Event(when, scene.actors[0], tell)


def _points(id_: EntityId, amount: int, reason: str) -> Tell:
    def tell(conn: Connection, _: Scene) -> list[Operation]:
        standing = rights.standing(conn, account_of(_row(conn, id_)), BOOK_POINTS)
        return escrow.correct(standing, amount, cause=rules.BY_HAND, reason=reason)

    return tell


def _on_account(id_: EntityId, *, maximum: int, owed: int) -> Tell:
    """May buy on account, and has: what is owed is not to be bought for again."""

    def tell(conn: Connection, _: Scene) -> list[Operation]:
        row = _row(conn, id_)
        account = account_of(row)
        standing = rights.standing(conn, account, BOOK_LIMIT)
        return [
            authoring.change(row, {ON_ACCOUNT: 1, ACCOUNT_NUMBER: "411004218"}),
            *escrow.correct(standing, maximum - owed, cause=rules.BY_HAND, reason="Plafond"),
            *rules.earn(account, BOOK_CREDIT, owed, sale=bytes(id_), holder=None, cause=rules.ISSUED),
        ]

    return tell


def _special(id_: EntityId, product: str, *, cents: int | None = None, discount: int | None = None) -> Tell:
    given = NewPrice(product=product, price_cents=cents, discount=discount)
    return lambda _conn, _scene: decide_new_price(id_, given)


def _wish(id_: EntityId, draw: int, pieces: int) -> Tell:
    article = ARTICLES[draw % (len(ARTICLES) - 2)]
    fields = {PRODUCT: article.code, LABEL: article.label, QUANTITY: pieces}
    return lambda _conn, _scene: [authoring.add(Kind.WISH, id_, fields)]


def _joins(id_: EntityId, which: int, *, principal: bool) -> Tell:
    def tell(conn: Connection, scene: Scene) -> list[Operation]:
        here = elements.elements_of(conn, id_)
        return decide_joining(here, terms.groups(conn), scene.terms.groups[which], principal=principal)

    return tell


def _note(text: str, when_ms: int, *, is_shown: bool, id_: EntityId) -> Tell:
    def tell(conn: Connection, scene: Scene) -> list[Operation]:
        given = NewNote(text=text, show_at_till=is_shown)
        return add_note(elements.elements_of(conn, id_), given, scene.actors[0].id, when_ms)

    return tell


def _bad_address(id_: EntityId) -> Tell:
    def tell(conn: Connection, _: Scene) -> list[Operation]:
        row = _row(conn, id_)
        if row.fields.get(number("address")) is None:
            return []
        return [authoring.change(row, {number("bad_address"): row.stamp(number("address"))})]

    return tell


def _custom(id_: EntityId, draw: int) -> Tell:
    def tell(conn: Connection, scene: Scene) -> list[Operation]:
        (garden, *_) = definitions(conn)
        given = CustomValues(values={str(garden.number): garden.choices[draw % len(garden.choices)]})
        return decide_values(_row(conn, id_), definitions(conn), given)

    return tell


def _disagreement(id_: EntityId) -> Tell:
    """Two people change one telephone, neither has seen the other's: both edits rest on the row as it was."""

    def tell(conn: Connection, scene: Scene) -> list[Operation]:
        row, mobile = _row(conn, id_), number("mobile")
        first = authoring.change(row, {mobile: "+33639980412"})
        store.commit(conn, scene.replica, scene.actors[1], [first], now_ms=scene.now_ms - 9 * DAY_MS)
        return [authoring.change(row, {mobile: row.fields.get(mobile)})]

    return tell


def _row(conn: Connection, id_: EntityId) -> Any:
    row = row_of(elements.elements_of(conn, id_))
    assert row is not None, "the customers are written before what happened with them"
    return row


def _actor(scene: Scene, draw: int) -> Actor:
    return scene.actors[draw % len(scene.actors)]


def _month(scene: Scene, month: int) -> int:
    """The month of the year, from January 1, of one of the 24."""
    days = (scene.now_ms - (MONTHS - month) * 30 * DAY_MS) // DAY_MS
    return int(days % 365.2425 // 30.44) + 1
