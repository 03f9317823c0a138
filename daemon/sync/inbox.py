"""One feed as a till hears it: frames in order, gaps held and fetched, marks compared where they were made.

Frames come live and as ranges, bundled differently; what overlaps is trimmed, what leaves a gap waits (at most 64
frames), what is missing is asked for after a wait that spreads a whole chain's questions over time.
"""

from dataclasses import dataclass, field, replace

from daemon.domain.feed import Cursor, Frame, Mark, Scope
from daemon.sync.commands import Apply, Command, Compare, Send, Settle
from daemon.sync.wire import RangeWanted

HELD_FRAMES_MAX = 64
RANGE_FRAMES = 16
"""Frames asked for at once."""

RANGE_PATIENCE_MS = 10_000
"""Ask again when a range has brought nothing for so long."""

GAP_SPREAD_MS = 10_000
"""A gap is asked for after a wait of up to so long, by chance: the whole shop may have lost the same frame."""


@dataclass(slots=True)
class Inbox:
    """What is known and held of one feed."""

    scope: Scope
    cursor: Cursor
    known_head: int = 0
    held: dict[int, Frame] = field(default_factory=dict)
    applying: bool = False
    ask_at_ms: int | None = None
    asked: bool = False
    coming: int = 0
    """Frames of the range under way that have not come."""
    range_head: int = 0
    """The head when it was asked for; frames beyond it are live ones."""
    mark: Mark | None = None
    as_new_as: int = 0
    """What was taken the hub read when the feed stood here: at no earlier place is this replica equal."""

    def behind(self) -> int:
        """How many records the hub has ordered that are not applied here."""
        return max(self.known_head - self.cursor.offset, 0)

    @property
    def is_caught_up(self) -> bool:
        """Whether all that is known to have been ordered is applied here."""
        return not self.applying and not self.behind()

    def stand(self, cursor: Cursor) -> None:
        """Take a cursor that was moved otherwise (a new link, a rewind)."""
        if cursor.generation != self.cursor.generation or cursor.offset < self.cursor.offset:
            self.held.clear()
        if cursor.generation != self.cursor.generation:
            self.as_new_as = 0
        self.cursor = cursor
        self.applying = False
        self.asked = False
        self.ask_at_ms = None

    def hear(self, frame: Frame) -> None:
        """Hold a frame until its turn; frames of the past and of other generations are dropped."""
        if frame.generation != self.cursor.generation or frame.last <= self.cursor.offset or not frame.records:
            return
        self.known_head = max(self.known_head, frame.last)
        if frame.first <= self.range_head:
            self.coming = max(self.coming - 1, 0)
        if len(self.held) < HELD_FRAMES_MAX or frame.first == self.cursor.offset + 1:
            self.held[frame.first] = frame

    def hear_mark(self, mark: Mark) -> None:
        """Remember a mark until this replica stands where it was made."""
        if mark.cursor.generation == self.cursor.generation:
            self.known_head = max(self.known_head, mark.cursor.offset)
            self.mark = mark

    def took_rows(self, offset: int) -> None:
        """Rows were taken as the hub held them at this offset."""
        self.as_new_as = max(self.as_new_as, offset)

    def applied(self, cursor: Cursor) -> None:
        """The frame under way is durable."""
        self.cursor = cursor
        self.applying = False
        self.held = {first: frame for first, frame in self.held.items() if frame.last > cursor.offset}

    def failed(self, now_ms: int) -> None:
        """The frame under way did not fit: ask for that place again, later."""
        self.applying = False
        self.held = {first: frame for first, frame in self.held.items() if first > self.cursor.offset + 1}
        self.asked = True
        self.ask_at_ms = now_ms + RANGE_PATIENCE_MS

    def next(self, now_ms: int, spread_ms: int, chance: float) -> list[Command]:
        """What to do now; `chance` in [0, 1) spreads questions."""
        if self.applying:
            return []
        frame = self._next_frame()
        if frame is not None:
            self.applying = True
            # A range that has come whole is followed by the next one as soon as it is applied.
            self.ask_at_ms = now_ms + RANGE_PATIENCE_MS if self.asked and self.coming else None
            return [Apply(frame)]
        found: list[Command] = []
        if self.mark is not None and self.mark.cursor.offset <= self.cursor.offset:
            if self.mark.cursor.offset == self.cursor.offset:
                found += self._prove(self.mark)
            self.mark = None
        if self.behind() == 0:
            self.asked, self.ask_at_ms = False, None
            return found
        return found + self._ask(now_ms, spread_ms, chance)

    def _prove(self, mark: Mark) -> list[Command]:
        """Hold a mark of this very place against the replica; on another history its backup proves nothing."""
        found: list[Command] = [Compare(mark)] if mark.is_whole and mark.cursor.offset >= self.as_new_as else []
        if mark.backed_up and mark.cursor.chain == self.cursor.chain:
            found.append(Settle(0, mark.backed_up))
        return found

    def _next_frame(self) -> Frame | None:
        """The held frame with the next record, without what is applied already."""
        wanted = self.cursor.offset + 1
        for first in sorted(self.held):
            frame = self.held[first]
            if first > wanted:
                return None
            if frame.last >= wanted:
                del self.held[first]
                self.as_new_as = max(self.as_new_as, frame.head)
                # A whole frame must continue the chain that it says; a trimmed one continues this replica's.
                chain = frame.chain if first == wanted else self.cursor.chain
                return replace(frame, first=wanted, chain=chain, records=frame.records[wanted - first :])
            del self.held[first]
        return None

    def _ask(self, now_ms: int, spread_ms: int, chance: float) -> list[Command]:
        if self.ask_at_ms is None:
            # A first question waits its turn.
            wait = 0 if self.asked else int(chance * spread_ms)
            self.ask_at_ms = now_ms + wait
        if now_ms < self.ask_at_ms:
            return []
        self.asked, self.coming, self.range_head = True, RANGE_FRAMES, self.known_head
        self.ask_at_ms = now_ms + RANGE_PATIENCE_MS
        return [Send(RangeWanted(self.scope, self.cursor.generation, self.cursor.offset, RANGE_FRAMES))]
