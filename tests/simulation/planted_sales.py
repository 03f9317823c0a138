"""Bugs of sales, groups and what one shop holds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from daemon.domain import group, ledger
from daemon.domain.change import Header, Operation
from daemon.domain.element import Element, scope_of
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
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


PLANTED: Sequence[Plant] = (
    sale_stated_twice_counts_twice,
    lines_go_to_the_whole_chain,
    shops_share_one_digest,
    register_keeps_what_was_said_later,
    deleted_group_keeps_its_members,
)
