"""Sales as they are registered: posted once, with their lines; returns and cancellations are further facts.

A sale is two entries under one id on the customer's account: its head (total, month, shop), which every till of the
chain holds while it is among the customer's last, and its lines with a copy of the head, which its shop and head office
hold for good (`closing` says which heads go). The visit issues the id: the number of its till, then
random bits. A return names its original and what comes back of each line; a cancellation is what had not come back yet,
under an id that follows from the sale's, so that two tills that cancel one sale cancel it once. Amounts are cents with
taxes, negative where money goes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from daemon.domain import authoring
from daemon.domain.canonical import digest8
from daemon.domain.change import Operation
from daemon.domain.element import Element, read_body
from daemon.domain.ids import EntityId
from daemon.domain.kinds import SHAPES, SHOP_NUMBER, Kind
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.pricing import PIECE_MILLI
from daemon.domain.rate import share
from daemon.errors import Conflicting, NotFound, OperatorMistake

_SHAPE: Final = SHAPES[Kind.SALE]
KIND: Final = _SHAPE.number("kind")
TOTAL: Final = _SHAPE.number("total")
MONTH: Final = _SHAPE.number("month")
SOLD: Final = _SHAPE.number("sold_ms")
SHOP: Final = _SHAPE.number("shop")
LANE: Final = _SHAPE.number("lane")
TICKET: Final = _SHAPE.number("ticket")
ORIGINAL: Final = _SHAPE.number("original")
OPERATOR: Final = _SHAPE.number("operator")
LINES: Final = _SHAPE.number("lines")
RULES: Final = _SHAPE.number("rules")
ROWS: Final = SHAPES[Kind.SALE_LINES].number("lines")
COPY: Final = SHAPES[Kind.SALE_LINES].number("head")

LINES_MAX: Final = 400
"""Lines of one sale; a record of 32 KiB bounds them too, by how long their labels are."""
LABEL_LENGTH_MAX: Final = 100
QUANTITY_MAX: Final = 10**9
SITE_BYTES: Final = 3

SaleKind: TypeAlias = Literal["sale", "return", "cancellation"]
_KINDS: Final[Mapping[str, SaleKind]] = {"sale": "sale", "return": "return", "cancellation": "cancellation"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SoldLine:
    """One line of a sale. `original`: of a return, the place of the line that it takes back (0 is the first).

    `rule` and `reason`: what made it cheaper, and why somebody overrode the rules.
    """

    product: str = ""
    label: str = ""
    quantity_milli: int = PIECE_MILLI
    amount: int
    discount: int = 0
    vat: int | None = None
    tax_category: str = ""
    rule: str = ""
    reason: str = ""
    original: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleHead:
    """What every till knows of a sale; ids as bytes, the moment in Unix milliseconds, the month as 202611."""

    id: bytes
    account: bytes
    kind: SaleKind
    total: int
    month: int
    sold_ms: int
    shop: int
    lane: str = ""
    ticket: str = ""
    original: bytes | None = None
    operator: str = ""
    lines: int = 0
    rules: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenBack:
    """So much of one line comes back."""

    line: int
    quantity_milli: int = PIECE_MILLI


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """What is known to have come back of a sale: in all, and of each line (thousandths, cents). All positive."""

    total: int = 0
    of_line: Mapping[int, tuple[int, int]] | None = None
    cancelled: bool = False


def new_sale_id(site: int, random: bytes) -> EntityId:
    """The id of a sale that is still to be made: its till's number, then random bits."""
    assert 0 < site < 1 << (8 * SITE_BYTES), "a till's number stands in three bytes"
    return EntityId(site.to_bytes(SITE_BYTES, "big") + random[: 8 - SITE_BYTES])


def site_of_sale(sale: bytes) -> int:
    """The till whose visit issued the id of a sale: only its posting may create what a sale earns."""
    return int.from_bytes(sale[:SITE_BYTES], "big")


def cancellation_id(sale: bytes) -> EntityId:
    """The id under which a sale is cancelled, whoever cancels it."""
    return EntityId(digest8(b"cancellation/" + sale))


def head_of(entry: Element) -> SaleHead:
    """The head that an entry says."""
    value = entry.fields.get
    original = value(ORIGINAL)
    return SaleHead(
        id=entry.dot,
        account=entry.entity,
        kind=_KINDS.get(_text(value(KIND)), "sale"),
        total=_number(value(TOTAL)),
        month=_number(value(MONTH)),
        sold_ms=_number(value(SOLD)),
        shop=_number(value(SHOP)),
        lane=_text(value(LANE)),
        ticket=_text(value(TICKET)),
        original=original if isinstance(original, bytes) and len(original) == 8 else None,
        operator=_text(value(OPERATOR)),
        lines=_number(value(LINES)),
        rules=_text(value(RULES)),
    )


