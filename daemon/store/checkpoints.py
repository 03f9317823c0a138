"""Folds the write-ahead log into the database beside the writer: no commit waits for it.

SQLite would do it within whichever commit crosses a thousand pages; on a memory card, where these lie at random, that
is a second or two for whoever stands at the counter. Here a connection and a thread of its own do it after the commit;
while somebody types it is put off: a merge, a folding and a search are one more than a small machine has cores, and
the search would wait for either.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Final

from daemon.errors import ComptoirError, StoreFault
from daemon.journal import event, failure

log = logging.getLogger(__name__)

FOLD_PAGES = 1_000
"""So many pages that are in the log alone are folded; SQLite's own measure."""

LONG_PAGES = 4_000
"""A log that is so long is waited for by whoever has nobody waiting: it begins again only once all of it is folded."""

PUT_OFF_PAGES: Final = 48_000
"""A log that is so long, 192 MB, is folded though it had better wait: after some seconds of merging on a fast machine,
half a minute on a small one. Rows that change again and again are then folded once."""

LOOK_S: Final = 0.1
"""How often a folding that is put off looks whether it still is."""

KEPT_BYTES = 6 * 1024 * 1024
"""What is kept of the log's file when it begins again: what a long one holds beyond it would never be overwritten."""

STUCK_PAGES: Final = 64_000
"""A log that is so long, 256 MB, is not folded, whatever the folding says: somebody reads a moment of long ago."""

FAILURES_TOLD: Final = 3
"""From so many failures in a row on it is no accident."""

SAYS_ITS_LENGTH = (3, 51)
"""The version of SQLite from which the length of the log can be asked without folding it. Before, commits fold."""


class Checkpoints:
    """The folding of one database's log, over a connection of its own that raises `refusal`.

    `is_put_off` says whether it had better wait; it is asked on any thread.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        refusal: type[Exception],
        directory: Path = Path(),
        is_put_off: Callable[[], bool] = lambda: False,
    ) -> None:
        self._connect = connect
        self._is_put_off = is_put_off
        self._directory = directory
        self._refusal = refusal
        self._conn: Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        self._begun: Future[None] | None = None
        self._hurry = threading.Event()
        self._pages = 0
        self._left = 0
        self._failures = 0
        self._is_closed = False

    @staticmethod
    def leave_to_us(writer: Connection) -> None:
        """Settle that this connection's commits fold nothing."""
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute(f"PRAGMA journal_size_limit={KEPT_BYTES}")

    @property
    def is_long(self) -> bool:
        """Whether the log was long when it was last looked at."""
        return self._pages >= LONG_PAGES and self._pages >= self._most()

    def _most(self) -> int:
        """How long the log may become before it has to be folded."""
        return PUT_OFF_PAGES if self._is_put_off() else LONG_PAGES

    @property
    def trouble(self) -> str:
        """Why the log grows, in one sentence; empty while it is folded as it should be."""
        if self._failures >= FAILURES_TOLD:
            return (
                f"what is saved cannot be moved from the log into the database, {self._failures} times in a row:"
                f" look at the disk of {self._directory}"
            )
        if self._left >= STUCK_PAGES:
            return "the log beside the database grows, because something has been reading it for long: restart comptoir"
        return ""

    def look(self, writer: Connection) -> None:
        """Begin to fold where there is enough; on the writer's thread, after a commit."""
        with suppress(self._refusal):  # what was committed is, whatever is said of the log
            _, self._pages, folded = writer.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
            self._left = self._pages - folded
            is_free = not self._is_closed and (self._begun is None or self._begun.done())
            if self._left >= LONG_PAGES and self._left >= self._most():
                self._hurry.set()
            if is_free and self._left >= FOLD_PAGES:
                self._begun = self._thread.submit(self._fold_when_due)

    def begin(self) -> Future[None]:
        """Fold what was committed until now, after the folding that is under way."""
        self._hurry.set()
        self._begun = self._thread.submit(self._fold)
        return self._begun

    def _fold_when_due(self) -> None:
        while self._is_put_off() and not self._hurry.wait(LOOK_S):
            pass
        self._fold()

    def _fold(self) -> None:
        self._hurry.clear()
        # A disk that is full or does not answer fails the next commit too, which says so; the log stays as it is. One
        # that takes the log and refuses the database would be noticed by nobody.
        try:
            if self._conn is None:
                self._conn = self._connect()
            _, pages, folded = self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._left = pages - folded
        except (self._refusal, ComptoirError):
            self._failures += 1
            if self._failures == FAILURES_TOLD:
                failure(log, "folding-fails", StoreFault(self.trouble))
            self._let_go()
            return
        if self._failures >= FAILURES_TOLD:
            event(log, "folding-again", failures=self._failures)
        self._failures = 0

    def _let_go(self) -> None:
        """The next attempt opens the file anew."""
        if self._conn is not None:
            with suppress(self._refusal):
                self._conn.close()
        self._conn = None

    def close(self) -> None:
        """End with what is under way; what the writer commits after that is folded at the next start."""
        self._is_closed = True
        self._hurry.set()
        self._thread.shutdown(wait=True)
        self._let_go()
