"""What a till says of itself beside figures: the facts of a report by number. Numbers are never reused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any, Literal, TypeAlias

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
    OUTPUTS = 5
    """Of each printer, display and drawer: name, role, state, last used (ms, 0: never), reconnections."""
    COPY = 6
    """(when the copy was last proved equal, ms of head office, 0: never; values that lost; rows otherwise there)."""


@dataclass(frozen=True, slots=True)
class Told:
    """Which process of head office has been told everything, and under which lot the till holds rights."""

    hub_boot: bytes
    lot: bytes


@dataclass(frozen=True, slots=True)
class CopyTold:
    """How a till's copy is: when proved equal, values that lost and nobody settled, rows that were otherwise there."""

    proved_ms: int
    conflicts: int
    otherwise: int


def copy_told(facts: Mapping[int, Any]) -> CopyTold | None:
    """How a till says that its copy is; None, if it tells nothing or what it says is not so formed."""
    said = facts.get(Fact.COPY)
    return CopyTold(*said) if type(said) is tuple and len(said) == 3 and all(map(_is_figure, said)) else None


def disk_told(facts: Mapping[int, Any]) -> int | None:
    """How many bytes a till says are free on its disk."""
    said: Any = facts.get(Fact.DISK_FREE)
    return int(said) if _is_figure(said) else None


def _is_figure(said: Any) -> bool:
    return type(said) is int and 0 <= said < 2**62


DEVICES_MAX = 32
_NAME_MAX = 40
_STATES = frozenset({"connecting", "up", "absent", "error", "held"})
Role: TypeAlias = Literal["reader", "printer", "display", "drawer"]
_OUTPUTS = ("printer", "display", "drawer")


@dataclass(frozen=True, slots=True)
class DeviceTold:
    """How a device of a till is; the counts run since its daemon started. What is no reader has `role` and no reads."""

    device: str
    state: str
    last_read_ms: int
    bad_frames: int
    suppressed: int
    reconnects: int
    refused_full: int
    role: Role = "reader"


def device_fact(devices: Sequence[DeviceTold]) -> tuple[tuple[str | int, ...], ...]:
    """Readers, as a report carries them."""
    readers = [one for one in devices if one.role == "reader"]
    return tuple((one.device[:_NAME_MAX], *astuple(one)[1:-1]) for one in readers[:DEVICES_MAX])


def output_fact(devices: Sequence[DeviceTold]) -> tuple[tuple[str | int, ...], ...]:
    """What prints, shows or opens, as a report carries it: apart, for a head office that knows of readers only."""
    others = [one for one in devices if one.role != "reader"]
    return tuple(
        (one.device[:_NAME_MAX], one.role, one.state, one.last_read_ms, one.reconnects) for one in others[:DEVICES_MAX]
    )


def devices_told(facts: Mapping[int, Any]) -> tuple[DeviceTold, ...] | None:
    """The devices that a till tells; None, if it tells nothing or what it says is not such devices."""
    readers: Any = facts.get(Fact.DEVICES)
    others: Any = facts.get(Fact.OUTPUTS, ())
    if not (_are(readers, _is_reader) and _are(others, _is_output)):
        return None
    return (
        *(DeviceTold(*one) for one in readers),
        *(DeviceTold(name, state, last_ms, 0, 0, times, 0, role) for name, role, state, last_ms, times in others),
    )


def _are(said: Any, is_one: Callable[[object], bool]) -> bool:
    return type(said) is tuple and len(said) <= DEVICES_MAX and all(map(is_one, said))


def _is_reader(said: object) -> bool:
    return type(said) is tuple and len(said) == 7 and _is_told(said[0], said[1], said[2:])


def _is_output(said: object) -> bool:
    return type(said) is tuple and len(said) == 5 and said[1] in _OUTPUTS and _is_told(said[0], said[2], said[3:])


def _is_told(name: object, state: object, figures: Sequence[object]) -> bool:
    is_named = type(name) is str and len(name) <= _NAME_MAX and type(state) is str and state in _STATES
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
