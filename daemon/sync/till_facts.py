"""What a till says of itself beside figures: the facts of a report by number. Numbers are never reused."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from enum import IntEnum
from typing import Any

from daemon.domain.audit import WITNESS_STEPS, Place


class Fact(IntEnum):
    """The facts that this version knows; others are kept as they came."""

    AUDIT = 1
    """Places of the audit trail: (number, link) each."""
    DEVICES = 2
    """Of each device: name, state, last read (ms, 0: never), bad frames, repetitions, reconnections, reads refused."""
    DISK_FREE = 3
    """Bytes that are free where the state lies."""
    TOLD = 4
    """(boot of head office, holder's lot): that process has all that this till had to say or to give back."""


@dataclass(frozen=True, slots=True)
class Told:
    """Which process of head office has been told everything, and under which lot the till holds rights."""

    hub_boot: bytes
    lot: bytes


DEVICES_MAX = 32
_NAME_MAX = 40
_STATES = frozenset({"connecting", "up", "absent", "error", "held"})


@dataclass(frozen=True, slots=True)
class DeviceTold:
    """How a device of a till is; the counts run since its daemon started."""

    device: str
    state: str
    last_read_ms: int
    bad_frames: int
    suppressed: int
    reconnects: int
    refused_full: int


def device_fact(devices: Sequence[DeviceTold]) -> tuple[tuple[str | int, ...], ...]:
    """Devices, as a report carries them."""
    return tuple((one.device[:_NAME_MAX], *astuple(one)[1:]) for one in devices[:DEVICES_MAX])


def devices_told(facts: Mapping[int, Any]) -> tuple[DeviceTold, ...] | None:
    """The devices that a till tells; None, if it tells nothing or what it says is not such devices."""
    said = facts.get(Fact.DEVICES)
    if type(said) is not tuple or len(said) > DEVICES_MAX or not all(map(_is_device, said)):
        return None
    return tuple(DeviceTold(*one) for one in said)


def _is_device(said: object) -> bool:
    if type(said) is not tuple or len(said) != len(fields(DeviceTold)):
        return False
    name, state, *figures = said
    is_named = type(name) is str and len(name) <= _NAME_MAX and state in _STATES
    return is_named and all(type(figure) is int and 0 <= figure < 2**62 for figure in figures)


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
