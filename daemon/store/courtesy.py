"""Whoever asks goes first: a unit that writes pauses between its statements' steps while somebody reads.

Both run in threads of one interpreter. Beside a merge, a reader would wait at each of its statements until the
interpreter is handed over, and have half of it between; one search in a hundred took three times as long as alone.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from daemon.clock import Clock, SystemClock

STEPS: Final = 500
"""Steps of SQLite's machine after which a unit that writes looks whether somebody reads: some tens of microseconds."""

SAVED_MAX_S: Final = 0.03
"""A writer gives away as long as it has worked, and so much at once: who reads all the time makes it take twice as
long, and no longer."""

WORTH_S: Final = 0.001
"""Less is not given away at once: to be woken costs the reader more than that brings."""

QUIET_S: Final = 1.0
"""Who has not searched for so long looks at what was found; who hesitates between two letters is quicker."""

WORKED_ON: Final = 8
"""Things that a unit works on between two looks whether somebody reads: some hundreds of microseconds."""

T = TypeVar("T")


class Courtesy:
    """Who reads now, and how much of its time the writer may still give away.

    `wait`: for so many seconds at the most; where `clock` is not the system's, one that it goes by.
    """

    def __init__(self, clock: Clock | None = None, wait: Callable[[float], object] | None = None) -> None:
        self._clock = clock or SystemClock()
        # Told, not looked for again and again: each look would take the interpreter from who reads.
        self._free = threading.Event()
        self._free.set()
        self._wait = wait or self._free.wait
        self._readers = 0
        self._last_search_s = -QUIET_S
        self._saved_s, self._looked_s = SAVED_MAX_S, self._clock.monotonic_s()

    @contextmanager
    def reading(self, *, is_search: bool = False) -> Iterator[None]:
        """Somebody reads, from when they ask until they have their answer; `is_search`: and types."""
        self._readers += 1
        self._free.clear()
        self._last_search_s = self._clock.monotonic_s() if is_search else self._last_search_s
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._free.set()

    def is_quiet(self) -> bool:
        """Whether nobody has searched for a while."""
        return self._clock.monotonic_s() - self._last_search_s >= QUIET_S

    def give_way(self) -> int:
        """On the writer's thread, as SQLite's progress handler: pause while somebody reads. 0: go on, always."""
        if self._readers:
            began = self._clock.monotonic_s()
            self._saved_s = min(SAVED_MAX_S, self._saved_s + began - self._looked_s)
            if self._saved_s >= WORTH_S:
                self._wait(self._saved_s)
            self._looked_s = self._clock.monotonic_s()
            self._saved_s -= self._looked_s - began
        return 0


def paced(conn: Any, things: Iterable[T]) -> Iterator[T]:
    """The things, one by one; every few of them a connection that gives way does so.

    For work between statements: there SQLite's handler is not asked, and a merge computes for a third of its time.
    """
    give_way = getattr(conn, "give_way", None)
    if give_way is None:
        yield from things
        return
    for at, thing in enumerate(things):
        if not at % WORKED_ON:
            give_way()
        yield thing
