"""What a till says of itself beside figures: the facts of a report by number. Numbers are never reused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from daemon.domain.audit import WITNESS_STEPS, Place


class Fact(IntEnum):
    """The facts that this version knows; others are kept as they came."""

    AUDIT = 1
    """Places of the audit trail: (number, link) each."""
    DEVICES = 2
    """Health of each device."""
    DISK_FREE = 3
    """Bytes that are free where the state lies."""
    TOLD = 4
    """(boot of head office, holder's lot): that process has all that this till had to say or to give back."""


@dataclass(frozen=True, slots=True)
class Told:
    """Which process of head office has been told everything, and under which lot the till holds rights."""

    hub_boot: bytes
    lot: bytes


def told_of(facts: Mapping[int, Any]) -> Told | None:
    """Whom a till has told everything; None if nobody, or what it says is not so formed."""
    said = facts.get(Fact.TOLD)
    if type(said) is tuple and len(said) == 2 and all(type(one) is bytes and len(one) == 8 for one in said):
        return Told(*said)
    return None


def audit_fact(places: Sequence[Place]) -> tuple[tuple[int, bytes], ...]:
    """Places of the audit trail, as a report carries them."""
    return tuple((place.n, place.link) for place in places)


def audit_places(facts: Mapping[int, Any]) -> tuple[Place, ...]:
    """The places of its audit trail that a till tells; none, if what it says is not such places."""
    said = facts.get(Fact.AUDIT, ())
    if type(said) is not tuple or len(said) > len(WITNESS_STEPS):
        return ()
    found = [Place(*one) for one in said if type(one) is tuple and len(one) == 2 and _is_place(*one)]
    return tuple(found) if len(found) == len(said) else ()


def _is_place(n: object, link: object) -> bool:
    return type(n) is int and 0 < n < 2**62 and type(link) is bytes and len(link) == 16
