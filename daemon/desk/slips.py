"""What the slips of a till say: credit notes, coupons, address blocks, reports, the test page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Address, text_of
from daemon.domain.address_block import COLUMNS_OF_POST, HOME, Addressee, address_block
from daemon.domain.badge_text import Emphasis
from daemon.domain.calendar import day_text
from daemon.domain.countries import country_name
from daemon.domain.element import Element
from daemon.domain.slip import Slip, SlipLine
from daemon.errors import Conflicting

MESSAGES = (
    "Credit note",
    "Amount",
    "Valid until",
    "Spent in parts or at once, in every shop of the chain.",
    "Coupon",
    "From a purchase of",
    "Good for one purchase.",
    "Test page",
    "Printer",
    "Hello",
    "Hello %(name)s",
    "Total",
    "Change",
)
"""What slips and the customer display say; message ids of the till's catalogue."""

TRIED_LETTERS = "éèêàçùœŒ « » € — ’ … ß ñ ä"
"""On the test page: what tells one code page from another."""


class Tongue(Protocol):
    """The language of the till, for what it prints."""

    def text(self, sentence: str, /, **values: object) -> str:
        """A sentence in that language."""
        ...

    def euros(self, cents: int) -> str:
        """An amount."""
        ...

    def date(self, text: str) -> str:
        """A day given as 2026-12-31."""
        ...


class English:
    """The message ids as they stand: for a replica that prints nothing."""

    def text(self, sentence: str, /, **values: object) -> str:
        """The sentence itself."""
        return sentence % values if values else sentence

    def euros(self, cents: int) -> str:
        """An amount."""
        return f"€{cents / 100:.2f}"

    def date(self, text: str) -> str:
        """The day itself."""
        return text


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLine:
    """One line of a report; `right` stands at its other end."""

    text: str = field(default="", repr=False)
    right: str = field(default="", repr=False)
    emphasis: Literal["plain", "bold", "large"] = "plain"


def heading(chain_name: str, title: str) -> tuple[SlipLine, ...]:
    """Who gives it, and what it is."""
    lines = (
        SlipLine(text=chain_name, emphasis=Emphasis.LARGE, align="center"),
        SlipLine(text=title, emphasis=Emphasis.BOLD, align="center"),
        SlipLine(),
    )
    return tuple(line for line in lines if line.text or line is lines[-1])


def credit_note_slip(note: Element, chain_name: str, tongue: Tongue) -> Slip:
    """A credit note with its code: whoever brings it, or names it, spends it. Raises Conflicting without a code."""
    code, amount, until = text_of(note.fields.get(1)), note.fields.get(3), _day(note.fields.get(9))
    if not code:
        raise Conflicting("this credit note has no code to print")
    lines = [*heading(chain_name, tongue.text("Credit note"))]
    if isinstance(amount, int):
        lines.append(SlipLine(text=tongue.text("Amount"), right=tongue.euros(amount), emphasis=Emphasis.LARGE))
    if until:
        lines.append(SlipLine(text=tongue.text("Valid until"), right=tongue.date(until)))
    below = SlipLine(text=tongue.text("Spent in parts or at once, in every shop of the chain."), align="center")
    return Slip(lines=tuple(lines), code=code, below=(below,))


def coupon_slip(coupon: Element, chain_name: str, tongue: Tongue) -> Slip:
    """A coupon with what it gives, what it asks for and until when; raises Conflicting without a code."""
    fields = coupon.fields
    code, label = text_of(fields.get(1)), text_of(fields.get(3))
    if not code:
        raise Conflicting("this coupon has no code to print")
    lines = [*heading(chain_name, tongue.text("Coupon"))]
    amount, percent, minimum = (fields.get(at) for at in (7, 8, 9))
    gift = tongue.euros(amount) if isinstance(amount, int) else f"{percent} %" if isinstance(percent, int) else ""
    lines += [SlipLine(text=text, emphasis=Emphasis.LARGE, align="center") for text in (gift,) if text]
    lines += [SlipLine(text=label, emphasis=Emphasis.BOLD, align="center")] if label else []
    if isinstance(minimum, int) and minimum > 0:
        lines.append(SlipLine(text=tongue.text("From a purchase of"), right=tongue.euros(minimum)))
    if until := _day(fields.get(11)):
        lines.append(SlipLine(text=tongue.text("Valid until"), right=tongue.date(until)))
    below = SlipLine(text=tongue.text("Good for one purchase."), align="center")
    return Slip(lines=tuple(lines), code=code, below=(below,))


def receipt_block(customer: Customer, columns: int | None) -> Slip:
    """Name and address in the width asked for; nothing but them, so that it fits on any ticket."""
    lines = address_block(addressee_of(customer), columns or COLUMNS_OF_POST)
    return Slip(lines=tuple(SlipLine(text=line) for line in lines), columns=columns)


def report_slip(title: str, lines: Sequence[ReportLine], chain_name: str) -> Slip:
    """What somebody else worked out, on paper."""
    told = tuple(SlipLine(text=line.text, right=line.right, emphasis=Emphasis(line.emphasis)) for line in lines)
    return Slip(lines=(*heading(chain_name, title), *told))


def report_test(printer: str, chain_name: str, tongue: Tongue) -> Slip:
    """The test page: which printer this is, whether letters and bars come out."""
    return Slip(
        lines=(
            *heading(chain_name, tongue.text("Test page")),
            SlipLine(text=tongue.text("Printer"), right=printer),
            SlipLine(text=TRIED_LETTERS),
            SlipLine(text="1234567890" * 4 + "12345678"),
        ),
        code="2912345678906",
    )


def addressee_of(customer: Customer) -> Addressee:
    """Who is written to: a company by its name, a person by civility and name."""
    at = customer.address or Address()
    person = " ".join(part for part in (customer.civility, customer.first_name, customer.last_name) if part)
    is_company = customer.kind == "company"
    return Addressee(
        name=(customer.company_name or customer.display_name) if is_company else person or customer.display_name,
        company=(person if is_company else customer.company_name) or "",
        line1=at.line1,
        line2=at.line2,
        postal_code=at.postal_code,
        city=at.city,
        country="" if at.country in ("", HOME) else country_name(at.country),
    )


def _day(value: object) -> str:
    """A stored day as text; empty where there is none."""
    return (day_text(value) or "") if isinstance(value, int) else ""
