"""Sets a shop up: its walk-in customer, operators of the chain, applications of this machine, policies."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daemon.clock import random_bytes, random_id
from daemon.desk import instant
from daemon.desk.customer import PERSON, Customer
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import is_strong, number
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.lookup import load_customer, operator_names
from daemon.desk.operators import (
    BADGE,
    KIND,
    NAME,
    PIN,
    REVOKED,
    ROLE,
    Operator,
    is_active,
    new_token,
    operator_of,
    token_hash,
)
from daemon.desk.premises import Call, Premises, author_of, write_once
from daemon.domain import authoring, pin, policy
from daemon.domain.author import RESERVED, system_user
from daemon.domain.change import Actor, Operation
from daemon.domain.code import lookup_form
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.role import Role
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.store import audit, customers, elements
from daemon.store import authoring as store
from daemon.store import operators as stored
from daemon.store.database import Connection

WALK_IN_NAME = "Client de passage"


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkInChoice:
    """Who stands for nobody in particular: an existing customer, or a new one of this name."""

    customer: str | None = None
    display_name: str = WALK_IN_NAME


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOperator:
    """An operator; logs in by PIN, by badge, or both."""

    display_name: str
    role: Role = Role.CASHIER
    pin: str | None = field(default=None, repr=False)
    badge: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorEdit:
    """Changes of an operator; null leaves as it is. An empty `badge` takes the badge away."""

    display_name: str | None = None
    role: Role | None = None
    pin: str | None = field(default=None, repr=False)
    badge: str | None = field(default=None, repr=False)
    revoked: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """An operator as who keeps the list sees them: how they log in, and since when and by whom they no longer may."""

    id: str
    display_name: str
    role: str
    pin: bool
    badge: bool
    revoked: bool
    revoked_at: str | None
    revoked_by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewApplication:
    """A program that may call; making it again gives it a new token, and the old one is worth nothing."""

    name: str
    role: Role = Role.APPLICATION


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeApplication:
    """An application and its token, told this once."""

    name: str
    role: Role
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationShown:
    """An application that may call."""

    name: str
    role: str


class SetUpDesk:
    """Where a shop is set up."""

    def __init__(self, premises: Premises, *, pin_key: bytes) -> None:
        self._premises = premises
        self._pin_key = pin_key

    async def choose_walk_in(self, call: Call, given: WalkInChoice, existing: EntityId | None) -> Customer:
        """Choose this shop's walk-in customer; raises NotFound for an existing one that is not here."""
        shop, now_ms = self._premises.replica.identity.shop, self._premises.clock.now_ms()
        name = line(given.display_name, "display_name", 100) or WALK_IN_NAME
        fresh = EntityId(random_id())

        def unit(conn: Connection) -> Customer:
            here = elements.element(conn, (existing, Kind.CUSTOMER, b"")) if existing else None
            if existing and here is None:
                raise NotFound("customer: no customer has this id", field="customer")
            before = customers.walk_in(conn, shop)
            old = elements.element(conn, (before, Kind.CUSTOMER, b"")) if before and before != existing else None
            chosen = existing or fresh
            rule = customers.policy(conn, policy.walk_in_policy(shop))
            operations = decide_walk_in(chosen, here, old, shop=shop, name=name)
            operations.append(say(rule, policy.walk_in_policy(shop), chosen.hex()))
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return load_customer(conn, chosen)

        return await write_once(self._premises, call, Customer, unit, told=self._tell)

    async def say_policy(self, call: Call, name: str, text: str) -> None:
        """Make or change a policy of the chain."""
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> None:
            operation = say(customers.policy(conn, name), name, text)
            store.commit(conn, self._premises.replica, call.actor, [operation], now_ms=now_ms)

        await self._premises.database.write(unit)

    async def staff(self) -> tuple[StaffMember, ...]:
        """All operators, those who were revoked too, by name."""

        def unit(conn: Connection) -> list[StaffMember]:
            names = operator_names(conn)
            return [_member(row, names) for row in stored.operators(conn)]

        found = await self._premises.database.read(unit)
        return tuple(sorted(found, key=lambda one: (one.revoked, one.display_name, one.id)))

    async def add_operator(self, call: Call, given: NewOperator) -> Operator:
        """Make an operator; raises OperatorMistake for a PIN that is none, Conflicting for somebody else's badge."""
        id_, now_ms = EntityId(random_id()), self._premises.clock.now_ms()
        values = {NAME: _name(given.display_name), ROLE: given.role.value, KIND: "operator"}
        values |= await self._secrets(given.pin, given.badge)

        def unit(conn: Connection) -> Operator:
            _refuse_badge_of_another(conn, id_, values)
            operations = [authoring.create(Kind.OPERATOR, id_, values)]
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return _operator(conn, id_)

        return await write_once(self._premises, call, Operator, unit, told=lambda _: None)

    async def edit_operator(self, call: Call, id_: EntityId, given: OperatorEdit) -> Operator:
        """Change or revoke an operator; a revoked one is logged out at every till that hears of it.

        Raises NotFound, OperatorMistake, Conflicting for a badge that somebody else has.
        """
        now_ms = self._premises.clock.now_ms()
        is_badge_gone = given.badge is not None and not given.badge.strip()
        values: dict[int, Any] = await self._secrets(given.pin, None if is_badge_gone else given.badge)
        if is_badge_gone:
            values[BADGE] = None
        if given.display_name is not None:
            values[NAME] = _name(given.display_name)
        if given.role is not None:
            values[ROLE] = given.role.value

        def unit(conn: Connection) -> Operator:
            row = stored.operator(conn, id_)
            if row is None:
                raise NotFound("no operator has this id", field="id")
            back = {BADGE: row.fields.get(BADGE)} if given.revoked is False else {}
            _refuse_badge_of_another(conn, id_, back | values)
            if given.revoked is not None and given.revoked != is_strong(row, REVOKED):
                details = ("", now_ms, author_of(call.actor))
                values[REVOKED] = authoring.guard(strong=given.revoked, details=details)
            if values:
                store.commit(conn, self._premises.replica, call.actor, [authoring.change(row, values)], now_ms=now_ms)
            return _operator(conn, id_)

        return await write_once(self._premises, call, Operator, unit, told=lambda _: None)

    async def add_application(self, actor: Actor, given: NewApplication) -> MadeApplication:
        """Make an application of this machine; its token is told once and kept as a hash."""
        name = line(given.name, "name", 64)
        if not name:
            raise OperatorMistake("name: the application has no name", field="name")
        if name.startswith(RESERVED):
            raise OperatorMistake("name: this would read as a user of the machine: take another name", field="name")
        token, now_ms = new_token(), self._premises.clock.now_ms()
        made = stored.Application(name, given.role.value)

        def unit(conn: Connection) -> None:
            stored.save_application(conn, made, token_hash(token), now_ms=now_ms)
            audit.note(conn, self._premises.replica, actor, "application token made", now_ms=now_ms)

        await self._premises.database.write(unit)
        return MadeApplication(name=name, role=given.role, token=token)

    async def applications(self) -> tuple[ApplicationShown, ...]:
        """The applications of this machine, by name."""
        found = await self._premises.database.read(stored.applications)
        return tuple(ApplicationShown(name=one.name, role=one.role) for one in found)

    async def revoke_application(self, actor: Actor, name: str) -> None:
        """Make an application's token worth nothing; raises NotFound."""
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> None:
            if not stored.revoke_application(conn, name):
                raise NotFound("no application has this name", field="name")
            audit.note(conn, self._premises.replica, actor, "application token revoked", now_ms=now_ms)

        await self._premises.database.write(unit)

    async def _secrets(self, typed_pin: str | None, badge: str | None) -> dict[int, Any]:
        values: dict[int, Any] = {}
        if typed_pin is not None:
            good = pin.check_pin(typed_pin)
            salt = random_bytes(pin.SALT_BYTES)
            values[PIN] = await asyncio.to_thread(pin.seal, good, pin_key=self._pin_key, salt=salt)
        if badge is not None:
            form = lookup_form(badge)
            if not form:
                raise OperatorMistake("badge: the code of the badge is empty", field="badge")
            values[BADGE] = pin.badge_token(form, pin_key=self._pin_key).hex()
        return values

    def _tell(self, customer: Customer) -> None:
        self._premises.announce(Event.CUSTOMER, CustomerChanged(id=customer.id, version=customer.version))


