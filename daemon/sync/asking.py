"""What a till has asked head office and waits for: pure. Said again while nothing comes, given up at the deadline."""

from dataclasses import dataclass, field

from daemon.sync.wire_questions import Asked, Reply

AGAIN_MS = 1_500
"""A question that was not answered so long is said again, under its ticket: it, or its answer, was lost."""

WAITING_MAX = 16
"""Questions at once; whoever asks more waits for the answers first."""


@dataclass(slots=True)
class _Open:
    """A question under way."""

    question: Asked
    again_at_ms: int
    until_ms: int


@dataclass(slots=True)
class Asking:
    """The questions under way, by ticket."""

    waiting: dict[bytes, _Open] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether so much is asked that nothing more may be."""
        return len(self.waiting) >= WAITING_MAX

    def ask(self, question: Asked, *, until_ms: int, now_ms: int) -> Asked:
        """Begin to wait for an answer; what is returned is to be said."""
        assert not self.is_full, "whoever asks looks first whether there is room"
        self.waiting[question.ticket] = _Open(question, now_ms + AGAIN_MS, until_ms)
        return question

    def hear(self, reply: Reply) -> bool:
        """Whether somebody waits for this answer: one that comes twice, or too late, is nobody's."""
        return self.waiting.pop(reply.ticket, None) is not None

    def give_up(self, ticket: bytes) -> None:
        """Whoever asked does not wait any more."""
        self.waiting.pop(ticket, None)

    def tick(self, now_ms: int) -> tuple[list[Asked], list[bytes]]:
        """What is to be said again, and the tickets whose deadline has passed."""
        late = [ticket for ticket, one in self.waiting.items() if now_ms >= one.until_ms]
        for ticket in late:
            del self.waiting[ticket]
        due = [one for one in self.waiting.values() if now_ms >= one.again_at_ms]
        for one in due:
            one.again_at_ms = now_ms + AGAIN_MS
        return [one.question for one in due], late
