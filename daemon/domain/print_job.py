"""A print job and all that can happen to it; pure, every transition in one table.

    queued > sending > sent > printed
      held: the printer waits for a gesture (paper, cover, cable); no byte of the job has left
      unknown: interrupted after the first byte; only the operator can tell whether it came out
      cancelled: by the operator, by erasure of the customer, because it cannot be encoded, or because it came too late

What an interruption does depends on what is printed: ask (a badge), print again unasked (a report), or never mind (a
drawer, which nobody wants to see spring open a minute later).

A shell commits the state that `apply` returns, then obeys its effects; never the other way round.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import TypeAlias

from daemon.domain.ids import EntityId
from daemon.domain.print_kind import AT_MOST_ONCE, LATE_MS, NOW_OR_NEVER, JobKind
from daemon.errors import Conflicting

ATTEMPTS_MAX = 3
"""A job that may be printed again by itself asks the operator after so many interrupted attempts."""


class JobState(StrEnum):
    """Where a job stands; the stored spelling."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    PRINTED = "printed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Hold(StrEnum):
    """Why a printer takes nothing."""

    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    RIBBON_OUT = "ribbon_out"
    PAUSED = "paused"
    ABSENT = "absent"
    SILENT = "silent"
    FAULT = "fault"


GESTURES: Mapping[Hold, str] = {
    Hold.PAPER_OUT: "Put in a new roll and close the cover: printing goes on by itself.",
    Hold.COVER_OPEN: "Close the cover of the printer: printing goes on by itself.",
    Hold.RIBBON_OUT: "Put in a new ribbon and close the cover: printing goes on by itself.",
    Hold.PAUSED: "Press the pause button of the printer: printing goes on by itself.",
    Hold.ABSENT: "Switch the printer on and check its cable: printing goes on by itself.",
    Hold.SILENT: "The printer does not answer: switch it off and on again.",
    Hold.FAULT: "The printer reports a fault: open it, free the cutter, switch it off and on again.",
}
"""What the operator can do about each hold; message ids of the screens."""


class Cause(StrEnum):
    """What ended or interrupted a job."""

    UNPLUGGED = "unplugged"
    NO_ANSWER = "no_answer"
    RESTARTED = "restarted"
    BY_OPERATOR = "by_operator"
    ERASED = "erased"
    UNPRINTABLE = "unprintable"
    TOO_LATE = "too_late"
    """It would have been done when nobody expected it any more."""
    UNPROVEN = "unproven"
    """Handed over whole to a printer, or a queue, that cannot say whether it came out."""
    REFUSED = "refused"
    """The print queue would not take it, or gave it up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintJob:
    """One request to print, as stored."""

    id: EntityId
    request_key: str
    kind: JobKind
    printer: str
    requested_ms: int
    changed_ms: int
    state: JobState = JobState.QUEUED
    customer: EntityId | None = None
    personal: bytes | None = field(default=None, repr=False)
    """What to print, as JSON of its kind; gone as soon as the job can print no more."""
    duplicata: bool = False
    attempts: int = 0
    hold: Hold | None = None
    """While held: why. While sending or sent: the printer stopped within the ticket and says why."""
    cause: Cause | None = None

    @property
    def is_open(self) -> bool:
        """Whether something may still be printed or asked."""
        return self.state not in FINAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Enqueued:
    """The job of a request, and whether this very request made it: the same request never makes two."""

    job: PrintJob
    created: bool


FINAL = frozenset({JobState.PRINTED, JobState.CANCELLED})


# ---- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The printer said that it is ready and is ours; the first byte follows the commit of this."""


@dataclass(frozen=True, slots=True)
class NothingSent:
    """The line refused the very first byte, or a queue gave the job back untouched: nothing can have been printed."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class AllSent:
    """The line took the last byte; nothing is known about paper yet."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The printer answered the question that stands behind the cut: all before it was consumed."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The printer says why it takes nothing now."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class Resumed:
    """The printer goes on with the ticket that it has in its memory."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The talk with the printer ended before the answer: cable, power, silence, or our own end."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Everything was taken, and nothing more will ever be heard: no way back, or a queue that does not know."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The queue says that it did not print it: nothing came out."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The moment has passed."""