def decide_walk_in(
    chosen: EntityId, here: Element | None, old: Element | None, *, shop: int, name: str
) -> list[Operation]:
    """The operations that make `chosen` the walk-in customer in place of `old`. Pure."""
    mark = number("walk_in_of")
    operations: list[Operation] = []
    if here is None:
        values = {number("kind"): PERSON, number("name"): ("", name), mark: shop}
        operations.append(authoring.create(Kind.CUSTOMER, chosen, values))
    elif here.fields.get(mark) != shop:
        operations.append(authoring.change(here, {mark: shop}))
    if old is not None:
        operations.append(authoring.change(old, {mark: None}))
    return operations


def say(rule: Element | None, name: str, text: str) -> Operation:
    """The operation that makes a policy say this. Pure."""
    if rule is None:
        return authoring.create(Kind.POLICY, policy.policy_key(name)[0], {policy.VALUE: text})
    return authoring.change(rule, {policy.VALUE: text})


def _name(typed: str) -> str:
    found = line(typed, "display_name", 100)
    if not found:
        raise OperatorMistake("display_name: the operator has no name", field="display_name")
    return found


def _refuse_badge_of_another(conn: Connection, id_: EntityId, values: Mapping[int, Any]) -> None:
    """One badge is one person's: with two owners it would log in nobody. Raises Conflicting."""
    token = values.get(BADGE)
    if not token:
        return
    others = (stored.operator(conn, one) for one in stored.with_badge(conn, bytes.fromhex(token)) if one != id_)
    if any(is_active(row) for row in others):
        raise Conflicting("badge: another operator has this badge", field="badge")


def _member(row: Element, names: Mapping[str, str]) -> StaffMember:
    shown, said = operator_of(row), row.fields.get(REVOKED)
    is_told = is_strong(row, REVOKED) and isinstance(said, tuple) and len(said) > 4
    since, by = (said[3], said[4]) if is_told and said else (None, None)
    return StaffMember(
        id=shown.id,
        display_name=shown.display_name,
        role=shown.role,
        pin=bool(row.fields.get(PIN)),
        badge=bool(row.fields.get(BADGE)),
        revoked=is_strong(row, REVOKED),
        revoked_at=instant.shown(since) if isinstance(since, int) else None,
        revoked_by=names.get(by, system_user(by) or by) if isinstance(by, str) else None,
    )


def _operator(conn: Connection, id_: EntityId) -> Operator:
    row = stored.operator(conn, id_)
    assert row is not None, "it was just written"
    return operator_of(row)
