"""ZPL II: a badge or a slip in, the bytes of a label out (Zebra, Programming Guide P1099958).

    ~JX              forget a label that was cut off half sent, of whomever; labels in print are left alone
    ^XA ... ^XZ      the label: a picture (^GFA, compressed), or the printer's own letters (^CI28: UTF-8)
    ^HW              answered in turn with a list of files: everything before it was read

A dot of ours is a dot of the label: the card is drawn at the printer's own resolution.
"""

import base64
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from daemon.domain.badge import CARD_SIZES, Card, Finding, FindingKind, Preview, Slot
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.badge_text import Emphasis, TextLine, text_badge
from daemon.domain.card_symbol import SymbolChoice, Symbology, SymbolWish, choose_symbol, number_as_read
from daemon.domain.slip import Slip, marked, set_slip
from daemon.drivers.polled_dialogue import PolledDialogue
from daemon.drivers.printer_language import FORMS, Dialogue, Form, Patience, Ticket
from daemon.drivers.zpl_status import ASK, HostStatusStream
from daemon.errors import DeviceFault

if TYPE_CHECKING:
    from daemon.drivers.raster import Sheet

CONTRACT: Final = 1
TRIED_ON: Final = (
    "zpl-renderer-js, a renderer by others, whose pictures zxing-cpp reads; answers as its manual has them"
)

FORGET_HALF_A_LABEL: Final = b"~JX"
ASK_IN_TURN: Final = b"^XA^HWR:COMPTOIR.GRF^XZ"
UTF_8: Final = "^CI28"

COLUMNS: Final = 32
HEIGHTS_MM: Final = {Emphasis.PLAIN: 3.2, Emphasis.BOLD: 4.2, Emphasis.LARGE: 8.0}
LINE_GAP_MM: Final = 1.8
SYMBOL_GAP_MM: Final = 3.4
"""Below a symbol: the guard bars of an EAN-13 reach 2 mm further down, a QR code stands 1 mm lower than it was put."""

BARS_MM: Final = 12.0
TOP_MM: Final = 4.0
FONT_0_WIDTH: Final = 0.62
"""A letter of the printer's font 0 over its height, rounded up: how many fit beside one another."""

LETTER_WIDTH_MIN: Final = 0.35
"""Of its height; narrower letters cannot be read."""


DOTS_PER_MM: Final = {203: 8.0, 300: 300 / 25.4, 600: 600 / 25.4}
"""A printer of 203 dpi has 8 dots to the millimetre."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """How a label printer is set, in the words of the configuration."""

    card: Literal["cr80", "paper_80", "paper_58"] = "cr80"
    dpi: Literal[203, 300, 600] = 203
    variant: Literal["raster", "text"] = "raster"


def language(config: Config) -> "Zpl":
    """The language of a printer that is set so."""
    return Zpl(card=config.card, dots_per_mm=DOTS_PER_MM[config.dpi], form=FORMS[config.variant])


@dataclass(frozen=True, kw_only=True, slots=True)
class Zpl:
    """The language of label and card printers, as one of them is set up."""

    card: str = "cr80"
    dots_per_mm: float = 8.0
    form: Form = Form.PICTURE

    @property
    def recovery(self) -> bytes:
        """None: each label begins with it."""
        return b""

    @property
    def talk(self) -> Callable[[Patience], Dialogue]:
        """~HS before, ^HW and ~HS behind the label."""
        return lambda patience: PolledDialogue(patience, question=ASK, stream=HostStatusStream())

    def badge(self, order: BadgeOrder, *, duplicata: bool) -> Ticket:
        """A badge as one label."""
        return self._picture(order, duplicata) if self.form is Form.PICTURE else self._text(order, duplicata)

    def slip(self, slip: Slip, *, duplicata: bool) -> Ticket:
        """A slip as one label as long as it has to be."""
        slip, card = marked(slip, duplicata=duplicata), self._card
        if self.form is Form.PICTURE:
            from daemon.drivers.slip_picture import draw_slip

            picture = draw_slip(slip, card.width)
            return Ticket(data=_ticket(_graphic(picture.sheet)), findings=picture.findings)
        lines = set_slip(slip, COLUMNS, "utf-8")
        label = _Label(card)
        for line in lines.above:
            label.line(TextLine(text=line.text, emphasis=line.emphasis))
        findings = [*lines.findings, *(label.symbol(slip.code, slip.wish) if slip.code else ())]
        for line in lines.below:
            label.line(TextLine(text=line.text, emphasis=line.emphasis))
        return Ticket(data=_ticket(label.encoded(label.y)), findings=tuple(findings))

    def test_page(self, slip: Slip) -> Ticket:
        """The slip: everything is UTF-8 here."""
        return self.slip(slip, duplicata=False)

    def drawer_kick(self) -> Ticket:
        """Label printers have no drawer; raises DeviceFault."""
        raise DeviceFault("no drawer hangs on a label printer")

    def preview(self, order: BadgeOrder, *, duplicata: bool) -> Preview:
        """The badge as it is drawn; the letters of the printer's own are shown in ours."""
        from daemon.drivers.badge_picture import preview_badge

        found = preview_badge(order, self._card, duplicata=duplicata)
        return (
            found
            if self.form is Form.PICTURE
            else Preview(png=found.png, findings=self._text(order, duplicata).findings)
        )

    @property
    def _card(self) -> Card:
        return CARD_SIZES[self.card].at(self.dots_per_mm)

    def _picture(self, order: BadgeOrder, duplicata: bool) -> Ticket:
        from daemon.drivers.badge_picture import draw_badge

        picture = draw_badge(order, self._card, duplicata=duplicata)
        return Ticket(data=_ticket(_graphic(picture.sheet)), findings=picture.findings)

    def _text(self, order: BadgeOrder, duplicata: bool) -> Ticket:
        badge = text_badge(order.face, COLUMNS, design=order.design, codec="utf-8", duplicata=duplicata)
        label = _Label(self._card)
        for line in badge.above:
            label.line(line)
        findings = (*badge.findings, *label.symbol(order.face.number, order.face.wish))
        for line in badge.below:
            label.line(line)
        return Ticket(data=_ticket(label.encoded(label.card.height)), findings=findings)


