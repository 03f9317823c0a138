"""The door to python-escpos, which encodes and does nothing else: a badge or a slip in, the bytes of a ticket out.

    ESC @            nothing of whoever printed before is left
    GS a             the printer tells of paper and cover by itself while the ticket runs
    ...              what is printed: as a picture, or in the printer's own letters
    feed and cut
    GS r 1           answered when all before it was consumed: the only proof of printing there is
    GS a 0           whoever talks to the printer next is not told what he did not ask

The library is loaded at the first ticket, because it costs 25 MiB and a tenth of a second, and is kept from writing to
standard output, from leaving a temporary directory behind, from installing a log handler and from guessing a printer.
"""

import logging
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, cast

from daemon.domain.badge import CARDS, Finding, FindingKind, Preview, Slot
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.badge_text import Emphasis, TextLine, lacking, text_badge
from daemon.domain.card_symbol import SymbolChoice, Symbology, SymbolWish, choose_symbol, number_as_read
from daemon.domain.slip import SetLine, Slip, marked, set_slip
from daemon.domain.text_fit import spelled
from daemon.drivers.printer_dialogue import PrinterDialogue
from daemon.drivers.printer_language import FORMS, Dialogue, Form, Patience, Ticket
from daemon.drivers.printer_status import ASK_PAPER_IN_TURN, AUTOMATIC_STATUS_OFF, AUTOMATIC_STATUS_ON

if TYPE_CHECKING:
    # Drawing costs nine mebibytes: it is imported when the first badge is printed.
    from daemon.drivers.raster import Sheet

CONTRACT: Final = 1
TRIED_ON = (
    "emupos, an emulator of receipt printers by others, on TCP and on a pseudo-terminal, and a simulated printer that "
    "loses power within pictures; zxing-cpp reads what they print; a USB port was a pseudo-terminal too"
)

FRAGMENT_ROWS_MAX = 128
"""Rows of one raster command: small, so that a printer left inside one is freed by few bytes."""

INITIALIZE = b"\x1b@"
BARS_HEIGHT_DOTS = 80
TRIED_LETTERS = "é à ç œ Œ €"
DRAWER_KICK = b"\x1bp\x00\x19\xfa"
"""ESC p: 50 ms on pin 2, 500 ms pause; obeyed in turn, so never by a printer that stands still (Epson reference)."""

_PROFILE = Path(__file__).parent / "escpos_profile.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A roll: its printable width, and the card that is printed on it."""

    width_dots: int
    columns: int
    card: str


PAPERS = {
    80: Paper(width_dots=576, columns=48, card="paper_80"),
    58: Paper(width_dots=384, columns=32, card="paper_58"),
}
"""By the width of the roll in mm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodePage:
    """A set of letters that a printer has: its name in the profile, Python's, and its number in ESC t."""

    profile: str
    codec: str


