"""A printer that is played: what a capture says of it, what it does with bytes, and one talk with it. Time is virtual.

A capture (TOML) says what the printer answers to which command: at once, whatever it does, or in turn, when everything
before the command was consumed. `pytest acme.printer.toml` runs every check on it (docs/drivers.md).
"""

import dataclasses
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from daemon.domain.print_job import Confirmed, HandedOver, Hold, Interrupted, JobEvent, NothingSent
from daemon.drivers.catalogue import language, spoken
from daemon.drivers.printer_language import CHUNK_BYTES, Language, Patience
from daemon.typed import convert

T = TypeVar("T")

PATIENCE: Final = Patience(status_s=1.0, stall_s=5.0, answer_s=10.0, poll_s=3.0, stopped_s=100.0, checks=2)
TALK_S_MAX: Final = 300.0
"""By then the fate of a ticket is known, whatever happened to it."""

_STEPS_MAX: Final = 5000
_HOLDS: Final = ("paper_out", "cover_open", "ribbon_out", "paused", "fault")
"""What a printer may say of itself; that it is absent or silent, others say of it."""

ENDINGS: Final = (NothingSent, Confirmed, Interrupted, HandedOver)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What the printer answers to a command, while it stands still for this reason (None: it is ready)."""

    command: bytes
    answer: bytes
    hold: Hold | None = None
    in_turn: bool = False
    """Whether it answers only when it has consumed everything before; else at once."""
    busy: bool = False
    """Whether it answers so while it prints what it has read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrinterCapture:
    """What is known of a printer: its language, how that is set, what the printer answers."""

    kind: str
    options: Mapping[str, Any]
    replies: tuple[Reply, ...]

    @property
    def holds(self) -> list[Hold]:
        """Why it may stand still."""
        return list(dict.fromkeys(reply.hold for reply in self.replies if reply.hold is not None))

    def language(self) -> Language:
        """What it is spoken to in."""
        return spoken(self.kind, self.options)


@dataclass(frozen=True, kw_only=True, slots=True)
class _AnswerTable:
    """An `[[answer]]` of the file."""

    command: str
    answer: str
    hold: str | None = None
    in_turn: bool = False
    busy: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """What the file says; device and source are for people."""

    kind: str
    device: str = ""
    source: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    answer: tuple[Any, ...]


def read_printer_capture(path: Path) -> PrinterCapture:
    """The capture in a file; raises OperatorMistake or ValueError for a wrong one, and one that says too little."""
    said = _read_as(tomllib.loads(path.read_text("utf-8")), _File)
    found = PrinterCapture(kind=said.kind, options=said.options, replies=tuple(map(_reply, said.answer)))
    ready = [reply for reply in found.replies if reply.hold is None and not reply.busy]
    if not found.holds or {reply.in_turn for reply in ready} != {True, False}:
        raise ValueError(
            "it needs what the printer answers at once and in turn while it is ready, and what it answers "
            "while something is in the way"
        )
    _read_as(dict(found.options), language(found.kind).Config)
    found.language()
    return found


def _reply(table: Any) -> Reply:
    said = _read_as(table, _AnswerTable)
    command, answer = bytes.fromhex(said.command), bytes.fromhex(said.answer)
    if not (command and answer):
        raise ValueError("an answer needs the bytes of its command, and its own")
    if said.hold not in {None, *_HOLDS}:
        raise ValueError(f"hold: one of {', '.join(_HOLDS)} is expected, not {said.hold}")
    hold = None if said.hold is None else Hold(said.hold)
    return Reply(command=command, answer=answer, hold=hold, in_turn=said.in_turn, busy=said.busy)


def _read_as(table: Any, shape: type[T]) -> T:
    """A table as `shape`; a key that nobody reads is a mistake of who wrote it."""
    known = {one.name for one in dataclasses.fields(shape)}  # type: ignore[arg-type]  # each of them is a dataclass
    unknown = sorted(set(table) - known) if isinstance(table, dict) else []
    if unknown:
        raise ValueError(f"there is no key {unknown[0]}; there are {', '.join(sorted(known))}")
    return convert(table, shape)


