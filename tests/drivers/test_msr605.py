import asyncio
import gc
from pathlib import Path

import pytest

from daemon.domain.code import ScannedCode
from daemon.drivers.conformance import read_capture
from daemon.drivers.device import CardRead, ReadRefused, ReadRepeated, Refusal
from daemon.drivers.framing import BadFrame
from daemon.drivers.line_reader import Say
from daemon.drivers.msr605 import READ, RESET, TEST, TEST_PASSED, Config, StripeFramer, StripeSession, Swipe
from daemon.errors import DeviceFault
from tests.captures.reader_captures import FOLDER
from tests.fakes.pseudo_device import PseudoDevice, reader_at, reading

CAPTURE = read_capture(FOLDER / "msr605.reader.toml")
CONFIG = Config(name="stripes", path="/dev/serial/by-id/usb-stripes")
CARD, MANUAL = CAPTURE.good[0].data, CAPTURE.good[1].data
PAYMENT = next(sample.data for sample in CAPTURE.bad if sample.refused == "payment_card")


@pytest.mark.feature("D1.3")
async def test_a_swipe_on_a_pseudo_terminal_is_read_and_the_reader_is_asked_again(tmp_path: Path) -> None:
    async with reading(CAPTURE, tmp_path / "stripes") as (device, events):
        await device.is_told(READ)
        assert device.heard == RESET + TEST + RESET + READ
        for sample in CAPTURE.samples:
            device.send(sample.data)
            event = await events.get()
            assert event == (
                CardRead(device="stripes", code=ScannedCode(text=sample.text, symbology=None))
                if sample.text
                else ReadRefused(device="stripes", reason=Refusal(str(sample.refused)))
            ), sample.name
            await asyncio.sleep(0.02)
            assert device.heard.endswith(READ)


@pytest.mark.feature("A4.6")
async def test_a_payment_card_on_any_track_is_refused_and_wiped(tmp_path: Path) -> None:
    for track in (
        b"\x1b\x01%B4111111111111111^A/B^2512?\x1b\x02\x1b\x03",
        b"\x1b\x01\x1b\x02\x1b\x03;014111111111111111=?",
    ):
        framer = StripeFramer(())
        assert framer.feed(b"\x1bs" + track + b"?\x1c\x1b0", 0) == [
            BadFrame(reason=Refusal.PAYMENT_CARD, length=len(track) + 6)
        ]
        assert not any(framer._buffer), "the number is still in the buffer"
        assert not [it for it in gc.get_objects() if isinstance(it, Swipe)]
    async with reading(CAPTURE, tmp_path / "stripes") as (device, events):
        await device.is_told(READ)
        for _ in range(2):
            device.send(PAYMENT)
            refused = await events.get()
            assert refused == ReadRefused(device="stripes", reason=Refusal.PAYMENT_CARD)
            assert "4111" not in repr(refused)


@pytest.mark.feature("A4.6")
def test_a_payment_card_is_refused_whatever_the_reader_says_of_the_other_tracks() -> None:
    framer = StripeFramer(())
    for status in b"0123459?":
        bad = framer.feed(b"\x1bs\x1b\x01\x1b\x02;4111111111111111=25?\x1b\x03?\x1c\x1b" + bytes([status]), 0)
        assert [item.reason for item in bad if isinstance(item, BadFrame)] == [Refusal.PAYMENT_CARD]


def test_a_card_of_the_chain_is_read_although_its_number_has_a_luhn_digit() -> None:
    swipe = b"\x1bs\x1b\x01\x1b\x02;4111111111111111=2512?\x1b\x03?\x1c\x1b0"
    assert StripeFramer(()).feed(swipe, 0) == [BadFrame(reason=Refusal.PAYMENT_CARD, length=len(swipe))]
    assert StripeFramer(("4111",)).feed(swipe, 0) == [Swipe(tracks=("", "4111111111111111=2512", ""))]


def test_a_frame_that_begins_inside_another_is_read() -> None:
    framer = StripeFramer(())
    assert framer.feed(CARD[:20] + MANUAL, 0) == [
        BadFrame(reason=Refusal.CUT, length=22),
        Swipe(tracks=("", "4711", "")),
    ]


def test_a_frame_without_end_is_given_up_and_the_next_one_is_read() -> None:
    framer = StripeFramer(())
    found = framer.feed(b"\x1bs" + b"\x1b\x01" + b"A" * 300 + MANUAL, 0)
    assert [getattr(item, "reason", None) for item in found] == [Refusal.OVERLONG, None]
    assert framer.due_ms is None


def test_what_no_track_can_hold_makes_the_track_empty() -> None:
    assert StripeFramer(()).feed(b"\x1bs\x1b\x01%ab?\x1b\x02;1?\x1b\x03?\x1c\x1b0", 0) == [Swipe(tracks=("", "1", ""))]


def test_the_number_ends_at_the_first_separator() -> None:
    for track, text in ((1, "B12"), (2, "34"), (3, "56")):
        session = StripeSession(Config(name="stripes", path="/dev/x", track=track))  # type: ignore[arg-type]  # 1, 2, 3
        session.begin(0)
        session.feed(TEST_PASSED, 0)
        swipe = b"\x1bs\x1b\x01%B12^NAME^99?\x1b\x02;34=99?\x1b\x03;56=?" + b"?\x1c\x1b0"
        [read, again] = session.feed(swipe, 10)
        assert isinstance(read, CardRead)
        assert (read.code.text, again) == (text, Say(data=READ))
        assert session.feed(swipe, 20) == [ReadRepeated(device="stripes"), Say(data=READ)]


def test_a_quiet_reader_is_asked_now_and_then_whether_it_still_lives() -> None:
    session = StripeSession(CONFIG)
    assert session.begin(0) == [Say(data=RESET + TEST)]
    assert "waits for an answer" in repr(session)
    assert session.feed(b"noise" + TEST_PASSED[:1], 10) == []
    assert session.feed(TEST_PASSED[1:], 20) == [Say(data=RESET + READ)]
    assert "waits for a card" in repr(session)
    assert session.due_ms == 60_020
    assert session.feed(b"", 60_020) == [Say(data=RESET + TEST)]
    assert session.due_ms == 62_020
    with pytest.raises(DeviceFault, match="nothing that answers like an MSR605 is at /dev/serial/by-id/usb-stripes"):
        session.feed(b"", 62_020)
    assert session.close(62_030) == []


async def test_something_else_on_the_port_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.drivers.msr605._ANSWER_MS", 50)
    device = PseudoDevice(tmp_path / "other", lambda _: b"")
    device.plug()
    reader = reader_at(CAPTURE, tmp_path / "other")
    async with reader.open() as line:
        with pytest.raises(DeviceFault, match="nothing that answers like an MSR605"):
            await reader.run(line, lambda _: None)
    device.unplug()
