"""What a reader is to the rest of the daemon: the events it makes and the three methods it has.

The contract of a driver, told at length in docs/drivers.md: `match` is pure and opens nothing; `open` gives a transport
that nobody else can take; `run` is one session on it. Who opens again, when, and how long to wait is the supervisor's
business, never the driver's.
"""

import enum
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from daemon.domain.code import ScannedCode

CONTRACT: Final = 1
"""Version of what this module asks of a driver. It grows when a driver written for the old one would not work."""


class Refusal(enum.StrEnum):
    """Why a reading did not become a `CardRead`. It never comes with what was read."""

    CUT = enum.auto()
    """The line fell silent, or was unplugged, inside a frame."""
    OVERLONG = enum.auto()
    CONTROL_BYTE = enum.auto()
    """A control byte inside a frame: a damaged byte, or a suffix that the configuration does not know."""
    NO_PREFIX = enum.auto()
    """A frame without the prefix that the configuration promises."""
    EMPTY = enum.auto()
    """Nothing after the prefix or the identifier."""
    NOT_TEXT = enum.auto()
    NOT_DIGITS = enum.auto()
    """A letter in a symbology that has none."""
    WRONG_LENGTH = enum.auto()
    CHECK_DIGIT = enum.auto()
    CHECKSUM = enum.auto()
    """The device's own sum over its frame, or a parity bit, is wrong."""
    UNREADABLE = enum.auto()
    """The device itself says that it could not read: a card swiped too fast, a tag taken away too soon."""
    NO_NUMBER = enum.auto()
    """A card without a number of its own, or without the track that the configuration names."""
    RANDOM_NUMBER = enum.auto()
    """A contactless card that makes up another number at every tap: phones, and cards set so. Never linked."""
    ADD_ON = enum.auto()
    """The supplement of a magazine's barcode: it identifies nothing."""
    PAYMENT_CARD = enum.auto()
    QUEUE_FULL = enum.auto()
    """Nobody took the reads before it."""


class DeviceState(enum.StrEnum):
    """Where a configured device stands."""

    CONNECTING = enum.auto()
    UP = enum.auto()
    ABSENT = enum.auto()
    """Not plugged in."""
    ERROR = enum.auto()
    """There, and it cannot be used; `detail` says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardRead:
    """A code was read and is to be looked up."""

    device: str
    code: ScannedCode


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRefused:
    """Something was read and will not be looked up."""

    device: str
    reason: Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRepeated:
    """The same code again, too soon to be meant: counted, not looked up."""

    device: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceHealth:
    """How a configured device is; the counts run since the daemon started."""

    device: str
    state: DeviceState
    detail: str
    """One sentence for who can mend it; empty when there is nothing to mend."""
    last_read_ms: int | None
    bad_frames: int
    suppressed: int
    """Repetitions within the debounce window."""
    reconnects: int
    refused_full: int
    """Reads refused because the queue was full."""


ReaderEvent = CardRead | ReadRefused | ReadRepeated
"""What a driver emits."""

DeviceEvent = CardRead | ReadRefused | DeviceHealth
"""What the composition root receives."""

Emit = Callable[[ReaderEvent], None]
"""Never blocks and never raises."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A device that the machine shows, described without opening it."""

    subsystem: str
    """As the kernel names it: tty, input, hidraw, usb."""
    node: str
    """`/dev/ttyACM0`: changes from one start to the next, never an identity."""
    links: tuple[str, ...] = ()
    """The stable names that udev gave it, such as `/dev/serial/by-id/...`."""
    vendor_id: str = ""
    """Four hexadecimal digits, or empty."""
    product_id: str = ""
    serial: str = ""
    model: str = ""
    uniq: str = ""
    """What an input device calls itself: the address of a Bluetooth scanner, the serial number of some others."""


class ByteTransport(Protocol):
    """An open line of bytes."""

    async def read(self) -> bytes:
        """What has arrived, at least one byte; raises DeviceAbsent when the device went away."""
        ...

    async def write(self, data: bytes) -> None:
        """Hand all of `data` to the kernel, which says nothing about the device having got it."""
        ...


Transport = TypeVar("Transport")


class Reader(Protocol[Transport]):
    """One configured reader; `Transport` is what its device speaks through, mostly a `ByteTransport`."""

    @property
    def device(self) -> str:
        """The name that the configuration gives it."""
        ...

    @property
    def watched_path(self) -> Path | None:
        """Where it stands now, and whose appearance means that it was plugged in; None: it has none, or none yet."""
        ...

    def match(self, candidate: Candidate) -> int:
        """How surely `candidate` is this device: 0 is no. Pure; never opens a port."""
        ...

    def open(self) -> AbstractAsyncContextManager[Transport]:
        """Take the device for this process alone; raises DeviceAbsent or DeviceFault with one sentence."""
        ...

    async def run(self, transport: Transport, emit: Emit) -> None:
        """One session: until cancelled, or DeviceFault."""
        ...


AnyReader: TypeAlias = Reader[Any]
"""A reader, whatever it speaks through."""
