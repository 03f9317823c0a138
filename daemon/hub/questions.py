"""Questions of tills for frames and rows, answered in turn.

A till that asks for weeks does not keep the others waiting: each turn answers one frame or one portion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from daemon.domain.element import Key
from daemon.domain.feed import Frame, Scope
from daemon.domain.portion import Part, Portion
from daemon.hub import commands as do
from daemon.sync import wire
from daemon.sync.wire_rows import Rows

ANSWERS_MAX = 32
"""The most frames or portions that one question may ask for."""


TOGETHER_AT = (4, 64, 1024)
"""A frame that so many tills ask for within a mark's time is published for all; again for those who came later."""


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
    """Rows of a scope and a part after a key; of these buckets, or of all (none)."""

    site: int
    scope: Scope
    after: Key
    buckets: frozenset[int]
    left: int
    ticket: bytes
    part: Part = Part.WHOLE

    def command(self) -> do.Command:
        """Find the next portion."""
        return do.FindRows(self.scope, self.after, self.buckets, self.site, self.part)


Question = FramesAsked | RowsAsked


@dataclass(slots=True)
class Questions:
    """What is to be answered, in turn."""

    waiting: list[Question] = field(default_factory=list)
    answering: bool = False
    said: dict[tuple[Scope, int], int] = field(default_factory=dict)
    """How many have lately asked for a frame."""

    def forget(self) -> None:
        """A while has passed: what is asked for now was missed anew."""
        self.said.clear()

    def drop(self, sites: frozenset[int]) -> None:
        """These sites get no answers any more; what is being found for one is found for nobody."""
        if any(one.site in sites for one in self.waiting):
            self.waiting = [one for one in self.waiting if one.site not in sites]

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
        told: do.Command = do.Send(site, wire.Ordered(frame))
        served = [question]
        others = [one for one in self.waiting if isinstance(one, FramesAsked) and _asks_for(one, scope, frame)]
        before = self.said.get((scope, frame.first), 0)
        after = self.said[scope, frame.first] = before + 1 + len(others)
        if any(before < enough <= after for enough in TOGETHER_AT):
            # The whole chain comes back after an outage of the broker: once on the feed serves everybody, those too
            # who wait before they ask.
            told = do.Publish(scope, wire.Ordered(frame))
            served += others
            self.waiting = [one for one in self.waiting if not any(one is other for other in others)]
        for one in served:
            one.after, one.left = frame.last, one.left - 1
        self.waiting += [one for one in served if one.left > 0]
        return (told, *self.next())

    def rows_found(self, site: int, portion: Portion) -> Sequence[do.Command]:
        """The next portion for a till; one that answers what it does not ask any more is not sent."""
        self.answering = False
        question = self._take(site, portion.scope, RowsAsked)
        if not isinstance(question, RowsAsked):
            return self.next()
        if (question.after, question.part) != (portion.after, portion.part):
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


def _asks_for(one: FramesAsked, scope: Scope, frame: Frame) -> bool:
    return one.scope == scope and one.after == frame.first - 1


def _is_same(one: Question, other: Question) -> bool:
    return type(one) is type(other) and (one.site, one.scope) == (other.site, other.scope)
