"""All that is held on one customer, for the customer: what a law lets them ask for (GDPR article 15).

Everything comes from the elements themselves, kind by kind, so that a kind of a newer version is told as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from daemon.desk import instant
from daemon.desk.customer import Customer
from daemon.desk.lookup import load_customer, operator_names
from daemon.desk.premises import Premises
from daemon.domain.account import account_of
from daemon.domain.element import Element
from daemon.domain.hlc import ms_of
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_CREDIT_NOTE, BOOK_POINTS, SHAPES, Kind, shape_of
from daemon.store import balances, customers, elements, imports, visits
from daemon.store.database import Connection

_INTERNAL = frozenset({Kind.ERASE, Kind.AWARD})
_UNTOLD = frozenset({"pin", "account"})
"""A hash that opens something; the link to an account, which an erasure cuts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldElement:
    """One thing that is held: its fields by name (by number for those of a newer version), since when, by whom.

    `changed`: when fields were set since, where that was later.
    """

    kind: str
    id: str
    since: str
    by: str
    fields: Mapping[str, Any] = field(repr=False)
    changed: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldSum:
    """What an account holds: points, or cents."""

    book: str
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldVisit:
    """A visit at this till."""

    lane: str
    state: str
    opened_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldLine:
    """A line of an imported file that spoke of the customer."""

    import_id: str
    line: int
    outcome: str
    at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """All that is held. `told_at` is when it was put together; `elements` are the things themselves."""

    told_at: str
    chain: str
    customer: Customer = field(repr=False)
    elements: tuple[HeldElement, ...] = field(repr=False)
    sums: tuple[HeldSum, ...]
    booked: tuple[HeldElement, ...] = field(repr=False)
    visits: tuple[HeldVisit, ...]
    imports: tuple[HeldLine, ...]


class HeldDesk:
    """Where customers are told what is held on them."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def held(self, id_: EntityId) -> Held:
        """All that is held on one customer, and on the records that were merged with it; raises NotFound."""
        now_ms, chain = self._premises.clock.now_ms(), self._premises.replica.identity.chain

        def unit(conn: Connection) -> Held:
            customer = load_customer(conn, id_, now_ms)
            whole = customers.records_of(conn, id_)
            here = [element for one in whole for element in elements.elements_of(conn, one)]
            accounts = _accounts(here)
            booked = [element for account in accounts for element in elements.elements_of(conn, account)]
            names = _Names(conn, [*here, *booked])
            return Held(
                told_at=instant.shown(now_ms),
                chain=chain,
                customer=customer,
                elements=tuple(names.told(element) for element in here if element.kind not in _INTERNAL),
                sums=tuple(_sums(conn, accounts)),
                booked=tuple(names.told(element) for element in booked),
                visits=tuple(_visits(conn, whole)),
                imports=tuple(_lines(conn, whole)),
            )

        return await self._premises.database.read(unit)


def _accounts(here: Sequence[Element]) -> list[EntityId]:
    """The accounts that a customer's rows, credit notes and coupons name."""
    found = [account_of(element) for element in here if element.kind == Kind.CUSTOMER]
    for kind in (Kind.CREDIT_NOTE, Kind.COUPON):
        at = SHAPES[kind].number("account")
        found += [
            EntityId(one.fields[at]) for one in here if one.kind == kind and isinstance(one.fields.get(at), bytes)
        ]
    return list(dict.fromkeys(found))


def _sums(conn: Connection, accounts: Iterable[EntityId]) -> Iterable[HeldSum]:
    names = {BOOK_POINTS: "points", BOOK_CREDIT_NOTE: "credit_note"}
    for account in accounts:
        for book, amount in sorted(balances.of_account(conn, account).items()):
            yield HeldSum(book=names.get(book, f"book {book}"), amount=amount)


def _visits(conn: Connection, whole: Iterable[EntityId]) -> Iterable[HeldVisit]:
    for one in whole:
        for lane, state, opened_ms in visits.of_customer(conn, one):
            yield HeldVisit(lane=lane, state=state, opened_at=instant.shown(opened_ms))


def _lines(conn: Connection, whole: Iterable[EntityId]) -> Iterable[HeldLine]:
    for one in whole:
        for job, line, outcome, made_ms in imports.lines_of(conn, one):
            yield HeldLine(import_id=job.hex(), line=line, outcome=outcome, at=instant.shown(made_ms))


class _Names:
    """Names of kinds, fields and people for what is told."""

    def __init__(self, conn: Connection, here: Sequence[Element]) -> None:
        self._authors = customers.authors(conn, {element.base for element in here})
        self._people = operator_names(conn)

    def told(self, element: Element) -> HeldElement:
        """One element in words; an account's id stays out: nothing but the customer's row may link to it."""
        shape = shape_of(element.kind)
        names = {number: one.name for number, one in shape.fields.items()} if shape else {}
        author = self._authors.get(element.base, "")
        return HeldElement(
            kind=Kind(element.kind).name.lower() if shape else str(element.kind),
            id=element.dot.hex(),
            since=instant.shown(ms_of(element.base)),
            by=self._people.get(author, author),
            fields={
                names.get(number, str(number)): _plain(value)
                for number, value in element.fields.items()
                if names.get(number) not in _UNTOLD
            },
            changed={
                names.get(number, str(number)): instant.shown(ms_of(stamp)) for number, stamp in element.stamps.items()
            },
        )


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return value
