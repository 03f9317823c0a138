from dataclasses import fields, replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.ids import EntityId
from daemon.domain.print_job import (
    ATTEMPTS_MAX,
    FINAL,
    GESTURES,
    TRANSITIONS,
    AllSent,
    CameOut,
    Cancelled,
    Cause,
    Confirmed,
    CustomerErased,
    Effect,
    Expired,
    HandedOver,
    Hold,
    Interrupted,
    JobEvent,
    JobState,
    NothingSent,
    PrintJob,
    ReprintOrdered,
    Resumed,
    Started,
    Stopped,
    Unprintable,
    apply,
    is_late,
)
from daemon.domain.print_kind import AT_MOST_ONCE, LATE_MS, JobKind
from daemon.errors import Conflicting

EVENTS: tuple[type[JobEvent], ...] = get_args(JobEvent)
CUSTOMER = EntityId(b"customer")

# What each event makes of a badge in each state, spelled out once more and by hand: `.` is refused, the letter is the
# state afterwards. Queued Held Sending senT Printed Unknown Cancelled.
EXPECTED = """
                  Q H S T P U C
    Started       S S . . . . .
    NothingSent   . . H H . . C
    AllSent       . . T . . . C
    Confirmed     . . P P . . C
    Stopped       H H S T . . C
    Resumed       . . S T . . C
    Interrupted   Q H U U P U C
    HandedOver    . . U U . . C
    Refused       . . C C . . C
    Expired       C C . . . . C
    CameOut       . . . . P P .
    ReprintOrdered . . . . . Q .
    Cancelled     C C . . . C C
    CustomerErased C C C C P C C
    Unprintable   C C . . . . .
"""
LETTERS = {
    "Q": JobState.QUEUED,
    "H": JobState.HELD,
    "S": JobState.SENDING,
    "T": JobState.SENT,
    "P": JobState.PRINTED,
    "U": JobState.UNKNOWN,
    "C": JobState.CANCELLED,
}


def job_in(state: JobState, kind: JobKind = JobKind.BADGE, **others: object) -> PrintJob:
    job = PrintJob(
        id=EntityId(b"00000001"),
        request_key="r1",
        kind=kind,
        printer="counter",
        requested_ms=1,
        changed_ms=1,
        state=state,
        customer=CUSTOMER,
        personal=None if state in FINAL else b"{}",
        attempts=0 if state is JobState.QUEUED else 1,
    )
    return replace(job, **others)  # type: ignore[arg-type]  # a test names fields that exist


def an(event: type[JobEvent]) -> JobEvent:
    filled: dict[str, Any] = {"hold": Hold.PAPER_OUT, "cause": Cause.UNPLUGGED}
    return event(**{field.name: filled[field.name] for field in fields(event)})


def expectations() -> list[tuple[JobState, type[JobEvent], str]]:
    heading, *rows = EXPECTED.strip().splitlines()
    by_name = {event.__name__: event for event in EVENTS}
    cells = []
    for row in rows:
        name, *letters = row.split()
        cells += [
            (LETTERS[state], by_name[name], letter) for state, letter in zip(heading.split(), letters, strict=True)
        ]
    return cells


@pytest.mark.parametrize(("state", "event", "letter"), expectations())
def test_a_badge_in_each_state_answers_each_event(state: JobState, event: type[JobEvent], letter: str) -> None:
    job = job_in(state)
    if letter == ".":
        with pytest.raises(Conflicting, match=f"the print job is {state.value}"):
            apply(job, an(event), 5)
    else:
        assert apply(job, an(event), 5).job.state is LETTERS[letter]


def test_the_expectations_cover_every_state_and_every_event() -> None:
    assert {(state, event) for state, event, _ in expectations()} == {(s, e) for s in JobState for e in EVENTS}
    assert set(TRANSITIONS) == set(JobState)


def test_starting_counts_the_attempt_and_asks_to_transmit() -> None:
    step = apply(job_in(JobState.HELD, hold=Hold.COVER_OPEN), Started(), 5)
    assert (step.job.attempts, step.job.hold, step.job.changed_ms) == (2, None, 5)
    assert step.effects == (Effect.TRANSMIT,)


