import asyncio
from pathlib import Path

import pytest

from daemon.domain.code import ScannedCode
from daemon.drivers.conformance import read_capture
from daemon.drivers.contactless import SELECT_PAYMENT
from daemon.drivers.device import CardRead, ReadRefused, ReadRepeated, Refusal
from daemon.drivers.line_reader import Say, Step
from daemon.drivers.pn532 import POLL_MS, Config, NfcSession
from daemon.drivers.pn532_frames import ACKNOWLEDGED, command
from daemon.errors import DeviceFault
from tests.captures.reader_captures import FOLDER, capture
from tests.fakes.pseudo_device import reading

CAPTURE = read_capture(FOLDER / "pn532.reader.toml")
CONFIG = Config(name="nfc", path="/dev/serial/by-id/usb-nfc")
POLL = Say(data=CAPTURE.poll)
PAYMENT = Say(data=command(0x40, b"\x01" + SELECT_PAYMENT))
RELEASE = Say(data=command(0x52, b"\x00"))
DESFIRE = bytes.fromhex("0344 20 07 04112233445566 067577810280")
TELEPHONE = bytes.fromhex("0004 20 04 08A1B2C3")


def answer(code: int, data: bytes = b"") -> bytes:
    inside = bytes([0xD5, code]) + data
    frame = b"\x00\x00\xff" + bytes([len(inside), -len(inside) % 256]) + inside + bytes([-sum(inside) % 256, 0])
    return ACKNOWLEDGED + frame


def target(facts: bytes) -> bytes:
    return answer(0x4B, b"\x01\x01" + facts)


def ready(now_ms: int = 0) -> NfcSession:
    """A session that has asked which card is there."""
    session = NfcSession(CONFIG)
    session.begin(now_ms)
    for exchange in CAPTURE.exchanges:
        session.feed(exchange.answer, now_ms)
    assert "which card" in repr(session)
    return session


@pytest.mark.feature("D1.4")
async def test_a_tag_on_a_pseudo_terminal_is_read_once_while_it_lies_there(tmp_path: Path) -> None:
    cards = [answer(0x4B, b"\x00"), CAPTURE.good[0].data, CAPTURE.good[0].data, answer(0x4B, b"\x00")]
    async with reading(CAPTURE, tmp_path / "nfc", cards) as (_, events):
        read, repeated = await events.get(), await events.get()
    assert read == CardRead(device="nfc", code=ScannedCode(text="FB0EE20B", symbology=None))
    assert repeated == ReadRepeated(device="nfc")


@pytest.mark.feature("A4.7")
async def test_a_payment_card_is_refused_before_its_number_is_given_to_anybody(tmp_path: Path) -> None:
    pays = bytes.fromhex("00 6F20840E325041592E5359532E4444463031 9000")
    async with reading(CAPTURE, tmp_path / "nfc", [target(DESFIRE)]) as (device, events):
        await device.is_told(PAYMENT.data)
        device.send(answer(0x41, pays))
        assert await events.get() == ReadRefused(device="nfc", reason=Refusal.PAYMENT_CARD)
        await asyncio.sleep(0.05)
        assert device.heard.endswith(RELEASE.data)
        assert events.empty()


def asked(session: NfcSession, found: bytes, payment: bytes, now_ms: int) -> list[Step]:
    """What comes of a card that is there, and answers the question of payment."""
    steps = list(session.feed(target(found), now_ms))
    assert steps == [PAYMENT]
    steps = list(session.feed(answer(0x41, payment), now_ms + 5))
    assert steps.pop() == RELEASE
    assert session.feed(answer(0x53, b"\x00"), now_ms + 10) == []
    assert session.feed(b"", now_ms + 10 + POLL_MS) == [POLL]
    return steps


