"""Bugs of sales, groups and what one shop holds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from daemon.domain import closing, group, ledger, merge, sale
from daemon.domain.change import Header, Operation
from daemon.domain.element import Element, scope_of
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.store import ordering, sales
from tests.simulation.planting import Plant, everywhere, patched


def sale_stated_twice_counts_twice() -> AbstractContextManager[None]:
    """The month keeps what the later statement of a sale said, beside the earlier one's."""
    real = ledger.postings

    def postings(old: Element | None, new: Element | None) -> list[ledger.Posting]:
        return real(None, new)

    return everywhere(ledger.postings, postings)


def lines_go_to_the_whole_chain() -> AbstractContextManager[None]:
    """What one shop holds is ordered where the customers are."""
    real = ordering.scope_of_operation

    def scope_of_operation(op: Operation | None, header: Header) -> Scope:
        scope = real(op, header)
        return CHAIN if scope.reach == Reach.SHOP else scope

    return everywhere(ordering.scope_of_operation, scope_of_operation)


def shops_share_one_digest() -> AbstractContextManager[None]:
    """What the second shop holds counts in the digest of the first."""

    def here(element: Element) -> Scope:
        scope = scope_of(element)
        return Scope(scope.reach, 1) if scope.reach == Reach.SHOP and scope.number == 2 else scope

    return everywhere(scope_of, here)


def register_keeps_what_was_said_later() -> AbstractContextManager[None]:
    """The register of sales forgets nothing: a sale that is replaced by its earlier statement stands in it twice."""
    real = sales.write

    def write(conn: Any, pairs: Any) -> None:
        real(conn, [(key, None, after) for key, _, after in pairs])

    return patched(sales, "write", write)


def deleted_group_keeps_its_members() -> AbstractContextManager[None]:
    """Redirects are not followed: who joined a deleted group is left in it."""
    return everywhere(group.resolve, lambda groups, id_: id_)


def closed_sales_are_missing_in_the_months() -> AbstractContextManager[None]:
    """Sales are closed, and nothing is written into the months for them."""
    real = closing.decide_closing

    def decide_closing(*args: Any, **more: Any) -> list[Operation]:
        return [one for one in real(*args, **more) if one.kind != Kind.MONTH]

    return everywhere(real, decide_closing)


def late_sales_are_not_counted() -> AbstractContextManager[None]:
    """What was written into the months once stays: a sale that is closed later is not added."""
    real = closing.decide_closing

    def decide_closing(*args: Any, **more: Any) -> list[Operation]:
        return [one for one in real(*args, **more) if one.kind != Kind.MONTH or more["row"] is None]

    return everywhere(real, decide_closing)


def closed_sales_come_back() -> AbstractContextManager[None]:
    """Of a closed sale nothing is left: who posts it once more brings it back."""
    real = merge._Merging.remove

    def remove(self: Any, change: Any, key: Any) -> None:
        if change.op.kind == Kind.SALE:
            self.drop(key)
        else:
            real(self, change, key)

    return patched(merge._Merging, "remove", remove)


def cancelled_lines_stand_in_each_shop() -> AbstractContextManager[None]:
    """Each shop that cancels a sale keeps the lines of the cancellation, all under one id."""

    def decide_reversal(head: sale.SaleHead, lines: Sequence[sale.SoldLine], _: sale.SaleHead) -> list[Operation]:
        return sale.decide_sale(head, lines)

    return everywhere(sale.decide_reversal, decide_reversal)


PLANTED: Sequence[Plant] = (
    sale_stated_twice_counts_twice,
    lines_go_to_the_whole_chain,
    shops_share_one_digest,
    register_keeps_what_was_said_later,
    deleted_group_keeps_its_members,
    closed_sales_are_missing_in_the_months,
    late_sales_are_not_counted,
    closed_sales_come_back,
    cancelled_lines_stand_in_each_shop,
)
