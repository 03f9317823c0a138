"""What stands beside each till: a scanner on a serial line, a receipt printer on TCP, a folder for what it prints."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.clock import Clock
from daemon.demo.places import TillPlace
from daemon.drivers.simulated_printer import SimulatedModel, SimulatedPrinter
from daemon.drivers.simulated_scanner import SimulatedScanner

ROWS_PER_S: Final = 1600
"""200 mm/s at 8 rows to the mm: an ordinary receipt printer."""

Printed = Callable[[str, Path], None]
"""Told the till and the picture of what its printer has just cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Devices:
    """The devices of one till."""

    scanner: SimulatedScanner
    printer: SimulatedPrinter


@asynccontextmanager
async def plugged_in(place: TillPlace, clock: Clock, printed: Printed) -> AsyncIterator[Devices]:
    """Plug the devices of a till in while the block runs."""
    printer = SimulatedPrinter(SimulatedModel(rows_per_s=ROWS_PER_S), clock)
    with SimulatedScanner(place.scanner, clock) as scanner:
        async with printer.serving(), asyncio.TaskGroup() as tasks:
            catching = tasks.create_task(_catch(printer, place, printed), name=f"badges of {place.name}")
            try:
                yield Devices(scanner=scanner, printer=printer)
            finally:
                catching.cancel()


async def _catch(printer: SimulatedPrinter, place: TillPlace, printed: Printed) -> None:
    """Keep what the printer cuts as pictures, numbered on from those of former days."""
    number = len(list(place.badges.glob("*.png")))
    while True:
        await printer.tickets_reach(1)
        number += 1
        picture = place.badges / f"{number:04d}.png"
        picture.write_bytes(printer.tickets.popleft().png)
        printed(place.name, picture)
