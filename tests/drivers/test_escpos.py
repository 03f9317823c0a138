import logging
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.domain.badge import FindingKind
from daemon.domain.badge_text import Emphasis
from daemon.domain.card_symbol import SymbolWish
from daemon.domain.slip import Slip, SlipLine
from daemon.drivers import escpos
from daemon.drivers.escpos import (
    FRAGMENT_ROWS_MAX,
    INITIALIZE,
    PAPERS,
    Escpos,
    Paper,
    picture_ticket,
    text_ticket,
    without_real_time_commands,
)
from daemon.drivers.escpos_commands import Command, CommandStream, Op
from daemon.drivers.paper_roll import on_paper
from daemon.drivers.printer_language import Form, Ticket
from daemon.drivers.printer_status import ASK_PAPER_IN_TURN, AUTOMATIC_STATUS_OFF, AUTOMATIC_STATUS_ON
from tests.fakes.badges import ORDER, codes_on, order

ROLLS = pytest.mark.parametrize("paper", PAPERS.values(), ids=[f"{width} mm" for width in PAPERS])


def commands(data: bytes) -> list[Command]:
    stream = CommandStream()
    stream.add(data)
    found = []
    while command := stream.take():
        found.append(command)
    assert len(stream) == 0
    return [command for command in found if command.op is not Op.SKIPPED]


@ROLLS
def test_a_ticket_starts_afresh_and_ends_with_a_question(paper: Paper) -> None:
    for ticket in (picture_ticket(ORDER, paper), text_ticket(ORDER, paper)):
        assert ticket.data.startswith(INITIALIZE + AUTOMATIC_STATUS_ON)
        assert ticket.data.endswith(b"\x1dV\x00" + ASK_PAPER_IN_TURN + AUTOMATIC_STATUS_OFF)


@ROLLS
def test_recovery_outlasts_the_longest_command_of_an_interrupted_ticket(paper: Paper) -> None:
    rasters = [command for command in commands(picture_ticket(ORDER, paper).data) if command.op is Op.RASTER]
    assert all(int.from_bytes(raster.data[2:4], "little") <= FRAGMENT_ROWS_MAX for raster in rasters)
    recovery = Escpos(paper=paper).recovery
    assert recovery.endswith(INITIALIZE)
    assert recovery.count(0) >= max(
        int.from_bytes(raster.data[:2], "little") * int.from_bytes(raster.data[2:4], "little") for raster in rasters
    )


EAN, CODE128, QR = "EAN13", "Code128", "QRCode"


@pytest.mark.parametrize(
    ("form", "roll_mm", "number", "wish", "kind"),
    [
        (picture_ticket, 80, "2900042187005", SymbolWish.BARS, EAN),
        (picture_ticket, 58, "2900042187005", SymbolWish.BARS, EAN),
        (picture_ticket, 80, "M-000123", SymbolWish.BARS, CODE128),
        (picture_ticket, 58, "M-000123", SymbolWish.BARS, CODE128),
        (picture_ticket, 58, "2900042187005", SymbolWish.QR, QR),
        (text_ticket, 80, "2900042187005", SymbolWish.BARS, EAN),
        (text_ticket, 58, "2900042187005", SymbolWish.BARS, EAN),
        (text_ticket, 80, "M-000123", SymbolWish.BARS, CODE128),
        (text_ticket, 58, "M-000123", SymbolWish.BARS, CODE128),
        (text_ticket, 80, "a{b}", SymbolWish.BARS, CODE128),
        (text_ticket, 80, "2900042187004", SymbolWish.BARS, CODE128),
        (text_ticket, 58, "2900042187004", SymbolWish.BARS, QR),
        (text_ticket, 58, "2900042187005", SymbolWish.QR, QR),
    ],
)
def test_the_number_is_read_off_the_paper(
    form: Callable[..., Ticket], roll_mm: int, number: str, wish: SymbolWish, kind: str
) -> None:
    paper = PAPERS[roll_mm]
    printed = on_paper(form(order(number=number, wish=wish), paper).data, paper.width_dots)
    assert [(found.replace("-", ""), text) for found, text in codes_on(printed.png)] == [(kind, number)]
    assert printed.cut


def test_a_text_badge_is_about_150_bytes() -> None:
    ticket = text_ticket(order(note=""), PAPERS[80])
    assert len(ticket.data) <= 160
    assert ticket.findings == ()


def test_a_text_badge_says_everything_with_its_accents() -> None:
    printed = on_paper(text_ticket(order(last_name="Lebœuf — 3 €"), PAPERS[80], duplicata=True).data, 576)
    assert printed.text.splitlines() == [
        "Maison Kermarrec",
        "Carte de fidélité",
        "DUPLICATA",
        "Hélène",
        "Lebœuf — 3 €",
        "[ean13 2900042187005]",
        "À présenter à chaque achat",
    ]


