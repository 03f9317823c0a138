"""What somebody who has got hold of a line may send: messages that cannot be read, batches with a bad record."""

import struct
import zlib
from collections.abc import Sequence

from daemon.domain import authoring
from daemon.domain.canonical import pack
from daemon.domain.change import Actor, ActorKind, Header, Record, Slot, encode_header, encode_operation
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.sync import wire
from tests.fuzz.mutation import HOSTILE_MSGPACK

SOMEBODY = ("Marqueur", "marqueur@example.org", "0199001099", "290000099887")
"""Who must not be found in any log, and in no reason."""

BROKER_TAKES = 131_072
BOMB_BYTES = 100 * 1024 * 1024
NAN = b"\xcb" + struct.pack(">d", float("nan"))
MALFORMED = pack({1: 99, 2: b"short", 3: 3})
"""No operation: its entity is too short."""
UNREADABLE = b"\xc1"
"""No operation, and no msgpack."""


def undecodable(honest: wire.Message) -> list[bytes]:
    """Messages of the type of an honest one: deep, huge, twice, cut off, longer than they look."""
    number, to_plain, _ = wire._BY_TYPE[type(honest)]
    parts = [pack(part) for part in to_plain(honest)]
    plain, somebody = _array(parts), pack(SOMEBODY)
    packed = zlib.compress(plain)
    bodies = [
        *HOSTILE_MSGPACK,
        somebody,
        b"",
        _array([NAN, *parts[1:]]),
        _array([*parts, NAN]),
        _array([*parts, b"\x82\x01\x01\x01\x01"]),
        _array([*parts, b"\x91" * 100 + b"\xc0"]),
        _array(parts[:1]),
        pack((bytes(BROKER_TAKES - 2048),)),
    ]
    compressed = [
        _bomb(bytes(64), BOMB_BYTES),
        _bomb(b"\x80" * 64, BOMB_BYTES // 8),
        zlib.compress(pack((bytes(300 * 1024),))),
        packed[:-3],
        packed + b"tail",
        somebody,
    ]
    return [
        *(bytes((wire.VERSION, number, 0)) + body for body in bodies),
        *(bytes((wire.VERSION, number, 1)) + body for body in compressed),
        bytes((wire.VERSION + 98, number, 0)) + plain,
        bytes((wire.VERSION, 250, 0)) + somebody,
    ]


def _array(parts: Sequence[bytes]) -> bytes:
    return bytes((0x90 | len(parts),)) + b"".join(parts)


def _bomb(plain: bytes, length: int) -> bytes:
    """So many bytes in some hundred kilobytes."""
    engine, piece = zlib.compressobj(9), plain * 1024
    found = [engine.compress(piece) for _ in range(length // len(piece))]
    return b"".join((*found, engine.flush()))


def record(site: int, boot: bytes, n: int, time: int, slot: Slot) -> Record:
    """A record of one slot."""
    actor = Actor(ActorKind.OPERATOR, "op1", "manager", 1)
    return Record(encode_header(Header(site, boot, n, time, 0, actor)), (slot,))


def somebody_new(entity: bytes, name: str) -> bytes:
    """A customer, as a record carries one."""
    return encode_operation(authoring.create(Kind.CUSTOMER, entity, {CUSTOMER.number("name"): ("", name)}))


def around(bad: bytes, site: int, boot: bytes, time: int, good: Sequence[bytes]) -> tuple[Record, Record, Record]:
    """A bad record between two good ones, in the order in which somebody made them."""
    slots = (good[0], bad, good[1])
    first, second, third = (record(site, boot, n, time + n, slot) for n, slot in enumerate(slots, 1))
    return first, second, third
