"""What the desk says of a sale that comes back, in part or whole: its points, what it took, what was on account."""

from __future__ import annotations

from daemon.desk import undoing
from daemon.desk.sale_party import Selling
from daemon.domain import sale as sales_rules
from daemon.domain.change import Operation as Said
from daemon.domain.ids import EntityId
from daemon.domain.sale import SaleHead, SoldLine, cancellation_id
from daemon.store import account_owners, sales
from daemon.store.database import Connection
from daemon.store.replica import Replica

DAY_MS = 86_400_000


def reversal(
    conn: Connection, replica: Replica, stated: SaleHead, lines: tuple[SoldLine, ...], original: SaleHead
) -> list[Said]:
    """A return, or a cancellation, with all that it moves."""
    selling = Selling(
        visit=None, sale=stated.id, kind=stated.kind, customer=account_owners.owner(conn, original.account),
        account=EntityId(original.account), is_walk_in=False, sold=lines, total=stated.total, original=original,
        shop=stated.shop, day=stated.sold_ms // DAY_MS, now_ms=stated.sold_ms,
    )  # fmt: skip
    moved = undoing.undone(conn, replica, selling)
    return [*sales_rules.decide_reversal(stated, lines, original), *moved]


def rest_of(conn: Connection, head: SaleHead) -> tuple[int, tuple[SoldLine, ...]]:
    """What is left of a sale, as far as is known here: cents, and the lines where they are known and come to that."""
    lines, returned = sales.lines(conn, head), sales_rules.returned_of(sales.following(conn, head.id))
    left = sales_rules.left_to_return(head, returned)
    back = sales_rules.cancelled_lines(lines, returned) if lines is not None and left else ()
    return left, back if -sum(line.amount for line in back) == left else ()


def cancelling(conn: Connection, replica: Replica, head: SaleHead, *, shop: int, now_ms: int) -> list[Said]:
    """What cancels a sale as it is known here; nothing where nothing of it is left."""
    left, lines = rest_of(conn, head)
    if not left:
        return []
    stated = SaleHead(
        id=cancellation_id(head.id), account=head.account, kind="cancellation", total=-left, month=head.month,
        sold_ms=now_ms, shop=shop or head.shop, original=head.id, lines=len(lines),
    )  # fmt: skip
    return reversal(conn, replica, stated, lines, head)
