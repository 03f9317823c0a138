"""Folds the write-ahead log into the database beside the writer: no commit waits for it.

SQLite would do it within whichever commit crosses a thousand pages; on a memory card, where these lie at random, that
is a second or two for whoever stands at the counter. Here a connection and a thread of its own do it after the commit.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from sqlite3 import Connection

from daemon.errors import ComptoirError

FOLD_PAGES = 1_000
"""So many pages that are in the log alone are folded; SQLite's own measure."""

LONG_PAGES = 4_000
"""A log that is so long is waited for by whoever has nobody waiting: it begins again only once all of it is folded."""

KEPT_BYTES = 6 * 1024 * 1024
"""What is kept of the log's file when it begins again: what a long one holds beyond it would never be overwritten."""

SAYS_ITS_LENGTH = (3, 51)
"""The version of SQLite from which the length of the log can be asked without folding it. Before, commits fold."""


class Checkpoints:
    """The folding of one database's log, over a connection of its own that raises `refusal`."""

    def __init__(self, connect: Callable[[], Connection], refusal: type[Exception]) -> None:
        self._connect = connect
        self._refusal = refusal
        self._conn: Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        self._begun: Future[None] | None = None
        self._pages = 0
        self._is_closed = False

    @staticmethod
    def leave_to_us(writer: Connection) -> None:
        """Settle that this connection's commits fold nothing."""
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute(f"PRAGMA journal_size_limit={KEPT_BYTES}")

    @property
    def is_long(self) -> bool:
        """Whether the log was long when it was last looked at."""
        return self._pages >= LONG_PAGES

    def look(self, writer: Connection) -> None:
        """Begin to fold where there is enough; on the writer's thread, after a commit."""
        with suppress(self._refusal):  # what was committed is, whatever is said of the log
            _, self._pages, folded = writer.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
            is_free = not self._is_closed and (self._begun is None or self._begun.done())
            if is_free and self._pages - folded >= FOLD_PAGES:
                self.begin()

    def begin(self) -> Future[None]:
        """Fold what was committed until now, after the folding that is under way."""
        self._begun = self._thread.submit(self._fold)
        return self._begun

    def _fold(self) -> None:
        # A disk that is full or does not answer fails the next commit, which says so; the log stays as it is.
        with suppress(self._refusal, ComptoirError):
            if self._conn is None:
                self._conn = self._connect()
            self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def close(self) -> None:
        """End with what is under way; what the writer commits after that is folded at the next start."""
        self._is_closed = True
        self._thread.shutdown(wait=True)
        if self._conn is not None:
            self._conn.close()
