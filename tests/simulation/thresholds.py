"""Coupons that the points of a sale make due, as the till of the sale sees it: what the desk does as it posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from daemon.desk.benefits import Movement
from daemon.domain import coupon
from daemon.domain import loyalty as rules
from daemon.domain.change import Operation as Said
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.loyalty import LoyaltyRule
from daemon.domain.rights import EARNED
from daemon.store import account_owners, balances, elements, loyalty, terms
from daemon.store.database import Connection

if TYPE_CHECKING:
    from tests.simulation.machine import Machine


def due_at(machine: Machine, conn: Connection, moved: Movement | None) -> list[Said]:
    """The coupons that the points of a sale make due, as its till sees it."""
    if moved is None or moved.book != BOOK_POINTS or moved.cause != EARNED or moved.amount <= 0:
        return []
    thresholds = [rule for rule in loyalty.rules(conn) if rule.kind == "threshold"]
    owner = account_owners.owner(conn, moved.account) if thresholds else None
    return _crossed(machine, conn, thresholds, (owner, moved)) if owner is not None else []


def _crossed(
    machine: Machine, conn: Connection, thresholds: Sequence[LoyaltyRule], gained: tuple[EntityId, Movement]
) -> list[Said]:
    owner, moved = gained
    before, here = balances.from_sales(conn, moved.account, BOOK_POINTS), elements.elements_of(conn, owner)
    found: list[Said] = []
    for rule in thresholds if here else ():
        numbers = rules.due(rule, before, before + moved.amount)
        for fact in coupon.due_by_threshold(here, moved.account, rule, numbers):
            found += coupon.issue(owner, fact, rule.coupon, day_at(machine, conn), rule=rule.id)
    return found


def day_at(machine: Machine, conn: Connection) -> int:
    """The day at a till, as head office has corrected its clock."""
    return terms.day_there(conn, machine.shop, machine.wall_ms() + machine.replica.timeline.offset_ms)
