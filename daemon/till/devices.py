"""The till's readers and printers: built from the configuration, their events handed to the desks."""

from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from daemon.clock import Clock
from daemon.config import Printer, TillConfig
from daemon.desk import instant
from daemon.desk.events import Event
from daemon.desk.scan import PAYMENT_CARD, ScanDesk
from daemon.drivers.catalogue import driver
from daemon.drivers.device import CardRead, DeviceHealth, Reader, ReadRefused, Refusal
from daemon.drivers.escpos import PAPERS
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.printer import EscposPrinter, Form, PrinterLine, PrinterSetup, SerialPrinterLine, TcpLine
from daemon.drivers.serial_port import SerialLine
from daemon.web.parts import DeviceShown

Announce = Callable[[str, object], None]


def readers(config: TillConfig, clock: Clock) -> list[Reader]:
    """The configured readers; nothing is opened yet."""
    return [driver(one.kind).build(one.settings, clock) for one in config.reader]


def printers(config: TillConfig, clock: Clock) -> list[EscposPrinter]:
    """The configured printers, the usual one first."""
    logo = Path(config.badge.logo_file).read_bytes() if config.badge.logo_file else None
    return [
        EscposPrinter(
            PrinterSetup(
                name=one.name,
                line=_line(one),
                paper=PAPERS[one.width],
                form=Form.PICTURE if one.variant == "raster" else Form.TEXT,
                logo=logo,
            ),
            clock,
        )
        for one in config.printer
    ]


def _line(printer: Printer) -> PrinterLine:
    parts = urlsplit(printer.address)
    if parts.scheme == "serial":
        return SerialPrinterLine(line=SerialLine(path=parts.path, baud=printer.baud))
    assert parts.hostname is not None, "the configuration has checked the address"
    assert parts.port is not None, "the configuration has checked the address"
    return TcpLine(host=parts.hostname, port=parts.port)


def shown_devices(healths: Iterable[DeviceHealth]) -> list[DeviceShown]:
    """How the readers are, in the words of the API."""
    return [
        DeviceShown(
            device=one.device,
            state=one.state.value,
            detail=one.detail,
            last_read_at=instant.shown(one.last_read_ms or 0) or None,
            bad_frames=one.bad_frames,
            reconnects=one.reconnects,
        )
        for one in healths
    ]


async def follow_readers(events: EventQueue, scans: ScanDesk, announce: Announce) -> None:
    """Look up what is read, and tell how the devices are; for ever."""
    while True:
        match await events.get():
            case CardRead(device=device, code=code):
                await scans.scanned(code, device=device)
            case ReadRefused(device=device, reason=reason):
                scans.refused(PAYMENT_CARD if reason is Refusal.PAYMENT_CARD else reason.value, device=device)
            case DeviceHealth() as health:
                announce(Event.DEVICE, health)
