"""One purchase of a customer: its lines, what came back of it, and a duplicate of its ticket on paper."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from daemon.clock import random_id
from daemon.desk import instant
from daemon.desk.print_shown import PrintJobShown
from daemon.desk.printouts import NewPrint
from daemon.desk.sales_found import SaleShown
from daemon.desk.slips import ReportLine
from daemon.domain.ids import EntityId
from daemon.domain.pricing import PIECE_MILLI
from daemon.domain.role import Right
from daemon.domain.sale import SoldLine
from daemon.errors import NoAnswer, NotFound, OutOfReach
from daemon.web.aside import Word
from daemon.web.customer_page import ID, JOB_SHOWN_MS, jobs
from daemon.web.history_view import KIND_WORDS
from daemon.web.http import Response, RouteDef
from daemon.web.i18n import Words
from daemon.web.surface import PageCall, Surface, entity

SALE: Final = "{sale:[0-9a-f]{16}}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineRow:
    """A line of a ticket as it is read."""

    text: str = field(repr=False)
    about: str
    amount: str


class SalePages:
    """Where a line of the history leads."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        one = f"/clients/{ID}/achats/{SALE}"
        return [
            self._surface.get(one, self._show),
            self._surface.post(f"{one}/duplicata", self._print, Right.PRINT),
        ]

    async def _show(self, call: PageCall) -> Response:
        found = await self._sale(call)
        return await self._surface.show(
            call,
            "sale.html.j2",
            customer=await self._surface.desks.lookup.customer(call.id()),
            sale=found,
            title=title_of(found, call.words, self._surface.now_ms),
            lines=lines_of(found.lines or (), call.words),
            job=last_of(await jobs(self._surface), since_ms=self._surface.now_ms - JOB_SHOWN_MS),
            can_print=self._surface.desks.badges is not None,
        )

    async def _print(self, call: PageCall) -> Response:
        """The ticket once more, marked as a duplicate; the page tells what becomes of it."""
        found, words, change = await self._sale(call), call.words, self._surface.change(call)
        if found.lines is None:
            raise OutOfReach("head office cannot be reached: the line is cut")
        total = ReportLine(text=words.text("Total"), right=words.euros(found.sale.total), emphasis="large")
        wanted = NewPrint(
            kind="report",
            title=title_of(found, words, self._surface.now_ms),
            lines=(
                *(_printed(row) for row in lines_of(found.lines, words)),
                ReportLine(),
                total,
                *_since(found, words),
            ),
            duplicata=True,
        )
        await self._surface.desks.printouts.request(replace(change, key=change.key or random_id().hex()), wanted)
        self._surface.say(call, Word(sentence=words.text("A duplicate is on its way to the printer.")))
        return self._surface.go(f"{self._surface.root}/clients/{call.id().hex()}/achats/{call.path['sale']}")

    async def _sale(self, call: PageCall) -> SaleShown:
        """The sale with its lines, wherever they are known; raises NotFound for one of somebody else."""
        id_, desk = entity(call.path["sale"]), self._surface.desks.sales
        try:
            found = await desk.sale_at_head_office(id_)
        except (OutOfReach, NoAnswer):
            found = await desk.sale(id_)
        owner = found.sale.customer
        if owner is None or await self._record(owner.id) != await self._record(call.id().hex()):
            raise NotFound("this customer has no such sale", field="sale")
        return found

    async def _record(self, id_: str) -> str:
        """Which record stands for an id, should it have been merged into another."""
        return (await self._surface.desks.lookup.customer(EntityId(bytes.fromhex(id_)))).id


def title_of(found: SaleShown, words: Words, now_ms: int) -> str:
    """`Achat du 6 octobre 10:00, ticket 0042`."""
    when = words.moment(instant.parse(found.sale.sold_at, field="sold_at"), now_ms)
    told = words.text("%(what)s, %(when)s", what=words.text(KIND_WORDS[found.sale.kind]), when=when)
    return words.text("%(told)s, ticket %(number)s", told=told, number=found.sale.ticket) if found.sale.ticket else told


def lines_of(lines: Sequence[SoldLine], words: Words) -> tuple[LineRow, ...]:
    """The lines of a ticket in words."""
    return tuple(
        LineRow(
            text=one.label or one.product or words.text("Article"),
            about=" · ".join(part for part in (_pieces(one), one.product if one.label else "", one.reason) if part),
            amount=words.euros(one.amount),
        )
        for one in lines
    )


def last_of(found: Sequence[PrintJobShown], *, since_ms: int) -> PrintJobShown | None:
    """The last ticket that was asked for lately."""
    return next(
        (
            job
            for job in found
            if job.kind == "report" and instant.parse(job.requested_at, field="requested_at") >= since_ms
        ),
        None,
    )


def _pieces(line: SoldLine) -> str:
    """`× 2`; nothing of a single piece."""
    whole, rest = divmod(abs(line.quantity_milli), PIECE_MILLI)
    return "" if (whole, rest) == (1, 0) else f"× {whole}" if not rest else f"× {whole},{rest:03}".rstrip("0")


def _since(found: SaleShown, words: Words) -> tuple[ReportLine, ...]:
    """What became of it: on paper, or the duplicate of a cancelled sale would pass for a proof of purchase."""
    if found.cancelled:
        return (ReportLine(text=words.text("This purchase was cancelled."), emphasis="bold"),)
    if not found.returned:
        return ()
    amount = words.euros(found.returned)
    return (ReportLine(text=words.text("%(amount)s of it came back.", amount=amount), emphasis="bold"),)


def _printed(row: LineRow) -> ReportLine:
    return ReportLine(text=" ".join(part for part in (row.text, row.about) if part), right=row.amount)
