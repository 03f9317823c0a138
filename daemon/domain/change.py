"""Operations and records: what one user action is made of, and its canonical bytes.

A record is one action: a header (who, where, when) and operations. Each operation names one entity (an edge two),
whose random id salts its leaf, so that an erased operation can travel as its leaf alone and betrays nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from daemon.domain.canonical import chained, digest8, digest16, pack, unpack, unpack_foreign
from daemon.domain.hlc import Stamp
from daemon.domain.ids import RecordId
from daemon.domain.value import frozen
from daemon.errors import PeerFault

RECORD_BYTES_MAX = 32 * 1024
"""A record larger than this cannot be sent, so it cannot be saved."""

OPERATIONS_MAX = 256
"""Operations of one record."""

NO_CHAIN = bytes(16)
"""Where every hash chain starts."""

Slot = bytes | tuple[bytes]
"""An operation's canonical bytes; or, cut or out of scope, the one-tuple of its leaf."""


class Verb(IntEnum):
    """What an operation does to its element."""

    CREATE = 1
    SET = 2
    ADD = 3
    REMOVE = 4
    ERASE = 5


class ActorKind(IntEnum):
    """Who acts."""

    SYSTEM = 0
    OPERATOR = 1
    APPLICATION = 2


@frozen
class Actor:
    """Who did it: an operator or an application by id, with the role held at that moment, and in which shop."""

    kind: int = ActorKind.SYSTEM
    id: str = ""
    role: str = ""
    shop: int = 0


@frozen
class Operation:
    """One change of one element.

    `replaces` holds, per field, the stamp that the author saw (absent: the row's base; field 0: the whole element).
    `dot` names the element of a set that is changed or removed; for an entry that states a fact, the fact's own id.
    """

    kind: int
    entity: bytes
    verb: int
    fields: Mapping[int, Any] = field(default_factory=dict)
    replaces: Mapping[int, Stamp] = field(default_factory=dict)
    dot: bytes = b""


@frozen
class Header:
    """Where a record comes from: its id, stamp and actor. `time` is the first part of the stamp."""

    site: int
    boot: bytes
    n: int
    time: int
    incarnation: int
    actor: Actor

    @property
    def record(self) -> RecordId:
        """The identity of the record, whatever position it was given."""
        return RecordId(self.site, self.boot, self.n)

    @property
    def stamp(self) -> Stamp:
        """The stamp that all its operations carry."""
        return (self.time, self.site, self.incarnation)


@frozen
class Record:
    """A sealed record as it is stored and sent: canonical header bytes and slots."""

    header: bytes
    slots: tuple[Slot, ...]
    read: Header | None = field(default=None, compare=False, repr=False)
    """What the header's bytes say, where whoever made them knew it."""


def encode_operation(op: Operation) -> bytes:
    """Canonical bytes of an operation; what is empty is left out."""
    raw: dict[int, Any] = {1: int(op.kind), 2: op.entity, 3: int(op.verb)}
    if op.fields:
        raw[4] = dict(sorted(op.fields.items()))
    if op.replaces:
        raw[5] = dict(sorted(op.replaces.items()))
    if op.dot:
        raw[6] = op.dot
    return pack(raw)


def decode_operation(raw: bytes) -> Operation:
    """Read an operation that was checked before, at the wire."""
    plain = unpack(raw)
    return Operation(plain[1], plain[2], plain[3], plain.get(4) or {}, plain.get(5) or {}, plain.get(6, b""))


def read_operation(raw: bytes) -> Operation:
    """Read an operation from elsewhere; raises PeerFault saying what is wrong."""
    value = unpack_foreign(raw, what="an operation", bytes_max=RECORD_BYTES_MAX)
    if not isinstance(value, dict) or not {1, 2, 3} <= value.keys():
        raise PeerFault("an operation lacks its kind, entity or verb")
    if not _is_number(value[1]) or not _is_number(value[3]):
        raise PeerFault("an operation's kind or verb is not a number, or out of range")
    if not is_id(value[2]) or not (value.get(6, b"") == b"" or is_id(value[6])):
        raise PeerFault("an operation names an entity or a dot that is not 8 bytes")
    fields, replaces = value.get(4, {}), value.get(5, {})
    if not isinstance(fields, dict) or not isinstance(replaces, dict):
        raise PeerFault("an operation's fields are not a map")
    if not all(map(_is_number, [*fields, *replaces])):
        raise PeerFault("an operation has a field number out of range")
    if not all(is_stamp(stamp) for stamp in replaces.values()):
        raise PeerFault("an operation replaces something that is not a stamp")
    return Operation(value[1], value[2], value[3], fields, replaces, value.get(6, b""))


