"""Messages between till and hub. Accepted: read, its records well-formed, and the same after another way."""

import zlib
from typing import Any

from daemon.domain.canonical import unpack
from daemon.domain.change import read_header, read_operation
from daemon.domain.feed import FRAME_BYTES_MAX
from daemon.errors import PeerFault
from daemon.sync import wire
from tests.captures.releases.releases import all_messages
from tests.fakes.chance import Random
from tests.fuzz.mutation import HOSTILE_MSGPACK, changed, damaged, packed
from tests.fuzz.parser import Parser

_BOMB = zlib.compress(bytes(4 * wire.PLAIN_BYTES_MAX), 9)


def parts_of(raw: bytes) -> tuple[int, Any]:
    """The type and the parts of a message of ours; raises ValueError for bytes that are none."""
    if len(raw) < 4 or raw[0] != wire.VERSION:
        raise ValueError("no message")
    return raw[1], unpack(zlib.decompress(raw[3:]) if raw[2] else raw[3:])


SEEDS = all_messages()
PLAIN = tuple(parts_of(raw) for raw in SEEDS)
PARTS = tuple(part for _, value in PLAIN for part in value)


def make(chance: Random) -> bytes:
    """A message with a few parts changed, or its bytes damaged, or something hostile in its place."""
    dice = chance.random()
    if dice < 0.15:
        raw = chance.choice(SEEDS)
        for _ in range(chance.choice((1, 1, 2, 5))):
            raw = damaged(chance, raw, SEEDS)
        return raw
    number, value = chance.choice(PLAIN)
    if dice < 0.2:
        body = chance.choice(HOSTILE_MSGPACK)
    else:
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            value = changed(chance, value, PARTS)
        body = packed(chance, value)
    if chance.random() < 0.05:
        body = damaged(chance, body)
    if chance.random() < 0.05:
        number = chance.randrange(256)
    return _sealed(chance, number, body)


def _sealed(chance: Random, number: int, body: bytes) -> bytes:
    dice = chance.random()
    if dice < 0.01:
        return bytes((wire.VERSION, number, 1)) + chance.choice((_BOMB, zlib.compress(body)[:-2], b"\x78\x9c"))
    version = chance.randrange(256) if dice < 0.02 else wire.VERSION
    if len(body) < wire.COMPRESS_FROM_BYTES:
        return bytes((version, number, 0)) + body
    return bytes((version, number, 1)) + zlib.compress(body, 1)


def check(raw: bytes) -> str:
    """Refused as the peer's fault, or read; and what was read goes on as it came."""
    try:
        message = wire.decode(raw)
    except PeerFault as fault:
        return _reason(fault)
    held = getattr(message, "batch", None) or getattr(message, "frame", None)
    try:
        for record in held.records if held is not None else ():
            read_header(record.header)
            for slot in record.slots:
                if isinstance(slot, bytes):
                    read_operation(slot)
    except PeerFault as fault:
        # Read as a message; whoever orders or applies its records refuses this one, and names it.
        return _reason(fault)
    again = wire.encode(message)
    assert len(again) < len(raw) + FRAME_BYTES_MAX, "it grows on its way"
    assert wire.decode(again) == message, "it is another message after another way"
    assert wire.encode(wire.decode(again)) == again, "its bytes are not settled"
    return "accepted"


def _reason(fault: PeerFault) -> str:
    return "".join(sign for sign in str(fault) if not sign.isdigit())


WIRE = Parser(name="wire", make=make, check=check)
