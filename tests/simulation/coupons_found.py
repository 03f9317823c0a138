"""Coupons that rules make due in the simulation: rules of head office, what tills find out, what head office does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from daemon.desk import benefits
from daemon.desk.benefits import Movement
from daemon.domain import authoring, coupon
from daemon.domain import loyalty as rules
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation as Said
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, CUSTOMER, Kind
from daemon.domain.loyalty import CouponTerms, NewLoyaltyRule
from daemon.errors import Conflicting
from daemon.hub import coupons_due
from daemon.store import elements, loyalty
from daemon.store.changes import Saved
from daemon.store.database import Connection
from tests.simulation import loyalty as people
from tests.simulation.acting import Scene
from tests.simulation.machine import EPOCH_MS
from tests.simulation.thresholds import day_at

if TYPE_CHECKING:
    from tests.simulation.world import World

EVERY, BEFORE = 50, 30
"""Points of a threshold; days before a birthday."""

RULES = (
    (EntityId(digest8(b"simulated threshold", b"")), NewLoyaltyRule(
        label="threshold", kind="threshold", every=EVERY, coupon=CouponTerms(amount=500),
    )),
    (EntityId(digest8(b"simulated birthday", b"")), NewLoyaltyRule(
        label="birthday", kind="birthday", before=BEFORE, coupon=CouponTerms(percent=1000),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MakeRule:
    """Head office makes a rule, withdraws it, or lets it stand again."""

    rule: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Born:
    """Somebody tells when they were born: so many days from the first day of the simulation."""

    at: int
    who: int
    days: int


@dataclass(frozen=True, slots=True)
class Greet:
    """A till serves somebody, and finds out whether a birthday coupon is due."""

    at: int
    who: int


@dataclass(frozen=True, slots=True)
class LookAtBirthdays:
    """Head office looks at every birthday, as it does a few times a day."""


@dataclass(frozen=True, slots=True)
class UseCoupon:
    """The customer at a lane uses a coupon that a rule gave them; `ask`: the till only asks head office for it."""

    at: int
    who: int
    pick: int
    ask: bool


def make_rule(world: World, operation: MakeRule) -> None:
    """State the rule as the desk does."""
    hub, (id_, wanted) = world.hub, RULES[operation.rule % len(RULES)]

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        here = elements.element(conn, (id_, Kind.LOYALTY_RULE, b""))
        given = NewLoyaltyRule(**{n: getattr(wanted, n) for n in wanted.__dataclass_fields__ if n != "withdrawn"},
                               withdrawn=operation.withdrawn and here is not None)  # fmt: skip
        operations = rules.decide_rule(here, id_, given, is_new=here is None)
        return operations, people.commit_at(world, hub, conn, operations)

    people.at_box(world, hub, lambda: people.note_saved(world, hub, *hub.unit(unit)))


def born(scene: Scene, action: Born) -> list[Said]:
    """Set a birthday."""
    row = scene.pick(action.who)
    day = date(1970, 1, 1) + timedelta(days=EPOCH_MS // 86_400_000 + action.days)
    return [] if row is None else [authoring.change(row, {CUSTOMER.number("birthday"): (1980, day.month, day.day)})]


def greet(world: World, operation: Greet) -> None:
    """What a visit adds to the chain when it begins to serve somebody."""
    machine = world.till(operation.at)

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        customer, here = _whom(world, conn, operation.who)
        day, found = day_at(machine, conn), list[Said]()
        known = coupon.known_facts(here)
        for rule in loyalty.rules(conn) if here else ():
            row = next(one for one in here if one.kind == Kind.CUSTOMER)
            said = row.fields.get(CUSTOMER.number("birthday"))
            fact = coupon.birthday_due(rule, customer, said, known, day=day)
            found += coupon.issue(customer, fact, rule.coupon, day, rule=rule.id) if fact is not None else []
        world.faults.count("birthday found out at a till", bool(found))
        return found, people.commit_at(world, machine, conn, found)

    if world.people.ids:
        people.at_box(world, machine, lambda: people.note_saved(world, machine, *machine.unit(unit)))


def look_at_birthdays(world: World, _: LookAtBirthdays) -> None:
    """One round of head office."""
    hub = world.hub

    def unit(conn: Connection) -> None:
        before = _issued(conn)
        while coupons_due.issue_birthdays(conn, hub.replica, b"", now_ms=hub.wall_ms()) is not None:
            pass
        world.faults.count("birthday found out at head office", _issued(conn) - before)

    def work() -> None:
        hub.unit(unit)
        hub.recorded()

    people.at_box(world, hub, work)


def _issued(conn: Connection) -> int:
    (count,) = conn.execute("SELECT count(*) FROM element WHERE kind = ?", (int(Kind.COUPON),)).fetchone()
    return int(count)


def use_coupon(world: World, operation: UseCoupon) -> None:
    """Reserve a coupon on the open visit, or ask for it."""
    machine, notes = world.till(operation.at), people.notes_of(world)

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        _, here = _whom(world, conn, operation.who)
        given = [one for one in here if coupon.is_coupon(one)]
        visit, account = (
            people.open_at(conn),
            given[operation.pick % len(given)].fields[coupon.ACCOUNT] if given else b"",
        )
        if not isinstance(account, bytes) or not account:
            return [], None
        if operation.ask:
            wanted = benefits.ask_for(conn, machine.replica, account, BOOK_COUPON, 1)
            return wanted, people.commit_at(world, machine, conn, wanted)
        if visit is not None:
            moved = Movement(account=account, book=BOOK_COUPON, amount=1)
            try:
                chosen = benefits.choose(conn, machine.replica, visit.id, moved)
            except Conflicting:
                world.faults.count("due coupon refused")
            else:
                notes.chosen[machine.name, visit.id, chosen.account, chosen.book] = chosen.amount
                world.faults.count("due coupon chosen")
        return [], None

    if world.people.ids:
        people.at_box(world, machine, lambda: people.note_saved(world, machine, *machine.unit(unit)))


def _whom(world: World, conn: Connection, who: int) -> tuple[EntityId, list[Element]]:
    """A customer, and what is known of them here: nothing where they are not."""
    customer = EntityId(world.people.ids[who % len(world.people.ids)])
    here = elements.elements_of(conn, customer)
    return customer, here if any(one.kind == Kind.CUSTOMER for one in here) else []
