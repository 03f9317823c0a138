"""What every link promises: the real one on mosquitto and on the embedded broker, and the fake one of other tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.demo.broker import EmbeddedBroker, running_broker
from daemon.errors import PeerFault
from daemon.sync import mqtt
from daemon.sync.link import Connect, Link, LinkSettings, Message, Will
from tests.fakes.link import FakeBroker
from tests.fakes.mosquitto import Mosquitto, free_port, running_mosquitto

PATIENCE_S = 5.0
AT_ONCE_S = 2.0
"""Far below the ten seconds that a publish may take, far above what a busy machine needs."""

MOSQUITTO = """
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
max_queued_messages 0
persistence false
"""


@dataclass
class Rig:
    """One broker, whoever implements it."""

    name: str
    connect: Connect
    port: int
    freeze: Callable[[], None]
    end: Callable[[], Awaitable[None]]
    names: "count[int]"

    def settings(self, **changes: object) -> LinkSettings:
        plain = LinkSettings(host="127.0.0.1", port=self.port, client_id=f"client-{next(self.names)}")
        return replace(plain, **changes)  # type: ignore[arg-type]  # the names are checked by replace itself


@pytest.fixture(params=[pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto")), "embedded", "fake"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        port = free_port()
        connect: Connect = mqtt.connect
        broker: Mosquitto | EmbeddedBroker | FakeBroker
        match request.param:
            case "mosquitto":
                broker = stack.enter_context(running_mosquitto(tmp_path, MOSQUITTO.format(port=port), port))
            case "embedded":
                broker = await stack.enter_async_context(running_broker(port))
            case _:
                broker = FakeBroker(SystemClock().monotonic_s)
                connect = broker.connect

        async def end() -> None:
            waiting = broker.kill()
            if waiting is not None:
                await waiting

        yield Rig(request.param, connect, port, broker.freeze, end, count())


async def take(link: Link, number: int) -> list[Message]:
    """The next messages, acknowledged."""
    found: list[Message] = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in link.incoming:
            message.ack()
            found.append(message)
            if len(found) == number:
                break
    return found


async def test_a_message_reaches_everybody_who_subscribed_and_nobody_else(rig: Rig) -> None:
    listener, other = rig.settings(subscriptions=("c1/x/feed/all",)), rig.settings(subscriptions=("c1/x/dn/7", "end"))
    async with rig.connect(listener) as hears, rig.connect(other) as deaf, rig.connect(rig.settings()) as sender:
        await sender.publish("c1/x/feed/all", b"\x00frame", expiry_s=60)
        await sender.publish("end", b"", expiry_s=60)
        [message] = await take(hears, 1)
        [ending] = await take(deaf, 1)
    assert (message.topic, message.payload) == ("c1/x/feed/all", b"\x00frame")
    assert ending.topic == "end"


async def test_a_plus_covers_one_level(rig: Rig) -> None:
    async with rig.connect(rig.settings(subscriptions=("c1/x/up/+",))) as hub, rig.connect(rig.settings()) as till:
        for topic in ("c1/x/up/2", "c1/x/up/2/3", "c1/x/up/4"):
            await till.publish(topic, b"", expiry_s=60)
        assert [message.topic for message in await take(hub, 2)] == ["c1/x/up/2", "c1/x/up/4"]


async def test_five_hundred_at_once_arrive_once_each_in_the_order_of_the_calls(rig: Rig) -> None:
    async with (
        rig.connect(rig.settings(subscriptions=("t",))) as hears,
        rig.connect(rig.settings()) as sender,
        asyncio.TaskGroup() as tasks,
    ):
        for number in range(500):
            tasks.create_task(sender.publish("t", str(number).encode(), expiry_s=60), name=f"publish {number}")
        found = await take(hears, 500)
    assert [int(message.payload) for message in found] == list(range(500))


async def test_the_broker_holds_back_what_exceeds_the_unacknowledged(rig: Rig) -> None:
    if rig.name == "embedded":
        pytest.xfail("rumqttd ignores the Receive Maximum of its clients")
    async with rig.connect(rig.settings(subscriptions=("t",), unacknowledged_max=2)) as link:
        for number in range(4):
            await link.publish("t", str(number).encode(), expiry_s=60)
        first, second = await anext(link.incoming), await anext(link.incoming)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(link.incoming)
        first.ack()
        second.ack()
        assert [message.payload for message in await take(link, 2)] == [b"2", b"3"]


async def test_what_was_retained_is_told_to_a_newcomer(rig: Rig) -> None:
    async with rig.connect(rig.settings()) as sender:
        await sender.publish("st/1", b"passing", expiry_s=60)
        await sender.publish("st/2", b"kept", retain=True, expiry_s=60)
        async with rig.connect(rig.settings(subscriptions=("st/+",))) as newcomer:
            [message] = await take(newcomer, 1)
            await asyncio.sleep(0.1)
    assert (message.topic, message.payload) == ("st/2", b"kept")


async def test_what_was_retained_expires(rig: Rig) -> None:
    async with rig.connect(rig.settings()) as sender:
        await sender.publish("st/1", b"short", retain=True, expiry_s=1)
        await sender.publish("st/2", b"long", retain=True, expiry_s=60)
        await asyncio.sleep(2.1)
        async with rig.connect(rig.settings(subscriptions=("st/+",))) as newcomer:
            [message] = await take(newcomer, 1)
    assert message.payload == b"long"


async def test_a_link_that_is_left_politely_leaves_its_will_too(rig: Rig) -> None:
    will = Will(topic="st/9", payload=b"gone", expiry_s=60)
    async with rig.connect(rig.settings(subscriptions=("st/9",))) as watcher:
        async with rig.connect(rig.settings(will=will)) as mortal:
            await mortal.publish("st/9", b"here", retain=True, expiry_s=60)
        assert [message.payload for message in await take(watcher, 2)] == [b"here", b"gone"]
        async with rig.connect(rig.settings(subscriptions=("st/9",))) as newcomer:
            assert [message.payload for message in await take(newcomer, 1)] == [b"gone"]


async def test_a_publish_fails_at_once_when_the_broker_dies_under_way_or_waiting_for_a_place(rig: Rig) -> None:
    clock = SystemClock()
    complaints: list[str] = []

    async def publish(link: Link) -> None:
        with pytest.raises(PeerFault) as failure:
            await link.publish("t", b"", expiry_s=60)
        complaints.append(str(failure.value))

    async with rig.connect(rig.settings(window=4)) as link:
        rig.freeze()
        async with asyncio.TaskGroup() as tasks:
            for number in range(8):
                tasks.create_task(publish(link), name=f"publish {number}")
            await asyncio.sleep(0.1)
            assert complaints == []
            await rig.end()
            before_s = clock.monotonic_s()
        assert clock.monotonic_s() - before_s < AT_ONCE_S
    assert len(complaints) == 8
    assert all("was lost" in complaint for complaint in complaints)


async def test_a_listener_is_told_that_the_link_is_lost_after_what_had_arrived(rig: Rig) -> None:
    async with rig.connect(rig.settings(subscriptions=("t",))) as link:
        await link.publish("t", b"last", expiry_s=60)
        await asyncio.sleep(0.1)
        await rig.end()
        assert [message.payload for message in await take(link, 1)] == [b"last"]
        for _ in range(2):
            with pytest.raises(PeerFault, match="was lost"):
                await take(link, 1)
        with pytest.raises(PeerFault, match="was lost"):
            await link.publish("t", b"late", expiry_s=60)


async def test_without_a_broker_there_is_no_link(rig: Rig) -> None:
    await rig.end()
    with pytest.raises(PeerFault, match="does not let us in"):
        async with rig.connect(rig.settings()):
            pass


async def test_a_packet_that_is_too_large_is_refused_here_and_the_link_lives_on(rig: Rig) -> None:
    settings = rig.settings(subscriptions=("t",), packet_bytes_max=1000)
    async with rig.connect(settings) as link:
        with pytest.raises(PeerFault, match="takes packets of 1000 bytes"):
            await link.publish("t", bytes(1000), expiry_s=60)
        await link.publish("t", bytes(900), expiry_s=60)
        [message] = await take(link, 1)
    assert message.payload == bytes(900)


async def test_the_newest_link_of_a_client_ends_the_older(rig: Rig) -> None:
    settings = rig.settings(subscriptions=("t",))
    async with rig.connect(settings) as older, rig.connect(settings) as newer:
        with pytest.raises(PeerFault, match="was lost"):
            await take(older, 1)
        await newer.publish("t", b"", expiry_s=60)
        assert len(await take(newer, 1)) == 1


async def test_cancelling_a_publish_frees_nothing_that_the_broker_still_counts(rig: Rig) -> None:
    async with rig.connect(rig.settings(window=1, subscriptions=("t",))) as link:
        for _ in range(5):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await link.publish("t", b"cancelled", expiry_s=60)
        await link.publish("t", b"whole", expiry_s=60)
        async for message in link.incoming:
            if message.payload == b"whole":
                break


async def test_who_is_asked_to_stop_while_connecting_stops(rig: Rig) -> None:
    """The answer of the broker and the cancellation may come in one turn of the loop: neither hides the other."""

    async def hold() -> None:
        async with rig.connect(rig.settings(subscriptions=("c1/a/dn/2",))):
            await asyncio.sleep(3600)

    for turns in range(60):
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
            held = tasks.create_task(hold(), name="held")
            for _ in range(turns):
                await asyncio.sleep(0.0003)
            held.cancel()
        assert held.cancelled()
