import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.print_job import (
    AllSent,
    Cause,
    Confirmed,
    Hold,
    Interrupted,
    JobEvent,
    NothingSent,
    Resumed,
    Stopped,
)
from daemon.drivers.printer_dialogue import Phase, PrinterDialogue
from daemon.drivers.printer_language import CHUNK_BYTES, Patience

READY, OPEN, EMPTY, FAULTY = b"\x12\x12\x12", b"\x1a\x16\x12", b"\x1a\x32\x72", b"\x1a\x52\x12"
PAPER_IS_OUT, PAPER_IS_IN = bytes.fromhex("18000c00"), bytes.fromhex("10000000")
IN_TURN, ALIVE = b"\x00", b"\x12"
ASK_ALL, ASK_ALIVE = bytes.fromhex("100401 100402 100404"), bytes.fromhex("100401")
PATIENCE = Patience(status_s=1.0, stall_s=5.0, answer_s=10.0, poll_s=3.0, stopped_s=100.0, checks=2)
UNANSWERED = [Interrupted(Cause.NO_ANSWER)]


def idle() -> PrinterDialogue:
    return PrinterDialogue(PATIENCE)


def sending(size: int = 10_000) -> PrinterDialogue:
    dialogue = idle()
    dialogue.begin(size, 0.0)
    return dialogue


def waiting() -> PrinterDialogue:
    dialogue = sending()
    assert dialogue.taken(10_000, 0.0) == [AllSent()]
    return dialogue


def sent(dialogue: PrinterDialogue) -> bytes:
    data, dialogue.outbox = dialogue.outbox, b""
    return data


@pytest.mark.parametrize(
    ("answers", "hold"),
    [(READY, None), (OPEN, Hold.COVER_OPEN), (EMPTY, Hold.PAPER_OUT), (FAULTY, Hold.FAULT)],
)
def test_a_printer_is_asked_whether_it_is_ready(answers: bytes, hold: Hold | None) -> None:
    dialogue = idle()
    dialogue.ask(0.0)
    assert sent(dialogue) == ASK_ALL
    assert dialogue.asking
    assert dialogue.received(answers, 0.1) == []
    assert not dialogue.asking
    assert dialogue.hold is hold


def test_what_lies_in_the_line_from_before_is_no_answer() -> None:
    dialogue = idle()
    dialogue.ask(0.0)
    dialogue.received(IN_TURN + PAPER_IS_OUT + READY, 0.1)
    assert not dialogue.asking
    assert dialogue.hold is None


def test_a_printer_that_says_nothing_is_silent_and_gets_nothing() -> None:
    dialogue = idle()
    dialogue.ask(0.0)
    dialogue.received(b"\x12", 0.5)
    assert dialogue.due_s == 1.0
    dialogue.passed(1.0)
    assert (dialogue.hold, dialogue.over) == (Hold.SILENT, True)


NULS = bytes(64) + b"\x1b@"


def insisting() -> PrinterDialogue:
    """It was asked, said nothing, and is being helped out of a picture."""
    dialogue = PrinterDialogue(PATIENCE, NULS)
    dialogue.ask(0.0, insist=True)
    assert sent(dialogue) == ASK_ALL
    dialogue.passed(1.0)
    assert (sent(dialogue), dialogue.due_s) == (NULS + ASK_ALL, 11.0)
    assert dialogue.asking
    return dialogue


@pytest.mark.parametrize(("answers", "hold"), [(READY, None), (EMPTY, Hold.PAPER_OUT)])
def test_a_silent_printer_with_a_ticket_to_come_is_helped_out_of_a_picture(answers: bytes, hold: Hold | None) -> None:
    dialogue = insisting()
    assert dialogue.received(answers, 4.0) == []
    assert (dialogue.asking, dialogue.over, dialogue.hold) == (False, False, hold)


def test_a_printer_that_stays_silent_is_helped_once() -> None:
    dialogue = insisting()
    assert dialogue.passed(11.0) == []
    assert (dialogue.hold, dialogue.over, sent(dialogue)) == (Hold.SILENT, True, b"")


def test_a_line_that_goes_while_a_printer_is_helped_was_sent_no_ticket() -> None:
    dialogue = insisting()
    assert dialogue.lost() == []
    assert (dialogue.hold, dialogue.over) == (Hold.ABSENT, True)


def test_a_line_that_goes_before_the_ticket_means_that_nothing_was_sent() -> None:
    assert idle().lost() == [NothingSent(Hold.ABSENT)]
    asked = idle()
    asked.ask(0.0)
    assert asked.lost() == []
    assert (asked.hold, asked.over) == (Hold.ABSENT, True)


