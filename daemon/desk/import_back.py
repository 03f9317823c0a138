"""Taking an import back: its lines from the last to the first, some to a unit of work."""

from dataclasses import replace
from typing import Final

from daemon.desk.import_products import undo_product
from daemon.domain.account import account_of
from daemon.domain.change import OPERATIONS_MAX, RECORD_BYTES_MAX, Operation, encode_operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.import_job import Job
from daemon.domain.import_undo import Standing, Undone, Wrote, read_wrote, undo
from daemon.domain.kinds import Kind
from daemon.domain.opening import taken_back
from daemon.store import authoring, balances, customers, elements, imports, visits
from daemon.store.database import Connection
from daemon.store.replica import Replica

LINES: Final = 32
"""Lines of one unit of work."""

ENTRIES_SEEN: Final = 32
"""Entries of an account that are looked at to know whether somebody else booked there."""


def take_back(conn: Connection, replica: Replica, job: Job, *, now_ms: int) -> tuple[Job, list[bytes]]:
    """Take the next lines back; `line` of the job is the last one done, 0 when there are no more.

    Returns the job with its counts, and whom it touched.
    """
    before = job.line or 1 << 62
    lines = imports.lines_before(conn, job.id, before, limit=LINES)
    operations: list[Operation] = []
    counts = {"undone": 0, "kept": 0, "refused": 0}
    for line in lines:
        if not line.wrote:
            continue
        found = _undone(conn, job, EntityId(line.entity), read_wrote(line.wrote))
        counts[found.outcome] += 1
        if found.sentence:
            imports.put_lines(conn, job.id, (), [imports.Remark(line=line.line, place="", sentence=found.sentence)])
        imports.mark_taken_back(conn, job.id, line.line, found.outcome)
        operations = _put(conn, replica, job, operations, found, now_ms)
    if operations:
        authoring.commit(conn, replica, job.actor, operations, now_ms=now_ms)
    rows = max(0, job.rows - len(lines))
    last = lines[-1].line if len(lines) == LINES else 0
    job = replace(
        job,
        line=last,
        rows=rows,
        undone=job.undone + counts["undone"],
        kept=job.kept + counts["kept"],
        refused=job.refused + counts["refused"],
    )
    return job, [line.entity for line in lines if line.wrote]


def _undone(conn: Connection, job: Job, entity: EntityId, wrote: Wrote) -> Undone:
    if job.options.subject == "products":
        return undo_product(conn, entity, wrote)
    return undo(wrote, _standing(conn, entity, wrote))


def _put(
    conn: Connection, replica: Replica, job: Job, operations: list[Operation], found: Undone, now_ms: int
) -> list[Operation]:
    """Add to a record; one that would become too long is written first."""
    size = sum(len(encode_operation(one)) for one in (*operations, *found.operations))
    if operations and (len(operations) + len(found.operations) > OPERATIONS_MAX or size > RECORD_BYTES_MAX - 4096):
        authoring.commit(conn, replica, job.actor, operations, now_ms=now_ms)
        return list(found.operations)
    return [*operations, *found.operations]


def _standing(conn: Connection, entity: EntityId, wrote: Wrote) -> Standing:
    """What stands now of a customer and of what a line booked for them."""
    here = elements.elements_of(conn, entity)
    entries = [
        entry
        for account, fact in wrote.entries
        if (entry := elements.element(conn, (account, Kind.ENTRY, fact))) is not None
        and elements.element(conn, (account, Kind.ENTRY, taken_back(fact))) is None
    ]
    sums = {
        (account, book): amount
        for account in {entry.entity for entry in entries}
        for book, amount in balances.of_account(conn, account).items()
    }
    others = [one for one in here if (int(one.kind), one.dot) not in set(wrote.members)]
    return Standing(here=here, entries=entries, sums=sums, has_history=_has_history(conn, entity, others, entries))


def _has_history(conn: Connection, entity: EntityId, here: list[Element], entries: list[Element]) -> bool:
    """Whether somebody was served, sold to, merged or booked for since."""
    row = next((element for element in here if element.kind == Kind.CUSTOMER), None)
    if row is None:
        return False
    if visits.has_any(conn, entity) or len(customers.records_of(conn, entity)) > 1:
        return True
    if balances.has_money_history(conn, here):
        return True
    ours = {entry.dot for entry in entries}
    accounts = {account_of(row), *(EntityId(entry.entity) for entry in entries)}
    for account in accounts:
        rows = conn.execute("SELECT kind, dot, body FROM element WHERE entity = ? LIMIT ?", (account, ENTRIES_SEEN))
        booked = {dot for kind, dot, _ in rows if kind != Kind.CUSTOMER}
        if booked - ours - {taken_back(dot) for dot in booked} - _taken(booked):
            return True
    return False


def _taken(booked: set[bytes]) -> set[bytes]:
    """Openings that were taken back by an earlier undoing."""
    return {dot for dot in booked if taken_back(dot) in booked}
