"""Wrong tries at a customer's PIN: each till counts its own, everybody adds them up, the right PIN forgives. Pure.

Each till (each holder: a copy of a disk counts anew) writes one element of its own about a customer, and only there:

    wrong      how many wrong tries were ever made here; it only grows
    forgiven   how many of the chain's tries had been heard of here when the right PIN, or a new one, was last given

What counts is the sum of `wrong` less the greatest `forgiven`. Both only grow, so that tills agree in whatever order
they hear of each other, nobody forgives twice, and a try that the forgiver had not heard of still counts.

Bound: a PIN is closed everywhere once `CLOSED_AT` wrong tries are known there. Tills that are cut off from one another
give at most `CLOSED_AT` tries each, whatever they do and however long; one that heard of others' gives as many fewer.
A disk image that is put back gives those again that were made since, until its till speaks with head office.
"""

from collections.abc import Iterable
from typing import Any, Final

from daemon.domain import authoring
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.kinds import SHAPES, Kind
from daemon.domain.rights import Holder
from daemon.domain.value import frozen

_SHAPE: Final = SHAPES[Kind.PIN_TRIES]
WRONG: Final = _SHAPE.number("wrong")
LAST: Final = _SHAPE.number("last_ms")
FORGIVEN: Final = _SHAPE.number("forgiven")
REFUSED: Final = _SHAPE.number("refused")
REFUSED_AT: Final = _SHAPE.number("refused_ms")

FREE: Final = 3
"""Wrong tries that cost nothing: fat fingers."""
FIRST_WAIT_MS: Final = 30_000
CLOSED_AT: Final = 6
"""From so many on nothing helps but a new PIN."""
REFUSED_ONCE_MS: Final = 60_000
"""Of what is refused again and again, one a minute is told to the chain."""


@frozen
class Tries:
    """What is known of the tries at one PIN: how many count, when the last one was made, how many were ever made."""

    open: int = 0
    last_ms: int = 0
    ever: int = 0

    @property
    def is_closed(self) -> bool:
        """Whether no PIN is right any more."""
        return self.open >= CLOSED_AT

    @property
    def left(self) -> int:
        """How many more wrong tries close it."""
        return max(CLOSED_AT - self.open, 0)

    def wait_ms(self, now_ms: int) -> int:
        """How long the next try must wait: nothing for three, then 30 s, 1 min, 2 min.

        A try that is dated later than the whole delay from now tells of a wrong clock: waited for, it would lock the
        customer out until then. What bounds the tries is that they close the PIN.
        """
        if self.open < FREE:
            return 0
        delay = FIRST_WAIT_MS << min(self.open - FREE, CLOSED_AT)
        ahead_ms = self.last_ms - now_ms
        return max(0, min(delay, ahead_ms + delay)) if ahead_ms <= delay else 0


def dot_of(customer: bytes, holder: Holder) -> bytes:
    """The id of the element that one holder writes about a customer."""
    return digest8(b"pin tries/" + pack((customer, holder)))


def tries_of(known: Iterable[Element]) -> Tries:
    """What the elements of all tills come to."""
    found = [one for one in known if one.kind == Kind.PIN_TRIES and one.is_here]
    ever = sum(_count(one, WRONG) for one in found)
    forgiven = max((_count(one, FORGIVEN) for one in found), default=0)
    last_ms = max((_count(one, LAST) for one in found), default=0)
    return Tries(open=max(ever - forgiven, 0), last_ms=last_ms, ever=ever)


def wrong(own: Element | None, customer: bytes, holder: Holder, *, now_ms: int, count: int = 1) -> list[Operation]:
    """One more wrong try was made here."""
    return _say(own, customer, holder, {WRONG: _count(own, WRONG) + count, LAST: now_ms})


def forgive(own: Element | None, customer: bytes, holder: Holder, known: Tries) -> list[Operation]:
    """The right PIN was given here, or a new one: what was heard of does not count any more."""
    if known.open == 0:
        return []
    return _say(own, customer, holder, {FORGIVEN: known.ever})


def refused(own: Element | None, customer: bytes, holder: Holder, *, now_ms: int) -> list[Operation]:
    """Somebody wanted to spend more here than their proof goes for; told once a minute."""
    if own is not None and 0 <= now_ms - _count(own, REFUSED_AT) < REFUSED_ONCE_MS:
        return []
    return _say(own, customer, holder, {REFUSED: _count(own, REFUSED) + 1, REFUSED_AT: now_ms})


def _say(own: Element | None, customer: bytes, holder: Holder, fields: dict[int, Any]) -> list[Operation]:
    if own is None:
        return [authoring.add(Kind.PIN_TRIES, customer, fields, fact=dot_of(customer, holder))]
    return [authoring.change(own, fields)]


def _count(one: Element | None, number: int) -> int:
    value = one.fields.get(number) if one is not None else None
    return value if type(value) is int and value > 0 else 0
