"""A printer behind a print server (CUPS) that speaks IPP: card printers, office printers. Pages go as PDF.

A queue says `completed` when the last byte has left, paper or no paper (measured). What it says beyond that, it says in
the reasons of the printer's state; so a badge that a queue completed is handed over, never proved, and somebody looks.
"""

import asyncio
import http.client
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from daemon.clock import Clock
from daemon.domain.badge import Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.print_job import (
    AllSent,
    Cause,
    HandedOver,
    Hold,
    Interrupted,
    JobEvent,
    NothingSent,
    PrintJob,
    Refused,
    Resumed,
    Stopped,
)
from daemon.drivers.ipp_wire import ANSWER_BYTES_MAX, Attribute, IppAnswer, Operation, Tag, read_answer, request
from daemon.drivers.page_printer import Pages
from daemon.errors import DeviceAbsent, DeviceFault, PeerFault

TRIED_ON: Final = (
    "cupsd 2.4 with its queue cups-pdf 3.0, and with one whose backend has mishaps; no card printer was behind it"
)

CALL_S: Final = 5.0
POLL_S: Final = 0.5
STOPPED_S: Final = 300.0
"""How long a job may wait in the queue for paper, cover or ribbon before it is taken back."""

BUSY_S: Final = 60.0
"""How long a queue may work on one page without a reason."""

STOPPED_STATE: Final = 5
PENDING, PENDING_HELD, PROCESSING, PROCESSING_STOPPED, CANCELED, ABORTED, COMPLETED = range(3, 10)

REASONS: Final = {
    "cover-open": Hold.COVER_OPEN,
    "door-open": Hold.COVER_OPEN,
    "interlock-open": Hold.COVER_OPEN,
    "media-empty": Hold.PAPER_OUT,
    "media-needed": Hold.PAPER_OUT,
    "input-tray-missing": Hold.PAPER_OUT,
    "marker-supply-empty": Hold.RIBBON_OUT,
    "media-jam": Hold.FAULT,
    "fuser-over-temp": Hold.FAULT,
    "offline": Hold.ABSENT,
    "connecting-to-device": Hold.ABSENT,
    "timed-out": Hold.ABSENT,
    "shutdown": Hold.ABSENT,
    "paused": Hold.PAUSED,
}
"""Keywords of `printer-state-reasons` (RFC 8011, 5.4.12), without their severity."""

SEVERITIES: Final = ("-error", "-warning", "-report")


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """A print queue: `ipp://localhost:631/printers/cards`."""

    uri: str

    def asked(self, body: bytes) -> IppAnswer:
        """One request and its answer; blocks. Raises DeviceAbsent when nobody answers, DeviceFault for nonsense."""
        parts = urlsplit(self.uri)
        connection = http.client.HTTPConnection(parts.hostname or "localhost", parts.port or 631, timeout=CALL_S)
        try:
            connection.request("POST", parts.path or "/", body, {"Content-Type": "application/ipp"})
            response = connection.getresponse()
            raw = response.read(ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException) as gone:
            raise DeviceAbsent(f"the print server at {self.uri} does not answer") from gone
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise DeviceFault(f"the print server at {self.uri} refuses with HTTP {response.status}")
        try:
            return read_answer(raw)
        except PeerFault as wrong:
            raise DeviceFault(f"{wrong} ({self.uri})") from wrong


