"""Elements: what replicas hold and must hold equal. A row, a member of a set, an entry, a tombstone.

The canonical bytes of an element are what is stored, what the digest adds up and what reveals bit rot:
[kind, entity + dot, base stamp, {field: value}, {field: stamp other than base}].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import is_not
from typing import Any

from daemon.domain.canonical import digest8, digest16, pack, unpack
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import HOLDER, SHOP_NUMBER, Kind, shape_of

Key = tuple[bytes, int, bytes]
"""(entity, kind, dot): rows have an empty dot."""


@dataclass(slots=True)
class Element:
    """One replicated thing. Treated as a value: a merge builds a new one."""

    kind: int
    entity: bytes
    dot: bytes
    base: Stamp
    fields: dict[int, Any] = field(default_factory=dict)
    stamps: dict[int, Stamp] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Where it is stored."""
        return (self.entity, self.kind, self.dot)

    @property
    def is_removed(self) -> bool:
        """Whether this is what stays of a member that was removed: its key, so that its addition cannot come after."""
        return bool(self.dot) and self.base == NO_STAMP and not self.stamps

    @property
    def is_here(self) -> bool:
        """Whether there is something to show: not of a removed member, nor of one whose addition is still to come."""
        return not self.dot or self.base != NO_STAMP

    def stamp(self, number: int) -> Stamp:
        """When the field was last set; the base where it never was since."""
        return self.stamps.get(number, self.base)

    def body(self) -> bytes:
        """Canonical bytes."""
        return pack(
            (int(self.kind), self.entity + self.dot, self.base, _ascending(self.fields), _ascending(self.stamps))
        )


def _ascending(values: dict[int, Any]) -> dict[int, Any]:
    """The same with ascending keys: nearly always as it is."""
    if len(values) < 2:
        return values
    numbers = list(values)
    return values if numbers == sorted(numbers) else dict(sorted(values.items()))


def read_body(body: bytes) -> Element:
    """An element from the bytes that this replica stored."""
    kind, ident, base, fields, stamps = unpack(body)
    return Element(kind, ident[:8], ident[8:], base, fields, stamps)


def numbers_moved(before: Element | None, after: Element | None) -> Sequence[int]:
    """The fields in which two states of one element differ: all that it has where there is only one of them."""
    if before is None or after is None:
        there = after or before
        return tuple(there.fields) if there is not None else ()
    old, new = before.fields, after.fields
    if len(old) == len(new) and list(old) == list(new):
        # What no edit has touched is the very same value in both.
        touched = compress(new, map(is_not, new.values(), old.values()))
        return [number for number in touched if old[number] != new[number]]
    moved = [number for number, value in new.items() if (was := old.get(number)) is not value and was != value]
    if len(old) != len(new) or moved:
        moved += [number for number in old if number not in new]
    return moved


def hash_of(body: bytes) -> bytes:
    """The digest's element, and the row hash that reveals bit rot."""
    return digest16(body)


def bucket_of(key: Key) -> int:
    """Which of the 65 536 buckets an element is added to: it depends on the key alone."""
    mixed = digest16(pack((int(key[1]), key[0] + key[2])))
    return mixed[0] << 8 | mixed[1]


def tombstone_key(entity: bytes) -> Key:
    """Where the mark of an erased entity lies: under the hash of its id, so that the id itself is gone."""
    return (digest8(entity), Kind.ERASE, b"")


def reach_of(kind: int) -> Reach:
    """Which replicas hold elements of this kind; kinds of newer versions go to the whole chain."""
    shape = shape_of(kind)
    return shape.reach if shape else Reach.CHAIN


def scope_of(element: Element) -> Scope:
    """The scope whose digest holds this element."""
    reach = reach_of(element.kind)
    if reach is Reach.CHAIN:
        return CHAIN
    if reach is Reach.SITE:
        return Scope(reach, holder_site(element.fields))
    return Scope(reach, shop_in(element.fields))


def shop_in(fields: Mapping[int, Any]) -> int:
    """The shop that an element of one shop names (field 6); 0 where there is none."""
    shop = fields.get(SHOP_NUMBER)
    return shop if type(shop) is int and 0 <= shop < 2**31 else 0


def holder_site(fields: Mapping[int, Any]) -> int:
    """The site of the holder that a right names (field 5: site and 64 random bits); 0 where there is none."""
    holder = fields.get(HOLDER)
    if not isinstance(holder, tuple) or len(holder) != 2 or type(holder[0]) is not int:
        return 0
    return holder[0] if 0 <= holder[0] < 2**31 else 0
