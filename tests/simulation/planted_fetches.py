"""Bugs of filling, repairing and scrubbing: of rows that come beside the feed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from daemon.domain.element import Key
from daemon.domain.feed import Cursor
from daemon.domain.mending import read_sound
from daemon.domain.portion import Filling, Portion
from daemon.hub.mending import Mending
from daemon.store import following, missed_rows, taking
from daemon.sync import commands as do
from daemon.sync.refetch import Refetch
from daemon.sync.upkeep import Upkeep
from daemon.sync.wire_rows import Rows
from daemon.till import performer as till_performer
from tests.simulation.planting import Plant, patched, together


def rows_of_any_time_are_taken() -> AbstractContextManager[None]:
    """An answer to an older question is taken like one to the last, however long ago it was read."""

    def hear_rows(self: Refetch, rows: Rows, here: Cursor, now_ms: int) -> list[do.Command]:
        portion = rows.portion
        if self.is_busy or (portion.scope, portion.after) != (self.scope, self.after):
            return []
        if self.is_fill and self.start is None:
            self.start = portion.cursor
        self.is_busy = True
        self.coming -= 1
        return [do.TakeRows(portion, tuple(self.buckets), is_fill=self.is_fill)]

    return patched(Refetch, "hear_rows", hear_rows)


def followed_from_the_last_rows() -> AbstractContextManager[None]:
    """After a fill the feed goes on from where its last rows were read, not its first."""
    real = taking.fill

    def fill(conn: Any, here: Any, portion: Portion) -> Any:
        left = real(conn, here, portion)
        if left is None:
            here.save_cursor(conn, portion.scope, portion.cursor)
        return left

    return patched(taking, "fill", fill)


def second_pass_forgotten() -> AbstractContextManager[None]:
    """A fill ends with what a counter serves with; sales and months never come."""
    real = taking._left

    def left(here: Filling, portion: Portion) -> Filling | None:
        found = real(here, portion)
        return None if found is not None and found.part is not here.part else found

    return together(patched(taking, "_left", left), patched(Refetch, "history", lambda self, now_ms: None))


def judged_before_its_history() -> AbstractContextManager[None]:
    """A till is held against marks between the two passes of its fill."""
    return patched(following, "is_filling", lambda conn, scope: False)


def filled_before_all_is_acknowledged() -> AbstractContextManager[None]:
    """A fill begins while own records are on their way: the rows may hold them, and no echo of them will come."""
    return patched(Refetch, "is_ready", lambda self, *, settled: True)


def waiting_records_not_laid_over() -> AbstractContextManager[None]:
    """The rows of head office replace what was saved here and has not reached them."""
    return patched(taking, "_waiting", lambda conn: iter(()))


def entries_dropped() -> AbstractContextManager[None]:
    """An entry that head office does not hold is dropped like any other row."""
    real = taking._meet

    def meet(conn: Any, here: Any, run: Any, key: Key, stored: tuple[bytes, bytes]) -> None:
        if read_sound(key, *stored) is None:
            real(conn, here, run, key, stored)
            return
        with patched(taking, "_is_entry", lambda key: False):
            real(conn, here, run, key, stored)

    return patched(taking, "_meet", meet)


def nothing_is_dropped() -> AbstractContextManager[None]:
    """What head office does not hold stays, whatever it says."""
    return patched(taking, "_is_missing", lambda portion, key, scope: False)


def damage_is_not_looked_for() -> AbstractContextManager[None]:
    """A row is taken to be what it was when it was written."""
    return patched(till_performer, "scrub", lambda conn, here, after: (None, {}))


def fetch_stands_at_damage() -> AbstractContextManager[None]:
    """A portion that cannot be taken in because of a damaged row is waited for, for ever."""
    return patched(Upkeep, "_fetch_first", lambda self, hit, scope, buckets: None)


def hub_keeps_its_damage() -> AbstractContextManager[None]:
    """Head office finds its damaged rows, asks nobody and does not look into its log."""
    return together(
        patched(Mending, "ask", lambda self, site, now_ms: []),
        patched(missed_rows, "_remake", lambda conn, key, stored, digest: False),
    )


def hub_believes_whoever_answers() -> AbstractContextManager[None]:
    """What a till holds takes the place of a damaged row, whatever its hash was."""
    return patched(missed_rows, "is_what_stood", lambda key, body, stored, digest: True)


PLANTED: Sequence[Plant] = (
    rows_of_any_time_are_taken,
    followed_from_the_last_rows,
    second_pass_forgotten,
    judged_before_its_history,
    filled_before_all_is_acknowledged,
    waiting_records_not_laid_over,
    entries_dropped,
    nothing_is_dropped,
    damage_is_not_looked_for,
    fetch_stands_at_damage,
    hub_keeps_its_damage,
    hub_believes_whoever_answers,
)
