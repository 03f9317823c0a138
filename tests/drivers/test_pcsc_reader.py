import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.domain.code import ScannedCode
from daemon.drivers.contactless import SELECT_PAYMENT
from daemon.drivers.device import (
    Candidate,
    CardRead,
    DeviceHealth,
    DeviceState,
    ReaderEvent,
    ReadRefused,
    ReadRepeated,
    Refusal,
)
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.pcsc import SOCKET
from daemon.drivers.pcsc_reader import GET_NUMBER, Config, build, read_card
from daemon.drivers.supervisor import Supervisor
from daemon.errors import DeviceAbsent, DeviceFault, OperatorMistake
from tests.captures.reader_captures import capture
from tests.fakes.stepped_clock import SteppedClock
from tests.fakes.virtual_card import READER, Pcscd, VirtualCard, running_pcscd, taken_away

pytestmark = pytest.mark.needs("pcscd")

CONFIG = Config(name="nfc", reader="Virtual PCD 00 00")
UID = bytes.fromhex("04112233445566")
NO_PAYMENT = {SELECT_PAYMENT: bytes.fromhex("6A82")}
NUMBERED = {**NO_PAYMENT, GET_NUMBER: UID + b"\x90\x00"}


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as running:
        yield running


@asynccontextmanager
async def reading() -> AsyncIterator[tuple[asyncio.TaskGroup, "asyncio.Queue[ReaderEvent]"]]:
    """The driver at the virtual reader, and what it emits."""
    events: asyncio.Queue[ReaderEvent] = asyncio.Queue()
    reader = build(CONFIG, SystemClock())
    async with asyncio.timeout(30), reader.open() as terminal, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(reader.run(terminal, events.put_nowait), name="session")
        yield tasks, events
        running.cancel()


@pytest.mark.feature("D1.5")
async def test_a_card_is_read_each_time_that_it_is_presented(pcscd: Pcscd) -> None:
    async with reading() as (tasks, events):
        for _ in range(2):
            card = VirtualCard(pcscd.port, NUMBERED)
            await card.present(tasks)
            read = await events.get()
            assert read == CardRead(device="nfc", code=ScannedCode(text="04112233445566", symbology=None))
            assert card.asked == [SELECT_PAYMENT, GET_NUMBER]
            await card.remove()
        assert events.empty()


@pytest.mark.feature("A4.7")
async def test_a_payment_card_is_refused_and_its_number_is_never_asked_for(pcscd: Pcscd) -> None:
    async with reading() as (tasks, events):
        card = VirtualCard(pcscd.port, {SELECT_PAYMENT: bytes.fromhex("6F00 9000"), GET_NUMBER: UID + b"\x90\x00"})
        await card.present(tasks)
        assert await events.get() == ReadRefused(device="nfc", reason=Refusal.PAYMENT_CARD)
        await card.remove()
    assert card.asked == [SELECT_PAYMENT]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (bytes.fromhex("6A81"), Refusal.NO_NUMBER),
        (bytes.fromhex("08A1B2C3 9000"), Refusal.RANDOM_NUMBER),
        (bytes.fromhex("80A1B2C3 9000"), Refusal.RANDOM_NUMBER),
        (taken_away, Refusal.UNREADABLE),
    ],
)
async def test_a_card_without_a_number_of_its_own_is_refused(pcscd: Pcscd, number: bytes, reason: Refusal) -> None:
    async with reading() as (tasks, events):
        card = VirtualCard(pcscd.port, {**NO_PAYMENT, GET_NUMBER: number})
        await card.present(tasks)
        assert await events.get() == ReadRefused(device="nfc", reason=reason)
        await card.remove()


@pytest.mark.feature("D5.3")
async def test_a_card_that_is_read_is_nobody_elses(pcscd: Pcscd) -> None:
    clock = SystemClock()
    async with build(CONFIG, clock).open() as ours, build(CONFIG, clock).open() as other, asyncio.TaskGroup() as tasks:
        card = VirtualCard(pcscd.port, NUMBERED)
        await card.present(tasks)
        await ours.presented()
        with pytest.raises(DeviceFault, match="is in use by another program"):
            await other.presented()
        await card.remove()


@pytest.mark.feature("D5.1")
async def test_pcscd_may_end_and_begin_again(pcscd: Pcscd) -> None:
    clock, events = SystemClock(), EventQueue()
    supervisor = Supervisor([build(CONFIG, clock)], events, clock)

    async def until(*states: DeviceState) -> str:
        while True:
            event = await events.get()
            if isinstance(event, DeviceHealth) and event.state in states:
                return event.detail

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run(), name="supervisor")
        await until(DeviceState.UP)
        await asyncio.to_thread(pcscd.stop)
        assert await until(DeviceState.ERROR, DeviceState.ABSENT)
        await asyncio.to_thread(pcscd.start)
        supervisor.wake(Candidate(subsystem="usb", node="/dev/bus/usb/001/002"))
        back_s = clock.monotonic_s()
        await until(DeviceState.UP)
        assert clock.monotonic_s() - back_s < 1
        running.cancel()


