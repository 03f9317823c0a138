"""Sales as the API shows them: one with its lines and what came back of it, and lists of what was sought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from daemon.desk import instant
from daemon.desk.lookup import operator_names
from daemon.desk.search_answer import CustomerBrief, brief_of
from daemon.domain.calendar import month_text
from daemon.domain.kinds import Kind
from daemon.domain.remark import line_texts, texts
from daemon.domain.sale import Returned, SaleHead, SaleKind, SoldLine, is_over_returned, left_to_return, returned_of
from daemon.store import account_owners, customers, elements, sales
from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleBrief:
    """A sale in a list. `customer` is null once they were erased; amounts in cents, negative where money went back."""

    id: str
    kind: SaleKind
    customer: CustomerBrief | None
    total: int
    month: str
    sold_at: str
    shop: int
    lane: str
    ticket: str
    operator: str
    original: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SalesFound:
    """The newest sales that fit; `more`: there are others. `copy_until`: when this copy was last proved complete.

    `older_elsewhere`: of the customer who was asked for, older sales of other shops are at head office alone.
    """

    sales: tuple[SaleBrief, ...]
    more: bool
    copy_until: str
    older_elsewhere: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LineBack:
    """What came back of a line: thousandths and cents."""

    line: int
    quantity_milli: int
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleShown:
    """One sale. `lines` null: they are not on this till, which asks head office for them if told to.

    `returned` and `left`: cents that came back, and that still may. `over_returned`: two tills that did not hear of
    each other took back more than was sold; somebody has to look.
    """

    sale: SaleBrief
    lines: tuple[SoldLine, ...] | None
    lines_from: Literal["here", "head_office", "nowhere"]
    rules: str
    returned: int = 0
    left: int = 0
    cancelled: bool = False
    over_returned: bool = False
    following: tuple[SaleBrief, ...] = field(default=())
    account: str = ""
    """What it is booked on; stays when the customer is erased."""
    back: tuple[LineBack, ...] = ()
    """What came back by line, as far as the lines of the returns are known."""
    reason: str = ""
    """Of a return or a cancellation: why."""


def briefs(conn: Connection, heads: Iterable[SaleHead]) -> tuple[SaleBrief, ...]:
    """Sales for a list."""
    names = operator_names(conn)
    return tuple(_brief(conn, head, names) for head in heads)


def _brief(conn: Connection, head: SaleHead, names: Mapping[str, str]) -> SaleBrief:
    owner = account_owners.owner(conn, head.account)
    customer = brief_of(customers.listed(conn, [owner])[0]) if owner is not None else None
    return SaleBrief(
        id=head.id.hex(),
        kind=head.kind,
        customer=customer,
        total=head.total,
        month=month_text(head.month),
        sold_at=instant.shown(head.sold_ms),
        shop=head.shop,
        lane=head.lane,
        ticket=head.ticket,
        operator=names.get(head.operator, head.operator),
        original=head.original.hex() if head.original is not None else None,
    )


def show(conn: Connection, head: SaleHead) -> SaleShown:
    """One sale with what is known of it here."""
    owner = account_owners.owner(conn, head.account)
    remark = elements.element(conn, (owner, Kind.REMARK, head.id)) if owner is not None else None
    text = texts([remark] if remark is not None else []).get(head.id, "")
    lines = _explained(sales.lines(conn, head), line_texts(remark), text)
    known = lines if lines is not None else () if head.lines == 0 else None
    following = sales.following(conn, head.id)
    returned = returned_of(following)
    sale, *others = briefs(conn, (head, *(one for one, _ in following)))
    return SaleShown(
        sale=sale,
        lines=known,
        lines_from="here" if known is not None else "nowhere",
        rules=head.rules,
        returned=returned.total,
        left=left_to_return(head, returned) if head.kind == "sale" else 0,
        cancelled=returned.cancelled,
        over_returned=is_over_returned(head, lines or (), returned),
        following=tuple(others),
        account=head.account.hex(),
        reason=text,
        back=tuple(
            LineBack(line=at, quantity_milli=quantity, amount=amount)
            for at, (quantity, amount) in sorted((returned.of_line or {}).items())
        ),
    )


def _explained(lines: tuple[SoldLine, ...] | None, said: Mapping[int, str], text: str) -> tuple[SoldLine, ...] | None:
    """Lines with why they were sold or taken back, as long as their customer is known."""
    if lines is None:
        return None
    return tuple(replace(line, reason=said.get(at, text or line.reason)) for at, line in enumerate(lines))


def told(shown: SaleShown) -> tuple[SaleHead, tuple[SoldLine, ...] | None, Returned]:
    """A sale as head office told of it, with what came back: as the rules want it."""
    sale = shown.sale
    head = SaleHead(
        id=bytes.fromhex(sale.id),
        account=bytes.fromhex(shown.account),
        kind=sale.kind,
        total=sale.total,
        month=int(sale.month.replace("-", "")),
        sold_ms=instant.parse(sale.sold_at, field="sold_at"),
        shop=sale.shop,
        lane=sale.lane,
        ticket=sale.ticket,
        original=bytes.fromhex(sale.original) if sale.original else None,
        lines=len(shown.lines or ()),
        rules=shown.rules,
    )
    by_line = {one.line: (one.quantity_milli, one.amount) for one in shown.back}
    return head, shown.lines, Returned(total=shown.returned, of_line=by_line, cancelled=shown.cancelled)


def joined(conn: Connection, shown: SaleShown) -> SaleShown:
    """A sale as head office told of it, with what is known here to have come back and was still on its way there."""
    heard = {one.id for one in shown.following}
    here = [one for one in sales.following(conn, bytes.fromhex(shown.sale.id)) if one[0].id.hex() not in heard]
    more = returned_of(here)
    back = {one.line: (one.quantity_milli, one.amount) for one in shown.back}
    for at, (quantity, amount) in (more.of_line or {}).items():
        before = back.get(at, (0, 0))
        back[at] = (before[0] + quantity, before[1] + amount)
    is_cancelled = shown.cancelled or more.cancelled
    return replace(
        shown,
        lines_from="head_office",
        returned=shown.returned + more.total,
        left=0 if is_cancelled else max(shown.left - more.total, 0),
        cancelled=is_cancelled,
        following=(*shown.following, *briefs(conn, [head for head, _ in here])),
        back=tuple(LineBack(line=at, quantity_milli=one[0], amount=one[1]) for at, one in sorted(back.items())),
    )
