"""A talk of a third party that has a bug: what it may not do to the daemon, and to whom a badge is for."""

import logging
from collections.abc import Callable, Iterable
from math import inf, nan

import pytest

from daemon.domain.print_job import (
    AllSent,
    Cause,
    Confirmed,
    HandedOver,
    Hold,
    Interrupted,
    JobEvent,
    NothingSent,
    Started,
)
from daemon.drivers.guarded_dialogue import PAUSE_S_MIN, GuardedDialogue
from daemon.drivers.polled_dialogue import PolledAnswer, PolledDialogue
from daemon.drivers.printer_language import Patience
from daemon.drivers.zpl_status import ASK
from daemon.errors import DeviceFault

PATIENCE = Patience()
NO_ANSWER = Interrupted(Cause.NO_ANSWER)


class Scripted:
    """A talk that does as a test says, and is ready at once where that says nothing."""

    def __init__(self, **said: Callable[[], Iterable[JobEvent]]) -> None:
        self._said = said
        self.hold: Hold | None = None
        self.due_s = 5.0
        self.outbox = b""
        self.asking = False
        self.preparing = False
        self.over = False

    def ask(self, now_s: float, *, insist: bool = False) -> None:
        self._do("ask")

    def prepare(self, now_s: float) -> None:
        self._do("prepare")

    def begin(self, size: int, now_s: float) -> None:
        self._do("begin")

    def taken(self, count: int, now_s: float) -> list[JobEvent]:
        return self._do("taken")

    def received(self, data: bytes, now_s: float) -> list[JobEvent]:
        return self._do("received")

    def lost(self) -> list[JobEvent]:
        return self._do("lost")

    def passed(self, now_s: float) -> list[JobEvent]:
        return self._do("passed")

    def _do(self, name: str) -> list[JobEvent]:
        return list(self._said[name]()) if name in self._said else []


def guarded(talk: Scripted) -> GuardedDialogue:
    return GuardedDialogue("labels", lambda _patience: talk, PATIENCE)


def sending(talk: Scripted, taken: int = 0) -> GuardedDialogue:
    """Ten bytes are on their way, so many were taken."""
    dialogue = guarded(talk)
    assert dialogue.begin(10, 0.0) == []
    if taken:
        dialogue.taken(taken, 0.0)
    return dialogue


def fails() -> list[JobEvent]:
    raise ValueError("Hélène Lebœuf")


def test_a_bug_before_the_ticket_is_a_printer_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    dialogue = guarded(Scripted(ask=fails))
    with caplog.at_level(logging.WARNING):
        dialogue.ask(0.0)
    assert (dialogue.asking, dialogue.over, dialogue.hold) == (False, True, Hold.SILENT)
    assert "the talk with the printer labels was ended: the driver failed: ValueError in test_guarded" in caplog.text
    assert "Lebœuf" not in caplog.text


@pytest.mark.parametrize("when", ["taken", "received", "passed"])
def test_a_bug_within_the_ticket_is_an_interruption(when: str) -> None:
    dialogue = sending(Scripted(**{when: fails}))
    events = {
        "taken": lambda: dialogue.taken(10, 1.0),
        "received": lambda: dialogue.received(b"?", 1.0),
        "passed": lambda: dialogue.passed(1.0),
    }[when]()
    assert events == [NO_ANSWER]
    assert dialogue.over
    assert dialogue.received(b"?", 2.0) == []
    assert repr(dialogue).endswith("over=True)")


def test_a_ticket_that_cannot_even_begin_was_not_sent() -> None:
    assert guarded(Scripted(begin=fails)).begin(10, 0.0) == [NothingSent(Hold.SILENT)]


def test_a_talk_that_cannot_even_begin_is_a_fault_of_the_device() -> None:
    def make(_patience: Patience) -> Scripted:
        raise ValueError("Hélène Lebœuf")

    with pytest.raises(DeviceFault, match=r"^the driver failed: ValueError in test_guarded_dialogue.py, line \d+$"):
        GuardedDialogue("labels", make, PATIENCE)


@pytest.mark.parametrize(
    ("taken", "told", "believed"),
    [
        (10, [Confirmed()], [Confirmed()]),
        (10, [HandedOver()], [HandedOver()]),
        (10, [AllSent()], [AllSent()]),
        (0, [NothingSent(Hold.PAPER_OUT)], [NothingSent(Hold.PAPER_OUT)]),
        (9, [Confirmed()], [NO_ANSWER]),
        (9, [HandedOver()], [NO_ANSWER]),
        (1, [NothingSent(Hold.PAPER_OUT)], [NO_ANSWER]),
        (10, [Confirmed(), NO_ANSWER], [NO_ANSWER]),
        (10, [Started()], [NO_ANSWER]),
        (10, ["printed"], [NO_ANSWER]),
        (10, 7, [NO_ANSWER]),
    ],
)
def test_what_a_talk_cannot_know_is_not_believed(
    taken: int, told: Iterable[JobEvent], believed: list[JobEvent]
) -> None:
    dialogue = sending(Scripted(received=lambda: told), taken)
    assert dialogue.received(b"?", 1.0) == believed


def test_a_talk_that_is_over_says_what_became_of_the_ticket() -> None:
    talk = Scripted()
    dialogue = sending(talk, 10)
    talk.over = True
    assert dialogue.received(b"?", 1.0) == [NO_ANSWER]


def test_a_talk_that_goes_on_without_a_line_is_ended() -> None:
    assert sending(Scripted(), 10).lost() == [Interrupted(Cause.UNPLUGGED)]
    assert guarded(Scripted()).lost() == [NothingSent(Hold.ABSENT)]


@pytest.mark.parametrize("due_s", [inf, nan, 1e9, "soon"])
def test_a_talk_that_waits_without_end_is_ended(due_s: float) -> None:
    talk = Scripted()
    dialogue = sending(talk)
    talk.due_s = due_s
    assert dialogue.received(b"?", 1.0) == [NO_ANSWER]


def test_a_talk_that_asks_without_end_is_given_up() -> None:
    talk = Scripted()
    dialogue = guarded(talk)
    talk.asking = True
    dialogue.ask(0.0)
    now_s = 0.0
    while dialogue.asking:
        assert now_s <= 2 * PATIENCE.stopped_s
        now_s = talk.due_s = now_s + 1.0
        dialogue.passed(now_s)
    assert dialogue.hold is Hold.SILENT


def test_a_talk_that_wants_the_time_again_at_once_does_not_keep_the_machine_busy() -> None:
    dialogue = sending(Scripted())
    dialogue.passed(8.0)
    assert dialogue.due_s == 8.0 + PAUSE_S_MIN


def test_a_stream_that_stumbles_over_noise_ends_one_talk() -> None:
    class Stumbling:
        def receive(self, data: bytes) -> list[PolledAnswer]:
            raise ValueError(data.decode("ascii"))

    def make(patience: Patience) -> PolledDialogue:
        return PolledDialogue(patience, question=ASK, stream=Stumbling())

    dialogue = GuardedDialogue("labels", make, PATIENCE)
    dialogue.ask(0.0)
    assert dialogue.outbox == ASK
    dialogue.received(b"\xff", 0.1)
    assert dialogue.hold is Hold.SILENT
