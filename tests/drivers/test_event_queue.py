import asyncio

from daemon.domain.code import ScannedCode
from daemon.drivers.device import CardRead, DeviceHealth, DeviceState, ReadRefused, Refusal
from daemon.drivers.event_queue import EventQueue


def card(text: str, device: str = "front") -> CardRead:
    return CardRead(device=device, code=ScannedCode(text=text, symbology=None))


def health(state: DeviceState, device: str = "front") -> DeviceHealth:
    return DeviceHealth(
        device=device,
        state=state,
        detail="",
        last_read_ms=None,
        bad_frames=0,
        suppressed=0,
        reconnects=0,
        refused_full=0,
    )


async def test_reads_come_out_in_the_order_in_which_they_came() -> None:
    queue = EventQueue()
    for text in "ABC":
        assert queue.put(card(text))
    assert [await queue.get() for _ in range(3)] == [card("A"), card("B"), card("C")]


async def test_a_full_queue_refuses_the_newest_read_and_says_so() -> None:
    queue = EventQueue(reads_max=2)
    assert [queue.put(card(text)) for text in "ABCD"] == [True, True, False, False]
    assert repr(queue) == "EventQueue(2 of 2 reads, 1 refusals)"
    refused = ReadRefused(device="front", reason=Refusal.QUEUE_FULL)
    assert [await queue.get() for _ in range(3)] == [card("A"), card("B"), refused]
    assert queue.put(card("E"))


async def test_noise_of_one_device_takes_no_place_of_a_read() -> None:
    queue = EventQueue(reads_max=1)
    for _ in range(1000):
        queue.put(ReadRefused(device="noisy", reason=Refusal.NOT_TEXT))
        queue.put(health(DeviceState.UP, "noisy"))
    assert queue.put(card("A"))
    assert await queue.get() == card("A")
    assert await queue.get() == ReadRefused(device="noisy", reason=Refusal.NOT_TEXT)
    assert await queue.get() == health(DeviceState.UP, "noisy")


async def test_of_the_health_of_a_device_only_the_latest_is_told() -> None:
    queue = EventQueue()
    for state in DeviceState:
        queue.put(health(state))
    queue.put(health(DeviceState.UP, "rear"))
    assert await queue.get() == health(DeviceState.ERROR)
    assert await queue.get() == health(DeviceState.UP, "rear")


async def test_a_consumer_that_waits_is_woken() -> None:
    queue = EventQueue()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(queue.get(), name="consumer")
        await asyncio.sleep(0)
        queue.put(card("A"))
    assert waiting.result() == card("A")


async def test_a_consumer_cancelled_while_it_waits_loses_nothing() -> None:
    queue = EventQueue()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(queue.get(), name="consumer")
        await asyncio.sleep(0)
        queue.put(card("A"))
        waiting.cancel()
    assert await queue.get() == card("A")