def encode_header(header: Header) -> bytes:
    """Canonical bytes of a header."""
    return HeaderForm.of(header).bytes_of(header.n, header.time)


@dataclass(frozen=True, slots=True)
class HeaderForm:
    """What the headers of one author's records have in common: their canonical bytes around n and time."""

    before: bytes
    after: bytes

    @staticmethod
    def of(header: Header) -> "HeaderForm":
        """The form of a header."""
        who = header.actor
        before = b"\x88\x01" + pack(header.site) + b"\x02" + pack(header.boot) + b"\x03"
        after = b"\x05" + pack(header.incarnation) + b"\x06" + pack((int(who.kind), who.id))
        return HeaderForm(before, after + b"\x07" + pack(who.role) + b"\x08" + pack(who.shop))

    def bytes_of(self, n: int, time: int) -> bytes:
        """The bytes of record `n`, stamped at `time`."""
        return self.before + pack(n) + b"\x04" + pack(time) + self.after


def decode_header(raw: bytes) -> Header:
    """Read a header that was checked before; fields of newer versions stay in its bytes."""
    return _header(unpack(raw))


def header_of(record: Record) -> Header:
    """The header of a record that was checked before."""
    return record.read or decode_header(record.header)


def _header(plain: dict[int, Any]) -> Header:
    kind, ident = plain[6]
    return Header(plain[1], plain[2], plain[3], plain[4], plain[5], Actor(kind, ident, plain[7], plain[8]))


_HEADER_TYPES = ((1, int), (2, bytes), (3, int), (4, int), (5, int), (6, tuple), (7, str), (8, int))


def read_header(raw: bytes) -> Header:
    """Read a header from elsewhere; raises PeerFault saying what is wrong."""
    value = unpack_foreign(raw, what="a record's header", bytes_max=1024)
    if not isinstance(value, dict):
        raise PeerFault("a record's header is not a map")
    for key, kind in _HEADER_TYPES:
        if type(value.get(key)) is not kind:
            raise PeerFault(f"a record's header has no valid field {key}")
    who = value[6]
    if len(who) != 2 or type(who[0]) is not int or type(who[1]) is not str:
        raise PeerFault("a record's header names no actor")
    if len(value[2]) != 8 or not 0 < value[3] < 2**62 or not 0 <= value[4] < 2**63 or not 0 <= value[5] < 2**32:
        raise PeerFault("a record's header has a number out of range")
    if not all(map(_is_number, (value[1], who[0], value[8]))):
        raise PeerFault("a record's header names a site, an actor's kind or a shop out of range")
    return _header(value)


def _is_number(value: object) -> bool:
    """Whether this is a small natural number: kinds, fields, sites, shops. What is larger no column would take."""
    return type(value) is int and 0 <= value < 2**31


def is_id(value: object) -> bool:
    """Whether this is an entity id or a dot: 8 bytes."""
    return type(value) is bytes and len(value) == 8


def is_stamp(value: object) -> bool:
    """Whether this is (time, site, incarnation)."""
    return (
        type(value) is tuple
        and len(value) == 3
        and type(value[0]) is int
        and type(value[1]) is int
        and type(value[2]) is int
        and min(value) >= 0
        and max(value) < 2**63
    )


def dot_of(record: RecordId, index: int) -> bytes:
    """The id of what operation `index` of a record adds: 8 bytes of the hash of its operation id."""
    return digest8(pack((record.site, record.boot, record.n, index)))


def leaf_of(slot: Slot, entity: bytes = b"") -> bytes:
    """The leaf of a slot: the salted hash of an operation, or the leaf itself where the operation is cut."""
    if isinstance(slot, tuple):
        return slot[0]
    return digest16((entity or entity_in(slot)) + slot)


def entity_in(slot: bytes) -> bytes:
    """The entity that an operation names, read from where it stands in canonical bytes: map, 1, kind, 2, id."""
    return slot[6:14] if slot[1] == 1 and slot[3:6] == _ID_FOLLOWS else decode_operation(slot).entity


_ID_FOLLOWS = b"\x02\xc4\x08"
"""Key 2, then 8 bytes: after a kind of one byte."""


def link(chain: bytes, header: bytes, leaves: Iterable[bytes]) -> bytes:
    """Extend a hash chain by one record: its header, then one leaf per operation."""
    return chained(chain, (digest16(header), *leaves))


def record_bytes(record: Record) -> int:
    """How long a record is on the wire, within a few bytes."""
    return len(record.header) + sum(len(slot) if isinstance(slot, bytes) else 20 for slot in record.slots) + 16
