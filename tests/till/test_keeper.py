"""A till passes on what head office recalls: its own, not what a visit has chosen, not long after."""

from dataclasses import replace

import pytest

from daemon.domain import escrow, rights
from daemon.domain.feed import Frame, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.ledger import BOOK
from daemon.domain.rights import Holder
from daemon.domain.sale import new_sale_id
from daemon.store import authoring, ordering
from daemon.store import rights as kept
from daemon.store.following import apply_frame
from daemon.till.keeper import pass_on
from tests.store.small_chain import ACTOR, BIG, SmallChain

ACCOUNT = b"account!"
OTHER: Holder = (3, b"\x03" * 8)


@pytest.fixture
def chain() -> SmallChain:
    found = SmallChain()
    sale, holder = new_sale_id(2, b"sale."), kept.holder_of(found.one.replica)
    found.one.commit(*rights.earn(ACCOUNT, BOOK_POINTS, 100, sale=sale, holder=holder))
    found.sync()
    return found


def recalled(chain: SmallChain, amount: int) -> Frame:
    """Head office asks for points; the frame in which the till hears it."""
    hub = chain.hub
    standing = kept.standing(hub.conn, ACCOUNT, BOOK_POINTS)
    operations = escrow.recall(standing, amount)
    hub.unit(lambda conn: authoring.commit(conn, hub.replica, ACTOR, operations, now_ms=hub.now))
    scope = Scope(Reach.SITE, 2)
    frame = ordering.frame_after(hub.conn, scope, chain.one.replica.cursors[scope].offset, bytes_max=BIG)
    assert frame is not None
    return frame


def hear(chain: SmallChain, frame: Frame, *, later_ms: int = 0) -> bool:
    till = chain.one

    def unit(conn: object) -> bool:
        apply_frame(till.conn, till.replica, frame)
        return pass_on(till.conn, till.replica, frame, now_ms=chain.hub.now + later_ms)

    return till.unit(unit)


def left(chain: SmallChain) -> int:
    return kept.left(chain.one.conn, chain.one.replica, ACCOUNT, BOOK_POINTS)


def test_what_is_recalled_is_returned(chain: SmallChain) -> None:
    assert hear(chain, recalled(chain, 30))
    assert left(chain) == 70
    chain.sync()
    assert kept.standing(chain.hub.conn, ACCOUNT, BOOK_POINTS).free == 30


def test_what_a_visit_has_chosen_stays(chain: SmallChain) -> None:
    chosen = kept.Reserved(visit=b"visit...", account=ACCOUNT, book=BOOK_POINTS, amount=80)
    chain.one.unit(lambda conn: kept.reserve(conn, chosen))
    assert hear(chain, recalled(chain, 30))
    assert left(chain) == 80


def test_what_was_recalled_long_ago_is_not_answered(chain: SmallChain) -> None:
    assert not hear(chain, recalled(chain, 30), later_ms=rights.ASKED_MS + 60_000)
    assert left(chain) == 100


def test_two_boxes_under_one_site_pass_nothing_on(chain: SmallChain) -> None:
    chain.one.unit(lambda conn: conn.execute("INSERT INTO meta VALUES ('fenced_ms', 5)"))
    assert not hear(chain, recalled(chain, 30))


def test_a_book_that_no_column_holds_stops_nobody(chain: SmallChain) -> None:
    standing = kept.standing(chain.hub.conn, ACCOUNT, BOOK_POINTS)
    (recall,) = escrow.recall(standing, 30)
    odd = replace(recall, fields={**recall.fields, BOOK: 1 << 63}, dot=b"odd one.")
    hub, scope = chain.hub, Scope(Reach.SITE, 2)
    hub.unit(lambda conn: authoring.commit(conn, hub.replica, ACTOR, [odd], now_ms=hub.now))
    frame = ordering.frame_after(hub.conn, scope, chain.one.replica.cursors[scope].offset, bytes_max=BIG)
    assert frame is not None
    assert not hear(chain, frame)


def test_what_another_till_recalls_is_not_answered(chain: SmallChain) -> None:
    (recall,) = escrow.recall(kept.standing(chain.hub.conn, ACCOUNT, BOOK_POINTS), 30)
    scope = Scope(Reach.SITE, 2)
    chain.two.commit(recall)
    batch = chain.two.batch()
    assert batch is not None
    chain.hub.unit(lambda conn: ordering.order_batch(conn, chain.hub.replica, batch, now_ms=chain.hub.now))
    frame = ordering.frame_after(chain.hub.conn, scope, chain.one.replica.cursors[scope].offset, bytes_max=BIG)
    assert frame is not None
    assert not hear(chain, frame)
    assert left(chain) == 100
