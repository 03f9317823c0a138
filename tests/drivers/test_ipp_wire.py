import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.print_job import Hold
from daemon.drivers.ipp_printer import hold_of
from daemon.drivers.ipp_wire import Attribute, Operation, Tag, read_answer, request
from daemon.errors import PeerFault

# From RFC 8010, A.3: the end of a Print-Job answer with a job id.
ANSWER = bytes.fromhex(
    "0101 0000 00000001 01 47 0012 617474726962757465732d63686172736574 0005 7574662d38"
    "02 21 0006 6a6f622d6964 0004 00000093 23 0009 6a6f622d7374617465 0004 00000003 03"
)


def test_a_request_is_what_the_standard_shows() -> None:
    uri = Attribute(tag=Tag.URI, name="printer-uri", values=("ipp://x/y",))
    many = Attribute(tag=Tag.KEYWORD, name="requested-attributes", values=("a", "bc"))
    raw = request(Operation.PRINT_JOB, [uri, many], b"%PDF")
    assert raw.startswith(bytes.fromhex("0101 0002 00000001 01 47 0012") + b"attributes-charset")
    assert b"\x44\x00\x14requested-attributes\x00\x01a\x44\x00\x00\x00\x02bc" in raw
    assert raw.endswith(b"\x03%PDF")


def test_an_answer_of_the_standard_is_read() -> None:
    answer = read_answer(ANSWER)
    assert (answer.is_done, answer.number("job-id"), answer.number("job-state")) == (True, 147, 3)
    assert (answer.words("attributes-charset"), answer.number("nothing")) == (("utf-8",), 0)


def test_what_was_asked_for_comes_back_with_all_its_values() -> None:
    attributes = [
        Attribute(tag=Tag.KEYWORD, name="printer-state-reasons", values=("media-empty-error", "paused")),
        Attribute(tag=Tag.INTEGER, name="job-id", values=(-3,)),
    ]
    answer = read_answer(request(Operation.CANCEL_JOB, attributes))
    assert answer.words("printer-state-reasons") == ("media-empty-error", "paused")
    assert answer.number("job-id") == -3


@pytest.mark.parametrize(
    ("reasons", "state", "hold"),
    [
        (("none",), 3, None),
        (("media-empty-error", "cover-open-warning"), 5, Hold.COVER_OPEN),
        (("marker-supply-empty-error",), 3, Hold.RIBBON_OUT),
        (("marker-supply-low-report",), 3, None),
        (("offline-report",), 3, Hold.ABSENT),
        (("none",), 5, Hold.PAUSED),
    ],
)
def test_the_reasons_of_a_queue_say_what_stands_in_the_way(
    reasons: tuple[str, ...], state: int, hold: Hold | None
) -> None:
    assert hold_of(reasons, state) is hold


@given(st.binary(max_size=200))
def test_damaged_answers_are_refused_or_read_and_nothing_else(raw: bytes) -> None:
    with contextlib.suppress(PeerFault):
        read_answer(raw)


@given(st.integers(0, len(ANSWER) - 2))
def test_a_cut_answer_is_refused_or_shorter(at: int) -> None:
    with contextlib.suppress(PeerFault):
        assert len(read_answer(ANSWER[:at]).attributes) <= 3
