from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.domain.ids import EntityId
from daemon.domain.print_job import (
    AllSent,
    CameOut,
    Cancelled,
    Cause,
    Confirmed,
    Hold,
    Interrupted,
    JobEvent,
    JobState,
    PrintJob,
    Started,
    Stopped,
)
from daemon.domain.print_kind import JobKind
from daemon.errors import Conflicting, NotFound
from daemon.store import print_jobs
from daemon.store.database import Connection, migrate, open_connection, open_database
from daemon.store.print_jobs import StoredPrintJobs

HELENE, ANNE = EntityId(b"helene00"), EntityId(b"anne0000")


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    opened = open_connection(tmp_path / "till.db")
    migrate(opened)
    yield opened
    opened.close()


def test_a_drawer_goes_before_everything_that_waits(conn: Connection) -> None:
    print_jobs.enqueue(conn, job(1))
    print_jobs.enqueue(conn, job(2, kind=JobKind.DRAWER, customer=None, personal=None))
    found = print_jobs.next_for(conn, "counter")
    assert found is not None
    assert found.kind is JobKind.DRAWER


def job(number: int = 1, **others: object) -> PrintJob:
    new = PrintJob(
        id=EntityId(b"job%05d" % number),
        request_key=f"request {number}",
        kind=JobKind.BADGE,
        printer="counter",
        requested_ms=100,
        changed_ms=100,
        customer=HELENE,
        personal=b'{"first_name": "H\xc3\xa9l\xc3\xa8ne"}',
    )
    return replace(new, **others)  # type: ignore[arg-type]  # a test names fields that exist


def told(conn: Connection, number: int, *events: JobEvent) -> PrintJob:
    after = print_jobs.find(conn, job(number).id)
    for event in events:
        after = print_jobs.advance(conn, after.id, event, 200).job
    return after


def test_a_job_is_kept_whole(conn: Connection) -> None:
    full = job(duplicata=True, attempts=2, hold=Hold.COVER_OPEN, cause=Cause.UNPLUGGED, state=JobState.HELD)
    assert print_jobs.enqueue(conn, full).created
    assert print_jobs.find(conn, full.id) == full


def test_the_same_request_is_one_job_whatever_became_of_it(conn: Connection) -> None:
    first = print_jobs.enqueue(conn, job()).job
    told(conn, 1, Started(), AllSent(), Confirmed())
    again = print_jobs.enqueue(conn, job(2, request_key="request 1"))
    assert not again.created
    assert (again.job.id, again.job.state) == (first.id, JobState.PRINTED)


@pytest.mark.parametrize("other", [{"kind": JobKind.REPORT}, {"customer": ANNE}])
def test_a_request_key_used_for_something_else_is_refused(conn: Connection, other: dict[str, object]) -> None:
    print_jobs.enqueue(conn, job())
    with pytest.raises(Conflicting, match="used to print something else"):
        print_jobs.enqueue(conn, job(2, request_key="request 1", **other))


def test_an_unknown_job_is_not_found(conn: Connection) -> None:
    with pytest.raises(NotFound):
        print_jobs.find(conn, EntityId(b"nothing0"))


def test_a_printer_takes_its_own_jobs_in_the_order_of_the_requests(conn: Connection) -> None:
    for number, printer in ((1, "office"), (2, "counter"), (3, "counter")):
        print_jobs.enqueue(conn, job(number, printer=printer))
    assert next_number(conn) == 2
    told(conn, 2, Stopped(Hold.PAPER_OUT))
    assert next_number(conn) == 2


def next_number(conn: Connection) -> int | None:
    found = print_jobs.next_for(conn, "counter")
    return int(found.id[3:]) if found else None


def test_a_job_that_waits_for_the_operator_does_not_stop_those_behind_it(conn: Connection) -> None:
    for number in (1, 2):
        print_jobs.enqueue(conn, job(number))
    told(conn, 1, Started(), Interrupted(Cause.UNPLUGGED))
    assert next_number(conn) == 2
    told(conn, 2, Cancelled())
    assert next_number(conn) is None


def test_a_refused_event_changes_nothing(conn: Connection) -> None:
    print_jobs.enqueue(conn, job())
    with pytest.raises(Conflicting):
        print_jobs.advance(conn, job().id, CameOut(), 200)
    assert print_jobs.find(conn, job().id) == job()


