"""Has damaged rows of head office put right: looks for them by and by, asks one till after the other for what it holds.

A pure part of the relay. Tills are asked when they speak, one every few seconds: thousands need not answer at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from daemon.domain.element import Key
from daemon.domain.portion import BEFORE_ALL
from daemon.hub import commands as do
from daemon.sync import wire
from daemon.sync.wire_rows import MISSED_MAX, RowsHeld, RowsMissed

SCRUB_EVERY_MS = 5_000
HURRY_MS = 20
ASK_EVERY_MS = 3_000
ROUND_MS = 60_000
"""A till that was asked is asked again so much later: it may have what it had not."""


@dataclass(slots=True)
class Mending:
    """Which rows are missed, and whom they were asked of."""

    missed: set[Key] = field(default_factory=set)
    asked: dict[int, int] = field(default_factory=dict)
    ask_at_ms: int = 0
    scrub_after: Key = BEFORE_ALL
    scrub_at_ms: int = 0

    def tick(self, now_ms: int) -> list[do.Command]:
        """Look at some rows now and then."""
        if now_ms < self.scrub_at_ms:
            return []
        self.scrub_at_ms = now_ms + SCRUB_EVERY_MS
        return [do.Scrub(self.scrub_after)]

    def scrubbed(self, event: do.Scrubbed, now_ms: int) -> None:
        """Some rows were looked at."""
        self.scrub_after = event.upto or BEFORE_ALL
        self.scrub_at_ms = now_ms + (HURRY_MS if event.hurry else SCRUB_EVERY_MS)
        self.miss(event.damaged)

    def miss(self, keys: Iterable[Key]) -> None:
        """These rows are damaged."""
        new = set(keys) - self.missed
        if new:
            self.missed |= new
            self.asked.clear()

    def mended(self, keys: Iterable[Key]) -> None:
        """These rows are sound again."""
        self.missed -= set(keys)

    def hear(self, message: wire.Message) -> list[do.Command]:
        """A till answers."""
        return [do.TakeHeld(message.rows)] if isinstance(message, RowsHeld) else []

    def ask(self, site: int, now_ms: int) -> list[do.Command]:
        """A till speaks: it may hold what is missed here."""
        if not self.missed or now_ms < self.ask_at_ms or now_ms < self.asked.get(site, 0):
            return []
        self.ask_at_ms = now_ms + ASK_EVERY_MS
        self.asked[site] = now_ms + ROUND_MS
        return [do.Send(site, RowsMissed(tuple(sorted(self.missed)[:MISSED_MAX])))]