def test_a_ticket_is_printed_when_the_answer_behind_the_cut_came_and_the_printer_still_speaks() -> None:
    dialogue = sending()
    assert dialogue.taken(4096, 0.1) == []
    assert dialogue.taken(5904, 0.2) == [AllSent()]
    assert dialogue.received(IN_TURN, 1.0) == []
    assert sent(dialogue) == ASK_ALIVE
    assert dialogue.received(ALIVE, 1.1) == [Confirmed()]
    assert dialogue.over


def test_the_nul_of_a_serial_line_that_loses_its_printer_is_no_proof() -> None:
    dialogue = waiting()
    dialogue.received(b"\x00", 1.0)
    assert dialogue.phase is Phase.PROVING
    assert dialogue.passed(2.0) == UNANSWERED


def test_a_quick_answer_counts_though_we_have_not_heard_yet_that_the_last_piece_was_taken() -> None:
    dialogue = sending(CHUNK_BYTES)
    assert dialogue.received(IN_TURN, 0.1) == []
    assert dialogue.taken(CHUNK_BYTES, 0.1) == [AllSent()]
    assert dialogue.phase is Phase.PROVING


def test_an_answer_long_before_the_end_belongs_to_somebody_else() -> None:
    dialogue = sending(10 * CHUNK_BYTES)
    dialogue.received(IN_TURN, 0.1)
    dialogue.taken(10 * CHUNK_BYTES, 0.2)
    assert dialogue.phase is Phase.WAITING


def test_a_line_that_takes_nothing_any_more_is_given_up() -> None:
    dialogue = sending()
    dialogue.taken(100, 3.0)
    assert dialogue.due_s == 8.0
    assert dialogue.passed(8.0) == UNANSWERED


def test_a_printer_that_says_why_it_takes_nothing_is_waited_for() -> None:
    dialogue = sending()
    assert dialogue.received(PAPER_IS_OUT, 1.0) == [Stopped(Hold.PAPER_OUT)]
    assert dialogue.received(PAPER_IS_OUT, 1.5) == []
    assert dialogue.due_s == 101.0
    assert dialogue.received(PAPER_IS_IN, 60.0) == [Resumed()]
    assert dialogue.due_s == 65.0


def test_a_printer_that_stands_still_for_ever_is_given_up() -> None:
    dialogue = sending()
    dialogue.received(PAPER_IS_OUT, 1.0)
    assert dialogue.passed(101.0) == UNANSWERED


def test_paper_that_ends_behind_our_back_is_found_out_and_waited_for() -> None:
    dialogue = waiting()
    assert dialogue.passed(10.0) == []
    assert sent(dialogue) == ASK_ALL
    assert dialogue.received(EMPTY, 10.1) == [Stopped(Hold.PAPER_OUT)]
    assert dialogue.due_s == pytest.approx(13.1)
    dialogue.passed(13.1)
    assert dialogue.received(EMPTY, 13.2) == []
    dialogue.passed(16.2)
    assert dialogue.received(READY, 16.3) == [Resumed()]
    dialogue.received(IN_TURN, 17.0)
    assert dialogue.received(ALIVE, 17.1) == [Confirmed()]


def test_a_printer_that_is_late_for_no_reason_gets_a_second_chance_and_no_third() -> None:
    dialogue = waiting()
    dialogue.passed(10.0)
    assert dialogue.received(READY, 10.1) == []
    dialogue.passed(20.1)
    assert dialogue.received(READY, 20.2) == UNANSWERED


def test_a_printer_that_tells_of_itself_is_not_asked_through_a_line_that_it_has_closed() -> None:
    dialogue = waiting()
    dialogue.received(PAPER_IS_OUT, 1.0)
    assert dialogue.due_s == 101.0
    assert dialogue.passed(101.0) == UNANSWERED
    assert sent(dialogue) == b""


def test_a_printer_that_was_found_without_paper_and_then_dies_is_given_up() -> None:
    dialogue = waiting()
    dialogue.passed(10.0)
    dialogue.received(EMPTY, 10.1)
    dialogue.passed(13.1)
    assert dialogue.passed(14.1) == UNANSWERED


def test_a_printer_that_stands_still_after_the_last_byte_is_not_waited_for_for_ever() -> None:
    dialogue, now_s = waiting(), 10.0
    dialogue.passed(now_s)
    events = dialogue.received(EMPTY, now_s)
    while not dialogue.over:
        now_s = dialogue.due_s
        events += dialogue.passed(now_s) or dialogue.received(EMPTY, now_s)
    assert now_s == pytest.approx(110.0)
    assert events == [Stopped(Hold.PAPER_OUT), *UNANSWERED]