def lines_of(entry: Element) -> tuple[SoldLine, ...]:
    """The lines that an entry says; what no version of ours wrote is left out."""
    rows = entry.fields.get(ROWS)
    return tuple(_line(row) for row in rows if isinstance(row, tuple)) if isinstance(rows, tuple) else ()


def copy_of(entry: Element) -> SaleHead | None:
    """The head of a sale as its shop's own copy says it; None where a version before copies wrote the entry."""
    copy = entry.fields.get(COPY)
    if not isinstance(copy, tuple) or len(copy) < _COPIED:
        return None
    kind, total, month, sold_ms, shop, lane, ticket, original, operator, lines, rules = copy[:_COPIED]
    return SaleHead(
        id=entry.dot,
        account=entry.entity,
        kind=_KINDS.get(_text(kind), "sale"),
        total=_number(total),
        month=_number(month),
        sold_ms=_number(sold_ms),
        shop=_number(shop),
        lane=_text(lane),
        ticket=_text(ticket),
        original=original if isinstance(original, bytes) and len(original) == 8 else None,
        operator=_text(operator),
        lines=_number(lines),
        rules=_text(rules),
    )


def copied_in(body: bytes) -> bool:
    """Whether a shop's entry has a copy of its sale's head, from its canonical bytes."""
    return copy_of(read_body(body)) is not None


_COPIED: Final = 11
"""Parts of a copy: all that a head says besides its id and its account, in the order of its fields."""


def _copied(head: SaleHead) -> tuple[Any, ...]:
    said = (head.kind, head.total, head.month, head.sold_ms, head.shop, head.lane, head.ticket, head.original)
    return (*said, head.operator, head.lines, head.rules)


def stored_lines(lines: Iterable[SoldLine]) -> tuple[tuple[Any, ...], ...]:
    """Lines as entries hold them; what is empty at the end of a line is left out."""
    return tuple(_row(line) for line in lines)


def without_reasons(lines: Sequence[SoldLine]) -> tuple[SoldLine, ...]:
    """Lines as they are kept: what people typed of a customer hangs on the customer, and goes with them."""
    return tuple(replace(one, reason="") for one in lines)


def decide_sale(head: SaleHead, lines: Sequence[SoldLine]) -> list[Operation]:
    """The operations that register a sale, a return or a cancellation; raises OperatorMistake."""
    if abs(head.total) > AMOUNT_MAX:
        raise OperatorMistake("total: the amount is larger than any that is kept", field="total")
    if sum(line.amount for line in lines) != head.total and lines:
        raise OperatorMistake("total: this is not the sum of the lines", field="total")
    _check(lines)
    kept = {ROWS: stored_lines(lines), COPY: _copied(head), SHOP_NUMBER: head.shop}
    return [_head_alone(head), authoring.add(Kind.SALE_LINES, head.account, kept, fact=head.id)]


def _head_alone(head: SaleHead) -> Operation:
    return authoring.add(Kind.SALE, head.account, _fields(head), fact=head.id)


def decide_reversal(head: SaleHead, lines: Sequence[SoldLine], original: SaleHead) -> list[Operation]:
    """The operations that register a return or the cancellation of a sale; raises OperatorMistake.

    A cancellation has one id, whoever gives it, and what has one id stands in the feed of one shop: so its lines are
    kept where the sale was made. Elsewhere, and of two shops that cancel one sale at once, it is its head alone.
    """
    stated = decide_sale(head, lines)
    is_elsewhere = head.kind == "cancellation" and head.shop != original.shop
    return [_head_alone(replace(head, lines=0))] if is_elsewhere else stated


def return_lines(original: Sequence[SoldLine], back: Sequence[TakenBack], returned: Returned) -> tuple[SoldLine, ...]:
    """The lines of a return: each its share of what was paid, the last piece the rest.

    Raises NotFound for a line that was not sold, Conflicting for more than is left of it.
    """
    wanted: dict[int, int] = {}
    for one in back:
        if not 0 <= one.line < len(original):
            raise NotFound(f"lines: the sale has no line {one.line}", field="lines")
        if one.quantity_milli <= 0:
            raise OperatorMistake("lines: what comes back has a quantity above 0", field="lines")
        wanted[one.line] = wanted.get(one.line, 0) + one.quantity_milli
    return tuple(_back(original[at], at, quantity, returned) for at, quantity in sorted(wanted.items()))