def _ticket(label: bytes) -> bytes:
    return FORGET_HALF_A_LABEL + label + ASK_IN_TURN


def _graphic(sheet: "Sheet") -> bytes:
    """A whole label as one picture."""
    rows = sheet.rows()
    picture = graphic_field(b"".join(rows), len(rows[0]))
    return f"^XA^PW{sheet.width}^LL{len(rows)}^LH0,0^FO0,0{picture}^FS^PQ1^XZ".encode("ascii")


def graphic_field(dots: bytes, row_bytes: int) -> str:
    """^GFA in Z64: zlib, base64, and the CRC-16 (CCITT, from 0) of the letters; a badge has 3 kB instead of 74."""
    packed = base64.b64encode(zlib.compress(dots, 9))
    return f"^GFA,{len(dots)},{len(dots)},{row_bytes},:Z64:{packed.decode('ascii')}:{crc16(packed):04X}"


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x1021, starting from 0."""
    register = 0
    for octet in data:
        register ^= octet << 8
        for _ in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
        register &= 0xFFFF
    return register


class _Label:
    """A label of the printer's own letters, filled from above."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.y = card.dots(TOP_MM)
        self._fields: list[str] = []

    def line(self, line: TextLine) -> None:
        """One centred line; letters are narrowed before they run over the edge."""
        height = self.card.dots(HEIGHTS_MM[line.emphasis])
        room = self.card.width - 2 * self.card.dots(2.0)
        width = min(round(height * FONT_0_WIDTH), room // max(1, len(line.text)))
        width = max(round(height * LETTER_WIDTH_MIN), width)
        block = f"^FB{self.card.width},1,0,C,0"
        # The width of a letter in ^A0 is that of a cell, of which a letter fills about half.
        self._fields.append(f"^FO0,{self.y}^A0N,{height},{round(width / FONT_0_WIDTH)}{block}{_data(line.text)}")
        self.y += height + self.card.dots(LINE_GAP_MM)

    def symbol(self, number: str, wish: SymbolWish) -> tuple[Finding, ...]:
        """Bars or a QR code with the number below it."""
        rooms = dict.fromkeys(Symbology, self.card.width)
        choice = choose_symbol(number, wish, rooms, _modules, self.card.dots_per_mm)
        self.y += self.card.dots(LINE_GAP_MM)
        if choice is None:
            self.line(TextLine(text=number_as_read(number), emphasis=Emphasis.BOLD))
            return (Finding(kind=FindingKind.NO_SYMBOL, slot=Slot.SYMBOL),)
        x = (self.card.width - choice.width_dots) // 2
        at, height = f"^FO{x},{self.y}", self.card.dots(BARS_MM)
        match choice.symbology:
            case Symbology.EAN13:
                self._fields.append(f"^BY{choice.module_dots}{at}^BEN,{height},N,N{_data(number[:12])}")
            case Symbology.CODE128:
                self._fields.append(f"^BY{choice.module_dots}{at}^BCN,{height},N,N,N,A{_data(number)}")
            case Symbology.QR:
                self._fields.append(f"{at}^BQN,2,{min(10, choice.module_dots)}{_data('MA,' + number)}")
                height = choice.width_dots
        self.y += height + self.card.dots(SYMBOL_GAP_MM)
        self.line(TextLine(text=number_as_read(number), emphasis=Emphasis.BOLD))
        self.y += self.card.dots(LINE_GAP_MM)
        return _other_symbol(wish, choice)

    def encoded(self, height: int) -> bytes:
        """The label, from ^XA to ^XZ."""
        fields = "".join(self._fields)
        return f"^XA^PW{self.card.width}^LL{height}^LH0,0{UTF_8}{fields}^PQ1^XZ".encode()


def _other_symbol(wish: SymbolWish, choice: SymbolChoice) -> tuple[Finding, ...]:
    if choice.symbology is Symbology.QR and wish is SymbolWish.BARS:
        return (Finding(kind=FindingKind.OTHER_SYMBOL, slot=Slot.SYMBOL, detail=choice.symbology),)
    return ()


def _modules(symbology: Symbology, text: str) -> int:
    from daemon.drivers.badge_picture import shipped_typeface

    return shipped_typeface().modules(symbology, text)


def _data(text: str) -> str:
    """^FD with the signs that mean something written in hexadecimal; control characters are left out."""
    plain = "".join(letter for letter in text if letter >= " ")
    return "^FH_^FD" + "".join(f"_{ord(letter):02X}" if letter in "^~_\\" else letter for letter in plain) + "^FS"
