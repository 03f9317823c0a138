import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.print_job import Hold
from daemon.drivers.printer_status import (
    READINESS,
    Answer,
    AutomaticStatus,
    Noise,
    PaperInTurn,
    Question,
    RealTimeStatus,
    StatusStream,
    ask,
)


def stream(*questions: Question) -> StatusStream:
    made = StatusStream()
    made.asked(*questions)
    return made


def test_questions_are_spelled_as_the_printer_expects() -> None:
    assert [ask(question).hex(" ") for question in READINESS] == ["10 04 01", "10 04 02", "10 04 04"]


def test_answers_of_three_questions_are_told_apart_by_their_order() -> None:
    assert stream(*READINESS).receive(bytes.fromhex("16 12 12")) == [
        RealTimeStatus(Question.PRINTER, 0x16),
        RealTimeStatus(Question.OFFLINE_CAUSE, 0x12),
        RealTimeStatus(Question.PAPER, 0x12),
    ]


# Bits from the ESC/POS reference of Epson; the octets are those of a TM-T20 in these conditions.
@pytest.mark.parametrize(
    ("question", "octet", "hold"),
    [
        (Question.PRINTER, 0x12, None),
        (Question.PRINTER, 0x16, None),
        (Question.PRINTER, 0x1A, Hold.FAULT),
        (Question.OFFLINE_CAUSE, 0x12, None),
        (Question.OFFLINE_CAUSE, 0x16, Hold.COVER_OPEN),
        (Question.OFFLINE_CAUSE, 0x32, Hold.PAPER_OUT),
        (Question.OFFLINE_CAUSE, 0x36, Hold.COVER_OPEN),
        (Question.OFFLINE_CAUSE, 0x52, Hold.FAULT),
        (Question.PAPER, 0x12, None),
        (Question.PAPER, 0x1E, None),
        (Question.PAPER, 0x72, Hold.PAPER_OUT),
        (Question.PAPER, 0x7E, Hold.PAPER_OUT),
    ],
)
def test_an_answer_shows_what_is_in_the_way(question: Question, octet: int, hold: Hold | None) -> None:
    (answer,) = stream(question).receive(bytes((octet,)))
    assert isinstance(answer, RealTimeStatus)
    assert answer.hold is hold


@pytest.mark.parametrize(
    ("octets", "hold"),
    [
        ("10 00 00 00", None),
        ("14 00 03 0f", None),
        ("38 00 0c 00", Hold.COVER_OPEN),
        ("18 00 0f 00", Hold.PAPER_OUT),
        ("10 08 00 00", Hold.FAULT),
        ("18 00 00 00", Hold.FAULT),
    ],
)
def test_an_automatic_status_shows_what_is_in_the_way(octets: str, hold: Hold | None) -> None:
    (answer,) = stream().receive(bytes.fromhex(octets))
    assert isinstance(answer, AutomaticStatus)
    assert answer.hold is hold


def test_the_answer_in_turn_and_the_automatic_status_are_told_apart() -> None:
    assert stream().receive(bytes.fromhex("00 14 00 00 00 0f")) == [
        PaperInTurn(0),
        AutomaticStatus(bytes.fromhex("14000000")),
        PaperInTurn(0x0F),
    ]


def test_an_automatic_status_that_lost_bytes_does_not_swallow_what_follows() -> None:
    assert stream(Question.PRINTER).receive(bytes.fromhex("10 00 12")) == [
        Noise(0x10),
        Noise(0x00),
        RealTimeStatus(Question.PRINTER, 0x12),
    ]


def test_an_answer_to_nothing_is_noise() -> None:
    assert stream().receive(b"\x12\x93\xff") == [Noise(0x12), Noise(0x93), Noise(0xFF)]
    late = stream(Question.PAPER)
    late.forget_questions()
    assert late.receive(b"\x12") == [Noise(0x12)]


def test_flow_control_is_nobodys_answer() -> None:
    assert stream(Question.PRINTER).receive(b"\x13\x12\x11") == [RealTimeStatus(Question.PRINTER, 0x12)]


def test_the_stream_shows_what_it_waits_for() -> None:
    waiting = stream(Question.PAPER)
    waiting.receive(b"\x14\x00")
    assert repr(waiting) == "StatusStream(asked=['PAPER'], partial='1400')"


@given(st.binary(max_size=60), st.data())
def test_bytes_split_anywhere_give_the_same_answers(data: bytes, cut: st.DataObject) -> None:
    whole = stream(*READINESS).receive(data)
    pieces: list[Answer] = []
    split = stream(*READINESS)
    while data:
        size = cut.draw(st.integers(1, len(data)))
        pieces += split.receive(data[:size])
        data = data[size:]
    assert pieces == whole


@given(st.binary(max_size=100))
def test_no_byte_is_counted_twice_or_forgotten(data: bytes) -> None:
    read = stream(*READINESS)
    used = sum(4 if isinstance(answer, AutomaticStatus) else 1 for answer in read.receive(data))
    flow = len([octet for octet in data if octet in (0x11, 0x13)])
    assert used + flow + len(read._partial) == len(data)