class IppPrinter:
    """A queue of a print server."""

    def __init__(self, queue: Queue, pages: Pages, clock: Clock) -> None:
        self._queue = queue
        self._pages = pages
        self._clock = clock

    @property
    def name(self) -> str:
        """The name that the configuration gives it."""
        return self._pages.name

    async def encode(self, job: PrintJob) -> bytes:
        """The page of a job; raises DeviceFault."""
        return await self._pages.encode(job)

    async def preview(self, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        """The badge as it would be drawn."""
        return await self._pages.preview(order, duplicata=duplicata)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["IppTalk"]:
        """Queues are shared: nothing is taken."""
        yield IppTalk(self._queue, self._clock)


class IppTalk:
    """One job of a queue."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock
        self._hold: Hold | None = None

    async def ask(self, *, insist: bool = False) -> Hold | None:
        """Why the queue would print nothing now; raises DeviceFault when it cannot be asked."""
        found = await self._ask(
            Operation.GET_PRINTER_ATTRIBUTES, _keywords("printer-state", "printer-state-reasons", ACCEPTING)
        )
        if not found.is_done:
            raise DeviceAbsent(f"the print server has no queue {self._queue.uri}")
        if not next(iter(found.attributes.get(ACCEPTING, (True,)))):
            return Hold.FAULT
        return hold_of(found.words("printer-state-reasons"), found.number("printer-state"))

    async def prepare(self) -> Hold | None:
        """Pages are whole or not at all: nothing is left over."""
        return None

    async def transmit(self, ticket: bytes, report: Callable[[JobEvent], Awaitable[None]]) -> None:
        """Hand the page over and follow it as far as the queue tells."""
        try:
            made = await self._ask(Operation.PRINT_JOB, *_job_attributes(), document=ticket)
        except DeviceAbsent:
            # The answer may be lost, and the page taken.
            await report(Interrupted(Cause.UNPLUGGED))
            return
        if not made.is_done:
            await report(Refused())
            return
        await report(AllSent())
        try:
            await self._follow(made.number("job-id"), report)
        except DeviceFault:
            await report(Interrupted(Cause.UNPLUGGED))

    async def _follow(self, job_id: int, report: Callable[[JobEvent], Awaitable[None]]) -> None:
        began_s = self._clock.monotonic_s()
        while True:
            state = (await self._ask(Operation.GET_JOB_ATTRIBUTES, _job(job_id), _keywords("job-state"))).number(
                "job-state"
            )
            if state in (CANCELED, ABORTED):
                await report(Refused())
                return
            await self._tell(await self.ask(), report)
            if state in (0, COMPLETED):
                # 0: the queue has forgotten it already.
                await report(HandedOver())
                return
            patience_s = BUSY_S if self._hold is None else STOPPED_S
            if self._clock.monotonic_s() - began_s >= patience_s:
                await report(await self._taken_back(job_id, state))
                return
            await self._clock.sleep(POLL_S)

    async def _tell(self, hold: Hold | None, report: Callable[[JobEvent], Awaitable[None]]) -> None:
        before, self._hold = self._hold, hold
        if hold is not before:
            await report(Stopped(hold) if hold else Resumed())

    async def _taken_back(self, job_id: int, state: int) -> JobEvent:
        """A page that waits for too long must not come out hours later; one that never started did not come out."""
        taken = (await self._ask(Operation.CANCEL_JOB, _job(job_id))).is_done
        if taken and state in (PENDING, PENDING_HELD):
            return NothingSent(self._hold or Hold.PAUSED)
        return Interrupted(Cause.NO_ANSWER)

    async def _ask(self, operation: Operation, *attributes: Attribute, document: bytes = b"") -> IppAnswer:
        where = Attribute(tag=Tag.URI, name="printer-uri", values=(self._queue.uri,))
        who = Attribute(tag=Tag.NAME, name="requesting-user-name", values=("comptoir",))
        # The id of a job comes right behind the printer (RFC 8011, 4.1.5).
        first = [one for one in attributes if one.name == "job-id"]
        rest = [one for one in attributes if one.name != "job-id"]
        return await asyncio.to_thread(self._queue.asked, request(operation, [where, *first, who, *rest], document))


ACCEPTING: Final = "printer-is-accepting-jobs"


def hold_of(reasons: tuple[str, ...], state: int) -> Hold | None:
    """The most telling of the reasons that a queue gives; warnings of what is low stop nobody."""
    found = {REASONS[plain] for reason in reasons if (plain := _plain(reason)) in REASONS}
    for hold in (Hold.COVER_OPEN, Hold.PAPER_OUT, Hold.RIBBON_OUT, Hold.FAULT, Hold.ABSENT, Hold.PAUSED):
        if hold in found:
            return hold
    return Hold.PAUSED if state == STOPPED_STATE else None


def _plain(reason: str) -> str:
    for severity in SEVERITIES:
        reason = reason.removesuffix(severity)
    return reason


def _keywords(*names: str) -> Attribute:
    return Attribute(tag=Tag.KEYWORD, name="requested-attributes", values=names)


def _job(job_id: int) -> Attribute:
    return Attribute(tag=Tag.INTEGER, name="job-id", values=(job_id,))


def _job_attributes() -> tuple[Attribute, Attribute]:
    """Nothing of the person: queues keep their history, and write it to logs."""
    return (
        Attribute(tag=Tag.NAME, name="job-name", values=("comptoir",)),
        Attribute(tag=Tag.MIME_TYPE, name="document-format", values=("application/pdf",)),
    )
