"""What every printer language must do, whoever wrote it: checks on its tickets, and on what it believes of a printer.

Whether a customer gets two badges or none hangs on that belief. So most checks try to make it believe wrongly: by
silence, by a pulled plug, by a line that reads as NULs, by what was said of another ticket.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

from daemon.domain.badge import BadgeFace
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.print_job import Cause, Confirmed, Hold, Interrupted, JobEvent, NothingSent, Stopped
from daemon.domain.slip import Slip, SlipLine
from daemon.drivers.catalogue import language
from daemon.drivers.printer_bench import PlayedPrinter, PrinterCapture, Talk
from daemon.drivers.printer_language import Ticket
from daemon.errors import DeviceFault

ORDER: Final = BadgeOrder(
    face=BadgeFace(
        chain="Maison Kermarrec",
        title="Carte de fidélité",
        first_name="Hélène",
        last_name="Lebœuf",
        number="2900042187005",
        note="À présenter à chaque achat",
    )
)
SLIP: Final = Slip(
    lines=(SlipLine(text="Avoir à valoir", right="23,90 €"), SlipLine(text="Cœur, Noël, maïs ?")),
    code="2912345678906",
    below=(SlipLine(text="À présenter en caisse."),),
)
_PLACES: Final = 24
"""How many places of a ticket something happens at."""

_PRINTING_S: Final = 3.0
"""How long a printer prints on that has read its ticket."""

_BEHIND_MAX: Final = 16
"""What may stand behind the question that proves a ticket: a setting that is put back."""

_NUL: Final = [b"\x00" * 8]

Check: TypeAlias = Callable[[PrinterCapture], None]
"""Raises AssertionError where the language does not do what its name says."""


def _badge(capture: PrinterCapture, *, duplicata: bool = False) -> bytes:
    return capture.language().badge(ORDER, duplicata=duplicata).data


def _tickets(capture: PrinterCapture) -> list[Ticket]:
    spoken = capture.language()
    tickets = [spoken.badge(ORDER, duplicata=False), spoken.slip(SLIP, duplicata=False), spoken.test_page(SLIP)]
    with suppress(DeviceFault):  # no drawer hangs on a printer of such a language
        tickets.append(spoken.drawer_kick())
    return tickets


def _places(size: int) -> list[int]:
    """Places of a ticket, its last bytes among them: there stands the question that proves it."""
    step = max(1, size // _PLACES)
    return sorted({*range(1, size, step), *range(max(1, size - 8), size)})


def _sent(capture: PrinterCapture, *, quick: bool = False, bytewise: bool = False) -> tuple[Talk, PlayedPrinter]:
    """A talk in which a whole badge went to a printer that was ready."""
    printer = PlayedPrinter(capture)
    talk = Talk(capture, printer, bytewise=bytewise)
    assert talk.ask() is None, f"a ready printer was held: {talk.dialogue.hold}"
    talk.prepare()
    talk.send(_badge(capture), quick=quick)
    return talk, printer


def _half_sent(capture: PrinterCapture, ticket: bytes, place: int) -> tuple[Talk, PlayedPrinter]:
    """A talk in which a ticket is under way up to a place of it."""
    printer = PlayedPrinter(capture)
    talk = Talk(capture, printer)
    assert talk.ask() is None
    talk.prepare()
    talk.dialogue.begin(len(ticket), talk.now_s)
    talk.send_pieces(ticket[:place])
    return talk, printer


def _question_end(capture: PrinterCapture, ticket: bytes) -> int:
    """Where the question ends whose answer proves the ticket."""
    ends = [ticket.rfind(one.command) + len(one.command) for one in capture.replies if one.in_turn]
    assert len(ticket) - max(ends) <= _BEHIND_MAX, "the question that proves a ticket stands behind all that it prints"
    return max(ends)


def _wait_for(talk: Talk, event: JobEvent) -> None:
    talk.wait(lambda: event in talk.events)


def a_ready_printer_is_believed_once_and_gets_its_ticket_once(capture: PrinterCapture) -> None:
    """The way it goes every day, with each kind of ticket."""
    for ticket in _tickets(capture):
        printer = PlayedPrinter(capture)
        talk = Talk(capture, printer)
        assert talk.ask() is None
        talk.prepare()
        talk.send(ticket.data)
        talk.end()
        assert talk.endings == [Confirmed()], talk.endings
        assert bytes(printer.consumed).count(ticket.data) == 1, "the ticket was sent once, as it was made"


def a_quick_printer_is_believed_too(capture: PrinterCapture) -> None:
    """Its answer comes before it is known that the line took the last byte."""
    talk, _ = _sent(capture, quick=True)
    talk.end()
    assert talk.endings == [Confirmed()], talk.endings


def answers_in_single_bytes_mean_the_same(capture: PrinterCapture) -> None:
    """Lines and kernels cut where they like."""
    talk, _ = _sent(capture, bytewise=True)
    talk.end()
    assert talk.endings == [Confirmed()], talk.endings
    for why in capture.holds:
        printer = PlayedPrinter(capture)
        printer.stop(why)
        assert Talk(capture, printer, bytewise=True).ask() is why, why.value


def what_is_in_the_way_is_told_before_a_byte_of_the_ticket_is_sent(capture: PrinterCapture) -> None:
    """Paper out, cover open: the job waits, and nothing can have been printed."""
    for why in capture.holds:
        printer = PlayedPrinter(capture)
        printer.stop(why)
        talk = Talk(capture, printer)
        found = talk.ask()
        assert found is why, f"{why.value} was taken for {found}"
        assert not talk.events


def a_silent_printer_is_given_up_before_a_byte_of_the_ticket_is_sent(capture: PrinterCapture) -> None:
    """Switched off, or no printer at all; `insist` takes longer, and ends too."""
    for insist in (False, True):
        printer = PlayedPrinter(capture)
        printer.is_off = True
        talk = Talk(capture, printer)
        assert talk.ask(insist=insist) is Hold.SILENT
        assert not talk.events


def a_printer_that_stops_within_a_ticket_says_why_and_goes_on(capture: PrinterCapture) -> None:
    """The roll ends: it is told, waited for, and the badge comes out once."""
    ticket = _badge(capture)
    half = len(ticket) // 2
    for why in capture.holds:
        talk, printer = _half_sent(capture, ticket, half)
        printer.stop(why)
        talk.send_pieces(ticket[half:])
        _wait_for(talk, Stopped(why))
        assert not talk.endings, "a printer that says why it stands still is waited for"
        talk.hear(printer.go_on())
        talk.end()
        assert talk.endings == [Confirmed()], talk.endings
        assert bytes(printer.consumed).count(ticket) == 1


def a_printer_that_falls_silent_within_a_ticket_is_never_believed(capture: PrinterCapture) -> None:
    """Its power is cut, at any byte: somebody has to look."""
    ticket = _badge(capture)
    for place in _places(len(ticket)):
        talk, printer = _half_sent(capture, ticket, place)
        printer.is_off = True
        talk.send_pieces(ticket[place:])
        talk.end()
        assert talk.endings == [Interrupted(Cause.NO_ANSWER)], (place, talk.endings)


def a_printer_that_reads_no_further_is_never_believed(capture: PrinterCapture) -> None:
    """It says that it is well, and its ticket stands in it half read."""
    ticket = _badge(capture)
    for place in _places(_question_end(capture, ticket)):
        talk, printer = _half_sent(capture, ticket, place)
        printer.reads = False
        talk.send_pieces(ticket[place:])
        talk.end()
        assert talk.endings == [Interrupted(Cause.NO_ANSWER)], (place, talk.endings)


def a_printer_that_still_prints_is_not_believed_yet(capture: PrinterCapture) -> None:
    """It has read all of the ticket, and may yet lose its power. For captures that know what it answers then."""
    for goes_on in (True, False) if any(reply.busy for reply in capture.replies) else ():
        printer = PlayedPrinter(capture)
        talk = Talk(capture, printer)
        assert talk.ask() is None
        talk.prepare()
        printer.prints = True
        talk.send(_badge(capture))
        talk.wait(lambda talk=talk: talk.endings or talk.now_s >= _PRINTING_S)  # type: ignore[misc]  # bound in its turn
        assert not talk.endings, talk.endings
        printer.prints, printer.is_off = False, not goes_on
        talk.end()
        assert talk.endings == [Confirmed() if goes_on else Interrupted(Cause.NO_ANSWER)], talk.endings


def a_line_without_power_reads_as_nuls_and_proves_nothing(capture: PrinterCapture) -> None:
    """What a serial line shows when the printer loses its power."""
    ticket = _badge(capture)
    for place in _places(len(ticket)):
        talk, printer = _half_sent(capture, ticket, place)
        printer.is_off = True
        talk.hear(_NUL)
        talk.send_pieces(ticket[place:])
        talk.hear(_NUL)
        talk.end()
        assert talk.endings == [Interrupted(Cause.NO_ANSWER)], (place, talk.endings)


def a_line_that_is_pulled_is_told_at_once(capture: PrinterCapture) -> None:
    """Before the ticket: nothing was sent. Within it: somebody has to look. After it: nothing is added."""
    talk = Talk(capture, PlayedPrinter(capture))
    assert talk.ask() is None
    assert talk.dialogue.lost() == [NothingSent(Hold.ABSENT)]
    ticket = _badge(capture)
    for place in _places(len(ticket)):
        talk, _ = _half_sent(capture, ticket, place)
        assert talk.dialogue.lost() == [Interrupted(Cause.UNPLUGGED)], place
        assert talk.dialogue.over
    talk, _ = _sent(capture)
    talk.end()
    assert talk.dialogue.lost() == []


def what_was_said_of_another_ticket_proves_nothing_of_this_one(capture: PrinterCapture) -> None:
    """Answers that lay in the line, and come late."""
    stale = [reply.answer for reply in capture.replies if reply.hold is None]
    printer = PlayedPrinter(capture)
    talk = Talk(capture, printer)
    assert talk.ask() is None
    talk.hear(stale)
    assert not talk.events
    printer.reads = False
    talk.send(_badge(capture))
    talk.end()
    assert talk.endings == [Interrupted(Cause.NO_ANSWER)], talk.endings


def a_talk_that_is_over_says_no_more(capture: PrinterCapture) -> None:
    """The job has one fate."""
    talk, _ = _sent(capture)
    talk.end()
    told = list(talk.events)
    talk.hear([reply.answer for reply in capture.replies])
    assert talk.dialogue.passed(talk.now_s + 1000.0) == []
    assert talk.events == told


def tickets_are_the_same_each_time_and_a_duplicata_is_another(capture: PrinterCapture) -> None:
    """A copy says what it is; nothing of one ticket is left in the next."""
    spoken = capture.language()
    assert spoken.badge(ORDER, duplicata=False).data == spoken.badge(ORDER, duplicata=False).data
    assert spoken.badge(ORDER, duplicata=True).data != spoken.badge(ORDER, duplicata=False).data
    assert spoken.slip(SLIP, duplicata=True).data != spoken.slip(SLIP, duplicata=False).data


def a_badge_can_be_seen_before_it_is_printed(capture: PrinterCapture) -> None:
    """A picture, as PNG."""
    preview = capture.language().preview(ORDER, duplicata=False)
    assert preview.png.startswith(b"\x89PNG"), "the preview is a PNG"


def nothing_prints_whom_a_ticket_is_for(capture: PrinterCapture) -> None:
    """What prints itself ends in a log."""
    talk, _ = _sent(capture)
    for thing in (*_tickets(capture), talk.dialogue, capture.language()):
        for word in (ORDER.face.last_name, ORDER.face.number):
            assert word not in repr(thing), type(thing).__name__


def the_language_says_where_it_was_tried(capture: PrinterCapture) -> None:
    """A rig, or a model."""
    assert language(capture.kind).TRIED_ON.strip()


PRINTER_CHECKS: Final[tuple[Check, ...]] = (
    a_ready_printer_is_believed_once_and_gets_its_ticket_once,
    a_quick_printer_is_believed_too,
    answers_in_single_bytes_mean_the_same,
    what_is_in_the_way_is_told_before_a_byte_of_the_ticket_is_sent,
    a_silent_printer_is_given_up_before_a_byte_of_the_ticket_is_sent,
    a_printer_that_stops_within_a_ticket_says_why_and_goes_on,
    a_printer_that_falls_silent_within_a_ticket_is_never_believed,
    a_printer_that_reads_no_further_is_never_believed,
    a_printer_that_still_prints_is_not_believed_yet,
    a_line_without_power_reads_as_nuls_and_proves_nothing,
    a_line_that_is_pulled_is_told_at_once,
    what_was_said_of_another_ticket_proves_nothing_of_this_one,
    a_talk_that_is_over_says_no_more,
    tickets_are_the_same_each_time_and_a_duplicata_is_another,
    a_badge_can_be_seen_before_it_is_printed,
    nothing_prints_whom_a_ticket_is_for,
    the_language_says_where_it_was_tried,
)
