"""Turns what people do into operations, from what they see at that box at that moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daemon.domain import authoring
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation, Verb
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.store import elements
from daemon.store.database import Connection
from daemon.store.replica import Replica
from tests.simulation import operations as op
from tests.simulation.machine import NEWER_KIND

NAME, EMAIL, MOBILE, ADDRESS, LANGUAGE, MEMBER_NUMBER, UNKNOWN = 2, 8, 9, 11, 13, 14, 900
FIELDS = (NAME, EMAIL, MOBILE, ADDRESS, LANGUAGE, MEMBER_NUMBER, UNKNOWN)
GUARDS = (16, 17, 30, 31)
MEMBERS = (Kind.CARD, Kind.TAG, Kind.NOTE, Kind.ADDRESS)
ACCOUNTS = 2


@dataclass(slots=True)
class People:
    """The customers of a run, in the order of their creation; each has a word that nobody else's data holds."""

    seed: int
    ids: list[bytes]

    def new(self) -> bytes:
        """A fresh customer id."""
        customer = digest8(b"customer", self.seed.to_bytes(8, "big"), len(self.ids).to_bytes(4, "big"))
        self.ids.append(customer)
        return customer

    def marker(self, customer: bytes) -> str:
        """The word that gives this customer away."""
        return f"zq{self.ids.index(customer):04d}x"


def account_id(number: int) -> bytes:
    """One of the accounts."""
    return digest8(b"account", (number % ACCOUNTS).to_bytes(2, "big"))


def fact_id(number: int) -> bytes:
    """One of the facts that may be stated twice."""
    return digest8(b"fact", number.to_bytes(2, "big"))


@dataclass(slots=True)
class Scene:
    """What somebody at a box has before their eyes."""

    conn: Connection
    people: People
    holder: tuple[int, bytes]
    holders: Sequence[tuple[int, bytes]]
    is_hub: bool
    replica: Replica

    def customers(self) -> list[bytes]:
        """Who is to be seen here."""
        return [one for one in self.people.ids if self.row(one) is not None]

    def row(self, customer: bytes) -> Element | None:
        """A customer's row."""
        return elements.element(self.conn, (customer, Kind.CUSTOMER, b""))

    def pick(self, who: int) -> Element | None:
        """One of the customers who are to be seen."""
        seen = self.customers()
        return self.row(seen[who % len(seen)]) if seen else None

    def member(self, who: int, pick: int, kinds: tuple[int, ...]) -> Element | None:
        """One of the members of a customer."""
        row = self.pick(who)
        if row is None:
            return None
        found = [one for one in elements.elements_of(self.conn, row.entity) if one.kind in kinds]
        return found[pick % len(found)] if found else None


def operations_of(scene: Scene, action: op.Action) -> list[Operation]:
    """The operations of an action; none where it does not apply."""
    return ACTS[type(action)](scene, action)


def value_of(field: int, value: int, marker: str) -> object:
    """The value number `value` of a field, with the customer's word wherever a value is theirs alone."""
    if value == 0:
        return None
    texts: dict[int, object] = {
        NAME: (f"Prenom{value}", f"Nom{marker}"),
        # Some e-mails and numbers are typed for several customers: contests.
        EMAIL: f"v{value}{marker}@example.org" if value % 3 else f"shared{value}@example.org",
        MOBILE: f"+3361234500{value}",
        ADDRESS: (f"{value} rue {marker}", "", "44000", "Nantes", "FR"),
        LANGUAGE: ("fr", "en", "de")[value % 3],
        MEMBER_NUMBER: f"M{value:03d}",
    }
    return texts.get(field, f"unknown{value}{marker}")


def _create(scene: Scene, action: op.Create) -> list[Operation]:
    customer = scene.people.new()
    marker = scene.people.marker(customer)
    fields = {field: value_of(field, action.value % 7 + 1, marker) for field in (NAME, EMAIL, MOBILE, ADDRESS)}
    return [
        authoring.create(Kind.CUSTOMER, customer, fields),
        authoring.add(Kind.CARD, customer, {1: f"C{action.value % 4:04d}", 2: "plastic"}),
        authoring.add(Kind.TAG, customer, {1: f"tag{action.value % 3}"}),
    ]


def _edit(scene: Scene, action: op.Edit) -> list[Operation]:
    row = scene.pick(action.who)
    if row is None:
        return []
    value = value_of(action.field, action.value, scene.people.marker(row.entity))
    return [authoring.change(row, {action.field: value})]


def _guard(scene: Scene, action: op.Guard) -> list[Operation]:
    row = scene.pick(action.who)
    if row is None:
        return []
    return [authoring.change(row, {action.field: authoring.guard(strong=action.strong)})]


