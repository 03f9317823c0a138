"""A printer that is handed whole pages: what a job looks like as a PDF file."""

import asyncio
from dataclasses import dataclass
from typing import Final

from daemon.domain.badge import CARD_SIZES, Preview
from daemon.domain.badge_design import BadgeOrder, order_of
from daemon.domain.print_job import PrintJob
from daemon.domain.print_kind import JobKind
from daemon.domain.slip import Slip, marked, slip_of
from daemon.drivers.pdf import PdfPage, pdf_of, texts_of
from daemon.errors import DeviceFault, OperatorMistake

DOTS_PER_MM: Final = 600 / 25.4
SCREEN_DOTS_PER_MM: Final = 8.0
SLIP_DOTS: Final = 576
SLIP_DOTS_PER_MM: Final = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """The paper of such a printer: badges in their own size, slips 72 mm wide and as long as they are."""

    name: str
    card: str = "cr80"

    async def encode(self, job: PrintJob) -> bytes:
        """A job as a file, made in a thread; its title names kind and job. Raises DeviceFault."""
        try:
            return await asyncio.to_thread(self._page, job)
        except DeviceFault:
            raise
        except OperatorMistake as wrong:
            raise DeviceFault(f"the stored {job.kind.value} cannot be read by this version") from wrong
        except Exception as wrong:  # whatever three libraries may raise: the jobs behind this one must go on
            raise DeviceFault(f"a {job.kind.value} cannot be drawn for the printer {self.name}") from wrong

    async def preview(self, order: BadgeOrder, *, duplicata: bool = False) -> Preview:
        """The badge in dots that a screen can show."""
        from daemon.drivers.badge_picture import preview_badge

        card = CARD_SIZES[self.card].at(SCREEN_DOTS_PER_MM)
        return await asyncio.to_thread(preview_badge, order, card, duplicata=duplicata)

    def _page(self, job: PrintJob) -> bytes:
        if job.personal is None:
            raise DeviceFault(f"the printer {self.name} cannot print a {job.kind.value}")
        if job.kind is JobKind.BADGE:
            page = self._badge(order_of(job.personal), duplicata=job.duplicata)
        else:
            page = _slip(marked(slip_of(job.personal), duplicata=job.duplicata))
        return pdf_of(page, title=title_of(job))

    def _badge(self, order: BadgeOrder, *, duplicata: bool) -> PdfPage:
        from daemon.drivers.badge_picture import draw_badge

        card = CARD_SIZES[self.card].at(DOTS_PER_MM)
        picture = draw_badge(order, card, duplicata=duplicata)
        texts = texts_of(picture.layout)
        return PdfPage(rows=picture.sheet.rows(), width=card.width, dots_per_mm=DOTS_PER_MM, texts=texts)


def title_of(job: PrintJob) -> str:
    """`badge-00112233aabbccdd`, and `-duplicata` on a copy: nothing of the person."""
    return f"{job.kind.value}-{job.id.hex()}" + ("-duplicata" if job.duplicata else "")


def _slip(slip: Slip) -> PdfPage:
    from daemon.drivers.slip_picture import draw_slip

    sheet = draw_slip(slip, SLIP_DOTS).sheet
    return PdfPage(rows=sheet.rows(), width=sheet.width, dots_per_mm=SLIP_DOTS_PER_MM)
