"""The print jobs of this till: each change of state is one durable step, decided by the domain.

The functions are units of work for one connection; `StoredPrintJobs` runs them for the desk.
"""

from collections.abc import Collection, Sequence
from typing import Any

from daemon.domain.ids import EntityId
from daemon.domain.print_job import (
    Cause,
    CustomerErased,
    Enqueued,
    Hold,
    Interrupted,
    JobEvent,
    JobState,
    PrintJob,
    Step,
    apply,
)
from daemon.domain.print_kind import NOW_OR_NEVER, JobKind
from daemon.errors import Conflicting, NotFound
from daemon.store.database import Connection, Database

COLUMNS = (
    "id, request_key, kind, printer, requested_ms,"
    " changed_ms, state, customer, personal, duplicata, attempts, hold, cause"
)
OPEN = "state NOT IN ('printed', 'cancelled')"
URGENT = ", ".join(f"'{kind.value}'" for kind in sorted(NOW_OR_NEVER))


def enqueue(conn: Connection, job: PrintJob) -> Enqueued:
    """Store a new job; a request key that is known gives the job that it made, whatever became of it.

    Raises Conflicting when the key was used for something else.
    """
    known = conn.execute(f"SELECT {COLUMNS} FROM print_job WHERE request_key = ?", (job.request_key,)).fetchone()
    if known is None:
        marks = ", ".join("?" * len(_row(job)))
        conn.execute(f"INSERT INTO print_job ({COLUMNS}) VALUES ({marks})", _row(job))
        return Enqueued(job=job, created=True)
    before = _job(known)
    if before.kind is not job.kind or before.customer not in (job.customer, None):
        raise Conflicting("this request key was used to print something else")
    return Enqueued(job=before, created=False)


def find(conn: Connection, job_id: EntityId) -> PrintJob:
    """The job with this id; raises NotFound."""
    row = conn.execute(f"SELECT {COLUMNS} FROM print_job WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound("there is no such print job")
    return _job(row)


def next_for(conn: Connection, printer: str) -> PrintJob | None:
    """The oldest job that a printer should take now; one that waits for the operator does not stop those behind it.

    What is done now or never goes first.
    """
    row = conn.execute(
        f"SELECT {COLUMNS} FROM print_job"
        f" WHERE printer = ? AND {OPEN} AND state IN ('queued', 'held')"
        f" ORDER BY kind NOT IN ({URGENT}), number LIMIT 1",
        (printer,),
    ).fetchone()
    return _job(row) if row else None


def advance(conn: Connection, job_id: EntityId, event: JobEvent, now_ms: int) -> Step:
    """Apply an event to the job as it stands in the file; raises Conflicting or NotFound and changes nothing."""
    step = apply(find(conn, job_id), event, now_ms)
    if step.changed:
        _save(conn, step.job)
    return step


def recover(conn: Connection, now_ms: int, own: Collection[EntityId] = ()) -> list[Step]:
    """After a start: what was being sent when the process ended is unknown, or sent again where that does no harm.

    `own`: what was asked of this very process meanwhile, which nothing has interrupted.
    """
    rows = conn.execute(f"SELECT id FROM print_job WHERE {OPEN} ORDER BY number").fetchall()
    left = [EntityId(job_id) for (job_id,) in rows if job_id not in own]
    steps = [advance(conn, job_id, Interrupted(Cause.RESTARTED), now_ms) for job_id in left]
    return [step for step in steps if step.changed]


def recent(conn: Connection, limit: int) -> list[PrintJob]:
    """All open jobs and the last closed ones, at least `limit` when there are so many, newest first."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM print_job WHERE {OPEN}"
        f" OR number IN (SELECT number FROM print_job ORDER BY number DESC LIMIT ?) ORDER BY number DESC",
        (limit,),
    ).fetchall()
    return [_job(row) for row in rows]


def of_customer(conn: Connection, customer: bytes) -> list[PrintJob]:
    """What was and is to be printed about one customer, oldest first."""
    rows = conn.execute(f"SELECT {COLUMNS} FROM print_job WHERE customer = ? ORDER BY number", (customer,)).fetchall()
    return [_job(row) for row in rows]


def cut_customer(conn: Connection, customer: bytes) -> None:
    """Erasure: no job says or prints anything of this person any more; the jobs stay, so that no request is repeated.

    The desk hears of it when it next touches the job; a ticket that is being sent at this moment comes out.
    """
    for job in of_customer(conn, customer):
        _save(conn, apply(job, CustomerErased(), job.changed_ms).job)


def forget_closed(conn: Connection, before_ms: int) -> int:
    """Delete jobs that ended before this time, with their request keys; returns how many."""
    return conn.execute(f"DELETE FROM print_job WHERE NOT ({OPEN}) AND changed_ms < ?", (before_ms,)).rowcount


class StoredPrintJobs:
    """The jobs in the database of this till, for the print desk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enqueue(self, job: PrintJob) -> Enqueued:
        """Store a new job, once for each request key."""
        return await self._database.write(lambda conn: enqueue(conn, job))

    async def next_for(self, printer: str) -> PrintJob | None:
        """The oldest job that a printer should take now."""
        return await self._database.read(lambda conn: next_for(conn, printer))

    async def find(self, job_id: EntityId) -> PrintJob:
        """The job with this id."""
        return await self._database.read(lambda conn: find(conn, job_id))

    async def advance(self, job_id: EntityId, event: JobEvent, now_ms: int) -> Step:
        """Apply an event; durable when it returns."""
        return await self._database.write(lambda conn: advance(conn, job_id, event, now_ms))

    async def recover(self, now_ms: int, own: Collection[EntityId]) -> Sequence[Step]:
        """Settle what the last process left half done; not what this one was asked for."""
        return await self._database.write(lambda conn: recover(conn, now_ms, own))

    async def forget_closed(self, before_ms: int) -> int:
        """Delete jobs that ended before this time; returns how many."""
        return await self._database.write(lambda conn: forget_closed(conn, before_ms))

    async def recent(self, limit: int) -> Sequence[PrintJob]:
        """Open jobs and the last closed ones, newest first."""
        return await self._database.read(lambda conn: recent(conn, limit))


def _save(conn: Connection, job: PrintJob) -> None:
    conn.execute(
        "UPDATE print_job SET changed_ms = ?, state = ?, customer = ?, personal = ?, duplicata = ?, attempts = ?,"
        " hold = ?, cause = ? WHERE id = ?",
        (*_row(job)[5:], job.id),
    )


def _row(job: PrintJob) -> tuple[Any, ...]:
    """In the order of COLUMNS."""
    return (
        job.id,
        job.request_key,
        job.kind.value,
        job.printer,
        job.requested_ms,
        job.changed_ms,
        job.state.value,
        job.customer,
        job.personal,
        int(job.duplicata),
        job.attempts,
        job.hold.value if job.hold else None,
        job.cause.value if job.cause else None,
    )


def _job(row: tuple[Any, ...]) -> PrintJob:
    job_id, request_key, kind, printer, requested_ms, changed_ms, state, customer, personal, *rest = row
    duplicata, attempts, hold, cause = rest
    return PrintJob(
        id=EntityId(job_id),
        request_key=request_key,
        kind=JobKind(kind),
        printer=printer,
        requested_ms=requested_ms,
        changed_ms=changed_ms,
        state=JobState(state),
        customer=EntityId(customer) if customer is not None else None,
        personal=personal,
        duplicata=bool(duplicata),
        attempts=attempts,
        hold=Hold(hold) if hold else None,
        cause=Cause(cause) if cause else None,
    )