@pytest.mark.feature("A4.7")
def test_a_payment_card_that_lies_there_is_refused_once_and_never_remembered() -> None:
    session = ready()
    assert asked(session, DESFIRE, b"\x00\x90\x00", 0) == [ReadRefused(device="nfc", reason=Refusal.PAYMENT_CARD)]
    assert asked(session, DESFIRE, b"\x00\x90\x00", 200) == []
    assert asked(session, DESFIRE, b"\x00\x90\x00", 400) == []
    assert session._uid == b""
    assert not any("0411" in text for text in session._debounce._since_ms)
    refused = [ReadRefused(device="nfc", reason=Refusal.PAYMENT_CARD)]
    assert asked(session, DESFIRE, b"\x00\x90\x00", 5000) == refused


@pytest.mark.feature("D1.4")
def test_a_smart_card_that_does_not_pay_is_read() -> None:
    session = ready()
    [read] = asked(session, DESFIRE, b"\x00\x6a\x82", 0)
    assert isinstance(read, CardRead)
    assert read.code.text == "04112233445566"
    assert asked(session, DESFIRE, b"\x00\x6a\x82", 200) == [ReadRepeated(device="nfc")]


def test_a_number_that_a_telephone_made_up_is_never_linked() -> None:
    session = ready()
    assert asked(session, TELEPHONE, b"\x00\x6a\x82", 0) == [ReadRefused(device="nfc", reason=Refusal.RANDOM_NUMBER)]
    assert asked(session, TELEPHONE, b"\x00\x6a\x82", 200) == [ReadRepeated(device="nfc")]


@pytest.mark.parametrize("payment", [b"\x01", b"\x00", b"", b"\x00\x90"])
def test_a_card_that_goes_away_while_it_is_asked_is_not_read(payment: bytes) -> None:
    assert asked(ready(), DESFIRE, payment, 0) == [ReadRefused(device="nfc", reason=Refusal.UNREADABLE)]


def test_an_error_frame_while_a_card_is_asked_lets_go_of_it() -> None:
    session = ready()
    assert session.feed(target(DESFIRE), 0) == [PAYMENT]
    assert session.feed(bytes.fromhex("0000FF01FF7F8100"), 5) == []
    assert session.feed(b"", 5 + POLL_MS) == [POLL]


def test_an_answer_that_nobody_asked_for_says_nothing() -> None:
    session = ready()
    assert session.feed(answer(0x4B, b"\x00"), 0) == []
    assert session.feed(CAPTURE.good[0].data, 10) == []
    assert session.feed(b"", POLL_MS) == [POLL]
    assert session.feed(answer(0x03, b"\x32\x01\x06\x07"), POLL_MS + 1) == []


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\x01\x01\x00\x04\x08\x09\x01\x02", b"\x02\x01\x00\x04\x08\x04\x01\x02\x03\x04"]
)
def test_targets_that_cannot_be_are_no_card(data: bytes) -> None:
    session = ready()
    assert session.feed(answer(0x4B, data), 0) == []
    assert session.feed(b"", POLL_MS) == [POLL]


def test_who_does_not_answer_three_times_is_no_pn532() -> None:
    session = NfcSession(CONFIG)
    [wake] = session.begin(0)
    assert session.feed(b"", 1000) == [wake]
    assert session.feed(b"", 2000) == [wake]
    with pytest.raises(DeviceFault, match="is it switched to HSU"):
        session.feed(b"", 3000)
    assert session.close(3000) == []


def test_another_chip_is_refused_in_one_sentence() -> None:
    session = NfcSession(CONFIG)
    session.begin(0)
    session.feed(CAPTURE.exchanges[0].answer, 0)
    with pytest.raises(DeviceFault, match="what is at /dev/serial/by-id/usb-nfc is no PN532"):
        session.feed(answer(0x03, b"\x07\x01\x06\x07"), 0)


def test_the_commands_are_those_of_the_captures() -> None:
    commands = [bytes.fromhex(one["command"]) for one in capture("pn532")["exchange"]]
    assert commands == [command(0x14, b"\x01\x14\x01"), command(0x02), command(0x32, b"\x05\xff\x01\x01")]
    assert CAPTURE.poll == command(0x4A, b"\x01\x00")