def test_recovery_settles_what_was_being_sent(conn: Connection) -> None:
    stories: dict[int, tuple[JobEvent, ...]] = {
        1: (),
        2: (Stopped(Hold.ABSENT),),
        3: (Started(),),
        4: (Started(), AllSent()),
        5: (Started(), AllSent(), Confirmed()),
        6: (Started(), Interrupted(Cause.NO_ANSWER)),
    }
    for number, story in stories.items():
        print_jobs.enqueue(conn, job(number))
        told(conn, number, *story)
    print_jobs.enqueue(conn, job(7, kind=JobKind.REPORT))
    told(conn, 7, Started())
    steps = print_jobs.recover(conn, 300)
    assert {int(step.job.id[3:]): step.job.state for step in steps} == {
        3: JobState.UNKNOWN,
        4: JobState.UNKNOWN,
        7: JobState.QUEUED,
    }
    assert [told(conn, number).state for number in (1, 2, 5, 6)] == [
        JobState.QUEUED,
        JobState.HELD,
        JobState.PRINTED,
        JobState.UNKNOWN,
    ]
    assert print_jobs.recover(conn, 400) == []


def test_recent_shows_every_open_job_and_the_last_closed_ones(conn: Connection) -> None:
    for number in range(1, 7):
        print_jobs.enqueue(conn, job(number))
        if number > 1:
            told(conn, number, Cancelled())
    assert [int(found.id[3:]) for found in print_jobs.recent(conn, 2)] == [6, 5, 1]


@pytest.mark.parametrize("story", [(), (Started(),), (Started(), AllSent(), Confirmed()), (Stopped(Hold.PAPER_OUT),)])
def test_erasing_a_customer_leaves_nothing_of_them(tmp_path: Path, story: tuple[JobEvent, ...]) -> None:
    conn = open_connection(tmp_path / "erased.db")
    migrate(conn)
    print_jobs.enqueue(conn, job(1))
    print_jobs.enqueue(conn, job(2, customer=ANNE))
    told(conn, 1, *story)
    print_jobs.cut_customer(conn, HELENE)
    assert not told(conn, 1).is_open
    assert print_jobs.of_customer(conn, HELENE) == []
    assert told(conn, 2).personal == job(2).personal
    told(conn, 2, Cancelled())
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()
    assert "Hélène".encode() not in (tmp_path / "erased.db").read_bytes()
    assert bytes(HELENE) not in (tmp_path / "erased.db").read_bytes()


def test_an_erased_job_still_answers_for_its_request(conn: Connection) -> None:
    print_jobs.enqueue(conn, job())
    print_jobs.cut_customer(conn, HELENE)
    again = print_jobs.enqueue(conn, job(2, request_key="request 1"))
    assert (again.created, again.job.state, again.job.cause) == (False, JobState.CANCELLED, Cause.ERASED)


def test_old_closed_jobs_are_forgotten_and_open_ones_never(conn: Connection) -> None:
    for number in (1, 2, 3):
        print_jobs.enqueue(conn, job(number))
    told(conn, 1, Cancelled())
    assert print_jobs.forget_closed(conn, 200) == 0
    assert print_jobs.forget_closed(conn, 201) == 1
    assert [int(found.id[3:]) for found in print_jobs.recent(conn, 50)] == [3, 2]


def test_the_schema_itself_refuses_to_keep_the_words_of_a_printed_badge(conn: Connection) -> None:
    print_jobs.enqueue(conn, job())
    with pytest.raises(Exception, match="CHECK constraint failed"):
        conn.execute("UPDATE print_job SET state = 'printed'")


async def test_the_desk_has_all_of_it_over_the_database(tmp_path: Path) -> None:
    async with open_database(tmp_path / "till.db") as database:
        jobs = StoredPrintJobs(database)
        assert (await jobs.enqueue(job())).created
        assert await jobs.next_for("counter") == job() == await jobs.find(job().id)
        assert (await jobs.advance(job().id, Started(), 200)).job.state is JobState.SENDING
        assert [step.job.state for step in await jobs.recover(300, ())] == [JobState.UNKNOWN]
        assert [found.state for found in await jobs.recent(5)] == [JobState.UNKNOWN]
        assert await jobs.forget_closed(10**15) == 0
