import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.print_job import Hold
from daemon.drivers.polled_dialogue import ReadInTurn
from daemon.drivers.zpl_status import HostStatus, HostStatusStream

# The example of the manual (Zebra P1099958, ~HS), and the list that ^HW gives.
READY = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,0,0,1,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
LISTING = b"\x02\r\n- DIR R:COMPTOIR.GRF\r\n-  31000000 bytes free R: RAM\r\n\x03\r\n"


def status(paper: int = 0, pause: int = 0, head: int = 0, ribbon: int = 0, left: int = 0, formats: int = 0) -> bytes:
    first = f"030,{paper},{pause},1245,{formats:03d},0,0,0,000,0,0,0"
    second = f"001,0,{head},{ribbon},1,2,4,0,{left:08d},1,000"
    return f"\x02{first}\x03\r\n\x02{second}\x03\r\n\x021234,0\x03\r\n".encode()


def test_a_ready_printer_is_idle_and_split_anywhere_says_the_same() -> None:
    ready = HostStatus(hold=None, unread=0, unprinted=0, is_partial=False)
    for at in range(len(READY)):
        stream = HostStatusStream()
        assert [*stream.receive(READY[:at]), *stream.receive(READY[at:])] == [ready]
    assert ready.is_idle


@pytest.mark.parametrize(
    ("said", "hold"),
    [
        (status(paper=1, pause=1, head=1), Hold.COVER_OPEN),
        (status(paper=1, pause=1), Hold.PAPER_OUT),
        (status(ribbon=1, pause=1), Hold.RIBBON_OUT),
        (status(pause=1), Hold.PAUSED),
    ],
)
def test_the_most_telling_of_what_stands_in_the_way(said: bytes, hold: Hold) -> None:
    (found,) = HostStatusStream().receive(said)
    assert isinstance(found, HostStatus)
    assert found.hold is hold


def test_labels_in_the_buffer_and_labels_to_print_are_not_idle() -> None:
    for said in (status(left=1), status(formats=2)):
        (found,) = HostStatusStream().receive(said)
        assert isinstance(found, HostStatus)
        assert not found.is_idle


def test_the_answer_in_turn_stands_between_other_answers() -> None:
    found = HostStatusStream().receive(READY + LISTING + READY)
    assert [type(one) for one in found] == [HostStatus, ReadInTurn, HostStatus]


def test_nonsense_is_no_answer() -> None:
    stream = HostStatusStream()
    assert stream.receive(b"\x02" + b"x" * 9000 + b"\x03") == []
    assert stream.receive(b"\x02x,x,x,x,x,x,x,x,x,x,x,x\x03\x02y,y,y,y,y,y,y,y,y,y,y\x03") == []
    assert "inside=False" in repr(stream)


@given(st.binary(max_size=400))
def test_whatever_comes_the_next_answer_is_understood(noise: bytes) -> None:
    stream = HostStatusStream()
    stream.receive(noise)
    stream.receive(b"\x02\x03")
    assert any(isinstance(one, HostStatus) for one in stream.receive(READY + READY))
