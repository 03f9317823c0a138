"""A reader on a serial line, or anything else that brings bytes: the shell around a session that does no I/O itself.

A session takes bytes and time and gives steps: events, and bytes for the device. It decides; the shell reads, writes
and tells it of silence.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from typing_extensions import override

from daemon.clock import Clock
from daemon.drivers.device import ByteTransport, Candidate, Emit, Reader, ReaderEvent
from daemon.drivers.serial_port import SerialLine, open_serial
from daemon.errors import DeviceFault, OperatorMistake


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """Bytes for the device. They never print: an answer may be quoted in them."""

    data: bytes = field(repr=False)


Step: TypeAlias = ReaderEvent | Say
"""What a session asks of its shell, in order."""


class LineSession(Protocol):
    """One session with one device, sans-IO. Times are monotonic milliseconds."""

    @property
    def due_ms(self) -> int | None:
        """When silence is to be told, by feeding no bytes; None: whenever the device likes to speak."""
        ...

    def begin(self, now_ms: int) -> Iterable[Step]:
        """The line is open."""
        ...

    def feed(self, data: bytes, now_ms: int) -> Iterable[Step]:
        """Bytes came, or none until now. Raises DeviceFault when the device is not what it should be."""
        ...

    def close(self, now_ms: int) -> Iterable[ReaderEvent]:
        """The line is gone: give up what was begun."""
        ...


class LineReader(Reader[ByteTransport]):
    """A configured reader whose sessions are made by `make_session`."""

    def __init__(
        self, device: str, path: str, make_session: Callable[[], LineSession], clock: Clock, *, baud: int = 9600
    ) -> None:
        self._device = device
        self._line = SerialLine(path=path, baud=baud)
        self._make_session = make_session
        self._clock = clock

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._device} at {self._line.path})"

    @property
    @override
    def device(self) -> str:
        return self._device

    @property
    @override
    def watched_path(self) -> Path | None:
        return Path(self._line.path)

    @override
    def match(self, candidate: Candidate) -> int:
        """The configured path is one of its names, or not; ports that nobody configured are left alone."""
        return 100 if self._line.path in (candidate.node, *candidate.links) else 0

    @override
    def open(self) -> AbstractAsyncContextManager[ByteTransport]:
        return open_serial(self._line)

    @override
    async def run(self, transport: ByteTransport, emit: Emit) -> None:
        session = self._make_session()
        try:
            await _act(session.begin(self._now_ms()), transport, emit)
            while True:
                await self._converse(session, transport, emit)
                await _act(session.feed(b"", self._now_ms()), transport, emit)
        except DeviceFault:
            for event in session.close(self._now_ms()):
                emit(event)
            raise

    async def _converse(self, session: LineSession, transport: ByteTransport, emit: Emit) -> None:
        """Until silence is due. One alarm for all of it: to set one up for each reading delays the card by a tenth."""
        try:
            async with asyncio.timeout(None) as alarm:
                loop = asyncio.get_running_loop()
                while True:
                    if session.due_ms is not None:
                        wait_s = session.due_ms / 1000 - self._clock.monotonic_s()
                        alarm.reschedule(loop.time() + max(0.0, wait_s))
                    data = await transport.read()
                    # Silence alone is timed, not what is done about bytes: an alarm would cut what is being said.
                    alarm.reschedule(None)
                    await _act(session.feed(data, self._now_ms()), transport, emit)
        except TimeoutError:
            return

    def _now_ms(self) -> int:
        return int(self._clock.monotonic_s() * 1000)


async def _act(steps: Iterable[Step], transport: ByteTransport, emit: Emit) -> None:
    for step in steps:
        if isinstance(step, Say):
            await transport.write(step.data)
        else:
            emit(step)
            # Whoever waits for the card goes first; the device has time.
            await asyncio.sleep(0)


Rule: TypeAlias = tuple[str, bool, str]
"""A key of a reader's section, whether its value is wrong, and the sentence that says what is right."""


def refuse(*rules: Rule) -> None:
    """Raise OperatorMistake for the first rule that is broken; its `field` is the key at fault."""
    for key, wrong, sentence in rules:
        if wrong:
            raise OperatorMistake(f"{key}: {sentence}", field=key)


def line_rules(name: str, path: str, baud: int) -> tuple[Rule, ...]:
    """What holds for every reader on a serial line."""
    return (
        ("name", not name, "a device needs a name"),
        ("path", not Path(path).is_absolute(), "the path of the port starts with /"),
        ("baud", baud <= 0, "a speed in baud is above 0"),
    )
