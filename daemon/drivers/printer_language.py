"""What a printer is spoken to in: how a job becomes bytes, and how a talk about them goes.

A language knows no line: the same bytes go over serial, USB and Ethernet.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, Protocol

from daemon.domain.badge import Finding, Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.print_job import Hold, JobEvent
from daemon.domain.slip import Slip

CONTRACT: Final = 1
"""Version of what this module asks of a printer language. It grows when one written for the old one would not work."""

CHUNK_BYTES: Final = 4096
"""A ticket is handed to the line in pieces of this size."""


class Form(StrEnum):
    """How a printer prints: pictures, or its own letters where the line is slow."""

    PICTURE = "picture"
    TEXT = "text"


FORMS: Final[Mapping[Literal["raster", "text"], Form]] = {"raster": Form.PICTURE, "text": Form.TEXT}
"""By their names in the configuration."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """The bytes of one job, the last of them a question, and what could not be printed as asked."""

    data: bytes = field(repr=False)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    status_s: float = 2.0
    """The answer to a question about the printer, which takes milliseconds."""
    stall_s: float = 8.0
    """Between two bytes that the line takes, when the printer does not say why it stopped."""
    answer_s: float = 10.0
    """From the last byte to the answer behind it: the longest ticket of the slowest printer."""
    poll_s: float = 3.0
    """Between two questions to a printer that stands still within a ticket and tells nothing by itself."""
    stopped_s: float = 300.0
    """How long a printer may stand still within a ticket, for a reason that it gave."""
    checks: int = 2
    """How often a printer that reports nothing wrong may be late."""


class Dialogue(Protocol):
    """One talk with a printer, without I/O: bytes, counts and the time go in, events and bytes to send come out."""

    hold: Hold | None
    """What the printer says is in the way now."""
    due_s: float
    """When `passed` wants to be called."""
    outbox: bytes
    """What is to be sent; whoever takes it empties it."""

    @property
    def asking(self) -> bool:
        """Whether the answer to `ask` is still to come; after it, `hold` is the answer."""
        ...

    @property
    def over(self) -> bool:
        """Whether the fate of the ticket was told."""
        ...

    def ask(self, now_s: float, *, insist: bool = False) -> None:
        """Ask whether the printer is ready; `insist`: one that is silent is helped out of what was cut off."""
        ...

    @property
    def preparing(self) -> bool:
        """Whether what `prepare` asks for is still under way."""
        ...

    def prepare(self, now_s: float) -> None:
        """Make sure that nothing half said is left over, of whomever."""
        ...

    def begin(self, size: int, now_s: float) -> None:
        """A ticket of `size` bytes is about to be sent."""
        ...

    def taken(self, count: int, now_s: float) -> list[JobEvent]:
        """The line took so many bytes of the ticket."""
        ...

    def received(self, data: bytes, now_s: float) -> list[JobEvent]:
        """The printer said something."""
        ...

    def lost(self) -> list[JobEvent]:
        """The line is gone."""
        ...

    def passed(self, now_s: float) -> list[JobEvent]:
        """The time `due_s` has come and nothing was heard."""
        ...


class Language(Protocol):
    """What a configured printer understands. Its methods may raise DeviceFault for what it cannot print.

    They run in threads: a language keeps nothing of one ticket for the next.
    """

    @property
    def recovery(self) -> bytes:
        """What uses up a ticket that was cut off, sent unasked where nobody can be asked."""
        ...

    @property
    def talk(self) -> Callable[[Patience], Dialogue]:
        """How a talk about one ticket goes."""
        ...

    def badge(self, order: BadgeOrder, *, duplicata: bool) -> Ticket:
        """A badge as a ticket."""
        ...

    def slip(self, slip: Slip, *, duplicata: bool) -> Ticket:
        """A slip as a ticket."""
        ...

    def test_page(self, slip: Slip) -> Ticket:
        """The slip, and what else tells how the printer is set."""
        ...

    def drawer_kick(self) -> Ticket:
        """What opens the drawer that hangs on the printer."""
        ...

    def preview(self, order: BadgeOrder, *, duplicata: bool) -> Preview:
        """A badge as it would be printed."""
        ...
