"""What ESC/POS looks like on paper: commands in, a picture and a text for each ticket out. No I/O."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from daemon.domain.card_symbol import Symbology, ean13_is_valid
from daemon.drivers.badge_picture import shipped_typeface
from daemon.drivers.escpos_commands import Command, CommandStream, Op
from daemon.drivers.raster import Sheet, symbol_rows

LINE_DOTS = 30
BASELINE_DOTS = 23
LETTER_DOTS = 22
LETTER_WEIGHT, BOLD_WEIGHT = 440, 740
TICKET_ROWS_MAX = 8000
"""A metre of paper: more between two cuts is nonsense."""

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
"""ESC t n as the printers of the last twenty years number them (Epson)."""

BAR_KINDS = {2: Symbology.EAN13, 67: Symbology.EAN13, 73: Symbology.CODE128}
"""The m of GS k."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedTicket:
    """A piece of paper: as a picture, and as the text and the codes on it."""

    png: bytes = field(repr=False)
    text: str = field(repr=False)
    rows: int
    cut: bool
    """False: the power went while it was being printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Style:
    """What ESC @ resets."""

    align: int = 0
    bold: bool = False
    times: int = 1
    code_page: int = 0
    bar_height: int = 162
    bar_module: int = 3
    bar_text: int = 0
    qr_module: int = 3
    qr_data: bytes = b""


RESTYLING: dict[Op, Callable[[_Style, int], _Style]] = {
    Op.MODE: lambda style, n: replace(style, bold=bool(n & 0x08), times=2 if n & 0x30 == 0x30 else 1),
    Op.SIZE: lambda style, n: replace(style, times=(n & 0x07) + 1),
    Op.BOLD: lambda style, n: replace(style, bold=bool(n & 1)),
    Op.ALIGN: lambda style, n: replace(style, align=n % 48),
    Op.CODE_PAGE: lambda style, n: replace(style, code_page=n),
    Op.BAR_HEIGHT: lambda style, n: replace(style, bar_height=n),
    Op.BAR_MODULE: lambda style, n: replace(style, bar_module=n),
    Op.BAR_TEXT: lambda style, n: replace(style, bar_text=n % 48),
}


class PaperRoll:
    """The print head and the paper under it."""

    def __init__(self, width_dots: int) -> None:
        self._width = width_dots
        self._style = _Style()
        self._rows: list[bytes] = []
        self._text: list[str] = []
        self._line = b""
        self.warnings: list[str] = []
        """Nonsense that was refused, oldest first."""
        self._marks: dict[Op, Callable[[bytes], None]] = {
            Op.INITIALIZE: self._initialize,
            Op.TEXT: self._type,
            Op.LINE_FEED: self._end_line,
            Op.FEED_LINES: self._feed_lines,
            Op.FEED_DOTS: self._feed_dots,
            Op.RASTER: self._announce_picture,
            Op.RASTER_ROW: self._burn_row,
            Op.BARS: self._bars,
            Op.TWO_D: self._two_d,
            Op.NONSENSE: self._refuse,
        }

    @property
    def rows(self) -> int:
        """Rows printed since the last cut."""
        return len(self._rows)

    def obey(self, command: Command) -> PrintedTicket | None:
        """Print what a command says; a cut gives the ticket."""
        if command.op is Op.CUT:
            return self.tear(cut=True)
        mark, restyle = self._marks.get(command.op), RESTYLING.get(command.op)
        if mark:
            mark(command.data)
        elif restyle:
            self._style = restyle(self._style, command.data[0])
        # Whatever else there is, status, drawer, fonts, leaves no mark on paper.
        return self.tear(cut=False) if len(self._rows) > TICKET_ROWS_MAX else None

    def tear(self, *, cut: bool) -> PrintedTicket:
        """Take the paper away, as it is."""
        if self._line:
            self._end_line()
        sheet = Sheet.from_rows(self._rows, self._width)
        ticket = PrintedTicket(png=sheet.png(), text="\n".join(self._text), rows=len(self._rows), cut=cut)
        self._rows, self._text = [], []
        return ticket

    def _initialize(self, _data: bytes) -> None:
        self._line, self._style = b"", _Style()

    def _type(self, data: bytes) -> None:
        self._line += data

    def _refuse(self, data: bytes) -> None:
        self.warnings.append(f"not a command of ESC/POS: {data[:4].hex(' ')}")

    def _announce_picture(self, data: bytes) -> None:
        self._text.append(f"[picture {data[0] * 8}x{int.from_bytes(data[2:4], 'little')}]")

    def _burn_row(self, data: bytes) -> None:
        self._put([data])

    def _end_line(self, _data: bytes = b"") -> None:
        text = self._decoded(self._line)
        self._line = b""
        self._text.append(text)
        self._put(self._letters(text))

    def _decoded(self, raw: bytes) -> str:
        page = CODE_PAGES.get(self._style.code_page)
        if page is None:
            self.warnings.append(f"code page {self._style.code_page} is not known")
        return raw.decode(page or "cp437", errors="replace")

    def _letters(self, text: str) -> list[bytes]:
        """A line in our own face: its letters are not those of a printer, its words are."""
        times, typeface = self._style.times, shipped_typeface()
        sheet = Sheet(self._width, LINE_DOTS * times)
        size, weight = LETTER_DOTS * times, BOLD_WEIGHT if self._style.bold else LETTER_WEIGHT
        width = typeface.width(text, size, weight)
        if width > self._width:
            self.warnings.append("a line is wider than the paper")
        face = typeface.font(size, weight)
        sheet.words((self._left(width), BASELINE_DOTS * times), text, face, white=False, extras=None)
        return sheet.rows()

    def _bars(self, data: bytes) -> None:
        symbology = BAR_KINDS.get(data[0])
        text = data[1:].decode("ascii", errors="replace")
        if symbology is Symbology.CODE128:
            text = text.removeprefix("{B").replace("{{", "{")
        if symbology is None or not text:
            self.warnings.append(f"bar code of kind {data[0]} is not known")
        elif symbology is Symbology.EAN13 and not ean13_is_valid(text):
            self.warnings.append("an EAN-13 has a wrong check digit")
        else:
            self._text.append(f"[{symbology.value} {text}]")
            self._put(self._symbol(symbol_rows(symbology, text), self._style.bar_module, self._style.bar_height))
            if self._style.bar_text:
                self._put(self._letters(text))

    def _two_d(self, data: bytes) -> None:
        """GS ( k for QR: cn 49; fn 67 the module, 80 the data, 81 print."""
        function = data[1:2]
        match function:
            case b"C":
                self._style = replace(self._style, qr_module=data[2])
            case b"P":
                self._style = replace(self._style, qr_data=data[3:])
            case b"Q":
                text = self._style.qr_data.decode("utf-8", errors="replace")
                self._text.append(f"[{Symbology.QR.value} {text}]")
                self._put(self._symbol(symbol_rows(Symbology.QR, text), self._style.qr_module, None))
            case _:
                pass  # model and error correction do not change what is read

    def _symbol(self, modules: Sequence[Sequence[int]], module: int, height: int | None) -> list[bytes]:
        sheet = Sheet(self._width, height or len(modules) * module)
        width = len(modules[0]) * module
        if width > self._width:
            self.warnings.append("a symbol is wider than the paper")
            return []
        sheet.symbol((self._left(width), 0), modules, module, height)
        return sheet.rows()

    def _left(self, width: int) -> int:
        free = max(0, self._width - width)
        return {1: free // 2, 2: free}.get(self._style.align, 0)

    def _feed_lines(self, data: bytes) -> None:
        self._feed(data[0] * LINE_DOTS)

    def _feed_dots(self, data: bytes) -> None:
        self._feed(data[0])

    def _feed(self, dots: int) -> None:
        if self._line:
            self._end_line()
        self._put([bytes(self._width // 8)] * dots)

    def _put(self, rows: Sequence[bytes]) -> None:
        across = self._width // 8
        for row in rows:
            if len(row) > across:
                self.warnings.append("a picture is wider than the paper")
            self._rows.append((bytes(self._left(len(row) * 8) // 8) + row).ljust(across, b"\0")[:across])


def on_paper(data: bytes, width_dots: int) -> PrintedTicket:
    """What a printer of this width makes of these bytes, up to the first cut."""
    stream, roll = CommandStream(), PaperRoll(width_dots)
    stream.add(data)
    while command := stream.take():
        ticket = roll.obey(command)
        if ticket:
            return ticket
    return roll.tear(cut=False)
