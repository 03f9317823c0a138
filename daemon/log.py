"""Logging to standard error and through it to the journal: one line an event, and nothing about a person in it.

Our own modules log through `daemon.journal.event`, which takes numbers and short names only. Lines of libraries are cut
down to the sentence that their authors wrote, without what was put into it at run time.
"""

import logging
import os
import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, TextIO

from typing_extensions import override

from daemon.journal import describe, event, failure

__all__ = ["OURS", "Line", "RateLimit", "configure", "describe", "event", "failure"]

OURS: Final = "daemon"
_FOREIGN_LENGTH_MAX: Final = 160
_PRIORITIES: Final = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""syslog levels as sd-daemon(3) reads them from the start of a line."""
_SILENT: Final = ("aiohttp.access",)
"""Their lines are made of requests, and a request may hold a name."""


class RateLimit(logging.Filter):
    """Lets the first `burst` lines of one kind through in each `period_s`, and says later how many it kept back.

    A kind is a logger with an event's name, or with the sentence before anything was put into it.
    """

    def __init__(self, burst: int = 5, period_s: float = 60.0, kinds_max: int = 256) -> None:
        super().__init__()
        self._burst = burst
        self._period_s = period_s
        self._kinds_max = kinds_max
        self._seen: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the line; notes on it how many were kept back before."""
        kind = (record.name, str(getattr(record, "event", record.msg)))
        since, count = self._seen.pop(kind, (record.created, 0))
        if not 0 <= record.created - since < self._period_s:
            record.kept_back = max(0, count - self._burst)
            since, count = record.created, 0
        self._seen[kind] = (since, count + 1)
        if len(self._seen) > self._kinds_max:
            self._seen.popitem(last=False)
        return count < self._burst


class Line(logging.Formatter):
    """One line a record; for the journal with its priority, for a terminal with the time."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__(datefmt="%H:%M:%S")
        self._journal = journal

    @override
    def format(self, record: logging.LogRecord) -> str:
        """The line: priority or time, logger, words, where an exception came from."""
        words = record.getMessage() if _is_ours(record) else _foreign(record)
        if record.exc_info and record.exc_info[1] is not None:
            words += f" ({describe(record.exc_info[1])})"
        kept_back = getattr(record, "kept_back", 0)
        if kept_back:
            words += f" ({kept_back} more like this were left out)"
        head = (
            self._priority(record) if self._journal else f"{self.formatTime(record, self.datefmt)} {record.levelname} "
        )
        return f"{head}{record.name.removeprefix(f'{OURS}.')}: {' '.join(words.split())}"

    def _priority(self, record: logging.LogRecord) -> str:
        return f"<{next((number for level, number in _PRIORITIES if record.levelno >= level), 7)}>"


def configure(level: str, *, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Send all logging to `stream` (standard error), in the journal's form where systemd listens; once, at start."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Line(journal="JOURNAL_STREAM" in environ))
    handler.addFilter(RateLimit())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    for name in _SILENT:
        logging.getLogger(name).disabled = True


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def _foreign(record: logging.LogRecord) -> str:
    """The first line of what the library's author wrote, `%s` and all."""
    lines = str(record.msg).splitlines() or [""]
    return lines[0][:_FOREIGN_LENGTH_MAX]
