"""A printer that is played: what a capture says of it, what it does with bytes, and one talk with it. Time is virtual.

A capture (TOML) says what the printer answers to which command: at once, whatever it does, or in turn, when everything
before the command was consumed. `pytest acme.printer.toml` runs every check on it (docs/drivers.md).
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from daemon.domain.print_job import Confirmed, HandedOver, Hold, Interrupted, JobEvent, NothingSent
from daemon.drivers.catalogue import language
from daemon.drivers.printer_language import CHUNK_BYTES, Language, Patience
from daemon.typed import convert

PATIENCE: Final = Patience(status_s=1.0, stall_s=5.0, answer_s=10.0, poll_s=3.0, stopped_s=100.0, checks=2)
TALK_S_MAX: Final = 300.0
"""By then the fate of a ticket is known, whatever happened to it."""

_STEPS_MAX: Final = 5000
ENDINGS: Final = (NothingSent, Confirmed, Interrupted, HandedOver)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What the printer answers to a command, while it stands still for this reason (None: it is ready)."""

    command: bytes
    answer: bytes
    hold: Hold | None = None
    in_turn: bool = False
    """Whether it answers only when it has consumed everything before; else at once."""


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
        module = language(self.kind)
        return module.language(convert(dict(self.options), module.Config))


def read_printer_capture(path: Path) -> PrinterCapture:
    """The capture in a file; raises OperatorMistake or ValueError for one that says too little."""
    table = tomllib.loads(path.read_text("utf-8"))
    found = PrinterCapture(
        kind=table["kind"], options=table.get("options", {}), replies=tuple(map(_reply, table["answer"]))
    )
    ready = [reply for reply in found.replies if reply.hold is None]
    if not found.holds or {reply.in_turn for reply in ready} != {True, False}:
        raise ValueError(
            "it needs what the printer answers at once and in turn while it is ready, and what it answers "
            "while something is in the way"
        )
    return found


def _reply(table: Mapping[str, Any]) -> Reply:
    return Reply(
        command=bytes.fromhex(table["command"]),
        answer=bytes.fromhex(table["answer"]),
        hold=Hold(table["hold"]) if "hold" in table else None,
        in_turn=table.get("in_turn", False),
    )


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
            if reply.in_turn is in_turn and reply.hold is self._hold and said.endswith(reply.command):
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
