"""The captures are the ground that drivers are tested on: each says where it comes from, and its bytes agree."""

from functools import reduce
from operator import xor

import pytest

from tests.captures.reader_captures import FOLDER, capture, devices, frames

DEVICES = sorted(path.name.removesuffix(".toml").removesuffix(".reader") for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("device", DEVICES)
def test_every_capture_names_its_device_and_its_source(device: str) -> None:
    facts = capture(device)
    assert facts["device"]
    assert facts["source"]


@pytest.mark.parametrize("device", devices())
def test_every_frame_is_either_read_or_refused(device: str) -> None:
    assert all((frame.text is None) != (frame.refused is None) for frame in frames(device))


def test_the_checksum_of_a_tag_is_right_in_the_good_frames_only() -> None:
    for frame in frames("rdm6300"):
        if frame.refused not in {None, "checksum"}:
            continue
        *data, checksum = bytes.fromhex(frame.data[1:-1].decode())
        assert (reduce(xor, data) == checksum) == (frame.refused is None), frame.name


def test_a_pn532_frame_sums_to_zero() -> None:
    for exchange in capture("pn532")["exchange"]:
        acknowledged, answer = bytes.fromhex(exchange["answer"])[:6], bytes.fromhex(exchange["answer"])[6:]
        assert acknowledged == bytes.fromhex("00 00 FF 00 FF 00")
        for frame in (bytes.fromhex(exchange["command"]), answer):
            length = frame[3]
            assert (length + frame[4]) % 256 == 0
            assert sum(frame[5 : 5 + length + 1]) % 256 == 0