@pytest.mark.parametrize("hold", Hold)
def test_a_held_job_says_why_and_what_helps(hold: Hold) -> None:
    held = apply(job_in(JobState.QUEUED), Stopped(hold), 5).job
    assert (held.state, held.hold) == (JobState.HELD, hold)
    assert GESTURES[hold]


def test_a_printer_that_stops_within_the_ticket_is_shown_without_giving_the_ticket_up() -> None:
    stopped = apply(job_in(JobState.SENT), Stopped(Hold.PAPER_OUT), 5).job
    assert (stopped.state, stopped.hold) == (JobState.SENT, Hold.PAPER_OUT)
    assert apply(stopped, Resumed(), 6).job.hold is None


def test_the_same_news_again_changes_nothing() -> None:
    held = apply(job_in(JobState.QUEUED), Stopped(Hold.ABSENT), 5).job
    again = apply(held, Stopped(Hold.ABSENT), 9)
    assert not again.changed
    assert again.job.changed_ms == 5


def test_an_interrupted_badge_asks_the_operator() -> None:
    step = apply(job_in(JobState.SENT, hold=Hold.PAPER_OUT), Interrupted(Cause.NO_ANSWER), 5)
    assert (step.job.state, step.job.cause, step.job.hold) == (JobState.UNKNOWN, Cause.NO_ANSWER, None)
    assert step.effects == (Effect.ASK_OPERATOR,)
    assert step.job.personal is not None


def test_a_reprint_is_a_duplicata_and_wakes_the_printer() -> None:
    step = apply(job_in(JobState.UNKNOWN, cause=Cause.RESTARTED), ReprintOrdered(), 5)
    assert (step.job.state, step.job.duplicata, step.job.cause) == (JobState.QUEUED, True, None)
    assert step.effects == (Effect.WAKE_PRINTER,)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.HELD])
def test_a_restart_leaves_what_was_not_begun_alone(state: JobState) -> None:
    assert not apply(job_in(state), Interrupted(Cause.RESTARTED), 5).changed


@pytest.mark.parametrize("kind", sorted(AT_MOST_ONCE))
@pytest.mark.parametrize("state", [JobState.SENDING, JobState.SENT])
def test_what_may_not_be_doubled_is_never_sent_again_unasked(kind: JobKind, state: JobState) -> None:
    assert apply(job_in(state, kind), Interrupted(Cause.RESTARTED), 5).job.state is JobState.UNKNOWN


@pytest.mark.parametrize("state", [JobState.SENDING, JobState.SENT])
def test_a_report_is_sent_again_by_itself_until_it_was_tried_often_enough(state: JobState) -> None:
    step = apply(job_in(state, JobKind.REPORT), Interrupted(Cause.UNPLUGGED), 5)
    assert (step.job.state, step.effects) == (JobState.QUEUED, (Effect.WAKE_PRINTER,))
    tired = job_in(state, JobKind.REPORT, attempts=ATTEMPTS_MAX)
    assert apply(tired, Interrupted(Cause.UNPLUGGED), 5).job.state is JobState.UNKNOWN


@pytest.mark.parametrize(
    ("state", "event", "cause"),
    [
        (JobState.SENT, Confirmed(), None),
        (JobState.UNKNOWN, CameOut(), None),
        (JobState.QUEUED, Cancelled(), Cause.BY_OPERATOR),
        (JobState.QUEUED, Unprintable(), Cause.UNPRINTABLE),
        (JobState.SENDING, CustomerErased(), Cause.ERASED),
    ],
)
def test_a_job_that_prints_no_more_keeps_nothing_personal(
    state: JobState, event: JobEvent, cause: Cause | None
) -> None:
    closed = apply(job_in(state), event, 5).job
    assert not closed.is_open
    assert (closed.personal, closed.cause) == (None, cause)


@pytest.mark.parametrize("state", JobState)
def test_erasure_cuts_the_customer_off_every_job(state: JobState) -> None:
    assert apply(job_in(state), CustomerErased(), 5).job.customer is None