CODE_PAGES = {
    "wpc1252": CodePage(profile="CP1252", codec="cp1252"),
    "cp858": CodePage(profile="CP858", codec="cp858"),
    "iso8859-15": CodePage(profile="ISO_8859-15", codec="iso8859_15"),
    "cp850": CodePage(profile="CP850", codec="cp850"),
    "cp437": CodePage(profile="CP437", codec="cp437"),
}
"""By their names in the configuration, the one with most of our letters first: CP858 has no œ, CP850 no € either."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """How a receipt printer is set, in the words of the configuration."""

    width: Literal[80, 58] = 80
    variant: Literal["raster", "text"] = "raster"
    code_page: Literal["wpc1252", "cp858", "iso8859-15", "cp850", "cp437"] = "wpc1252"


def language(config: Config) -> "Escpos":
    """The language of a printer that is set so."""
    return Escpos(paper=PAPERS[config.width], form=FORMS[config.variant], code_page=config.code_page)


@dataclass(frozen=True, kw_only=True, slots=True)
class Escpos:
    """The language of receipt printers, as one of them is set up."""

    paper: Paper
    form: Form = Form.PICTURE
    code_page: str = "wpc1252"

    @property
    def talk(self) -> Callable[[Patience], Dialogue]:
        """DLE EOT and GS r before, GS r behind the ticket."""
        return partial(PrinterDialogue, recovery=self.recovery)

    @property
    def recovery(self) -> bytes:
        """NULs for the longest command of a ticket that was cut off, of whomever, then a fresh start."""
        return bytes(FRAGMENT_ROWS_MAX * self.paper.width_dots // 8) + INITIALIZE

    def badge(self, order: BadgeOrder, *, duplicata: bool) -> Ticket:
        """A badge in the form of this printer."""
        if self.form is Form.PICTURE:
            return picture_ticket(order, self.paper, duplicata=duplicata)
        return text_ticket(order, self.paper, duplicata=duplicata, code_page=self.code_page)

    def slip(self, slip: Slip, *, duplicata: bool) -> Ticket:
        """A slip in the form of this printer."""
        slip = marked(slip, duplicata=duplicata)
        if self.form is Form.PICTURE:
            return _slip_picture_ticket(slip, self.paper)
        return _slip_text_ticket(slip, self.paper, CODE_PAGES[self.code_page])

    def test_page(self, slip: Slip) -> Ticket:
        """The slip; in letters also in every code page, so that somebody sees which one the printer has."""
        if self.form is Form.PICTURE:
            return self.slip(slip, duplicata=False)
        return _slip_text_ticket(slip, self.paper, CODE_PAGES[self.code_page], tried=tuple(CODE_PAGES))

    def drawer_kick(self) -> Ticket:
        """One kick, with the question whether it was taken."""
        return Ticket(data=_enveloped(DRAWER_KICK))

    def preview(self, order: BadgeOrder, *, duplicata: bool) -> Preview:
        """A badge as it comes out of this printer; text as the printer would set it."""
        if self.form is Form.PICTURE:
            from daemon.drivers.badge_picture import preview_badge

            return preview_badge(order, CARDS[self.paper.card], duplicata=duplicata)
        ticket = self.badge(order, duplicata=duplicata)
        from daemon.drivers.paper_roll import on_paper

        return Preview(png=on_paper(ticket.data, self.paper.width_dots).png, findings=ticket.findings)


def picture_ticket(order: BadgeOrder, paper: Paper, *, duplicata: bool = False) -> Ticket:
    """The badge as a picture of about 37 kB, for USB and Ethernet."""
    from daemon.drivers.badge_picture import draw_badge

    picture = draw_badge(order, CARDS[paper.card], duplicata=duplicata)
    return Ticket(data=_enveloped(_picture_body(picture.sheet)), findings=picture.findings)


def text_ticket(order: BadgeOrder, paper: Paper, *, duplicata: bool = False, code_page: str = "wpc1252") -> Ticket:
    """The badge in the letters and symbols of the printer, about 150 bytes, for slow serial lines."""
    page, face = CODE_PAGES[code_page], order.face
    badge = text_badge(face, paper.columns, design=order.design, codec=page.codec, duplicata=duplicata)
    choice = choose_symbol(face.number, face.wish, dict.fromkeys(Symbology, paper.width_dots), _modules_in_printer)
    printer = _encoder()
    printer.charcode(page.profile)
    printer.set(align="center")
    for line in badge.above:
        _write_line(printer, line)
    _write_symbol(printer, face.number, choice)
    for line in badge.below:
        _write_line(printer, line)
    printer.cut()
    return Ticket(
        data=_enveloped(printer.output),
        findings=(*badge.findings, *_symbol_findings(face.wish, choice)),
    )


def _slip_picture_ticket(slip: Slip, paper: Paper) -> Ticket:
    from daemon.drivers.slip_picture import draw_slip

    picture = draw_slip(slip, paper.width_dots)
    return Ticket(data=_enveloped(_picture_body(picture.sheet)), findings=picture.findings)


def _slip_text_ticket(slip: Slip, paper: Paper, page: CodePage, tried: tuple[str, ...] = ()) -> Ticket:
    lines = set_slip(slip, paper.columns, page.codec)
    printer = _encoder()
    printer.charcode(page.profile)
    findings = list(lines.findings)
    for line in lines.above:
        _write_aligned(printer, line)
    if slip.code:
        choice = choose_symbol(slip.code, slip.wish, dict.fromkeys(Symbology, paper.width_dots), _modules_in_printer)
        printer.set(align="center")
        _write_symbol(printer, slip.code, choice)
        findings += _symbol_findings(slip.wish, choice)
    for line in lines.below:
        _write_aligned(printer, line)
    for name in tried:
        _try_code_page(printer, name)
    printer.cut()
    return Ticket(data=_enveloped(printer.output), findings=tuple(findings))


def _try_code_page(printer: "Encoder", name: str) -> None:
    """A line of letters as that code page numbers them: right on paper where the printer has it."""
    page = CODE_PAGES[name]
    printer.charcode(page.profile)
    printer.set(align="left")
    printer.text(f"{name}: {spelled(TRIED_LETTERS, lambda text: lacking(text, page.codec)).text}\n")


def _enveloped(body: bytes) -> bytes:
    """A ticket from its fresh start to the question that proves it."""
    return INITIALIZE + AUTOMATIC_STATUS_ON + body + ASK_PAPER_IN_TURN + AUTOMATIC_STATUS_OFF


def _picture_body(sheet: "Sheet") -> bytes:
    printer = _encoder()
    printer.set(align="center")
    # center=True would paint a black bar on a picture of several fragments (measured on 3.1).
    printer.image(sheet.dots(), impl="bitImageRaster", fragment_height=FRAGMENT_ROWS_MAX, center=False)
    raster = without_real_time_commands(printer.output)
    printer.clear()
    printer.cut()
    return raster + printer.output


def without_real_time_commands(raster: bytes) -> bytes:
    """Add a dot where dots spell DLE EOT, DLE ENQ or DLE DC4: a printer obeys them in pictures, drawer included."""
    return re.sub(rb"\x10(?=[\x04\x05\x14])", b"\x18", raster)


def _write_line(printer: "Encoder", line: TextLine) -> None:
    match line.emphasis:
        case Emphasis.PLAIN:
            printer.text(line.text + "\n")
        case Emphasis.BOLD:
            printer.set(bold=True)
            printer.text(line.text + "\n")
            printer.set(bold=False)
        case Emphasis.LARGE:
            printer.set(double_width=True, double_height=True)
            printer.text(line.text + "\n")
            printer.set(normal_textsize=True)


def _write_aligned(printer: "Encoder", line: SetLine) -> None:
    printer.set(align=line.align)
    _write_line(printer, TextLine(text=line.text, emphasis=line.emphasis))


def _write_symbol(printer: "Encoder", number: str, choice: SymbolChoice | None) -> None:
    if choice is None:
        printer.text(number_as_read(number) + "\n")
        return
    match choice.symbology:
        case Symbology.EAN13:
            _write_bars(printer, number, "EAN13", choice)
        case Symbology.CODE128:
            # Code set B; a brace of its own is doubled (Epson ESC/POS reference, GS k 73).
            _write_bars(printer, "{B" + number.replace("{", "{{"), "CODE128", choice)
        case Symbology.QR:
            printer.qr(number, ec=1, size=choice.module_dots, native=True)
            printer.text(number_as_read(number) + "\n")


def _write_bars(printer: "Encoder", data: str, kind: str, choice: SymbolChoice) -> None:
    printer.barcode(data, kind, height=BARS_HEIGHT_DOTS, width=choice.module_dots, pos="BELOW", align_ct=False)


def _modules_in_printer(symbology: Symbology, text: str) -> int:
    """A printer does not look for the shortest Code 128: every character of set B is one symbol of 11 modules."""
    if symbology is Symbology.CODE128:
        return 11 * (len(text) + 3) + 2
    from daemon.drivers.badge_picture import shipped_typeface

    return shipped_typeface().modules(symbology, text)


def _symbol_findings(wish: SymbolWish, choice: SymbolChoice | None) -> list[Finding]:
    if choice is None:
        return [Finding(kind=FindingKind.NO_SYMBOL, slot=Slot.SYMBOL)]
    if choice.symbology is Symbology.QR and wish is SymbolWish.BARS:
        return [Finding(kind=FindingKind.OTHER_SYMBOL, slot=Slot.SYMBOL, detail=choice.symbology)]
    return []


# ---- the library -----------------------------------------------------------------------------------------------------


class Encoder(Protocol):
    """What we use of `escpos.printer.Dummy`."""

    output: bytes
    charcode: Callable[[str], None]
    text: Callable[[str], None]
    cut: Callable[[], None]
    clear: Callable[[], None]
    set: Callable[..., None]
    image: Callable[..., None]
    barcode: Callable[..., None]
    qr: Callable[..., None]


_loading = threading.Lock()


def _encoder() -> Encoder:
    with _loading:
        if "escpos.printer" not in sys.modules:
            _load()
    from escpos.printer import Dummy

    return cast("Encoder", Dummy())


def _load() -> None:
    """Import python-escpos with a profile of our own: no guessing between code pages, and no megabyte of YAML."""
    with _environment("ESCPOS_CAPABILITIES_FILE", str(_PROFILE)), _environment("ESCPOS_CAPABILITIES_PICKLE_DIR", None):
        with _same_log_handlers():
            from escpos import capabilities
        # It makes a temporary directory at import, whatever the environment says; without the variable it is this one.
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    from escpos import escpos, printer  # noqa: F401 - the latter is loaded here so that it is found above

    vars(escpos)["print"] = _say_nothing


def _say_nothing(*_words: object, **_ways: object) -> None:
    """Stands in for the `print` of python-escpos: standard output belongs to the command line."""


@contextmanager
def _environment(name: str, value: str | None) -> Iterator[None]:
    before = os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before


@contextmanager
def _same_log_handlers() -> Iterator[None]:
    """`escpos.capabilities` calls `logging.basicConfig` when it is imported."""
    root = logging.getLogger()
    before = root.handlers[:]
    try:
        yield
    finally:
        root.handlers[:] = before
