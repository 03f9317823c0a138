from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.drivers.conformance import read_capture
from daemon.drivers.device import CardRead, ReadRefused, Refusal
from daemon.drivers.wiegand_reader import Config, Content, WiegandConfig, WiegandSession, number_of
from daemon.errors import OperatorMistake
from tests.captures.reader_captures import FOLDER
from tests.fakes.pseudo_device import reading

CAPTURE = read_capture(FOLDER / "wiegand.reader.toml")
BITS = "10110001111101001101011100"
"""Wiegand-26 of facility 99, card 59822."""


def turned(place: int) -> str:
    return BITS[:place] + str(1 - int(BITS[place])) + BITS[place + 1 :]


CONFIG = Config(name="badges", path="/dev/serial/by-id/usb-badges")


@pytest.mark.feature("D1.2")
async def test_the_bits_of_a_badge_on_a_pseudo_terminal_become_its_printed_number(tmp_path: Path) -> None:
    async with reading(CAPTURE, tmp_path / "badges") as (device, events):
        device.send(f"{BITS}\r\n".encode())
        read = await events.get()
    assert isinstance(read, CardRead)
    assert read.code.text == "099,59822"


@pytest.mark.parametrize(
    ("content", "text", "number"),
    [
        ("bits", BITS, "63E9AE"),
        ("hexadecimal", "63e9ae", "63E9AE"),
        ("hexadecimal", "0063E9AE", "0063E9AE"),
        ("hexadecimal", "010063E9AE", "010063E9AE"),
        ("facility", "99,59822", "63E9AE"),
        ("facility", "099:59822", "63E9AE"),
        ("label", "0006547886", "0063E9AE"),
    ],
)
def test_each_content_gives_the_same_bytes(content: Content, text: str, number: str) -> None:
    assert number_of(text, content) == bytes.fromhex(number)


@pytest.mark.parametrize(
    ("content", "text", "reason"),
    [
        *(("bits", turned(place), Refusal.CHECKSUM) for place in range(26)),
        ("bits", BITS[:-2], Refusal.WRONG_LENGTH),
        ("bits", "12", Refusal.NOT_DIGITS),
        ("hexadecimal", "63E9A", Refusal.WRONG_LENGTH),
        ("facility", "256,1", Refusal.WRONG_LENGTH),
        ("facility", "1,65536", Refusal.WRONG_LENGTH),
        ("facility", "59822", Refusal.WRONG_LENGTH),
        ("label", "4294967296", Refusal.WRONG_LENGTH),
        ("label", "654788", Refusal.WRONG_LENGTH),
        ("label", "label", Refusal.NOT_DIGITS),
    ],
)
def test_what_cannot_be_a_badge_is_refused(content: Content, text: str, reason: Refusal) -> None:
    assert number_of(text, content) is reason


def test_a_badge_of_three_bytes_has_no_label() -> None:
    session = WiegandSession(replace(CONFIG, number="label"))
    assert session.feed(f"{BITS}\r".encode(), 0) == [ReadRefused(device="badges", reason=Refusal.NO_NUMBER)]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("name", {"name": ""}),
        ("number", {"content": "facility", "number": "label"}),
        ("number", {"content": "bits", "number": "tag"}),
    ],
)
def test_a_wrong_value_is_named_by_its_key(key: str, values: dict[str, Any]) -> None:
    with pytest.raises(OperatorMistake, match=f"^{key}: ") as mistake:
        WiegandConfig(**{"name": "badges", "path": "/dev/x", **values})
    assert mistake.value.field == key
