"""Bugs that show only where two faults meet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from daemon.domain import escrow
from daemon.store import only_here, salvage, sealing
from daemon.store.replica import Replica
from tests.simulation.planting import Plant, patched


def rescued_sends_what_waits_alone() -> AbstractContextManager[None]:
    """A rescued till believes what head office acknowledged before the damage."""
    return patched(salvage._Kept, "to_be_sent", lambda kept: kept.row)


def entries_of_others_are_not_said_again() -> AbstractContextManager[None]:
    """What a restored head office had booked itself, or others had, is left to them."""
    real = only_here.say_again

    def say_again(conn: Any, replica: Replica, entries: Sequence[Any]) -> None:
        real(conn, replica, [one for one in entries if one.base[1] == replica.identity.site])

    return patched(only_here, "say_again", say_again)


def forgotten_visit_earns_for_nobody() -> AbstractContextManager[None]:
    """What a till posts of its own sale without the right to it may be given to anybody."""
    real = escrow.unclaimed

    def unclaimed(site: int, op: Any, *, is_claimed: bool = False) -> escrow.Unclaimed | None:
        found = real(site, op, is_claimed=is_claimed)
        return None if found is not None and found.site == site else found

    return patched(escrow, "unclaimed", unclaimed)


def earliest_statement_sought_in_one_record() -> AbstractContextManager[None]:
    """A fact that is dated later by a copy of this disk stays the one that counts."""
    return patched(sealing, "_said_elsewhere", lambda conn, made: iter(()))


PLANTED: Sequence[Plant] = (
    rescued_sends_what_waits_alone,
    entries_of_others_are_not_said_again,
    forgotten_visit_earns_for_nobody,
    earliest_statement_sought_in_one_record,
)
