"""Decides what stands on a customer's badge, as head office wants badges to be, and hands it to the print desk."""

from dataclasses import dataclass, field, replace
from typing import Literal

from daemon.desk.customer import Customer
from daemon.desk.lookup import LookupDesk
from daemon.desk.premises import Call, Premises
from daemon.desk.print_desk import PrintRequest
from daemon.desk.print_room import PrinterWatch, PrintRoom, usual
from daemon.desk.print_shown import PrinterHealth, PrintJobShown, shown
from daemon.domain import policy
from daemon.domain.badge import BadgeFace, Finding, Preview
from daemon.domain.badge_design import BADGE_LAYOUT, BadgeDesign, BadgeOrder, design_of
from daemon.domain.card_symbol import SymbolWish
from daemon.domain.ids import EntityId
from daemon.domain.print_job import GESTURES, Hold
from daemon.domain.print_kind import JobKind
from daemon.errors import Conflicting, Forbidden, OperatorMistake
from daemon.store import customers
from daemon.typed import to_json


@dataclass(frozen=True, kw_only=True, slots=True)
class BadgeManner:
    """What this till says on badges where head office says nothing."""

    chain_name: str = ""
    title: str = ""
    symbol: SymbolWish = SymbolWish.BARS
    logo: str = field(default="", repr=False)
    """A picture file in base64."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBadge:
    """A badge to print; without a printer the usual one, without a card the first good one (else the code)."""

    printer: str | None = None
    card: str | None = None
    duplicata: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class JobAnswer:
    """What the operator saw: it came out, print it again, or give it up."""

    answer: Literal["came_out", "again", "cancel"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingShown:
    """Something that cannot be printed as asked; `detail` may hold letters of a name."""

    kind: str
    slot: str
    detail: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class BadgeShown:
    """What would be printed, where, and what stands in the way.

    `printed` false: head office wants no badges, and no screen offers any. `hold` and `gesture`: what the printer waits
    for. `why_not`: why this customer has no badge.
    """

    printed: bool
    printer: str | None
    hold: str | None
    gesture: str | None
    number: str | None = field(repr=False)
    why_not: str | None
    findings: tuple[FindingShown, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BadgeOffer:
    """Whether badges are offered, and what has to be done before one can be printed."""

    printed: bool
    gesture: str | None = None


class BadgeDesk:
    """Where badges are asked for."""

    def __init__(self, premises: Premises, lookup: LookupDesk, prints: PrintRoom, manner: BadgeManner) -> None:
        self._premises = premises
        self._lookup = lookup
        self._prints = prints
        self._manner = manner
        self._watch = PrinterWatch(prints, premises.clock)

    async def request(self, call: Call, id_: EntityId, given: NewBadge) -> PrintJobShown:
        """Ask for a badge; raises NotFound, Conflicting when nothing identifies.

        Raises Forbidden for the walk-in customer, and where head office wants no badges.
        """
        order = await self._order(id_, given.card)
        job = await self._prints.request(
            PrintRequest(
                request_key=f"{call.who}:{call.key}",
                kind=JobKind.BADGE,
                printer=usual(self._prints, given.printer),
                customer=id_,
                content=to_json(order),
                duplicata=given.duplicata,
            )
        )
        return shown(job)

    async def preview(self, id_: EntityId, given: NewBadge) -> Preview:
        """The badge as it would be printed; raises like `request`."""
        order = await self._order(id_, given.card)
        return await self._prints.preview(usual(self._prints, given.printer), order, duplicata=given.duplicata)

    async def about(self, id_: EntityId, given: NewBadge) -> BadgeShown:
        """What would be printed and what stands in the way; raises NotFound."""
        printer = usual(self._prints, given.printer)
        health = next((one for one in await self.printers() if one.printer == printer), None)
        number: str | None = None
        why_not: str | None = None
        findings: tuple[FindingShown, ...] = ()
        try:
            order = await self._order(id_, given.card)
            number = order.face.number
            preview = await self._prints.preview(printer, order, duplicata=given.duplicata)
            findings = tuple(_finding(one) for one in preview.findings)
        except (Forbidden, Conflicting) as refused:
            why_not = str(refused)
        hold = health.hold if health else None
        return BadgeShown(
            printed=await self.printed(),
            printer=printer,
            hold=hold.value if hold else None,
            gesture=GESTURES[hold] if hold else None,
            number=number,
            why_not=why_not,
            findings=findings,
        )

    async def printed(self) -> bool:
        """Whether head office wants badges at all."""
        return (await self._design()).printed

    async def offer(self) -> BadgeOffer:
        """What a screen offers: nothing, a badge, or why none can be printed now. Nobody is asked anything."""
        printer = next(iter(self._prints.printers), "")
        hold = self._prints.last_hold(printer) if printer else Hold.ABSENT
        return BadgeOffer(printed=await self.printed(), gesture=GESTURES[hold] if hold else None)

    async def jobs(self) -> tuple[PrintJobShown, ...]:
        """Open jobs and the last closed ones, newest first."""
        return tuple(shown(job) for job in await self._prints.jobs())

    async def printers(self) -> tuple[PrinterHealth, ...]:
        """How each printer is."""
        return await self._watch.printers()

    async def answer(self, id_: EntityId, given: JobAnswer) -> PrintJobShown:
        """What the operator saw; raises Conflicting when nothing was asked."""
        if given.answer == "cancel":
            return shown(await self._prints.cancel(id_))
        return shown(await self._prints.answer_unknown(id_, given.answer == "came_out"))

    async def _order(self, id_: EntityId, card: str | None) -> BadgeOrder:
        customer, design = await self._lookup.customer(id_), await self._design()
        if not design.printed:
            raise Forbidden("head office wants no badges to be printed")
        face = face_of(customer, card, chain_name=self._manner.chain_name, title=design.title or self._manner.title)
        face = replace(face, note=design.note, wish=design.symbol or self._manner.symbol)
        return BadgeOrder(face=face, design=replace(design, logo=design.logo or self._manner.logo))

    async def _design(self) -> BadgeDesign:
        found = await self._premises.database.read(lambda conn: customers.policy(conn, BADGE_LAYOUT))
        return design_of(policy.text_of(found))


def _finding(found: Finding) -> FindingShown:
    return FindingShown(kind=found.kind.value, slot=found.slot.value, detail=found.detail)


def face_of(customer: Customer, card: str | None, *, chain_name: str, title: str) -> BadgeFace:
    """What a customer's badge says. Pure; raises OperatorMistake."""
    if customer.walk_in:
        raise Forbidden("the walk-in customer has no badge")
    good = [one for one in customer.cards if one.state == "active" and not one.blocked]
    if card is not None:
        good = [one for one in good if one.id == card]
        if not good:
            raise OperatorMistake("card: the customer has no good card of this id", field="card")
    number = good[0].number if good else customer.code
    if not number:
        raise Conflicting("the customer has neither a good card nor a code to print")
    company = customer.kind == "company"
    return BadgeFace(
        chain=chain_name,
        title=title,
        number=number,
        first_name="" if company else customer.first_name or "",
        last_name=customer.display_name if company else customer.last_name or "",
    )