def test_what_code_page_1252_lacks_is_reported_not_printed_as_a_question_mark_in_silence() -> None:
    ticket = text_ticket(order(first_name="Ősz"), PAPERS[80])
    assert [(found.kind, found.detail) for found in ticket.findings] == [(FindingKind.MISSING_GLYPH, "Ő")]


def test_a_symbol_other_than_the_one_wished_for_is_reported() -> None:
    ticket = text_ticket(order(number="C-2024-ABCDEF-99817712-XYZ"), PAPERS[58])
    assert [found.kind for found in ticket.findings] == [FindingKind.OTHER_SYMBOL]


def test_a_number_that_no_symbol_holds_is_printed_in_figures_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escpos, "_modules_in_printer", lambda _symbology, _text: 1000)
    ticket = text_ticket(ORDER, PAPERS[80])
    assert "2 900042 187005" in on_paper(ticket.data, 576).text
    assert [found.kind for found in ticket.findings] == [FindingKind.NO_SYMBOL]


@pytest.mark.parametrize("spelling", [b"\x10\x04\x01", b"\x10\x05\x02", b"\x10\x14\x01\x00\x01"])
def test_dots_that_spell_a_real_time_command_get_one_more_dot(spelling: bytes) -> None:
    assert without_real_time_commands(b"\xff" + spelling) == b"\xff\x18" + spelling[1:]
    assert without_real_time_commands(b"\x10\x10\x00") == b"\x10\x10\x00"


def test_a_picture_holds_no_real_time_command() -> None:
    for number in range(20):
        data = picture_ticket(order(number=f"M-{number:06}", wish=SymbolWish.QR), PAPERS[80]).data
        assert not any(lead in data for lead in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


def test_two_threads_can_load_the_library_at_once() -> None:
    tickets: list[bytes] = []
    threads = [threading.Thread(target=lambda: tickets.append(text_ticket(ORDER, PAPERS[80]).data)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(tickets)) == 1


@pytest.fixture(scope="module")
def fresh_process(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A process that encodes one badge and says what that did to it."""
    temporary = tmp_path_factory.mktemp("temporary")
    program = """
        import logging, os, sys
        from daemon.drivers.escpos import PAPERS, text_ticket
        from tests.fakes.badges import ORDER
        before = dict(os.environ)
        loaded_early = "escpos" in sys.modules
        text_ticket(ORDER, PAPERS[80])
        print(loaded_early, os.environ == before, logging.getLogger().handlers, file=sys.stderr)
    """
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "ESCPOS_CAPABILITIES_PICKLE_DIR": "/nonexistent",
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done, temporary


def test_the_library_is_loaded_late_and_leaves_environment_and_logging_alone(
    fresh_process: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    assert fresh_process[0].stderr.strip() == "False True []"


def test_the_library_writes_nothing_to_standard_output(
    fresh_process: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    assert fresh_process[0].stdout == ""


def test_the_library_leaves_no_temporary_directory_behind(
    fresh_process: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    assert list(fresh_process[1].iterdir()) == []


def test_the_root_logger_is_as_it_was() -> None:
    before = logging.getLogger().handlers[:]
    text_ticket(ORDER, PAPERS[80])
    assert logging.getLogger().handlers == before


def test_the_test_page_of_a_text_printer_says_its_letters_in_every_code_page() -> None:
    slip = Slip(lines=(SlipLine(text="Page de test", align="center"),), code="2900042187005")
    printed = on_paper(Escpos(paper=PAPERS[80], form=Form.TEXT).test_page(slip).data, 576)
    assert "wpc1252: é à ç œ Œ €" in printed.text
    assert "cp858: é à ç oe OE €" in printed.text
    assert "cp437: é à ç oe OE EUR" in printed.text
    assert codes_on(printed.png) == [("EAN13", "2900042187005")]
    picture = on_paper(Escpos(paper=PAPERS[80]).test_page(slip).data, 576)
    assert codes_on(picture.png) == [("EAN13", "2900042187005")]


def test_a_slip_in_letters_says_what_its_code_page_has_and_reports_the_rest() -> None:
    slip = Slip(
        lines=(SlipLine(text="Œuvre", right="5 €", emphasis=Emphasis.BOLD),),
        code="C-2024-ABCDEF-99817712-XYZ",
        below=(SlipLine(text="merci"),),
    )
    language = Escpos(paper=PAPERS[58], form=Form.TEXT, code_page="cp850")
    ticket = language.slip(slip, duplicata=True)
    assert [found.kind for found in ticket.findings] == [FindingKind.MISSING_GLYPH, FindingKind.OTHER_SYMBOL]
    lines = on_paper(ticket.data, 384).text.splitlines()
    assert lines[:2] == ["DUPLICATA", "OEuvre" + "5 EUR".rjust(26)]
    assert lines[-1] == "merci"
