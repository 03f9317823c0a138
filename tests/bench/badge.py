"""A badge from its words to the bytes of a ticket: raster, text, ZPL, PDF. The floor is the picture alone.

Beside the time that passes stands the time that the work had a core: what it takes where nobody else wants one.
"""

import statistics
import time
from collections.abc import Callable
from typing import Final

from daemon.domain.badge import CARDS
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.ids import EntityId
from daemon.domain.print_job import PrintJob
from daemon.domain.print_kind import JobKind
from daemon.drivers.badge_picture import draw_badge
from daemon.drivers.escpos import PAPERS, picture_ticket, text_ticket
from daemon.drivers.page_printer import Pages
from daemon.drivers.zpl import Zpl
from daemon.typed import to_json
from tests.bench.figures import percentile
from tests.fakes.badges import order

BADGES: Final = 60
BAR_MS: Final = 50.0
"""p99 of a raster badge for a receipt printer."""


def measure() -> None:
    """Print the figures."""
    names = [f"Hélène-{number}" for number in range(BADGES)]
    orders = [order(first_name=name, number=f"29{number:011d}") for number, name in enumerate(names)]
    zpl, pages = Zpl(), Pages(name="files")
    ways: dict[str, Callable[[BadgeOrder], int]] = {
        "picture alone": lambda one: len(draw_badge(one, CARDS["paper_80"]).sheet.rows()),
        "raster, 80 mm": lambda one: len(picture_ticket(one, PAPERS[80]).data),
        "raster, 58 mm": lambda one: len(picture_ticket(one, PAPERS[58]).data),
        "text, 80 mm": lambda one: len(text_ticket(one, PAPERS[80]).data),
        "ZPL, 203 dpi": lambda one: len(zpl.badge(one, duplicata=False).data),
        "ZPL, 300 dpi": lambda one: len(Zpl(dots_per_mm=300 / 25.4).badge(one, duplicata=False).data),
        "PDF, 600 dpi": lambda one: len(pages._page(_job(one))),
    }
    print("badge: words to bytes, one core")
    floor = 0.0
    for name, way in ways.items():
        way(orders[0])  # fonts and libraries are loaded once
        times, worked, sizes = [], [], []
        for one in orders:
            began, idle = time.perf_counter(), time.thread_time()
            sizes.append(way(one))
            times.append((time.perf_counter() - began) * 1000)
            worked.append((time.thread_time() - idle) * 1000)
        middle = statistics.median(times)
        floor = floor or middle
        print(
            f"  {name:<14} p50 {middle:6.1f} ms  p99 {percentile(times, 99):6.1f} ms",
            f" on its core p50 {statistics.median(worked):5.1f} p99 {percentile(worked, 99):5.1f} ms",
            f" {middle / floor:5.2f}x the picture",
            f" {statistics.mean(sizes):8.0f} bytes",
            f"  bar {BAR_MS:.0f} ms" if name.startswith("raster") else "",
        )


def _job(one: BadgeOrder) -> PrintJob:
    return PrintJob(
        id=EntityId(b"00000001"),
        request_key="bench",
        kind=JobKind.BADGE,
        printer="files",
        requested_ms=0,
        changed_ms=0,
        personal=to_json(one),
    )
