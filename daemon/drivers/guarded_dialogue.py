"""A talk with a printer that is held to its promises, whoever wrote it, so that its bug is the trouble of one ticket.

What it raises, and what it says that cannot be, ends the talk: before the ticket as a printer that does not answer,
within it as an interruption, so that somebody looks. Nobody gets two badges, or none, on the word of a bug.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from typing_extensions import override

from daemon.domain.print_job import (
    AllSent,
    Cause,
    Confirmed,
    HandedOver,
    Hold,
    Interrupted,
    JobEvent,
    NothingSent,
    Resumed,
    Stopped,
)
from daemon.drivers.failure import place_of
from daemon.drivers.printer_language import Dialogue, Patience
from daemon.errors import DeviceFault

log = logging.getLogger(__name__)

ENDINGS: Final = (NothingSent, Confirmed, HandedOver, Interrupted)
TOLD: Final = (*ENDINGS, AllSent, Stopped, Resumed)
"""What a talk may tell of a ticket."""

PAUSE_S_MIN: Final = 0.02
"""A talk that wants the time again at once would keep the machine busy."""


class GuardedDialogue:
    """The talk that `make` begins with a printer, believed as far as it can be true.

    Raises DeviceFault where it does not even begin; nothing else is ever raised.
    """

    def __init__(self, printer: str, make: Callable[[Patience], Dialogue], patience: Patience) -> None:
        try:
            self._talk = make(patience)
        except Exception as bug:  # a third party's language may raise anything
            raise DeviceFault(place_of(bug)) from bug
        self._printer = printer
        # Longer than anything that one of ours waits for, with the help for a silent printer counted in.
        self._wait_s_max = (
            patience.status_s + patience.stall_s + patience.answer_s + patience.poll_s + patience.stopped_s
        )
        self._size = 0
        self._taken = 0
        self._until_s = 0.0
        self.hold: Hold | None = None
        self.due_s = 0.0
        self.outbox = b""
        self.asking = False
        self.preparing = False
        self.over = False

    @override
    def __repr__(self) -> str:
        hold = self.hold.value if self.hold else None
        return f"GuardedDialogue({self._printer}, hold={hold}, taken={self._taken}/{self._size}, over={self.over})"

    def ask(self, now_s: float, *, insist: bool = False) -> None:
        """Ask whether the printer is ready."""
        self._until_s = now_s + self._wait_s_max
        self._heard_out(lambda: self._talk.ask(now_s, insist=insist), now_s)

    def prepare(self, now_s: float) -> None:
        """Make sure that nothing half said is left over."""
        self._until_s = now_s + self._wait_s_max
        self._heard_out(lambda: self._talk.prepare(now_s), now_s)

    def begin(self, size: int, now_s: float) -> list[JobEvent]:
        """A ticket of `size` bytes is about to be sent; it is not, where this tells an ending."""
        assert size > 0, "a ticket without a byte has no fate"
        events = self._heard_out(lambda: self._talk.begin(size, now_s), now_s)
        self._size = 0 if self.over else size
        return events

    def taken(self, count: int, now_s: float) -> list[JobEvent]:
        """The line took so many bytes of the ticket."""
        self._taken += count
        return self._heard_out(lambda: self._talk.taken(count, now_s), now_s)

    def received(self, data: bytes, now_s: float) -> list[JobEvent]:
        """The printer said something."""
        return self._heard_out(lambda: self._talk.received(data, now_s), now_s)

    def lost(self) -> list[JobEvent]:
        """The line is gone, and so is the talk."""
        events = self._heard_out(self._talk.lost, self.due_s)
        return events if self.over else self._ended("it goes on without a line", Hold.ABSENT)

    def passed(self, now_s: float) -> list[JobEvent]:
        """The time `due_s` has come and nothing was heard."""
        events = self._heard_out(lambda: self._talk.passed(now_s), now_s)
        self.due_s = max(self.due_s, now_s + PAUSE_S_MIN)
        return events

    def _heard_out(self, act: Callable[[], Sequence[JobEvent] | None], now_s: float) -> list[JobEvent]:
        """What the talk tells of this, and how it stands afterwards."""
        if self.over:
            return []
        try:
            events = list(act() or ())
            self._follow()
            untrue = self._untrue(events, now_s)
        except Exception as bug:  # noqa: BLE001 - a language, perhaps a third party's, must not end the daemon
            return self._ended(place_of(bug))
        if untrue:
            return self._ended(untrue)
        self.over = self.over or any(isinstance(event, ENDINGS) for event in events)
        return events

    def _follow(self) -> None:
        """Stand as the talk stands."""
        talk = self._talk
        self.hold = None if talk.hold is None else Hold(talk.hold)
        self.due_s = float(talk.due_s)
        self.outbox, talk.outbox = self.outbox + talk.outbox, b""
        self.asking, self.preparing, self.over = bool(talk.asking), bool(talk.preparing), bool(talk.over)

    def _untrue(self, events: Sequence[JobEvent], now_s: float) -> str:
        """Why this cannot be believed; empty: it can."""
        endings = [event for event in events if isinstance(event, ENDINGS)]
        if not all(isinstance(event, TOLD) for event in events) or len(endings) > 1:
            return "it tells what a talk cannot know"
        if self._size and self.over and not endings:
            return "it is over and does not say what became of the ticket"
        if self._taken < self._size and any(isinstance(event, Confirmed | HandedOver) for event in endings):
            return "it believes in a ticket that was not sent yet"
        if self._taken and any(isinstance(event, NothingSent) for event in endings):
            return "it says that nothing was sent, and something was"
        return self._endless(now_s)

    def _endless(self, now_s: float) -> str:
        is_waiting = self.asking or self.preparing
        if is_waiting and now_s > self._until_s:
            return "it asks without end"
        if (is_waiting or self._size) and not self.over and not self.due_s <= now_s + self._wait_s_max:
            return "it waits without end"
        return ""

    def _ended(self, why: str, hold: Hold = Hold.SILENT) -> list[JobEvent]:
        """A bug ended the talk: of a ticket that is under way somebody has to say whether it came out."""
        log.warning("the talk with the printer %s was ended: %s", self._printer, why)
        self.asking, self.preparing, self.over = False, False, True
        self.outbox, self.hold = b"", hold
        if self._size:
            return [Interrupted(Cause.UNPLUGGED if hold is Hold.ABSENT else Cause.NO_ANSWER)]
        return [NothingSent(hold)]
