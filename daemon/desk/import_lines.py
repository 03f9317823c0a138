"""The lines of an import's file, as its units of work take them: read in a thread, or in a process beside.

Reading costs about a quarter of writing. In a thread it only takes turns with it; a process has the other core, for a
start of a few tenths of a second and some thirty megabytes, while a long import runs.
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import Any, Final, Protocol

from typing_extensions import override

from daemon.desk.import_reader import LENGTH_BYTES, Answer, framed
from daemon.domain.import_file import Opened, Order, ReadLine, open_customers
from daemon.errors import OperatorMistake
from daemon.journal import event
from daemon.typed import parse_json, to_json

logger = logging.getLogger(__name__)

BESIDE_BYTES_MIN: Final = 256 * 1024
"""From about two thousand lines on a process is worth its start."""

READERS_MAX: Final = 3
"""So many readers in a row may end without having given a line; then the file is read here."""

READER: Final = (sys.executable, "-P", "-m", "daemon.desk.import_reader")

Parts = Callable[[], Awaitable[Sequence[bytes]]]
"""Gives the file, part by part."""


class Lines(Protocol):
    """What is left of a file."""

    @property
    def opened(self) -> Opened:
        """What the file is."""

    async def take(self, many: int) -> Sequence[Any]:
        """The next lines, at most so many; none: that was all. Raises OperatorMistake."""


class LinesHere(Lines):
    """Lines that a thread of this process reads."""

    def __init__(self, opened: Opened, lines: Iterator[Any]) -> None:
        self._opened, self._lines = opened, lines

    @property
    @override
    def opened(self) -> Opened:
        return self._opened

    @override
    async def take(self, many: int) -> Sequence[Any]:
        # Not beside the writing: two threads that hand the interpreter over at each statement take twice as long.
        return await asyncio.to_thread(list, islice(self._lines, many))


@asynccontextmanager
async def customer_lines(order: Order, parts: Parts, *, size: int) -> AsyncIterator[Lines]:
    """Open a file of so many bytes; whoever reads it beside ends with this block. Raises OperatorMistake."""
    if size < BESIDE_BYTES_MIN:
        yield await _here(order, parts)
        return
    lines = _LinesBeside(order, parts)
    try:
        await lines.begin()
        yield lines
    finally:
        await lines.end()


async def _here(order: Order, parts: Parts) -> LinesHere:
    return LinesHere(*await asyncio.to_thread(open_customers, b"".join(await parts()), order))


class _Gone(Exception):
    """The process that read has ended, whoever ended it."""


class _LinesBeside(Lines):
    """Lines that a process reads; when it ends before its time another goes on behind the last line that it gave.

    How far it reads ahead is bounded by the pipe: it waits until somebody takes what it has written.
    """

    def __init__(self, order: Order, parts: Parts) -> None:
        self._order, self._parts = order, parts
        self._opened: Opened | None = None
        self._reader: _Reader | None = None
        self._here: LinesHere | None = None
        self._ready: deque[ReadLine] = deque()
        self._is_all = False
        self._gone = 0

    @property
    @override
    def opened(self) -> Opened:
        assert self._opened is not None, "begin comes first"
        return self._opened

    async def begin(self) -> None:
        """Open the file."""
        while self._opened is None:
            answer = await self._answer()
            self._opened = answer.opened if answer is not None else self._opened

    @override
    async def take(self, many: int) -> Sequence[ReadLine]:
        while len(self._ready) < many and not self._is_all and self._here is None:
            answer = await self._answer()
            if answer is not None:
                self._ready += answer.lines
                self._is_all = answer == Answer()
        if self._here is not None and not self._ready:
            return await self._here.take(many)
        return [self._ready.popleft() for _ in range(min(many, len(self._ready)))]

    async def end(self) -> None:
        """Let the reader go."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.end()

    async def _answer(self) -> Answer | None:
        """What the reader says next; None where it has ended, and the next one is to be asked."""
        try:
            if self._reader is None:
                self._reader = await _Reader.start(self._order, await self._parts())
            answer = await self._reader.answer()
        except (_Gone, OSError):
            await self.end()
            await self._count_gone()
            return None
        if answer.refused:
            raise OperatorMistake(answer.refused)
        if answer.lines:
            self._gone = 0
            self._order = replace(self._order, skipped=self._order.skipped + len(answer.lines))
        return answer

    async def _count_gone(self) -> None:
        """One reader more has ended before its time: with the last that may, this process reads."""
        self._gone += 1
        event(logger, "import-reader-gone", logging.WARNING, times=self._gone)
        if self._gone >= READERS_MAX:
            self._here = await _here(self._order, self._parts)
            self._opened = self._opened or self._here.opened


class _Reader:
    """A process that reads, seen from the one that it reads for."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @staticmethod
    async def start(order: Order, parts: Sequence[bytes]) -> "_Reader":
        """Start one and hand it the file; raises OSError where none can be started."""
        pipe, none = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*READER, stdin=pipe, stdout=pipe, stderr=none)
        reader = _Reader(process)
        try:
            await reader._hand_over(order, parts)
        except BaseException:
            await reader.end()
            raise
        return reader

    async def _hand_over(self, order: Order, parts: Sequence[bytes]) -> None:
        given = self._process.stdin
        assert given is not None, "it was asked for"
        given.writelines(framed(to_json(order)))
        given.write(sum(map(len, parts)).to_bytes(LENGTH_BYTES, "big"))
        for part in parts:
            given.write(part)
            await given.drain()
        given.close()

    async def answer(self) -> Answer:
        """What it says next; raises _Gone."""
        said = self._process.stdout
        assert said is not None, "it was asked for"
        try:
            length = int.from_bytes(await said.readexactly(LENGTH_BYTES), "big")
            return parse_json(await said.readexactly(length), Answer)
        except (asyncio.IncompleteReadError, OperatorMistake):
            pass  # also another version, when the program was exchanged while this one runs
        raise _Gone  # not from what was read by then: it holds a line

    async def end(self) -> None:
        """End it; harmless when it has ended."""
        with suppress(ProcessLookupError):
            self._process.kill()
        # What it had still to say is taken out of the pipe: else the pipe, and who waits for it, would stay.
        await self._process.communicate()
