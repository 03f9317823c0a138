"""A printer that is a folder: each job a PDF file, durable before it counts as printed."""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from daemon.domain.badge import Preview
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.print_job import AllSent, Cause, Confirmed, Hold, Interrupted, JobEvent, PrintJob
from daemon.drivers.page_printer import Pages
from daemon.durable_file import write_durably
from daemon.errors import StoreFault

TRIED_ON: Final = "folders of ext4; poppler draws the files, zxing-cpp reads them"

FILE_MODE: Final = 0o640
_TITLE: Final = re.compile(rb"/Title \(([a-z0-9_-]{1,80})\)")


class FolderPrinter:
    """Writes what is printed to a folder of the configuration, from which somebody or something takes it."""

    def __init__(self, folder: Path, pages: Pages) -> None:
        self._folder = folder
        self._pages = pages

    @property
    def name(self) -> str:
        """The name that the configuration gives it."""
        return self._pages.name

    async def encode(self, job: PrintJob) -> bytes:
        """The file of a job; raises DeviceFault."""
        return await self._pages.encode(job)

    async def preview(self, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        """The badge as it would be drawn."""
        return await self._pages.preview(order, duplicata=duplicata)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["FolderPrinter"]:
        """A folder is shared without harm."""
        yield self

    async def ask(self, *, insist: bool = False) -> Hold | None:
        """A folder that is not there, or not ours to write, is a printer that is not there."""
        return None if os.access(self._folder, os.W_OK | os.X_OK) and self._folder.is_dir() else Hold.ABSENT

    async def prepare(self) -> Hold | None:
        """Pages are whole or not at all: nothing is left over."""
        return None

    async def transmit(self, ticket: bytes, report: Callable[[JobEvent], Awaitable[None]]) -> None:
        """Write the file under the name of its job: the same job again is the same file."""
        try:
            await asyncio.to_thread(write_durably, self._folder / file_name(ticket), ticket, mode=FILE_MODE)
        except StoreFault:
            await report(Interrupted(Cause.NO_ANSWER))
            return
        await report(AllSent())
        await report(Confirmed())


def file_name(ticket: bytes) -> str:
    """By the title of the file; by its digest where it has none."""
    found = _TITLE.search(ticket)
    return (found[1].decode("ascii") if found else hashlib.blake2b(ticket, digest_size=8).hexdigest()) + ".pdf"
