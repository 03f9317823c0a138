"""Headers and operations of records, which travel inside batches as bytes of their own."""

from daemon.domain.canonical import unpack
from daemon.domain.change import (
    encode_header,
    encode_operation,
    leaf_of,
    link,
    read_header,
    read_operation,
)
from daemon.errors import PeerFault
from tests.captures.releases.releases import readable_messages
from tests.fakes.chance import Random
from tests.fuzz.mutation import HOSTILE_MSGPACK, changed, damaged, packed
from tests.fuzz.parser import Parser


def _found() -> list[bytes]:
    """First the headers, then the operations of all captured records, each with a byte that says what it is."""
    found: dict[bytes, None] = {}
    for message in readable_messages():
        held = getattr(message, "batch", None) or getattr(message, "frame", None)
        for record in held.records if held is not None else ():
            found[b"h" + record.header] = None
            found.update((b"o" + slot, None) for slot in record.slots if isinstance(slot, bytes))
    return list(found)


SEEDS = _found()
PLAIN = [(raw[:1], unpack(raw[1:])) for raw in SEEDS]
PARTS = [part for _, value in PLAIN for part in value.values()]


def make(chance: Random) -> bytes:
    """A header (h) or an operation (o) with something wrong."""
    which, value = chance.choice(PLAIN)
    dice = chance.random()
    if dice < 0.2:
        return which + damaged(chance, chance.choice(SEEDS)[1:], SEEDS)
    if dice < 0.25:
        return which + chance.choice(HOSTILE_MSGPACK)
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        value = changed(chance, value, PARTS)
    return which + packed(chance, value)


def check(raw: bytes) -> str:
    """Refused as the peer's fault; or every part of it can be used, and it is written as it was read."""
    which, raw = raw[:1], raw[1:]
    try:
        if which == b"h":
            header = read_header(raw)
            assert header.record.n > 0
            known = {1, 2, 3, 4, 5, 6, 7, 8}
            assert unpack(raw).keys() - known or encode_header(header) == raw, "a header is not what was read"
        else:
            operation = read_operation(raw)
            assert link(bytes(16), b"", [leaf_of(raw)])
            written = unpack(encode_operation(operation))
            assert all(unpack(raw)[key] == part for key, part in written.items()), "an operation is not what was read"
    except PeerFault as fault:
        return "".join(sign for sign in str(fault) if not sign.isdigit())
    return "accepted"


OPERATIONS = Parser(name="records", make=make, check=check)
