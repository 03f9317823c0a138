import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.drivers.conformance import read_capture
from daemon.drivers.device import CardRead, ReadRefused, ReadRepeated, Refusal
from daemon.drivers.framing import BadFrame, Frame
from daemon.drivers.rdm6300 import Config, TagFramer, TagSession, build
from daemon.errors import OperatorMistake
from tests.captures.reader_captures import FOLDER
from tests.fakes.pseudo_device import reading
from tests.fakes.stepped_clock import SteppedClock

CAPTURE = read_capture(FOLDER / "rdm6300.reader.toml")
TAG = CAPTURE.good[0].data
CONFIG = Config(name="tags", path="/dev/serial/by-id/usb-tags")


@pytest.mark.feature("D1.2")
async def test_a_tag_that_lies_in_the_field_is_read_once_and_again_when_it_comes_back(tmp_path: Path) -> None:
    async with reading(CAPTURE, tmp_path / "tags") as (device, events):
        for _ in range(5):
            device.send(TAG)
            await asyncio.sleep(0.05)
        first, *repeated = [await events.get() for _ in range(5)]
        await asyncio.sleep(0.6)
        device.send(TAG)
        again = await events.get()
    assert isinstance(first, CardRead)
    assert isinstance(again, CardRead)
    assert first.code.text == again.code.text == "010063E9AE"
    assert repeated == [ReadRepeated(device="tags")] * 4


def test_a_start_inside_a_frame_begins_it_anew() -> None:
    framer = TagFramer()
    assert framer.feed(TAG[:6] + TAG, 0) == [
        BadFrame(reason=Refusal.CUT, length=6),
        Frame(data=bytes.fromhex("010063E9AE")),
    ]
    assert repr(framer) == "TagFramer(between frames)"


def test_a_frame_that_stops_is_given_up_when_its_silence_is_due() -> None:
    session = TagSession(CONFIG)
    assert session.begin(0) == []
    assert session.due_ms is None
    assert session.feed(TAG[:6], 1000) == []
    assert session.due_ms == 1100
    assert "5 digits of a frame" in repr(session)
    assert session.feed(b"", 1100) == [ReadRefused(device="tags", reason=Refusal.CUT)]
    assert session.due_ms is None
    assert session.close(1200) == []


def test_the_number_is_the_one_that_the_configuration_names() -> None:
    session = TagSession(replace(CONFIG, number="label"))
    [read] = session.feed(TAG, 0)
    assert isinstance(read, CardRead)
    assert read.code.text == "0006547886"


def test_a_port_is_matched_by_its_stable_name() -> None:
    reader = build(CONFIG, SteppedClock())
    assert reader.watched_path == Path(CONFIG.path)
    assert repr(reader) == "LineReader(tags at /dev/serial/by-id/usb-tags)"


@pytest.mark.parametrize(("key", "value"), [("name", ""), ("path", "ttyUSB0"), ("baud", 0)])
def test_a_wrong_value_is_named_by_its_key(key: str, value: Any) -> None:
    with pytest.raises(OperatorMistake, match=f"^{key}: ") as mistake:
        replace(CONFIG, **{key: value})
    assert mistake.value.field == key
