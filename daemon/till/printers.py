"""The till's printers and displays, built from the configuration; what they say where head office says nothing."""

import base64
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from daemon import printer_config
from daemon.clock import Clock
from daemon.config import TillConfig
from daemon.desk.badges import BadgeManner
from daemon.desk.desks import PrintManner
from daemon.desk.print_ports import Printer
from daemon.desk.printouts import PrintoutManner
from daemon.domain.card_symbol import SymbolWish
from daemon.drivers import escpos, zpl
from daemon.drivers.catalogue import spoken
from daemon.drivers.customer_display import Cd5220
from daemon.drivers.device import Candidate
from daemon.drivers.folder_printer import FolderPrinter
from daemon.drivers.ipp_printer import IppPrinter, Queue
from daemon.drivers.page_printer import Pages
from daemon.drivers.printer import LinePrinter, PrinterSetup
from daemon.drivers.printer_language import Language
from daemon.drivers.printer_lines import PrinterLine, SerialPrinterLine, TcpLine
from daemon.drivers.serial_port import SerialLine
from daemon.drivers.usb_line import UsbLine
from daemon.web.i18n import Words

DISPLAY_BITS: Final = 700
"""What a display is told at once, start and stop bits counted, and half as much again."""


def print_manner(config: TillConfig, chain_name: str) -> PrintManner:
    """How this till prints and shows; raises OperatorMistake for a logo that is no picture."""
    drawer = next((one.name for one in config.printer if one.drawer), "")
    slips = PrintoutManner(tongue=Words(config.till.language), chain_name=chain_name, drawer=drawer)
    return PrintManner(badge=_badge_manner(config, chain_name), slips=slips, displays=tuple(_displays(config)))


def _displays(config: TillConfig) -> list[Cd5220]:
    return [
        Cd5220(name=one.name, line=_line(one), code_page=one.code_page, settle_s=DISPLAY_BITS / one.baud)
        for one in config.display
    ]


def _badge_manner(config: TillConfig, chain_name: str) -> BadgeManner:
    badge = config.badge
    return BadgeManner(
        chain_name=chain_name,
        title=Words(config.till.language).text("Loyalty card"),
        symbol=SymbolWish(badge.layout),
        logo=_logo(Path(badge.logo_file)) if badge.logo_file else "",
    )


def _logo(file: Path) -> str:
    from daemon.drivers.raster import small_logo  # nine megabytes, for who has a logo or prints a picture

    return base64.b64encode(small_logo(file.read_bytes())).decode("ascii")


def printers(config: TillConfig, clock: Clock) -> list[Printer]:
    """The configured printers, the usual one first; nothing is opened yet."""
    return [_printer(one, clock) for one in config.printer]


def plugged(config: TillConfig, candidate: Candidate) -> list[str]:
    """The configured printers that a device which was plugged in may be."""
    paths = {candidate.node, *candidate.links}
    return [one.name for one in config.printer if urlsplit(one.address).path in paths]


def _printer(one: printer_config.Printer, clock: Clock) -> Printer:
    match one.kind:
        case "ipp":
            return IppPrinter(Queue(uri=one.address), Pages(name=one.name, card=one.card), clock)
        case "pdf":
            return FolderPrinter(Path(urlsplit(one.address).path), Pages(name=one.name, card=one.card))
        case _:
            return LinePrinter(PrinterSetup(name=one.name, line=_line(one), language=_language(one)), clock)


def _language(one: printer_config.Printer) -> Language:
    """Of ours each key stands in the section itself, of a third party's under `options`."""
    match one.kind:
        case "escpos":
            return escpos.language(escpos.Config(width=one.width, variant=one.variant, code_page=one.code_page))
        case "zpl":
            return zpl.language(zpl.Config(card=one.card, dpi=one.dpi, variant=one.variant))
        case kind:
            return spoken(kind, one.options)


def _line(one: printer_config.Printer | printer_config.Display) -> PrinterLine:
    parts = urlsplit(one.address)
    match parts.scheme:
        case "serial":
            return SerialPrinterLine(line=SerialLine(path=parts.path, baud=one.baud))
        case "usb":
            return UsbLine(path=parts.path)
        case _:
            assert parts.hostname is not None, "the configuration has checked the address"
            assert parts.port is not None, "the configuration has checked the address"
            return TcpLine(host=parts.hostname, port=parts.port)