def test_a_printer_may_tell_of_itself_while_it_is_asked_why_it_is_late() -> None:
    dialogue = waiting()
    dialogue.passed(10.0)
    assert dialogue.received(PAPER_IS_OUT, 10.1) == [Stopped(Hold.PAPER_OUT)]
    assert dialogue.due_s == 11.0
    assert dialogue.received(EMPTY, 10.2) == []
    assert dialogue.due_s == pytest.approx(110.1)


def test_an_answer_that_comes_too_late_changes_nothing() -> None:
    dialogue = waiting()
    dialogue.passed(10.0)
    assert dialogue.received(PAPER_IS_OUT + READY, 10.1) == [Stopped(Hold.PAPER_OUT), Resumed()]
    dialogue.received(READY, 10.2)
    assert dialogue.phase is Phase.WAITING
    dialogue.passed(dialogue.due_s)
    dialogue.received(IN_TURN, 20.2)
    assert dialogue.received(READY, 20.3) == [Confirmed()]


def test_the_answer_may_come_while_the_printer_is_asked_why_it_is_late() -> None:
    dialogue = waiting()
    dialogue.passed(10.0)
    dialogue.received(b"\x12\x12", 10.1)
    assert dialogue.received(IN_TURN + ALIVE, 10.2) == [Confirmed()]


@pytest.mark.parametrize("dialogue", [sending(), waiting()], ids=["sending", "waiting"])
def test_a_line_that_goes_within_the_ticket_leaves_its_fate_unknown(dialogue: PrinterDialogue) -> None:
    assert dialogue.lost() == [Interrupted(Cause.UNPLUGGED)]
    assert dialogue.lost() == []


def test_nothing_more_is_told_when_it_is_over() -> None:
    dialogue = waiting()
    dialogue.received(IN_TURN, 0.5)
    dialogue.lost()
    assert dialogue.received(IN_TURN + ALIVE + PAPER_IS_OUT, 1.0) == []
    assert dialogue.passed(50.0) == []
    assert dialogue.taken(1, 1.0) == []


def test_a_dialogue_shows_its_state() -> None:
    dialogue = sending(10)
    dialogue.received(PAPER_IS_OUT, 0.0)
    assert repr(dialogue) == "PrinterDialogue(SENDING, hold=paper_out, unsent=10)"


@given(st.lists(st.sampled_from(["hear", "pass", "take", "lose"]), max_size=40), st.binary(min_size=40, max_size=40))
def test_every_talk_ends_once_and_only_a_whole_ticket_is_confirmed(story: list[str], noise: bytes) -> None:
    dialogue, now_s, events = sending(8), 0.0, list[JobEvent]()
    for step, octet in zip(story, noise, strict=False):
        if step == "hear":
            events += dialogue.received(bytes((octet,)), now_s)
        elif step == "pass":
            now_s = max(now_s, dialogue.due_s)
            events += dialogue.passed(now_s)
        elif step == "take":
            events += dialogue.taken(1, now_s)
        else:
            events += dialogue.lost()
    endings = [event for event in events if isinstance(event, Confirmed | Interrupted)]
    assert len(endings) == dialogue.over <= 1
    if Confirmed() in events:
        assert AllSent() in events
        assert story.count("take") >= 8


def test_a_printer_at_the_beginning_of_a_command_is_not_recovered() -> None:
    dialogue = PrinterDialogue(PATIENCE, recovery=b"NULs")
    dialogue.prepare(0.0)
    assert (dialogue.outbox, dialogue.preparing) == (b"\x1dr\x01", True)
    assert dialogue.received(b"\x00", 0.1) == []
    assert (dialogue.phase, dialogue.preparing, dialogue.hold) == (Phase.IDLE, False, None)


def test_a_printer_within_a_picture_swallows_the_question_and_is_freed() -> None:
    dialogue = PrinterDialogue(PATIENCE, recovery=b"NULs")
    dialogue.prepare(0.0)
    dialogue.outbox = b""
    assert dialogue.passed(1.0) == []
    assert (dialogue.outbox, dialogue.phase) == (b"NULs\x1dr\x01", Phase.CLEARING)
    dialogue.received(b"\x00", 2.0)
    assert dialogue.phase is Phase.IDLE


def test_a_printer_that_knows_no_such_question_is_printed_on_all_the_same() -> None:
    dialogue = PrinterDialogue(PATIENCE, recovery=b"NULs")
    dialogue.prepare(0.0)
    dialogue.passed(1.0)
    assert dialogue.passed(11.0) == []
    assert (dialogue.phase, dialogue.hold) == (Phase.IDLE, None)


def test_a_printer_that_goes_while_it_is_prepared_is_absent() -> None:
    dialogue = PrinterDialogue(PATIENCE)
    dialogue.prepare(0.0)
    assert dialogue.lost() == []
    assert dialogue.over