def test_a_ticket_that_comes_out_after_the_erasure_stays_erased() -> None:
    erased = apply(job_in(JobState.SENDING), CustomerErased(), 5).job
    for news in (AllSent(), Stopped(Hold.PAPER_OUT), Resumed(), Confirmed(), NothingSent(Hold.ABSENT), Cancelled()):
        assert not apply(erased, news, 6).changed


def test_a_job_shows_its_state_and_hides_what_it_says() -> None:
    shown = repr(job_in(JobState.QUEUED, personal=b"Helene"))
    assert "JobState.QUEUED" in shown
    assert "Helene" not in shown


@pytest.mark.feature("D6.2")
@pytest.mark.parametrize(
    ("state", "event", "cause"),
    [
        (JobState.QUEUED, Stopped(Hold.PAPER_OUT), Cause.TOO_LATE),
        (JobState.QUEUED, Interrupted(Cause.RESTARTED), Cause.RESTARTED),
        (JobState.SENDING, NothingSent(Hold.ABSENT), Cause.TOO_LATE),
        (JobState.SENDING, Interrupted(Cause.UNPLUGGED), Cause.UNPLUGGED),
        (JobState.SENT, Interrupted(Cause.RESTARTED), Cause.RESTARTED),
        (JobState.QUEUED, Expired(), Cause.TOO_LATE),
    ],
)
def test_a_drawer_opens_now_or_never(state: JobState, event: JobEvent, cause: Cause) -> None:
    step = apply(job_in(state, JobKind.DRAWER), event, 5)
    assert (step.job.state, step.job.cause, step.effects) == (JobState.CANCELLED, cause, ())


def test_a_drawer_is_late_after_some_seconds_and_a_badge_never() -> None:
    drawer, badge = job_in(JobState.QUEUED, JobKind.DRAWER), job_in(JobState.QUEUED)
    assert [is_late(drawer, now_ms) for now_ms in (0, LATE_MS, LATE_MS + 2)] == [False, False, True]
    assert not is_late(badge, LATE_MS * 1000)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (JobKind.BADGE, JobState.UNKNOWN),
        (JobKind.COUPON, JobState.UNKNOWN),
        (JobKind.REPORT, JobState.PRINTED),
        (JobKind.DRAWER, JobState.PRINTED),
    ],
)
def test_a_printer_that_cannot_say_whether_it_printed_leaves_it_to_the_operator_where_two_would_harm(
    kind: JobKind, state: JobState
) -> None:
    told = apply(job_in(JobState.SENT, kind, attempts=ATTEMPTS_MAX), HandedOver(), 5).job
    assert (told.state, told.cause) == (state, Cause.UNPROVEN)


@given(st.sampled_from(JobKind), st.lists(st.sampled_from(EVENTS), max_size=40))
def test_no_story_prints_a_second_time_unless_somebody_said_so(kind: JobKind, story: list[type[JobEvent]]) -> None:
    job = job_in(JobState.QUEUED, kind)
    sent = harmless = ordered = 0
    for event in story:
        try:
            job = apply(job, an(event), job.changed_ms + 1).job
        except Conflicting:
            continue
        sent += event is Started
        harmless += event is NothingSent and job.state is JobState.HELD
        ordered += event is ReprintOrdered
        assert (job.personal is None) == (not job.is_open)
        assert job.duplicata == (ordered > 0)
        assert job.attempts == sent
        assert job.hold is None or job.state in (JobState.HELD, JobState.SENDING, JobState.SENT)
    if kind in AT_MOST_ONCE:
        assert sent <= 1 + harmless + ordered


@given(st.sampled_from(JobState), st.lists(st.sampled_from(EVENTS), max_size=20))
def test_what_has_ended_never_prints_again(state: JobState, story: list[type[JobEvent]]) -> None:
    job = job_in(state)
    ended = False
    for event in story:
        try:
            step = apply(job, an(event), 9)
        except Conflicting:
            continue
        assert not (ended and Effect.TRANSMIT in step.effects)
        job = step.job
        ended = ended or not job.is_open
        assert job.is_open is not ended
