"""Bugs of what head office finds out by itself, of silence, of expiry and of what is bought on account."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from daemon.desk import undoing
from daemon.domain import authoring as authoring_rules
from daemon.domain import escrow, expiry
from daemon.domain import rights as rules
from daemon.domain.canonical import digest8
from daemon.domain.change import Actor, Operation
from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT, BOOK_LIMIT, BOOK_POINTS, Kind
from daemon.domain.ledger import AMOUNT, BOOK, HOLDER
from daemon.hub import coupons_due, expiring
from daemon.store import authoring, loyalty, rights
from tests.simulation.planting import Plant, everywhere, patched


def coupon_of_head_office_has_its_own_name() -> AbstractContextManager[None]:
    """Head office issues the coupon of a threshold under another id than a till that finds it out."""
    return patched(coupons_due, "coupon_fact", lambda rule, account, number: digest8(b"of the hub", account))


def crossing_is_left_to_the_tills() -> AbstractContextManager[None]:
    """Head office does not look what tills have earned together."""
    return everywhere(coupons_due.issue_crossed, lambda *_, **__: 0)


def finder_keeps_the_use() -> AbstractContextManager[None]:
    """A till that finds a coupon due takes the right to its one use; so does the next one."""
    real = authoring.commit

    def commit(conn: Any, here: Any, actor: Actor, operations: Sequence[Operation], *, now_ms: int) -> Any:
        found = [one for one in operations if one.kind == Kind.ENTRY and one.fields.get(BOOK) == BOOK_COUPON]
        more = [
            authoring_rules.add(
                Kind.RIGHT,
                one.entity,
                {BOOK: BOOK_COUPON, AMOUNT: 1, rules.CAUSE: rules.ISSUED, HOLDER: rights.holder_of(here)},
                fact=digest8(b"found by", rights.holder_of(here)[1] + one.dot),
            )
            for one in found
            if one.fields.get(rules.CAUSE) == rules.ISSUED and not here.identity.is_hub
        ]
        return real(conn, here, actor, [*operations, *more], now_ms=now_ms)

    return patched(authoring, "commit", commit)


def silent_till_holds_nothing() -> AbstractContextManager[None]:
    """What a till holds that is not waited for any more is given to others."""
    real = rights.standing

    def standing(conn: Any, account: bytes, book: int) -> rules.Standing:
        found = real(conn, account, book)
        rows = conn.execute(
            "SELECT site FROM roster WHERE excused_boot != x'' AND excused_boot != told_boot"
        ).fetchall()
        gone = {site for (site,) in rows}
        return replace(found, held={holder: left for holder, left in found.held.items() if holder[0] not in gone})

    return patched(rights, "standing", standing)


def restored_hub_waits_a_day_as_well() -> AbstractContextManager[None]:
    """A head office that knows itself restored does not wait for who is silent: only they may know what it granted."""
    return patched(rights, "RESTORED", "nothing of the kind")


def limit_is_back_and_the_debt_stands() -> AbstractContextManager[None]:
    """What comes back may be bought for again, and is owed all the same."""
    real = undoing._off_the_debt

    def off_the_debt(*given: Any) -> list[Operation]:
        return [one for one in real(*given) if one.fields.get(BOOK) != BOOK_CREDIT]

    return patched(undoing, "_off_the_debt", off_the_debt)


def cancelled_at_two_tills_counts_twice() -> AbstractContextManager[None]:
    """What a cancellation gives back is not the same fact at every till."""
    real = undoing._off_the_debt

    def off_the_debt(*given: Any) -> list[Operation]:
        return [replace(one, dot=b"") if one.fields.get(BOOK) == BOOK_LIMIT else one for one in real(*given)]

    return patched(undoing, "_off_the_debt", off_the_debt)


def expiry_takes_what_tills_hold() -> AbstractContextManager[None]:
    """Head office takes what is over, whoever may be spending it just now."""

    def expire(conn: Any, replica: Any, account: bytes, *, horizon_ms: int, now_ms: int) -> int:
        due = expiry.over(loyalty.entries(conn, account), BOOK_POINTS, horizon_ms)
        standing = replace(rights.standing(conn, account, BOOK_POINTS), held={})
        taken = min(due, max(standing.free, 0))
        operations = escrow.correct(standing, -taken, cause=expiry.EXPIRED) if taken else []
        if operations:
            authoring.commit(conn, replica, expiring.WARDEN, operations, now_ms=now_ms)
        return taken

    return everywhere(expiring.expire, expire)


def spent_points_expire_once_more() -> AbstractContextManager[None]:
    """What came in before the horizon is over, though the oldest points were spent first."""
    real = expiry.over

    def over(entries: Any, book: int, before_ms: int) -> int:
        return real([one for one in entries if int(one.fields.get(AMOUNT, 0)) > 0], book, before_ms)

    return everywhere(real, over)


PLANTED: Sequence[Plant] = (
    coupon_of_head_office_has_its_own_name,
    crossing_is_left_to_the_tills,
    finder_keeps_the_use,
    silent_till_holds_nothing,
    restored_hub_waits_a_day_as_well,
    limit_is_back_and_the_debt_stands,
    cancelled_at_two_tills_counts_twice,
    expiry_takes_what_tills_hold,
    spent_points_expire_once_more,
)