def _add(scene: Scene, action: op.Add) -> list[Operation]:
    row = scene.pick(action.who)
    if row is None:
        return []
    marker, value = scene.people.marker(row.entity), action.value
    fields: dict[int, dict[int, object]] = {
        Kind.CARD: {1: f"C{value % 6:04d}", 2: "app"},
        Kind.TAG: {1: f"tag{value}"},
        Kind.NOTE: {1: f"note {value} {marker}", 2: 1},
        Kind.ADDRESS: {1: (f"{value} quai {marker}", "", "35000", "Rennes", "FR"), 2: "work"},
    }
    return [authoring.add(action.kind, row.entity, fields[action.kind])]


def _edit_member(scene: Scene, action: op.EditMember) -> list[Operation]:
    member = scene.member(action.who, action.pick, MEMBERS)
    if member is None:
        return []
    marker, value = scene.people.marker(member.entity), action.value
    choices: dict[int, list[dict[int, object]]] = {
        Kind.CARD: [
            {2: f"medium{value}"},
            {3: authoring.guard(strong=value % 3 > 0)},
            {5: "lost" if value % 2 else None},
        ],
        Kind.TAG: [{1: f"tag{value}"}],
        Kind.NOTE: [{1: f"again {value} {marker}"}, {3: value}],
        Kind.ADDRESS: [{2: f"label{value}"}],
    }
    fields = choices[member.kind]
    return [authoring.change(member, fields[value % len(fields)])]


def _remove(scene: Scene, action: op.Remove) -> list[Operation]:
    member = scene.member(action.who, action.pick, (*MEMBERS, Kind.EDGE))
    return [] if member is None else [authoring.remove(member)]


def _post(scene: Scene, action: op.Post) -> list[Operation]:
    fields: dict[int, object] = {1: BOOK_POINTS, 2: action.amount, 3: "sale"}
    if action.holding and not scene.is_hub:
        fields[5] = scene.holder
    fact = fact_id(action.fact) if action.fact else b""
    return [authoring.add(Kind.ENTRY, account_id(action.account), fields, fact=fact)]


def _endow(scene: Scene, action: op.Endow) -> list[Operation]:
    holder = scene.holders[action.to % len(scene.holders)]
    return [authoring.add(Kind.RIGHT, account_id(action.account), {1: BOOK_POINTS, 2: action.amount, 5: holder})]


def _pass(scene: Scene, action: op.Pass) -> list[Operation]:
    to = scene.holders[action.to % len(scene.holders)]
    if scene.is_hub or to[0] == scene.holder[0]:
        return []
    account = account_id(action.account)
    return [
        authoring.add(Kind.RIGHT, account, {1: BOOK_POINTS, 2: -action.amount, 5: scene.holder}),
        authoring.add(Kind.RIGHT, account, {1: BOOK_POINTS, 2: action.amount, 5: to}),
    ]


def _join(scene: Scene, action: op.Join) -> list[Operation]:
    one, other = scene.pick(action.who), scene.pick(action.other)
    if one is None or other is None or one.entity == other.entity:
        return []
    return [authoring.add(Kind.EDGE, one.entity, {1: other.entity})]


def _erase(scene: Scene, action: op.Erase) -> list[Operation]:
    row = scene.pick(action.who)
    return [] if row is None else [authoring.erase(Kind.ERASE, row.entity)]


def _several(scene: Scene, action: op.Several) -> list[Operation]:
    row = scene.pick(action.who)
    if row is None:
        return []
    marker = scene.people.marker(row.entity)
    return [
        authoring.change(row, {NAME: value_of(NAME, action.value, marker), LANGUAGE: "fr"}),
        authoring.add(Kind.TAG, row.entity, {1: f"tag{action.value}"}),
        authoring.add(Kind.ENTRY, account_id(action.value), {1: BOOK_POINTS, 2: action.value, 3: "gift"}),
    ]


def _newer(scene: Scene, action: op.Newer) -> list[Operation]:
    row = scene.pick(action.who)
    if row is None:
        return []
    text = f"newer {action.value} {scene.people.marker(row.entity)}"
    return [Operation(NEWER_KIND, row.entity, Verb.ADD, {1: text})]


ACTS: dict[type, Callable[..., list[Operation]]] = {
    op.Create: _create,
    op.Edit: _edit,
    op.Guard: _guard,
    op.Add: _add,
    op.EditMember: _edit_member,
    op.Remove: _remove,
    op.Post: _post,
    op.Endow: _endow,
    op.Pass: _pass,
    op.Join: _join,
    op.Erase: _erase,
    op.Several: _several,
    op.Newer: _newer,
}
