from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.device import Refusal
from daemon.drivers.framing import BadFrame, Frame, Framing, LineFramer

LINES = Framing()
WRAPPED = Framing(prefix=b"\x02", suffix=b"\x03")
TEXTUAL = Framing(prefix=b"<<", suffix=b">>")
SMALL = Framing(frame_bytes_max=16)
SMALL_WRAPPED = Framing(suffix=b"\r\n", frame_bytes_max=16)

STREAMS = st.lists(
    st.one_of(
        st.sampled_from([b"\r", b"\n", b"\r\n", b"\x02", b"\x03", b"<<", b">>", b"<", b">", b"\x00", b"\x1d", b"\xff"]),
        st.sampled_from([b"3760123456784", b"]C0M-000123", "é".encode(), b"A" * 20]),
        st.binary(max_size=8),
    ),
    max_size=20,
).map(b"".join)


def read(framing: Framing, *chunks: bytes) -> list[bytes | Refusal]:
    framer = LineFramer(framing)
    items = [item for chunk in chunks for item in framer.feed(chunk, 0)]
    return [item.data if isinstance(item, Frame) else item.reason for item in items]


@given(STREAMS, st.lists(st.integers(0, 200)), st.sampled_from([LINES, WRAPPED, TEXTUAL, SMALL, SMALL_WRAPPED]))
def test_any_split_of_a_stream_gives_the_same_frames(stream: bytes, cuts: list[int], framing: Framing) -> None:
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    whole, split = LineFramer(framing), LineFramer(framing)
    expected = whole.feed(stream, 0)
    found = [item for start, end in pairwise(places) for item in split.feed(stream[start:end], 0)]
    assert found == expected
    assert repr(split) == repr(whole)
    assert split.close() == whole.close()


@given(STREAMS, st.sampled_from([LINES, WRAPPED, TEXTUAL, SMALL, SMALL_WRAPPED]))
def test_whatever_came_before_a_silence_the_next_frame_is_whole(stream: bytes, framing: Framing) -> None:
    framer = LineFramer(framing)
    framer.feed(stream, 0)
    frame = framing.prefix + b"3760123456784"[: framing.frame_bytes_max - 3] + (framing.suffix or b"\r")
    items = framer.feed(frame, framing.idle_ms)
    assert items[-1] == Frame(data=b"3760123456784"[: framing.frame_bytes_max - 3])


@given(STREAMS, st.sampled_from([LINES, WRAPPED, TEXTUAL, SMALL, SMALL_WRAPPED]))
def test_no_frame_is_empty_or_longer_than_allowed(stream: bytes, framing: Framing) -> None:
    frames = [item for item in LineFramer(framing).feed(stream, 0) if isinstance(item, Frame)]
    assert all(0 < len(frame.data) <= framing.frame_bytes_max for frame in frames)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n"])
def test_every_line_end_gives_one_frame_and_no_empty_one(end: bytes) -> None:
    assert read(LINES, b"3760123456784" + end + b"M-1" + end) == [b"3760123456784", b"M-1"]


def test_a_line_feed_that_comes_late_makes_no_empty_frame() -> None:
    framer = LineFramer(LINES)
    assert len(framer.feed(b"M-1\r", 0)) == 1
    assert framer.feed(b"\n", 10_000) == []
    assert not framer.is_inside_frame


@pytest.mark.parametrize("noise", [b"\x00", b"\xff\xfe", b"\x11\x13", b"\x02", b"   ", b"\r\n\r\n", b"\x1d"])
def test_noise_before_a_frame_is_no_part_of_it(noise: bytes) -> None:
    assert read(LINES, noise + b"M-000123\r") == [b"M-000123"]


@pytest.mark.parametrize("damage", [b"\x00", b"\x1b", b"\x7f", b"\x03"])
def test_a_control_byte_inside_condemns_the_frame(damage: bytes) -> None:
    assert read(LINES, b"37601" + damage + b"23456784\rM-1\r") == [Refusal.CONTROL_BYTE, b"M-1"]


def test_the_separator_of_gs1_strings_belongs_inside() -> None:
    assert read(LINES, b"]C110AB\x1d217\r") == [b"]C110AB\x1d217"]


def test_a_configured_prefix_and_suffix_are_no_part_of_the_frame() -> None:
    assert read(WRAPPED, b"\x02M-1\x03\r\n\x02M-2\x03") == [b"M-1", b"M-2"]
    assert read(TEXTUAL, b"noise<<M-1>>", b"<<M-2>", b">") == [b"M-1", b"M-2"]


def test_a_frame_without_its_prefix_is_refused() -> None:
    assert read(WRAPPED, b"M-1\x03") == [Refusal.NO_PREFIX]


