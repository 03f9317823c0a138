"""What the real link makes of a broker that refuses, hangs up, lies or says nothing."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest

from daemon.clock import SystemClock
from daemon.errors import OperatorMistake, PeerFault
from daemon.sync.link import Link, LinkSettings, Will
from daemon.sync.mqtt import CLOSE_S, PUBLISH_OVERHEAD_BYTES, connect
from tests.fakes import mqtt_peer
from tests.fakes.mqtt_peer import HangUp, Packet, Peer, Script, listening_peer, obliging, packet_id_of

AT_ONCE_S = 2.0
SETTINGS = LinkSettings(host="127.0.0.1", port=0, client_id="7", answer_s=5.0)


@contextmanager
def at_once() -> Iterator[None]:
    clock = SystemClock()
    before_s = clock.monotonic_s()
    yield
    assert clock.monotonic_s() - before_s < AT_ONCE_S


@asynccontextmanager
async def linked(script: Script = obliging, settings: LinkSettings = SETTINGS) -> AsyncIterator[tuple[Peer, Link]]:
    async with listening_peer(script) as peer, connect(replace(settings, port=peer.port)) as link:
        yield peer, link


def answering(kind: int, answer: bytes) -> Script:
    """Obliging, save to one kind of packet."""
    return lambda packet: answer if packet.kind == kind else obliging(packet)


def hanging_up_on(kind: int) -> Script:
    def script(packet: Packet) -> bytes:
        if packet.kind == kind:
            raise HangUp
        return obliging(packet)

    return script


# Opening.


async def test_the_connection_is_mqtt_5_starts_clean_and_says_its_limits() -> None:
    will = Will(topic="st/7", payload=b"gone", expiry_s=90)
    async with linked(settings=replace(SETTINGS, will=will, unacknowledged_max=9, packet_bytes_max=5000)) as (peer, _):
        [packet] = peer.of(mqtt_peer.CONNECT)
    assert packet.body[:7] == b"\x00\x04MQTT\x05"
    clean_start, will_retained_once = 0b10, 0b101100
    assert packet.body[7] == clean_start | will_retained_once
    session_expiry, receive_maximum, packet_size = (
        b"\x11" + bytes(4),
        b"\x21\x00\x09",
        b"\x27" + struct.pack(">I", 5000),
    )
    assert all(told in packet.body for told in (session_expiry, receive_maximum, packet_size))
    assert b"\x02" + struct.pack(">I", 90) in packet.body


@pytest.mark.parametrize(
    "script",
    [
        answering(mqtt_peer.CONNECT, mqtt_peer.connack(0x87)),
        answering(
            mqtt_peer.CONNECT,
            b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(100),
        ),
        answering(mqtt_peer.CONNECT, mqtt_peer.connack()[:1] + b"\x00"),
        hanging_up_on(mqtt_peer.CONNECT),
    ],
    ids=["refuses", "speaks HTTP", "sends an empty CONNACK", "hangs up"],
)
async def test_who_does_not_let_us_in_costs_no_time(script: Script) -> None:
    with at_once(), pytest.raises(PeerFault, match=r"the broker at 127\.0\.0\.1:\d+ does not let us in"):
        async with linked(script):
            pass


async def test_a_broker_that_says_nothing_costs_the_time_of_an_answer() -> None:
    with at_once(), pytest.raises(PeerFault, match="timed out"):
        async with linked(answering(mqtt_peer.CONNECT, b""), replace(SETTINGS, answer_s=0.1)):
            pass


@pytest.mark.parametrize("after_s", [0.0, 0.1], ids=["while the socket opens", "while waiting for the CONNACK"])
async def test_connecting_can_be_cancelled_and_leaves_nothing_behind(after_s: float) -> None:
    async with listening_peer(answering(mqtt_peer.CONNECT, b"")) as peer:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(after_s), connect(replace(SETTINGS, port=peer.port)):
                pass
        # The thread that opens the socket cannot be stopped: its socket is closed when it comes back.
        await asyncio.sleep(0.1)
        assert all(writer.transport.is_closing() for writer in peer.writers)


async def test_a_refused_subscription_is_named() -> None:
    def script(packet: Packet) -> bytes:
        return mqtt_peer.suback(packet, 1, 0x87) if packet.kind == mqtt_peer.SUBSCRIBE else obliging(packet)

    with pytest.raises(PeerFault, match="refused the subscription to secret/# with 0x87"):
        async with linked(script, replace(SETTINGS, subscriptions=("mine", "secret/#"))):
            pass


async def test_a_broker_that_hangs_up_on_a_subscription_costs_no_time() -> None:
    with at_once(), pytest.raises(PeerFault, match="did not answer a subscription"):
        async with linked(hanging_up_on(mqtt_peer.SUBSCRIBE), replace(SETTINGS, subscriptions=("t",))):
            pass


def test_a_session_may_not_outlive_its_link_by_more_than_five_minutes() -> None:
    with pytest.raises(OperatorMistake, match="300 s at most"):
        replace(SETTINGS, session_expiry_s=301)


@pytest.mark.parametrize("wrong", [{"window": 0}, {"unacknowledged_max": 0}, {"unacknowledged_max": 65_536}])
def test_a_window_holds_what_a_packet_number_can_name(wrong: dict[str, int]) -> None:
    with pytest.raises(OperatorMistake, match="1 to 65535"):
        replace(SETTINGS, **wrong)  # type: ignore[arg-type]  # the names are checked by replace itself


# Publishing.


async def test_every_publish_expires() -> None:
    async with linked() as (peer, link):
        await link.publish("t", b"payload", retain=True, expiry_s=77)
        [packet] = peer.of(mqtt_peer.PUBLISH)
    at_least_once_retained = 0b0011
    assert packet.flags == at_least_once_retained
    assert packet.body[3 + 2 :] == b"\x05\x02" + struct.pack(">I", 77) + b"payload"


@pytest.mark.parametrize("reason", [0x87, 0x90, 0x97, 0x99])
async def test_a_refusal_names_topic_and_code_and_the_link_lives_on(reason: int) -> None:
    answers = iter([reason, 0])

    def script(packet: Packet) -> bytes:
        refuses = packet.kind == mqtt_peer.PUBLISH
        return mqtt_peer.puback(packet_id_of(packet), next(answers)) if refuses else obliging(packet)

    async with linked(script) as (_, link):
        with pytest.raises(PeerFault, match=rf"refused a message for c1/x/up/8 with {reason:#04x}"):
            await link.publish("c1/x/up/8", b"", expiry_s=60)
        await link.publish("c1/x/up/7", b"", expiry_s=60)


async def test_that_nobody_listens_is_no_refusal() -> None:
    no_matching_subscribers = 0x10

    def script(packet: Packet) -> bytes:
        heard = packet.kind == mqtt_peer.PUBLISH
        return mqtt_peer.puback(packet_id_of(packet), no_matching_subscribers) if heard else obliging(packet)

    async with linked(script) as (_, link):
        await link.publish("t", b"", expiry_s=60)


async def test_a_publish_that_is_never_answered_fails_in_time() -> None:
    async with linked(answering(mqtt_peer.PUBLISH, b""), replace(SETTINGS, answer_s=0.1)) as (_, link):
        with pytest.raises(PeerFault, match=r"did not answer for t within 0\.1 s"):
            await link.publish("t", b"", expiry_s=60)


async def test_the_brokers_own_limit_of_messages_under_way_is_kept() -> None:
    def script(packet: Packet) -> bytes:
        match packet.kind:
            case mqtt_peer.CONNECT:
                return mqtt_peer.connack(0, mqtt_peer.receive_maximum(2))
            case mqtt_peer.PUBLISH:
                return b""
            case _:
                return obliging(packet)

    async with linked(script) as (peer, link), asyncio.TaskGroup() as tasks:
        for number in range(6):
            tasks.create_task(link.publish("t", b"", expiry_s=60), name=f"publish {number}")
        for answered in (0, 2, 4):
            await asyncio.sleep(0.05)
            under_way = peer.of(mqtt_peer.PUBLISH)[answered:]
            assert len(under_way) == 2
            for packet in under_way:
                peer.send(mqtt_peer.puback(packet_id_of(packet)))


async def test_a_cancelled_publish_keeps_its_place_until_the_broker_answers() -> None:
    async with linked(answering(mqtt_peer.PUBLISH, b""), replace(SETTINGS, window=1)) as (peer, link):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await link.publish("t", b"first", expiry_s=60)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(link.publish("t", b"second", expiry_s=60), name="second")
            await asyncio.sleep(0.05)
            [first] = peer.of(mqtt_peer.PUBLISH)
            peer.send(mqtt_peer.puback(packet_id_of(first)))
            await asyncio.sleep(0.05)
            peer.send(mqtt_peer.puback(packet_id_of(peer.of(mqtt_peer.PUBLISH)[1])))


async def test_a_packet_above_the_brokers_own_limit_is_never_sent() -> None:
    announce = mqtt_peer.connack(0, mqtt_peer.maximum_packet_size(100))
    async with linked(answering(mqtt_peer.CONNECT, announce)) as (peer, link):
        fits = 100 - PUBLISH_OVERHEAD_BYTES - len("t")
        await link.publish("t", bytes(fits), expiry_s=60)
        with pytest.raises(PeerFault, match="takes packets of 100 bytes, one for t has 101"):
            await link.publish("t", bytes(fits + 1), expiry_s=60)
        assert len(peer.of(mqtt_peer.PUBLISH)) == 1


# Hearing.


async def test_an_arrival_is_acknowledged_when_its_consumer_says_so_and_not_before() -> None:
    async with linked(settings=replace(SETTINGS, subscriptions=("t",))) as (peer, link):
        peer.send(mqtt_peer.publish(11, "t", b"one") + mqtt_peer.publish(12, "t", b"two"))
        first, second = await anext(link.incoming), await anext(link.incoming)
        assert (first.payload, second.payload) == (b"one", b"two")
        await asyncio.sleep(0.05)
        assert peer.of(mqtt_peer.PUBACK) == []
        first.ack()
        second.ack()
        await asyncio.sleep(0.05)
        assert [packet_id_of(packet) for packet in peer.of(mqtt_peer.PUBACK)] == [11, 12]


async def test_the_broker_is_told_in_order_of_arrival_whatever_the_order_of_the_consumers() -> None:
    async with linked(settings=replace(SETTINGS, subscriptions=("t",))) as (peer, link):
        peer.send(mqtt_peer.publish(11, "t", b"slow") + mqtt_peer.publish(12, "t", b"quick"))
        slow, quick = await anext(link.incoming), await anext(link.incoming)
        quick.ack()
        await asyncio.sleep(0.05)
        assert peer.of(mqtt_peer.PUBACK) == []
        slow.ack()
        slow.ack()
        await asyncio.sleep(0.05)
        assert [packet_id_of(packet) for packet in peer.of(mqtt_peer.PUBACK)] == [11, 12]


async def test_acknowledging_on_a_lost_link_does_nothing() -> None:
    async with linked(settings=replace(SETTINGS, subscriptions=("t",))) as (peer, link):
        peer.send(mqtt_peer.publish(11, "t", b""))
        message = await anext(link.incoming)
        peer.writers[-1].close()
        with pytest.raises(PeerFault, match="was lost"):
            await anext(link.incoming)
        message.ack()


@pytest.mark.parametrize(
    "nonsense",
    [b"\x00\x00", b"\xf0\x00", b"\x30\x00", mqtt_peer.publish(1, "t", b"").replace(b"t", b"\xff"), b"\x40\x00"],
    ids=["no packet", "AUTH", "empty PUBLISH", "topic that is no UTF-8", "empty PUBACK"],
)
async def test_nonsense_from_the_broker_ends_the_link_at_once(nonsense: bytes) -> None:
    async with linked(settings=replace(SETTINGS, subscriptions=("t",))) as (peer, link):
        peer.send(nonsense)
        with at_once(), pytest.raises(PeerFault, match="was lost"):
            await anext(link.incoming)


# Leaving.


async def test_leaving_asks_the_broker_to_publish_the_will() -> None:
    async with listening_peer() as peer:
        async with connect(replace(SETTINGS, port=peer.port)):
            pass
        await asyncio.sleep(0.05)
        [packet] = peer.of(mqtt_peer.DISCONNECT)
    assert packet.body[0] == 0x04


async def test_leaving_an_exception_behind_keeps_it() -> None:
    with pytest.raises(KeyError, match="ours"):
        async with linked():
            raise KeyError("ours")


async def test_leaving_waits_a_second_at_most_for_a_broker_that_reads_nothing() -> None:
    clock, abandoned = SystemClock(), list[asyncio.Task[None]]()
    async with listening_peer() as peer, connect(replace(SETTINGS, port=peer.port, window=128)) as link:
        peer.writers[-1].transport.pause_reading()  # type: ignore[attr-defined]  # sockets can, their base type cannot
        async with asyncio.TaskGroup() as tasks:
            for number in range(128):
                publish = link.publish("t", bytes(120_000), expiry_s=60)
                abandoned.append(tasks.create_task(publish, name=f"publish {number}"))
            await asyncio.sleep(0.2)
            for task in abandoned:
                task.cancel()
        before_s = clock.monotonic_s()
    assert CLOSE_S <= clock.monotonic_s() - before_s < CLOSE_S + AT_ONCE_S
