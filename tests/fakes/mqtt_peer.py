"""The broker's end of an MQTT 5 connection, packet by packet, for what no real broker does on demand."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 1, 2, 3, 4, 8, 9, 14


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as the client sent it: its type, its flags, what follows the length."""

    kind: int
    flags: int
    body: bytes


class HangUp(Exception):
    """Raised by a script: close the connection without a word."""


def connack(reason: int = 0, properties: bytes = b"") -> bytes:
    return _packet(CONNACK << 4, bytes([0, reason, len(properties)]) + properties)


def receive_maximum(number: int) -> bytes:
    return b"\x21" + struct.pack(">H", number)


def maximum_packet_size(number: int) -> bytes:
    return b"\x27" + struct.pack(">I", number)


def suback(packet: Packet, *reasons: int) -> bytes:
    return _packet(SUBACK << 4, packet.body[:2] + b"\x00" + bytes(reasons))


def puback(packet_id: int, reason: int = 0) -> bytes:
    return _packet(PUBACK << 4, struct.pack(">HB", packet_id, reason))


def publish(packet_id: int, topic: str, payload: bytes) -> bytes:
    head = struct.pack(">H", len(topic)) + topic.encode() + struct.pack(">HB", packet_id, 0)
    return _packet(PUBLISH << 4 | 0b0010, head + payload)


def packet_id_of(packet: Packet) -> int:
    """Of a PUBLISH (QoS 1) or a PUBACK."""
    place = 2 + int.from_bytes(packet.body[:2], "big") if packet.kind == PUBLISH else 0
    return int.from_bytes(packet.body[place : place + 2], "big")


def _packet(head: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([head]) + length + body


Script = Callable[[Packet], bytes]
"""What to answer to a packet: nothing, some packets, any bytes; or raise HangUp."""


def obliging(packet: Packet) -> bytes:
    """Accept everything."""
    match packet.kind:
        case 1:
            return connack()
        case 3:
            return puback(packet_id_of(packet))
        case 8:
            return suback(packet, 1)
        case _:
            return b""


@dataclass
class Peer:
    """A listening socket, and every packet that came in on it."""

    port: int = 0
    seen: list[Packet] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def of(self, kind: int) -> list[Packet]:
        return [packet for packet in self.seen if packet.kind == kind]

    def send(self, data: bytes) -> None:
        self.writers[-1].write(data)


@asynccontextmanager
async def listening_peer(script: Script = obliging) -> AsyncIterator[Peer]:
    """Serve `script` on a loopback port."""
    peer = Peer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.writers.append(writer)
        with suppress(HangUp, asyncio.IncompleteReadError, ConnectionError):
            while True:
                packet = await _read(reader)
                peer.seen.append(packet)
                writer.write(script(packet))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for writer in peer.writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        await server.wait_closed()
        # The reader's task sees the end of its stream on the loop's next turn.
        await asyncio.sleep(0.01)


async def _read(reader: asyncio.StreamReader) -> Packet:
    [head] = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        [digit] = await reader.readexactly(1)
        length |= (digit & 0x7F) << shift
        shift += 7
        if digit < 0x80:
            return Packet(head >> 4, head & 0x0F, await reader.readexactly(length))
