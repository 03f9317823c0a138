"""A till passes on what head office recalls: its own, not what a visit has chosen, not long after."""

from dataclasses import replace

import pytest

from daemon.domain import escrow, rights
from daemon.domain.change import Operation
from daemon.domain.feed import Frame, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.ledger import BOOK
from daemon.domain.rights import Holder
from daemon.domain.sale import new_sale_id
from daemon.store import authoring, ordering
from daemon.store import rights as kept
from daemon.store.following import apply_frame
from daemon.till.keeper import attend
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
    return said(chain, escrow.recall(kept.standing(chain.hub.conn, ACCOUNT, BOOK_POINTS), amount))


def said(chain: SmallChain, operations: list[Operation]) -> Frame:
    """What head office says in the feed of the till, as it comes there."""
    hub = chain.hub
    hub.unit(lambda conn: authoring.commit(conn, hub.replica, ACTOR, operations, now_ms=hub.now))
    scope = Scope(Reach.SITE, 2)
    frame = ordering.frame_after(hub.conn, scope, chain.one.replica.cursors[scope].offset, bytes_max=BIG)
    assert frame is not None
    return frame


def hear(chain: SmallChain, frame: Frame, *, later_ms: int = 0) -> bool:
    till = chain.one

    def unit(conn: object) -> bool:
        apply_frame(till.conn, till.replica, frame)
        return attend(till.conn, till.replica, frame, now_ms=chain.hub.now + later_ms)

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


VISIT = b"visit..."


def whose(chain: SmallChain, amount: int, visit: bytes = VISIT, *, site: int = 2) -> Frame:
    """Another till has posted the sale of a visit of this one; head office asks as which holder it was issued."""
    sale = new_sale_id(site, visit)
    (entry,) = rights.earn(ACCOUNT, BOOK_POINTS, amount, sale=sale, holder=None)
    one = escrow.unclaimed(3, entry)
    assert one is not None
    return said(chain, [escrow.ask_whose(one, sale.hex(), kept.holder_of(chain.one.replica))])


def test_a_till_says_that_it_issued_a_sale_which_another_has_posted(chain: SmallChain) -> None:
    chain.one.unit(lambda conn: kept.issue(conn, chain.one.replica, VISIT))
    frame = whose(chain, 40)
    assert hear(chain, frame)
    assert left(chain) == 140
    assert not hear(chain, whose(chain, 40)), "it has said so"
    chain.sync()
    assert kept.standing(chain.hub.conn, ACCOUNT, BOOK_POINTS).held[kept.holder_of(chain.one.replica)] == 140


def test_however_late_it_hears_the_question(chain: SmallChain) -> None:
    chain.one.unit(lambda conn: kept.issue(conn, chain.one.replica, VISIT))
    assert hear(chain, whose(chain, 40), later_ms=30 * 24 * 3_600_000)
    assert left(chain) == 140


def test_as_the_box_that_it_was_then(chain: SmallChain) -> None:
    chain.one.unit(lambda conn: kept.issue(conn, chain.one.replica, VISIT))
    chain.one.unit(lambda conn: conn.execute("UPDATE visit_holder SET lot = ?", (b"old box.",)))
    assert hear(chain, whose(chain, 40))
    assert left(chain) == 100, "what that box held is not spent here"
    held = chain.one.members(17, ACCOUNT)
    assert [one.fields[2] for one in held if one.fields.get(5) == (2, b"old box.")] == [40]


def test_it_says_nothing_of_a_sale_that_it_does_not_know(chain: SmallChain) -> None:
    chain.one.unit(lambda conn: kept.issue(conn, chain.one.replica, VISIT))
    assert not hear(chain, whose(chain, 40, b"another."))
    assert not hear(chain, whose(chain, 40, site=3))
    assert left(chain) == 100