class PlayedPrinter:
    """Consumes what it is sent and answers; stands still, and is switched off, when it is told so."""

    def __init__(self, capture: PrinterCapture) -> None:
        self._replies = capture.replies
        self._hold: Hold | None = None
        self._heard = bytearray()
        self._unread = bytearray()
        self.consumed = bytearray()
        """What it has read, in order."""
        self.is_off = False
        self.prints = False
        """Whether it is still printing what it has read."""
        self.reads = True
        """Whether it goes on to the next byte; one that does not says nothing about why."""

    def stop(self, why: Hold) -> None:
        """Stand still: what comes is kept, and read later."""
        self._hold = why

    def go_on(self) -> list[bytes]:
        """The paper is in, the cover is closed: what it answers to what it had kept."""
        self._hold = None
        kept, self._unread = bytes(self._unread), bytearray()
        return [answer for octet in kept for answer in self._read(octet)]

    def take(self, data: bytes) -> list[bytes]:
        """What it answers to these bytes, one by one."""
        if self.is_off:
            return []
        return [answer for octet in data for answer in self._take(octet)]

    def _take(self, octet: int) -> Iterator[bytes]:
        self._heard.append(octet)
        yield from self._answers(self._heard, in_turn=False)
        if self._hold is None and self.reads:
            yield from self._read(octet)
        else:
            self._unread.append(octet)

    def _read(self, octet: int) -> Iterator[bytes]:
        self.consumed.append(octet)
        yield from self._answers(self.consumed, in_turn=True)

    def _answers(self, said: bytearray, *, in_turn: bool) -> Iterator[bytes]:
        for reply in self._replies:
            is_so = reply.hold is self._hold and (reply.in_turn or reply.busy is self.prints)
            if reply.in_turn is in_turn and is_so and said.endswith(reply.command):
                yield reply.answer


class Talk:
    """One talk of a language with a played printer, as `daemon.drivers.printer` has it with a real one."""

    def __init__(self, capture: PrinterCapture, printer: PlayedPrinter, *, bytewise: bool = False) -> None:
        self.dialogue = capture.language().talk(PATIENCE)
        self.events: list[JobEvent] = []
        self.now_s = 0.0
        self._printer = printer
        self._bytewise = bytewise

    @property
    def endings(self) -> list[JobEvent]:
        """What was told of the ticket's fate."""
        return [event for event in self.events if isinstance(event, ENDINGS)]

    def ask(self, *, insist: bool = False) -> Hold | None:
        """Whether the printer is ready; why not."""
        self.dialogue.ask(self.now_s, insist=insist)
        self.post()
        self.wait(lambda: not self.dialogue.asking)
        return self.dialogue.hold

    def prepare(self) -> None:
        """Make sure that a ticket can begin."""
        self.dialogue.prepare(self.now_s)
        self.post()
        self.wait(lambda: not self.dialogue.preparing)

    def send(self, ticket: bytes, *, quick: bool = False) -> None:
        """Hand the ticket to the line; `quick`: the printer answers before it is known that the line took it."""
        self.dialogue.begin(len(ticket), self.now_s)
        self.send_pieces(ticket, quick=quick)

    def send_pieces(self, part: bytes, *, quick: bool = False) -> None:
        """A part of the ticket that was begun, in pieces as they are handed to a line."""
        for start in range(0, len(part), CHUNK_BYTES):
            piece = part[start : start + CHUNK_BYTES]
            answers = self._printer.take(piece)
            if quick:
                self.hear(answers)
            self.events += self.dialogue.taken(len(piece), self.now_s)
            if not quick:
                self.hear(answers)
            self.post()

    def hear(self, answers: list[bytes]) -> None:
        """The printer says this."""
        for answer in answers:
            for part in [bytes((octet,)) for octet in answer] if self._bytewise else [answer]:
                self.events += self.dialogue.received(part, self.now_s)
        self.post()

    def post(self) -> None:
        """Send what the dialogue wants sent."""
        while self.dialogue.outbox:
            data, self.dialogue.outbox = self.dialogue.outbox, b""
            self.hear(self._printer.take(data))

    def wait(self, until: Callable[[], bool]) -> None:
        """Nothing happens but time, until this holds."""
        end_s = self.now_s + TALK_S_MAX
        for _ in range(_STEPS_MAX):
            if until():
                return
            assert self.dialogue.due_s <= end_s, f"after {TALK_S_MAX:.0f} s the talk had come to no end"
            self.now_s = max(self.now_s, self.dialogue.due_s)
            self.events += self.dialogue.passed(self.now_s)
            self.post()
        raise AssertionError("the talk asks for the time again and again, and comes to no end")

    def end(self) -> None:
        """Wait until the fate of the ticket is known."""
        self.wait(lambda: self.dialogue.over)
