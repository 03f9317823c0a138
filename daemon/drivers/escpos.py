"""The door to python-escpos, which encodes and does nothing else: a badge in, the bytes of a ticket out.

    NULs, ESC @      whatever an interrupted ticket left half said is used up and forgotten
    GS a             the printer tells of paper and cover by itself while the ticket runs
    ...              the badge: as a picture, or in the printer's own letters
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from daemon.domain.badge import (
    CARDS,
    BadgeFace,
    Emphasis,
    Finding,
    FindingKind,
    Slot,
    TextLine,
    text_badge,
)
from daemon.domain.card_symbol import SymbolChoice, Symbology, SymbolWish, choose_symbol, number_as_read
from daemon.drivers.printer_status import ASK_PAPER_IN_TURN, AUTOMATIC_STATUS_OFF, AUTOMATIC_STATUS_ON

if TYPE_CHECKING:
    # Drawing costs nine mebibytes: it is imported when the first badge is printed.
    from daemon.drivers.raster import Sheet

FRAGMENT_ROWS_MAX = 128
"""Rows of one raster command: small, so that a printer left inside one is freed by few bytes."""

INITIALIZE = b"\x1b@"
TEXT_COMMAND_BYTES_MAX = 256
"""The longest command of a text ticket, a bar code of 255 characters; so many NULs use up what is left of it."""

BARS_HEIGHT_DOTS = 80
CODE_PAGE = "CP1252"
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
class Ticket:
    """The bytes of one job, the last of them a question, and what could not be printed as asked."""

    data: bytes = field(repr=False)
    findings: tuple[Finding, ...] = ()


def picture_ticket(face: BadgeFace, paper: Paper, *, duplicata: bool = False, logo: bytes | None = None) -> Ticket:
    """The badge as a picture of about 37 kB, for USB and Ethernet."""
    from daemon.drivers.badge_picture import draw_badge

    picture = draw_badge(face, CARDS[paper.card], duplicata=duplicata, logo=logo)
    leftover = FRAGMENT_ROWS_MAX * paper.width_dots // 8
    return Ticket(data=_enveloped(_picture_body(picture.sheet), leftover), findings=picture.findings)


def text_ticket(face: BadgeFace, paper: Paper, *, duplicata: bool = False) -> Ticket:
    """The badge in the letters and symbols of the printer, about 150 bytes, for slow serial lines."""
    badge = text_badge(face, paper.columns, duplicata=duplicata)
    choice = choose_symbol(face.number, face.wish, dict.fromkeys(Symbology, paper.width_dots), _modules_in_printer)
    printer = _encoder()
    printer.charcode(CODE_PAGE)
    printer.set(align="center")
    for line in badge.above:
        _write_line(printer, line)
    _write_symbol(printer, face.number, choice)
    for line in badge.below:
        _write_line(printer, line)
    printer.cut()
    return Ticket(
        data=_enveloped(printer.output, TEXT_COMMAND_BYTES_MAX),
        findings=(*badge.findings, *_symbol_findings(face, choice)),
    )


def _enveloped(body: bytes, leftover: int) -> bytes:
    """A ticket from recovery to the question that proves it.

    Recovery goes first always: who was cut off inside a ticket may be another till that shares the printer.
    """
    opening = bytes(leftover) + INITIALIZE + AUTOMATIC_STATUS_ON
    return opening + body + ASK_PAPER_IN_TURN + AUTOMATIC_STATUS_OFF


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


def _symbol_findings(face: BadgeFace, choice: SymbolChoice | None) -> list[Finding]:
    if choice is None:
        return [Finding(kind=FindingKind.NO_SYMBOL, slot=Slot.SYMBOL)]
    if choice.symbology is Symbology.QR and face.wish is SymbolWish.BARS:
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
