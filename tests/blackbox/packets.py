"""MQTT packets as a proxy sees them: taken off a stream whole, doubled, confirmed (MQTT 5, sections 2.1 and 3.3)."""

CONNECT, PUBLISH, PUBACK = 1, 3, 4
DUP = 0x08
_WITHOUT_QOS = 0xF0
_RECEIVE_MAXIMUM = 0x21
_LENGTHS = {0x11: 4, 0x17: 1, 0x19: 1, 0x22: 2, 0x27: 4}
"""Of the other properties that a CONNECT may begin with."""


def take(buffer: bytearray) -> list[bytes]:
    """Take the whole packets off the front of a stream; what is not whole yet stays."""
    found = []
    while (size := _size(buffer)) is not None and size <= len(buffer):
        found.append(bytes(buffer[:size]))
        del buffer[:size]
    return found


def is_confirmed_publish(packet: bytes) -> bool:
    """Whether this is a PUBLISH that its sender wants acknowledged."""
    return packet[0] >> 4 == PUBLISH and (packet[0] >> 1) & 3 == 1


def sent_again(packet: bytes) -> bytes:
    """The PUBLISH as a sender repeats it that saw no acknowledgement: the same number, marked as a duplicate."""
    return bytes((packet[0] | DUP,)) + packet[1:]


def second_copy(packet: bytes) -> bytes:
    """The same message as one of its own: at most once, without a number."""
    number = _number_at(packet)
    body = packet[_body_at(packet) : number] + packet[number + 2 :]
    return bytes((packet[0] & _WITHOUT_QOS,)) + _length(len(body)) + body


def publish(topic: str, payload: bytes) -> bytes:
    """A message of our own, at most once: no properties."""
    body = len(topic.encode()).to_bytes(2, "big") + topic.encode() + b"\x00" + payload
    return bytes((PUBLISH << 4,)) + _length(len(body)) + body


def taking_at_once(packet: bytes, count: int) -> bytes:
    """A CONNECT of somebody who takes so many confirmed messages at once (Receive Maximum, section 3.1.2.11.3)."""
    at = _body_at(packet) + 10  # behind the protocol's name and level, the flags and the keep-alive
    assert packet[at] < 0x80, "few properties"
    at += 1
    while packet[at] != _RECEIVE_MAXIMUM:
        at += 1 + _LENGTHS[packet[at]]
    return packet[: at + 1] + count.to_bytes(2, "big") + packet[at + 3 :]


def acknowledgement(packet: bytes) -> bytes:
    """What a receiver would answer to this PUBLISH."""
    at = _number_at(packet)
    return bytes((PUBACK << 4, 2)) + packet[at : at + 2]


def _size(buffer: bytearray) -> int | None:
    """How long the first packet is with its head; None where that cannot be seen yet."""
    length = 0
    for at in range(1, min(5, len(buffer))):
        length |= (buffer[at] & 0x7F) << 7 * (at - 1)
        if buffer[at] < 0x80:
            return 1 + at + length
    return None


def _body_at(packet: bytes) -> int:
    return next(at for at in range(1, 5) if packet[at] < 0x80) + 1


def _number_at(packet: bytes) -> int:
    """Where the number of a PUBLISH stands: behind its topic."""
    body = _body_at(packet)
    return body + 2 + int.from_bytes(packet[body : body + 2], "big")


def _length(count: int) -> bytes:
    digits = bytearray()
    while True:
        count, digit = divmod(count, 128)
        digits.append(digit | (0x80 if count else 0))
        if not count:
            return bytes(digits)