@dataclass(frozen=True, slots=True)
class CameOut:
    """The operator holds the print in his hand."""


@dataclass(frozen=True, slots=True)
class ReprintOrdered:
    """The operator saw nothing come out, or half of it, and wants another one, marked DUPLICATA."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The operator does not want it any more."""


@dataclass(frozen=True, slots=True)
class CustomerErased:
    """The person is to be forgotten: nothing about them is printed from now on."""


@dataclass(frozen=True, slots=True)
class Unprintable:
    """The job cannot be turned into bytes for this printer; it must not block those behind it."""


JobEvent: TypeAlias = (
    Started
    | NothingSent
    | AllSent
    | Confirmed
    | Stopped
    | Resumed
    | Interrupted
    | HandedOver
    | Refused
    | Expired
    | CameOut
    | ReprintOrdered
    | Cancelled
    | CustomerErased
    | Unprintable
)


# ---- effects ---------------------------------------------------------------------------------------------------------


class Effect(Enum):
    """What the shell does after it has committed the new state."""

    WAKE_PRINTER = "wake_printer"
    TRANSMIT = "transmit"
    ASK_OPERATOR = "ask_operator"


ON_ENTERING: Mapping[JobState, Effect] = {
    JobState.QUEUED: Effect.WAKE_PRINTER,
    JobState.SENDING: Effect.TRANSMIT,
    JobState.UNKNOWN: Effect.ASK_OPERATOR,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What an event made of a job: the value to commit, then the effects to obey."""

    before: PrintJob
    job: PrintJob
    effects: tuple[Effect, ...]

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit and to tell."""
        return self.job != self.before


# ---- the table -------------------------------------------------------------------------------------------------------

Q, H, S, T, P, U, C = JobState

# A state and an event that are not in the table do not go together: `apply` refuses them. Erasure beats a ticket that
# is being sent, so a cancelled job still hears from the printer and stays cancelled.
TRANSITIONS: Mapping[JobState, Mapping[type[JobEvent], JobState]] = {
    Q: {Started: S, Stopped: H, Interrupted: Q, Cancelled: C, CustomerErased: C, Unprintable: C, Expired: C},
    H: {Started: S, Stopped: H, Interrupted: H, Cancelled: C, CustomerErased: C, Unprintable: C, Expired: C},
    S: {
        NothingSent: H,
        AllSent: T,
        Confirmed: P,
        HandedOver: U,
        Refused: C,
        Stopped: S,
        Resumed: S,
        Interrupted: U,
        CustomerErased: C,
    },
    T: {
        NothingSent: H,
        Confirmed: P,
        HandedOver: U,
        Refused: C,
        Stopped: T,
        Resumed: T,
        Interrupted: U,
        CustomerErased: C,
    },
    U: {CameOut: P, ReprintOrdered: Q, Interrupted: U, Cancelled: C, CustomerErased: C},
    P: {CameOut: P, Interrupted: P, CustomerErased: P},
    C: {
        NothingSent: C,
        AllSent: C,
        Confirmed: C,
        HandedOver: C,
        Refused: C,
        Expired: C,
        Stopped: C,
        Resumed: C,
        Interrupted: C,
        Cancelled: C,
        CustomerErased: C,
    },
}

# What may be printed twice without harm goes back to the queue when nobody knows whether it came out; where nobody ever
# will know, one try has to do.
UNASKED: Mapping[tuple[JobState, type[JobEvent]], JobState] = {
    (S, Interrupted): Q,
    (T, Interrupted): Q,
    (S, HandedOver): P,
    (T, HandedOver): P,
}

# What is done now or never ends wherever it would have to wait.
NOT_NOW: Mapping[JobState, JobState] = {Q: C, H: C, U: C}


def apply(job: PrintJob, event: JobEvent, now_ms: int) -> Step:
    """What `event` makes of `job`; raises Conflicting when the two do not go together."""
    after = TRANSITIONS[job.state].get(type(event))
    if after is None:
        raise Conflicting(f"the print job is {job.state.value}: {_ATTEMPTED[type(event)]} is not possible now")
    after = _by_promise(job, event, after)
    moved = _marked(job, after, event)
    if moved != job:
        moved = replace(moved, changed_ms=now_ms)
    entered = ON_ENTERING.get(after) if after is not job.state else None
    return Step(before=job, job=moved, effects=(entered,) if entered else ())


def is_late(job: PrintJob, now_ms: int) -> bool:
    """Whether the moment of a job has passed; a clock that was set back makes nothing late."""
    return job.kind in NOW_OR_NEVER and job.is_open and now_ms - job.requested_ms > LATE_MS


def _by_promise(job: PrintJob, event: JobEvent, after: JobState) -> JobState:
    """Where a job of this kind goes instead of `after`, the state of one that may be printed at most once."""
    may_repeat = job.attempts < ATTEMPTS_MAX or isinstance(event, HandedOver)
    if job.kind in NOW_OR_NEVER:
        return P if isinstance(event, HandedOver) and after is U else NOT_NOW.get(after, after)
    if job.kind in AT_MOST_ONCE or not may_repeat:
        return after
    return UNASKED.get((job.state, type(event)), after)


def _marked(job: PrintJob, after: JobState, event: JobEvent) -> PrintJob:
    """The job in its new state, with what the event leaves on it."""
    if after in FINAL:
        return _closed(job, after, event)
    moved = replace(job, state=after)
    match event:
        case Started():
            return replace(moved, attempts=job.attempts + 1, hold=None, cause=None)
        case Stopped(hold) | NothingSent(hold):
            return replace(moved, hold=hold)
        case Resumed():
            return replace(moved, hold=None)
        case Interrupted(cause) if after is not job.state:
            return replace(moved, hold=None, cause=cause)
        case HandedOver():
            return replace(moved, hold=None, cause=Cause.UNPROVEN)
        case ReprintOrdered():
            return replace(moved, duplicata=True, cause=None)
        case _:
            return moved


_CLOSING_CAUSES: Mapping[type[JobEvent], Cause] = {
    Cancelled: Cause.BY_OPERATOR,
    CustomerErased: Cause.ERASED,
    Unprintable: Cause.UNPRINTABLE,
    Expired: Cause.TOO_LATE,
    Refused: Cause.REFUSED,
    HandedOver: Cause.UNPROVEN,
    Stopped: Cause.TOO_LATE,
    NothingSent: Cause.TOO_LATE,
}
"""An interruption brings its own."""


def _closed(job: PrintJob, after: JobState, event: JobEvent) -> PrintJob:
    """A job that prints no more keeps no personal data, and the cause that closed it first."""
    customer = None if isinstance(event, CustomerErased) else job.customer
    told = event.cause if isinstance(event, Interrupted) else _CLOSING_CAUSES.get(type(event), job.cause)
    cause = told if job.is_open else job.cause
    return replace(job, state=after, personal=None, hold=None, customer=customer, cause=cause)


_ATTEMPTED: Mapping[type[JobEvent], str] = {
    Started: "sending it",
    NothingSent: "holding it",
    AllSent: "counting it as sent",
    Confirmed: "counting it as printed",
    Stopped: "holding it",
    Resumed: "going on with it",
    Interrupted: "interrupting it",
    HandedOver: "handing it over",
    Refused: "refusing it",
    Expired: "giving it up as late",
    CameOut: "saying that it came out",
    ReprintOrdered: "ordering a reprint",
    Cancelled: "cancelling it",
    CustomerErased: "erasing its customer",
    Unprintable: "setting it aside",
}
