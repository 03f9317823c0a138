"""Customers who go: archived (found last, undone any time), deleted (never needed), erased (for ever, everywhere).

Archive beats delete; erase beats all. A person is erased whole: every record that was merged into it. What is left of
each is the hash of its id; points and amounts stay on accounts that nobody is linked to any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.desk import instant
from daemon.desk.credit_notes import ACCOUNT as NOTE_ACCOUNT
from daemon.desk.customer import Customer, is_walk_in, row_of
from daemon.desk.customer_fields import line
from daemon.desk.customer_parts import is_strong, number
from daemon.desk.edit import EditDesk
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.premises import Call, Premises, author_of, write_once
from daemon.desk.retention import RetentionDesk
from daemon.domain import authoring
from daemon.domain.account import account_of
from daemon.domain.change import Operation
from daemon.domain.element import Element, tombstone_key
from daemon.domain.hlc import ms_of
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_CREDIT, BOOK_CREDIT_NOTE, BOOK_DEBT, BOOK_LIMIT, Kind
from daemon.domain.leaving import DELETED, is_deleted
from daemon.domain.rights import debt_book
from daemon.errors import Conflicting, Forbidden, NotFound
from daemon.store import authoring as store
from daemon.store import balances, customers, elements, visits
from daemon.store.database import Connection

Reason = Literal["request", "retention", "mistake"]
"""Why somebody is erased, in a word: a sentence could speak of them."""

REASON_LENGTH_MAX: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Archiving:
    """Why a customer is archived."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasing:
    """Why a person is erased. `despite_open`: also while a credit or a debt stands open, which then is nobody's."""

    reason: Reason
    despite_open: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """The receipt: nothing in it names anybody. `tombstones` are the hashes of the ids that were erased."""

    reason: Reason
    erased_at: str
    tombstones: tuple[str, ...]


def decide_archiving(here: Sequence[Element], reason: str, by: str, now_ms: int) -> list[Operation]:
    """Archive a customer; one who is archived stays so. Raises Forbidden, NotFound."""
    row = row_of(here)
    assert row is not None, "only a customer that is there is archived"
    if is_walk_in(row):
        raise Forbidden("the walk-in customer is neither archived, deleted nor erased")
    if is_deleted(row):
        raise NotFound("no customer has this id", field="id")
    if is_strong(row, number("archived")):
        return []
    details = (line(reason, "reason", REASON_LENGTH_MAX), now_ms, by)
    return [authoring.change(row, {number("archived"): authoring.guard(strong=True, details=details)})]


def decide_deletion(row: Element, *, has_history: bool) -> list[Operation]:
    """Delete a customer without history; raises Forbidden, Conflicting."""
    if is_walk_in(row):
        raise Forbidden("the walk-in customer is neither archived, deleted nor erased")
    if has_history:
        raise Conflicting("this customer has a history and is not deleted: archive, merge or erase instead")
    if is_strong(row, number("archived")):
        raise Conflicting("this customer is archived, which goes before deleting: take them out of the archive first")
    return [authoring.change(row, {number("deleted"): DELETED})]


class LeavingDesk:
    """Where customers are archived, deleted and erased."""

    def __init__(self, premises: Premises, edits: EditDesk) -> None:
        self._premises = premises
        self._edits = edits
        self.silent = RetentionDesk(premises)

    async def archive(self, call: Call, id_: EntityId, given: Archiving) -> Customer:
        """Archive a customer; raises NotFound, Forbidden."""
        now_ms, by = self._premises.clock.now_ms(), author_of(call.actor)
        return await self._edits.change(call, id_, lambda here: decide_archiving(here, given.reason, by, now_ms))

    async def delete(self, call: Call, id_: EntityId) -> None:
        """Delete a customer who has no history; raises NotFound, Forbidden, Conflicting."""
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> bool:
            row = elements.element(conn, (id_, Kind.CUSTOMER, b""))
            if row is None or is_deleted(row):
                raise NotFound("no customer has this id", field="id")
            operations = decide_deletion(row, has_history=_has_history(conn, row))
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return True

        await write_once(self._premises, call, bool, unit, told=lambda _: self._tell([id_]))

    async def erase(self, call: Call, id_: EntityId, given: Erasing) -> Erased:
        """Erase a person for ever; one who was erased already is confirmed. Raises NotFound, Forbidden, Conflicting."""
        now_ms = self._premises.clock.now_ms()
        gone: list[EntityId] = []

        def unit(conn: Connection) -> Erased:
            before = elements.element(conn, tombstone_key(id_))
            if before is not None:
                return _receipt(given, ms_of(before.base), [id_])
            whole = customers.records_of(conn, id_)
            rows = [row for row in customers.rows(conn, whole) if row is not None]
            if id_ not in {row.entity for row in rows}:
                raise NotFound("no customer has this id", field="id")
            if any(is_walk_in(row) for row in rows):
                raise Forbidden("the walk-in customer is neither archived, deleted nor erased")
            if not given.despite_open:
                _refuse_open(conn, rows)
            gone[:] = whole
            operations = [authoring.erase(Kind.ERASE, entity) for entity in whole]
            store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            return _receipt(given, now_ms, whole)

        return await write_once(self._premises, call, Erased, unit, told=lambda _: self._tell(gone))

    def _tell(self, ids: Sequence[EntityId]) -> None:
        for id_ in ids:
            self._premises.announce(Event.CUSTOMER, CustomerChanged(id=id_.hex()))


def _receipt(given: Erasing, at_ms: int, ids: Sequence[EntityId]) -> Erased:
    tombstones = tuple(sorted(tombstone_key(id_)[0].hex() for id_ in ids))
    return Erased(reason=given.reason, erased_at=instant.shown(at_ms), tombstones=tombstones)


def _has_history(conn: Connection, row: Element) -> bool:
    """Whether something was ever booked or sold: here, or elsewhere as far as this replica knows."""
    booked = bool(balances.of_account(conn, account_of(row)))
    booked = booked or balances.has_money_history(conn, elements.elements_of(conn, row.entity))
    return booked or visits.has_any(conn, row.entity) or len(customers.records_of(conn, EntityId(row.entity))) > 1


_DEBTS: Final = (BOOK_DEBT, debt_book(BOOK_LIMIT), debt_book(BOOK_CREDIT_NOTE))
"""Cents that stand at risk; points and coupons are no money."""


def _refuse_open(conn: Connection, rows: Sequence[Element]) -> None:
    """A credit or a debt that stands open is said before it becomes nobody's; raises Conflicting."""
    standing: dict[int, int] = {}
    owned = [one for row in rows for one in elements.elements_of(conn, row.entity)]
    notes = [one.fields[NOTE_ACCOUNT] for one in owned if one.kind == Kind.CREDIT_NOTE and NOTE_ACCOUNT in one.fields]
    for account in dict.fromkeys((*map(account_of, rows), *notes)):
        for book, amount in balances.of_account(conn, account).items():
            standing[book] = standing.get(book, 0) + amount
    owed = standing.get(BOOK_CREDIT, 0)
    credit = standing.get(BOOK_CREDIT_NOTE, 0) + max(-owed, 0)
    debt = sum(standing.get(book, 0) for book in _DEBTS) + max(owed, 0)
    if credit or debt:
        raise Conflicting(
            f"despite_open: {credit} cents of credit and {debt} cents of debt stand open, and would be nobody's",
            field="despite_open",
        )
