"""Sales as the API shows them: one with its lines and what came back of it, and lists of what was sought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from daemon.desk import instant
from daemon.desk.lookup import operator_names
from daemon.desk.search_answer import CustomerBrief, brief_of
from daemon.domain.calendar import month_text
from daemon.domain.sale import Returned, SaleHead, SaleKind, SoldLine, left_to_return, returned_of
from daemon.store import account_owners, customers, sales
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
    """The newest sales that fit; `more`: there are others. `copy_until`: when this copy was last proved complete."""

    sales: tuple[SaleBrief, ...]
    more: bool
    copy_until: str


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
    lines = sales.lines(conn, head)
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
    )


def is_over_returned(head: SaleHead, lines: tuple[SoldLine, ...], returned: Returned) -> bool:
    """Whether more came back than was sold: of the whole, or of a line whose returns are known here."""
    by_line = returned.of_line or {}
    beyond = any(at < len(lines) and back > lines[at].quantity_milli for at, (back, _) in by_line.items())
    return head.kind == "sale" and (returned.total > max(head.total, 0) or beyond)
