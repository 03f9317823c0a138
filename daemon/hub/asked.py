"""What tills have asked and head office has still to answer: in turn, a till at a time; pure."""

from collections import deque
from dataclasses import dataclass, field

from daemon.sync.wire_questions import Asked

WAITING_MAX = 4
"""Questions of one till that wait; older ones go: whoever asked them asks again, or has given up."""


@dataclass(slots=True)
class Turns:
    """The questions that wait, by site; the site that was answered last comes last."""

    waiting: dict[int, deque[Asked]] = field(default_factory=dict)

    def ask(self, site: int, question: Asked) -> None:
        """Take a question in; one that waits already waits once."""
        mine = self.waiting.setdefault(site, deque(maxlen=WAITING_MAX))
        if all(one.ticket != question.ticket for one in mine):
            mine.append(question)

    def next(self) -> tuple[int, Asked] | None:
        """The next question to be answered, and whose it is."""
        if not self.waiting:
            return None
        site, mine = next(iter(self.waiting.items()))
        question = mine.popleft()
        del self.waiting[site]
        if mine:
            self.waiting[site] = mine
        return site, question
