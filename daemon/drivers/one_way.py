"""A talk with a printer that cannot answer: what the port knows of paper, and who has to look. No I/O of its own.

ask > READY | held            by the port's own status
begin > SENDING > OVER        every byte taken: handed over, and nothing more will ever be known
"""

from collections.abc import Callable
from enum import Enum, auto

from typing_extensions import override

from daemon.domain.print_job import (
    AllSent,
    Cause,
    HandedOver,
    Hold,
    Interrupted,
    JobEvent,
    NothingSent,
    Resumed,
    Stopped,
)
from daemon.drivers.printer_language import Patience


class Phase(Enum):
    """Where the talk stands."""

    IDLE = auto()
    SENDING = auto()
    OVER = auto()


class OneWayDialogue:
    """The state of one talk; `port_hold` asks the port and returns at once."""

    def __init__(self, patience: Patience, port_hold: Callable[[], Hold | None], recovery: bytes = b"") -> None:
        self._patience = patience
        self._recovery = recovery
        self._port_hold = port_hold
        self._unsent = 0
        self._size = 0
        self._give_up_s = 0.0
        self.phase = Phase.IDLE
        self.hold: Hold | None = None
        self.due_s = 0.0
        self.outbox = b""

    @override
    def __repr__(self) -> str:
        hold = self.hold.value if self.hold else None
        return f"OneWayDialogue({self.phase.name}, hold={hold}, unsent={self._unsent})"

    @property
    def asking(self) -> bool:
        """The port answers at once."""
        return False

    @property
    def over(self) -> bool:
        """Whether the fate of the ticket was told."""
        return self.phase is Phase.OVER

    def ask(self, now_s: float, *, insist: bool = False) -> None:
        """Look at the port."""
        self.due_s = now_s
        self.hold = self._port_hold()

    @property
    def preparing(self) -> bool:
        """Nothing is waited for."""
        return False

    def prepare(self, now_s: float) -> None:
        """Whether somebody was cut off cannot be asked: recover always."""
        self.outbox += self._recovery

    def begin(self, size: int, now_s: float) -> None:
        """A ticket of `size` bytes is about to be sent."""
        assert self.phase is Phase.IDLE
        assert size > 0
        self._size = self._unsent = size
        self.phase = Phase.SENDING
        self.due_s = now_s + self._patience.stall_s

    def taken(self, count: int, now_s: float) -> list[JobEvent]:
        """The port took so many bytes."""
        if self.phase is not Phase.SENDING:
            return []
        self._unsent -= count
        self.due_s = now_s + self._patience.stall_s
        resumed: list[JobEvent] = [Resumed()] if self.hold else []
        self.hold = None
        if self._unsent:
            return resumed
        self.phase = Phase.OVER
        return [*resumed, AllSent(), HandedOver()]

    def received(self, data: bytes, now_s: float) -> list[JobEvent]:
        """Nothing is ever received."""
        return []

    def lost(self) -> list[JobEvent]:
        """The line is gone."""
        phase, self.phase = self.phase, Phase.OVER
        match phase:
            case Phase.IDLE:
                self.hold = Hold.ABSENT
                return [NothingSent(Hold.ABSENT)]
            case Phase.SENDING:
                return [Interrupted(Cause.UNPLUGGED)]
            case Phase.OVER:
                return []

    def passed(self, now_s: float) -> list[JobEvent]:
        """The port has taken nothing for a while: it may say why."""
        if self.phase is not Phase.SENDING:
            return []
        before, self.hold = self.hold, self._port_hold()
        if self.hold and not before:
            self._give_up_s = now_s + self._patience.stopped_s
        if self.hold and now_s < self._give_up_s:
            self.due_s = min(now_s + self._patience.poll_s, self._give_up_s)
            return [] if self.hold is before else [Stopped(self.hold)]
        self.phase = Phase.OVER
        if self._unsent == self._size:
            return [NothingSent(self.hold or Hold.SILENT)]
        return [Interrupted(Cause.NO_ANSWER)]
