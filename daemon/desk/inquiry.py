"""Asks head office: the same search, or one record, with what is different there. The network is asked only here."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeVar

from daemon.desk.customer import Customer
from daemon.desk.customer_fields import refuse_payment_card
from daemon.desk.lookup import load_customer, refuse_short
from daemon.desk.premises import Premises
from daemon.desk.search_answer import CustomerBrief, MatchedText, SearchAnswer, brief_of
from daemon.domain.ids import EntityId, parse_entity
from daemon.errors import NotFound
from daemon.store import customers
from daemon.store.database import Connection
from daemon.typed import parse_json, to_json

T = TypeVar("T")

DEADLINE_S: Final = 5.0
"""Within so long there is an answer, or a clear word."""

HITS_MAX: Final = 50

_NOT_COMPARED: Final = frozenset(
    {"id", "version", "person", "changed_at", "created_at", "mobile_shown", "phone_shown", "display_name", "conflicts"}
)


class AskHeadOffice(Protocol):
    """The way to head office."""

    async def __call__(self, topic: str, body: bytes, *, deadline_s: float) -> bytes:
        """The answer, as JSON; raises OutOfReach, NoAnswer, PeerFault, OperatorMistake."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchAsked:
    """What is asked under the topic `search`."""

    q: str = field(repr=False)
    limit: int = HITS_MAX


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordAsked:
    """What is asked of one record, under the topics `customer` and `why`."""

    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedHit:
    """A customer whom head office finds, and how this till knows them."""

    customer: CustomerBrief
    matches: tuple[MatchedText, ...]
    here: Literal["same", "different", "absent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedSearch:
    """What head office finds for the same words."""

    hits: tuple[CheckedHit, ...]
    total: int
    more_than: bool
    cut: bool
    indexed: float = 1.0
    """Below 1 while head office makes its index of names again: the share of its customers that are found by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A field that says something else at head office."""

    field: str
    here: str | None = dataclasses.field(repr=False)
    there: str | None = dataclasses.field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRecord:
    """One record at head office (`there`, null: head office has none) and here, field by field where they differ."""

    equal: bool
    here: Customer | None
    there: Customer | None
    differences: tuple[Difference, ...]


def differences(here: Customer, there: Customer) -> tuple[Difference, ...]:
    """The fields that say something else."""
    found = []
    for name in (shape.name for shape in dataclasses.fields(Customer)):
        mine, theirs = getattr(here, name), getattr(there, name)
        if name not in _NOT_COMPARED and mine != theirs:
            found.append(Difference(field=name, here=_text(mine), there=_text(theirs)))
    return tuple(found)


def _text(value: Any) -> str | None:
    """Anything of a customer in one line; null for nothing."""
    if value is None or value in ("", (), {}):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [(one.name, _text(getattr(value, one.name))) for one in dataclasses.fields(value)]
        return ", ".join(f"{name} {text}" for name, text in parts if text and name not in {"id", "customer"}) or None
    if isinstance(value, tuple):
        return " · ".join(text for one in value if (text := _text(one)))
    return str(value)


class InquiryDesk:
    """Where head office is asked."""

    def __init__(self, premises: Premises, ask: AskHeadOffice) -> None:
        self._premises = premises
        self._ask = ask

    async def ask(self, topic: str, question: object, shape: type[T]) -> T | None:
        """Any question of `head_office.answers`; null where head office knows of no such thing.

        Raises OutOfReach and NoAnswer within the deadline, PeerFault, OperatorMistake.
        """
        raw = await self._ask(topic, to_json(question), deadline_s=DEADLINE_S)
        return None if raw == b"null" else parse_json(raw, shape)

    async def search(self, text: str, *, limit: int = HITS_MAX) -> CheckedSearch:
        """The same search at head office; raises as `ask` does."""
        refuse_payment_card(text, "q", self._premises.customs)
        await self._premises.database.read(lambda conn: refuse_short(conn, text))
        question = SearchAsked(q=text, limit=max(1, min(limit, HITS_MAX)))
        found = await self.ask("search", question, SearchAnswer)
        if found is None:
            return CheckedSearch(hits=(), total=0, more_than=False, cut=False)

        def unit(conn: Connection) -> tuple[CheckedHit, ...]:
            return tuple(
                CheckedHit(customer=hit.customer, matches=hit.matches, here=_here(conn, hit.customer))
                for hit in found.hits
            )

        hits = await self._premises.database.read(unit)
        return CheckedSearch(
            hits=hits, total=found.total, more_than=found.more_than, cut=found.cut, indexed=found.copy.indexed
        )

    async def record(self, id_: EntityId) -> CheckedRecord:
        """One record at head office, held against the one here; raises NotFound where nobody has it."""
        there = await self.ask("customer", RecordAsked(id=id_.hex()), Customer)

        def unit(conn: Connection) -> Customer | None:
            try:
                return load_customer(conn, id_, self._premises.now_ms())
            except NotFound:
                return None

        here = await self._premises.database.read(unit)
        if here is None and there is None:
            raise NotFound("no customer has this id, neither here nor at head office", field="id")
        differ = differences(here, there) if here is not None and there is not None else ()
        equal = here is not None and there is not None and here.version == there.version
        return CheckedRecord(
            equal=equal or (here is not None and there == here), here=here, there=there, differences=differ
        )


def _here(conn: Connection, brief: CustomerBrief) -> Literal["same", "different", "absent"]:
    id_ = parse_entity(brief.id)
    listed = customers.listed(conn, [id_])[0] if id_ is not None else []
    mine = brief_of(listed)
    if mine is None:
        return "absent"
    return "same" if mine == brief else "different"
