"""Prints what is no badge: credit notes and coupons when somebody asks, address blocks, reports; opens the drawer."""

from dataclasses import dataclass, field
from typing import Literal

from daemon.desk.customer_parts import of_kind
from daemon.desk.lookup import LookupDesk
from daemon.desk.premises import Call, Premises
from daemon.desk.print_desk import PrintRequest
from daemon.desk.print_room import PrintRoom, usual
from daemon.desk.print_shown import PrintJobShown, shown
from daemon.desk.slips import (
    English,
    ReportLine,
    Tongue,
    addressee_of,
    coupon_slip,
    credit_note_slip,
    receipt_block,
    report_slip,
    report_test,
)
from daemon.domain.address_block import COLUMNS_MAX, COLUMNS_MIN, COLUMNS_OF_POST, address_block
from daemon.domain.element import Element
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import Kind
from daemon.domain.print_kind import JobKind
from daemon.domain.slip import Slip, check_slip
from daemon.errors import Conflicting, NotFound, OperatorMistake
from daemon.store import elements
from daemon.typed import to_json


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintoutManner:
    """How this till prints slips: its language, the name at their head, the printer that has the drawer."""

    tongue: Tongue = field(default_factory=English)
    chain_name: str = ""
    drawer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPrint:
    """Something to print; without a printer on the usual one.

    credit_note, coupon: `customer` and `member`, its id. receipt_block: `customer`, and `columns` for its width.
    report: `title` and `lines`. `duplicata`: this is not the first one, and says so.
    """

    kind: Literal["credit_note", "coupon", "receipt_block", "report", "test_page"]
    printer: str | None = None
    customer: str | None = None
    member: str | None = None
    columns: int | None = None
    title: str = ""
    lines: tuple[ReportLine, ...] = ()
    duplicata: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKick:
    """A drawer to open; without a printer the one that the configuration says has it."""

    printer: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressBlock:
    """Name and address, line by line, none longer than `columns`."""

    columns: int
    lines: tuple[str, ...]


class PrintoutDesk:
    """Where slips are asked for; `prints` None where no printer is configured, address blocks are told all the same."""

    def __init__(
        self, premises: Premises, lookup: LookupDesk, prints: PrintRoom | None, manner: PrintoutManner
    ) -> None:
        self._premises = premises
        self._lookup = lookup
        self._room = prints
        self._manner = manner

    @property
    def drawer(self) -> str:
        """The printer that has the drawer; empty where there is none."""
        return self._manner.drawer

    async def request(self, call: Call, given: NewPrint) -> PrintJobShown:
        """Ask for a slip; raises OperatorMistake, NotFound, Conflicting."""
        printer = usual(self._prints, given.printer)
        slip, customer = await self._slip(given, printer)
        check_slip(slip)
        request = PrintRequest(
            request_key=f"{call.who}:{call.key}",
            kind=JobKind(given.kind),
            printer=printer,
            customer=customer,
            content=to_json(slip),
            duplicata=given.duplicata,
        )
        return shown(await self._prints.request(request))

    async def kick(self, call: Call, given: NewKick) -> PrintJobShown:
        """Open the drawer, now or never: the job ends within seconds, one way or the other."""
        printer = given.printer or self._manner.drawer
        if not printer:
            raise Conflicting("printer: no drawer hangs on a printer of this till", field="printer")
        key = f"{call.who}:{call.key}"
        return shown(await self._prints.request(PrintRequest(request_key=key, kind=JobKind.DRAWER, printer=printer)))

    async def address_block(self, id_: EntityId, columns: int) -> AddressBlock:
        """Name and address in the width asked; raises NotFound, OperatorMistake for a width that no paper has."""
        columns = _width(columns or COLUMNS_OF_POST)
        customer = await self._lookup.customer(id_)
        return AddressBlock(columns=columns, lines=address_block(addressee_of(customer), columns))

    @property
    def _prints(self) -> PrintRoom:
        if self._room is None:
            raise Conflicting("printer: no printer is configured at this till", field="printer")
        return self._room

    async def _slip(self, given: NewPrint, printer: str) -> tuple[Slip, EntityId | None]:
        """What is printed, and about whom."""
        name, tongue = self._manner.chain_name, self._manner.tongue
        match given.kind:
            case "report":
                return report_slip(given.title, given.lines, name), None
            case "test_page":
                return report_test(printer, name, tongue), None
            case "receipt_block":
                id_ = _customer(given)
                columns = None if given.columns is None else _width(given.columns)
                return receipt_block(await self._lookup.customer(id_), columns), id_
            case "credit_note":
                id_ = _customer(given)
                return credit_note_slip(await self._member(id_, Kind.CREDIT_NOTE, given), name, tongue), id_
            case "coupon":
                id_ = _customer(given)
                return coupon_slip(await self._member(id_, Kind.COUPON, given), name, tongue), id_

    async def _member(self, id_: EntityId, kind: Kind, given: NewPrint) -> Element:
        here = await self._premises.database.read(lambda conn: elements.elements_of(conn, id_))
        found = next((one for one in of_kind(here, kind) if one.dot.hex() == given.member and one.fields), None)
        if found is None:
            raise NotFound(f"member: the customer has no such {given.kind.replace('_', ' ')}", field="member")
        return found


def _customer(given: NewPrint) -> EntityId:
    found = parse_entity(given.customer or "")
    if found is None:
        raise OperatorMistake("customer: an id is 16 hexadecimal digits", field="customer")
    return found


def _width(columns: int) -> int:
    if not COLUMNS_MIN <= columns <= COLUMNS_MAX:
        raise OperatorMistake(f"columns: a width lies between {COLUMNS_MIN} and {COLUMNS_MAX}", field="columns")
    return columns
