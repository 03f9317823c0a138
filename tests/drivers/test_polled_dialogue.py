"""A talk with a printer that is asked again and again: what it may be believed, and when. ZPL's answers stand in."""

from daemon.domain.print_job import AllSent, Cause, Confirmed, Interrupted
from daemon.drivers.polled_dialogue import Phase, PolledDialogue
from daemon.drivers.printer_language import CHUNK_BYTES, Patience
from daemon.drivers.zpl_status import ASK, LISTING, HostStatusStream

PATIENCE = Patience(status_s=1.0, stall_s=5.0, answer_s=10.0, poll_s=3.0, stopped_s=100.0, checks=2)
IDLE = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,0,0,1,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
READ = b"\x02\r\n- " + LISTING + b"\r\n\x03"


def dialogue() -> PolledDialogue:
    return PolledDialogue(PATIENCE, question=ASK, stream=HostStatusStream())


def test_a_ticket_is_believed_when_it_was_read_and_nothing_is_left_to_print() -> None:
    talk = dialogue()
    talk.begin(100, 0.0)
    assert talk.taken(100, 0.0) == [AllSent()]
    assert talk.outbox == ASK
    assert talk.received(IDLE, 0.1) == [], "idle, and the ticket may not have been read"
    assert talk.received(READ, 0.2) == [], "read, and it may be printing"
    assert talk.received(IDLE, 0.3) == [Confirmed()]


def test_an_answer_that_is_older_than_the_ticket_is_about_another_one() -> None:
    talk = dialogue()
    assert talk.received(READ, 0.0) == []
    talk.begin(3 * CHUNK_BYTES, 0.0)
    talk.taken(CHUNK_BYTES, 0.1)
    assert talk.received(READ, 0.1) == [], "two thirds of it are not even sent"
    assert talk.taken(2 * CHUNK_BYTES, 0.2) == [AllSent()]
    assert talk.received(IDLE, 0.3) == []
    told = []
    while talk.phase is not Phase.OVER:
        told += talk.passed(talk.due_s)
    assert told == [Interrupted(Cause.NO_ANSWER)]


def test_an_answer_that_is_heard_before_the_line_says_that_it_took_the_last_piece_counts() -> None:
    talk = dialogue()
    talk.begin(100, 0.0)
    talk.received(READ, 0.0)
    talk.taken(100, 0.0)
    assert talk.received(IDLE, 0.1) == [Confirmed()]