def _back(sold: SoldLine, at: int, quantity: int, returned: Returned) -> SoldLine:
    gone, paid_back = (returned.of_line or {}).get(at, (0, 0))
    if returned.cancelled or gone + quantity > sold.quantity_milli:
        left = 0 if returned.cancelled else max(sold.quantity_milli - gone, 0)
        raise Conflicting(f"lines: of line {at} no more than {left} thousandths can come back", field="lines")
    due = share(sold.amount, gone + quantity, sold.quantity_milli) - paid_back
    return SoldLine(
        product=sold.product,
        label=sold.label,
        quantity_milli=-quantity,
        amount=-due,
        discount=sold.discount,
        vat=sold.vat,
        tax_category=sold.tax_category,
        original=at,
    )


def left_to_return(sale: SaleHead, returned: Returned) -> int:
    """Cents of a sale that have not come back."""
    return 0 if returned.cancelled else max(sale.total - returned.total, 0)


def cancelled_lines(original: Sequence[SoldLine], returned: Returned) -> tuple[SoldLine, ...]:
    """What is left of each line, as a cancellation takes it back."""
    of_line = returned.of_line or {}
    back = [
        TakenBack(line=at, quantity_milli=line.quantity_milli - of_line.get(at, (0, 0))[0])
        for at, line in enumerate(original)
        if line.quantity_milli > of_line.get(at, (0, 0))[0]
    ]
    return return_lines(original, back, returned)


def returned_of(facts: Iterable[tuple[SaleHead, Sequence[SoldLine]]]) -> Returned:
    """What some returns and cancellations of one sale come to; lines that are not here count in the total only."""
    total, cancelled = 0, False
    of_line: dict[int, tuple[int, int]] = {}
    for head, lines in facts:
        total -= head.total
        cancelled = cancelled or head.kind == "cancellation"
        for line in lines:
            if line.original is not None:
                quantity, amount = of_line.get(line.original, (0, 0))
                of_line[line.original] = (quantity - line.quantity_milli, amount - line.amount)
    return Returned(total=total, of_line=of_line, cancelled=cancelled)


def is_over_returned(head: SaleHead, lines: Sequence[SoldLine], returned: Returned) -> bool:
    """Whether more came back than was sold: of the whole, or of a line whose returns are known here."""
    by_line = returned.of_line or {}
    beyond = any(at < len(lines) and back > lines[at].quantity_milli for at, (back, _) in by_line.items())
    return head.kind == "sale" and (returned.total > max(head.total, 0) or beyond)


def _check(lines: Sequence[SoldLine]) -> None:
    if len(lines) > LINES_MAX:
        raise OperatorMistake(f"lines: a sale has at most {LINES_MAX} lines", field="lines")
    for at, line in enumerate(lines):
        if not 0 < abs(line.quantity_milli) <= QUANTITY_MAX or abs(line.amount) > AMOUNT_MAX:
            raise OperatorMistake(f"lines[{at}]: the quantity or the amount is out of range", field=f"lines[{at}]")
        if not line.product and not line.label:
            raise OperatorMistake(f"lines[{at}]: name the product, or give a label", field=f"lines[{at}]")


def _fields(head: SaleHead) -> dict[int, Any]:
    texts = {LANE: head.lane, TICKET: head.ticket, OPERATOR: head.operator, RULES: head.rules}
    return {
        KIND: head.kind,
        TOTAL: head.total,
        MONTH: head.month,
        SOLD: head.sold_ms,
        SHOP: head.shop,
        ORIGINAL: head.original,
        LINES: head.lines,
        **{at: text or None for at, text in texts.items()},
    }


def _row(line: SoldLine) -> tuple[Any, ...]:
    row: list[Any] = [line.product, line.label, line.quantity_milli, line.amount, line.discount, line.vat]
    row += [line.tax_category, line.rule, line.reason, line.original]
    while row[-1] in ("", None):
        row.pop()
    return tuple(row)


def _line(row: tuple[Any, ...]) -> SoldLine:
    product, label, quantity, amount, discount, vat, tax, rule, reason, original = (*row, *(None,) * 10)[:10]
    return SoldLine(
        product=_text(product),
        label=_text(label),
        quantity_milli=_number(quantity),
        amount=_number(amount),
        discount=_number(discount),
        vat=vat if type(vat) is int else None,
        tax_category=_text(tax),
        rule=_text(rule),
        reason=_text(reason),
        original=original if type(original) is int else None,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    """A stored number; 0 for one that no column holds."""
    return value if type(value) is int and abs(value) < 1 << 62 else 0