def test_a_prefix_with_nothing_after_it_is_refused() -> None:
    assert read(WRAPPED, b"\x02\x03") == [Refusal.EMPTY]


def test_a_control_byte_as_prefix_starts_again_after_a_cut_frame() -> None:
    assert read(WRAPPED, b"\x0237601\x02M-1\x03") == [b"M-1"]


def test_a_printable_prefix_may_occur_inside_the_code() -> None:
    assert read(Framing(prefix=b"A"), b"AA7A\r") == [b"A7A"]


def test_a_frame_of_the_greatest_length_is_read() -> None:
    assert read(SMALL, b"x" * 16 + b"\r") == [b"x" * 16]
    assert read(SMALL_WRAPPED, b"x" * 16 + b"\r\n") == [b"x" * 16]


def test_an_overlong_frame_is_reported_once_and_dropped_to_its_end() -> None:
    framer = LineFramer(SMALL)
    assert framer.feed(b"x" * 1000, 0) == [BadFrame(reason=Refusal.OVERLONG, length=17)]
    assert repr(framer) == "LineFramer(discarding)"
    assert framer.feed(b"yyy\rM-1\r", 0) == [Frame(data=b"M-1")]


def test_the_rest_of_an_overlong_frame_ends_with_silence_too() -> None:
    framer = LineFramer(SMALL)
    framer.feed(b"x" * 1000, 0)
    assert framer.feed(b"M-1\r", 300) == [Frame(data=b"M-1")]


def test_silence_cuts_a_frame_at_the_idle_time_and_not_before() -> None:
    framer = LineFramer(LINES)
    assert framer.feed(b"37601", 1000) == []
    assert framer.feed(b"", 1299) == []
    assert framer.feed(b"", 1300) == [BadFrame(reason=Refusal.CUT, length=5)]
    assert framer.feed(b"M-1\r", 1300) == [Frame(data=b"M-1")]


def test_asking_about_silence_does_not_prolong_it() -> None:
    framer = LineFramer(LINES)
    framer.feed(b"37601", 0)
    framer.feed(b"", 200)
    assert framer.feed(b"23\r", 300) == [BadFrame(reason=Refusal.CUT, length=5), Frame(data=b"23")]


def test_bytes_within_the_idle_time_belong_together() -> None:
    framer = LineFramer(LINES)
    framer.feed(b"M-", 0)
    framer.feed(b"00", 299)
    assert framer.feed(b"1\r", 598) == [Frame(data=b"M-001")]


def test_the_end_of_the_line_gives_up_what_was_begun() -> None:
    framer = LineFramer(LINES)
    framer.feed(b"37601", 0)
    assert framer.close() == [BadFrame(reason=Refusal.CUT, length=5)]
    assert framer.close() == []


def test_nothing_is_left_in_the_buffer_after_a_frame_or_an_overflow() -> None:
    framer = LineFramer(SMALL)
    for stream in (b"4111111111111111\r", b"4" * 40, b"\r41111\x001\r", b"411"):
        framer.feed(stream, 0)
    framer.close()
    assert not any(framer._buffer)


def test_neither_frame_nor_bad_frame_prints_its_bytes() -> None:
    framer = LineFramer(SMALL)
    printed = repr([*framer.feed(b"4111111111111111\r411\x00111\r", 0), framer, *framer.feed(b"4111", 0), framer])
    assert "411" not in printed
    assert "LineFramer(holding 4 bytes)" in printed


def test_what_was_being_sent_when_the_line_was_opened_is_no_frame() -> None:
    framer = LineFramer(Framing())
    framer.opened(1000)
    assert framer.feed(b"\x00\xff", 1010) == [], "noise of the plug"
    assert framer.feed(b"3456784\r", 1049) == [BadFrame(reason=Refusal.CUT, length=1)]
    assert framer.feed(b"M-000123\r", 1050) == [Frame(data=b"M-000123")]
    framer.opened(2000)
    assert framer.feed(b"M-0", 2001) == [BadFrame(reason=Refusal.CUT, length=1)]
    assert framer.feed(b"00123\r", 2070) == [], "the rest of it"
    assert framer.feed(b"M-000124\r", 2080) == [Frame(data=b"M-000124")]


def test_a_prefix_that_nothing_else_holds_tells_the_beginning_of_a_frame() -> None:
    framer = LineFramer(Framing(prefix=b"\x02", suffix=b"\x03"))
    framer.opened(1000)
    assert framer.feed(b"784\x03\x02M-000123\x03", 1001) == [
        BadFrame(reason=Refusal.NO_PREFIX, length=4),
        Frame(data=b"M-000123"),
    ]