async def test_a_reader_that_is_not_there_is_absent_and_one_of_several_needs_more_of_its_name(pcscd: Pcscd) -> None:
    assert pcscd.port
    with pytest.raises(DeviceAbsent, match="no PC/SC reader is called ACS"):
        async with build(Config(name="nfc", reader="ACS"), SystemClock()).open():
            pass
    with pytest.raises(DeviceFault, match="2 PC/SC readers are called Virtual: give more of the name"):
        async with build(Config(name="nfc", reader="Virtual"), SystemClock()).open():
            pass
    async with build(CONFIG, SystemClock()).open() as terminal:
        assert repr(terminal) == f"PcscTerminal({READER})"


async def test_the_wait_for_a_card_delays_nothing_else(pcscd: Pcscd) -> None:
    assert pcscd.port
    clock = SystemClock()
    async with reading():
        worst_s = 0.0
        for _ in range(100):
            before_s = clock.monotonic_s()
            await asyncio.sleep(0.005)
            worst_s = max(worst_s, clock.monotonic_s() - before_s)
    assert worst_s < 0.5


class ScriptedTerminal:
    """A terminal whose cards are a list of answers each."""

    def __init__(self, *cards: tuple[bytes, list[bytes]]) -> None:
        self._cards = list(cards)
        self._answers: list[bytes] = []

    async def presented(self) -> bytes:
        if not self._cards:
            raise DeviceAbsent("the scripted terminal was unplugged")
        answer_to_reset, self._answers = self._cards.pop(0)
        return answer_to_reset

    async def transmit(self, apdu: bytes) -> bytes:
        assert apdu
        return self._answers.pop(0)

    async def removed(self) -> None:
        self._answers = []


async def test_the_same_card_twice_at_once_is_one_reading() -> None:
    card = (b"\x3b", [b"\x6a\x82", UID + b"\x90\x00"])
    events: list[ReaderEvent] = []
    with pytest.raises(DeviceAbsent):
        await build(CONFIG, SteppedClock()).run(
            ScriptedTerminal((card[0], [*card[1]]), (card[0], [*card[1]])), events.append
        )
    assert [type(event) for event in events] == [CardRead, ReadRepeated]


@pytest.mark.parametrize(
    ("answer_to_reset", "answers", "reason"),
    [(b"", [], "unreadable"), (b"\x3b", [b""], "unreadable"), (b"\x3b", [b"\x6a\x82", b""], "unreadable")],
)
async def test_a_card_that_does_not_answer_is_unreadable(
    answer_to_reset: bytes, answers: list[bytes], reason: str
) -> None:
    terminal = ScriptedTerminal((b"", answers))
    await terminal.presented()
    assert await read_card(terminal, answer_to_reset) == reason


async def test_a_memory_card_may_have_a_short_number_that_begins_with_80() -> None:
    memory = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")
    for answer_to_reset, is_read in ((memory, True), (bytes.fromhex(capture("pcsc")["atr_desfire"]), False)):
        terminal = ScriptedTerminal((b"", [b"\x6d\x00", bytes.fromhex("80A1B2C39000")]))
        await terminal.presented()
        assert isinstance(await read_card(terminal, answer_to_reset), ScannedCode) is is_read


def test_the_commands_are_those_of_the_captures() -> None:
    assert bytes.fromhex(capture("pcsc")["command"]) == GET_NUMBER


def test_any_usb_device_may_be_the_reader() -> None:
    reader = build(CONFIG, SteppedClock())
    assert reader.match(Candidate(subsystem="usb", node="/dev/bus/usb/001/002")) > 0
    assert reader.match(Candidate(subsystem="tty", node="/dev/ttyACM0")) == 0
    assert (reader.device, reader.watched_path) == ("nfc", SOCKET)
    assert repr(reader) == "PcscReader(nfc: Virtual PCD 00 00)"


@pytest.mark.parametrize(
    ("key", "config"), [("name", {"name": "", "reader": "x"}), ("reader", {"name": "x", "reader": " "})]
)
def test_a_wrong_value_is_named_by_its_key(key: str, config: dict[str, str]) -> None:
    with pytest.raises(OperatorMistake, match=f"^{key}: "):
        Config(**config)


def test_a_socket_of_pcscd_is_watched() -> None:
    assert Path("/run/pcscd/pcscd.comm") == SOCKET
