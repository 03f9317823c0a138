"""A till's questions: an answer, or a clear word, within the deadline."""

import asyncio

import pytest

from daemon.clock import SystemClock
from daemon.errors import NoAnswer, OperatorMistake, OutOfReach, PeerFault
from daemon.sync.asking import WAITING_MAX
from daemon.sync.wire_questions import ASKED_BYTES_MAX, Asked, Reply, Verdict
from daemon.till.inquiries import Inquiries


def answering(inquiries: Inquiries, verdict: Verdict, body: bytes = b"") -> list[Asked]:
    """A line whose other end answers at once, each time twice."""
    said: list[Asked] = []

    def speak(question: Asked) -> None:
        said.append(question)
        for _ in range(2):
            inquiries.heard(Reply(question.ticket, verdict, body))

    inquiries.connected(speak)
    return said


async def test_an_answer_comes_back_to_who_asked() -> None:
    inquiries = Inquiries(SystemClock())
    said = answering(inquiries, Verdict.ANSWERED, b"[1]")
    assert await inquiries.ask("search", b"{}", deadline_s=1) == b"[1]"
    assert await inquiries.ask("search", b"{}", deadline_s=1) == b"[1]"
    assert said[0].ticket != said[1].ticket
    assert not inquiries.book.waiting


@pytest.mark.parametrize(
    ("verdict", "error", "sentence"),
    [
        (Verdict.REFUSED, OperatorMistake, "the sentence of head office"),
        (Verdict.UNKNOWN, PeerFault, "older version"),
        (Verdict.TOO_LONG, PeerFault, "ask for less"),
    ],
)
async def test_what_head_office_does_not_answer_is_said(
    verdict: Verdict, error: type[Exception], sentence: str
) -> None:
    inquiries = Inquiries(SystemClock())
    answering(inquiries, verdict, b"the sentence of head office")
    with pytest.raises(error, match=sentence):
        await inquiries.ask("search", b"{}", deadline_s=1)


async def test_a_lost_question_is_said_again_and_answered_then() -> None:
    inquiries = Inquiries(SystemClock())
    said: list[Asked] = []

    def speak(question: Asked) -> None:
        said.append(question)
        if len(said) == 2:
            inquiries.heard(Reply(question.ticket, Verdict.ANSWERED, b"1"))

    inquiries.connected(speak)
    assert await inquiries.ask("search", b"{}", deadline_s=5) == b"1"
    assert said[0] == said[1]


async def test_silence_ends_at_the_deadline_and_a_late_answer_is_nobody_s() -> None:
    inquiries = Inquiries(SystemClock())
    said: list[Asked] = []
    inquiries.connected(said.append)
    with pytest.raises(NoAnswer):
        await inquiries.ask("search", b"{}", deadline_s=0.3)
    inquiries.heard(Reply(said[0].ticket, Verdict.ANSWERED, b"1"))
    assert not inquiries.book.waiting


async def test_without_a_line_nobody_waits_and_a_line_that_is_cut_ends_the_wait() -> None:
    inquiries = Inquiries(SystemClock())
    with pytest.raises(OutOfReach):
        await inquiries.ask("search", b"{}", deadline_s=60)
    inquiries.connected(lambda _: None)
    async with asyncio.timeout(5):
        asyncio.get_running_loop().call_later(0.05, inquiries.cut)
        with pytest.raises(OutOfReach):
            await inquiries.ask("search", b"{}", deadline_s=60)


async def test_too_much_at_once_and_too_long_a_question_are_refused_here() -> None:
    inquiries = Inquiries(SystemClock())
    inquiries.connected(lambda _: None)
    with pytest.raises(OperatorMistake):
        await inquiries.ask("search", b"q" * (ASKED_BYTES_MAX + 1), deadline_s=1)
    for number in range(WAITING_MAX):
        inquiries.book.ask(Asked(bytes([number]) * 12, "x", b""), until_ms=1 << 60, now_ms=0)
    with pytest.raises(NoAnswer):
        await inquiries.ask("search", b"{}", deadline_s=1)
