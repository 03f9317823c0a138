"""Takes batches in: orders what is new, then says what head office says to it, in the same transaction."""

from contextlib import suppress
from functools import partial

from daemon.domain.change import OPERATIONS_MAX, Actor, ActorKind
from daemon.domain.feed import Batch, Frame
from daemon.domain.kind_shape import Claim
from daemon.errors import OperatorMistake
from daemon.hub.arbiter import awards
from daemon.hub.called_off import give_back
from daemon.hub.closing import close_old_sales
from daemon.hub.code_blocks import refill
from daemon.hub.departures import late_archives
from daemon.hub.earned_otherwise import even
from daemon.hub.recoding import recode
from daemon.hub.warden import attend
from daemon.store import authoring, contests, customers, elements, likely, ordering, recovering
from daemon.store.database import Connection
from daemon.store.replica import Replica

HEAD_OFFICE = Actor(ActorKind.SYSTEM, "arbiter", "hub")


def take_in(conn: Connection, replica: Replica, batch: Batch, *, now_ms: int) -> ordering.Ordered:
    """Order a batch, decide the contests that it began, and mind the rights that it moved or asked for."""
    ordered = ordering.order_batch(conn, replica, batch, now_ms=now_ms)
    _decide(conn, replica, ordered.touched, now_ms=now_ms)
    if blocks := refill(conn, batch.site):
        authoring.commit(conn, replica, HEAD_OFFICE, blocks, now_ms=now_ms)
    _mind(conn, replica, ordered, now_ms=now_ms)
    return ordered


def take_back(conn: Connection, replica: Replica, frame: Frame, *, now_ms: int) -> int:
    """Order again what a till gives back after a restore, and decide its contests; returns how many were new."""
    ordered = recovering.take_back(conn, replica, frame, now_ms=now_ms)
    _decide(conn, replica, ordered.touched, now_ms=now_ms)
    _mind(conn, replica, ordered, now_ms=now_ms)
    return ordered.count


def _mind(conn: Connection, replica: Replica, ordered: ordering.Ordered, *, now_ms: int) -> None:
    """What sales had earned and cancelled ones had taken is put right, before rights are handed out."""
    even(conn, replica, ordered.booked, now_ms=now_ms)
    give_back(conn, replica, ordered.booked, ordered.registered, now_ms=now_ms)
    attend(conn, replica, ordered.booked, now_ms=now_ms)
    close_old_sales(conn, replica, ordered.sold, now_ms=now_ms)


def _decide(conn: Connection, replica: Replica, touched: frozenset[bytes], *, now_ms: int) -> None:
    for contest in contests.begun_by(conn, touched):
        likely.look_soon(conn, (claimant.customer for claimant in contest.claimants))
        operations = awards(contest)
        for start in range(0, len(operations), OPERATIONS_MAX):
            with suppress(OperatorMistake):  # a value too long for an award stays contested; it stops nobody
                part = operations[start : start + OPERATIONS_MAX]
                authoring.commit(conn, replica, HEAD_OFFICE, part, now_ms=now_ms)
        if contest.claim == Claim.CODE:
            _recode(conn, replica, contest.value, now_ms=now_ms)
    for archive in late_archives(conn, touched, by=HEAD_OFFICE.id, now_ms=now_ms):
        authoring.commit(conn, replica, HEAD_OFFICE, [archive], now_ms=now_ms)


def _recode(conn: Connection, replica: Replica, code: str, *, now_ms: int) -> None:
    """Both owners of a code live; all but one get another."""
    contest = contests.contest_for(conn, Claim.CODE, code)
    owned, fresh = partial(elements.elements_of, conn), partial(customers.next_code, conn, replica)
    for operations in recode(contest, owned, fresh, now_ms=now_ms):
        authoring.commit(conn, replica, HEAD_OFFICE, operations, now_ms=now_ms)
