"""Questions of tills for frames and rows, answered in turn.

A till that asks for weeks does not keep the others waiting: each turn answers one frame or one portion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from daemon.domain.element import Key
from daemon.domain.feed import Frame, Scope
from daemon.domain.portion import Portion
from daemon.hub import commands as do
from daemon.sync import wire
from daemon.sync.wire_rows import Rows

ANSWERS_MAX = 32
"""The most frames or portions that one question may ask for."""


@dataclass(slots=True)
class FramesAsked:
    """Frames of a feed after an offset."""

    site: int
    scope: Scope
    after: int
    left: int

    def command(self) -> do.Command:
        """Find the next frame."""
        return do.FindFrame(self.scope, self.after, self.site)


@dataclass(slots=True)
class RowsAsked:
    """Rows of a scope after a key; of these buckets, or of all (none)."""

    site: int
    scope: Scope
    after: Key
    buckets: frozenset[int]
    left: int
    ticket: bytes

    def command(self) -> do.Command:
        """Find the next portion."""
        return do.FindRows(self.scope, self.after, self.buckets, self.site)


Question = FramesAsked | RowsAsked


@dataclass(slots=True)
class Questions:
    """What is to be answered, in turn."""

    waiting: list[Question] = field(default_factory=list)
    answering: bool = False

    def ask(self, question: Question) -> Sequence[do.Command]:
        """Take a question in, in place of an older one of the same till for the same thing."""
        question.left = min(question.left, ANSWERS_MAX)
        self.waiting = [one for one in self.waiting if not _is_same(one, question)]
        self.waiting.append(question)
        return self.next()

    def next(self) -> Sequence[do.Command]:
        """Find the next answer, if none is being found."""
        if self.answering or not self.waiting:
            return ()
        self.answering = True
        return (self.waiting[0].command(),)

    def frame_found(self, site: int, scope: Scope, frame: Frame | None) -> Sequence[do.Command]:
        """The next frame for a till, or None at the head of the feed."""
        self.answering = False
        question = self._take(site, scope, FramesAsked)
        if not isinstance(question, FramesAsked) or frame is None:
            return self.next()
        question.after, question.left = frame.last, question.left - 1
        if question.left > 0:
            self.waiting.append(question)
        return (do.Send(site, wire.Ordered(frame)), *self.next())

    def rows_found(self, site: int, portion: Portion) -> Sequence[do.Command]:
        """The next portion for a till; one that answers what it does not ask any more is not sent."""
        self.answering = False
        question = self._take(site, portion.scope, RowsAsked)
        if not isinstance(question, RowsAsked):
            return self.next()
        if question.after != portion.after:
            self.waiting.append(question)
            return self.next()
        question.left -= 1
        if portion.upto is not None and question.left > 0:
            question.after = portion.upto
            self.waiting.append(question)
        return (do.Send(site, Rows(portion, question.ticket)), *self.next())

    def _take(self, site: int, scope: Scope, kind: type[Question]) -> Question | None:
        for at, one in enumerate(self.waiting):
            if (one.site, one.scope) == (site, scope) and isinstance(one, kind):
                return self.waiting.pop(at)
        return None


def _is_same(one: Question, other: Question) -> bool:
    return type(one) is type(other) and (one.site, one.scope) == (other.site, other.scope)
