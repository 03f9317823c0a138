"""A restored hub orders again what its tills give back: once, whoever gives it and however often."""

from dataclasses import replace

from daemon.domain import authoring as wish
from daemon.domain.change import Operation, Record, Verb
from daemon.domain.feed import CHAIN, Frame, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.store import following, ordering, recovering
from daemon.store.verify import verify
from tests.simulation.machine import NEWER_KIND
from tests.store.small_chain import ANNE, BIG, EMAIL, NOW, Site, SmallChain

ACCOUNT = b"account."


def lost_frame(chain: SmallChain, scope: Scope = CHAIN) -> Frame:
    """All that a hub had ordered, as a till gives it back."""
    frame = ordering.frame_after(chain.hub.conn, scope, 0, bytes_max=BIG)
    assert frame is not None
    return frame


def restored(chain: SmallChain) -> None:
    """The hub begins again from an empty backup, in the next generation."""
    chain.hub = Site(1, shop=0, boot=b"restored")
    chain.hub.replica.timeline = chain.hub.replica.timeline.anchor(local_ms=NOW, true_ms=NOW)
    chain.hub.unit(ordering.begin_generation)


def take_back(chain: SmallChain, frame: Frame) -> int:
    hub = chain.hub
    return hub.unit(lambda conn: recovering.take_back(conn, hub.replica, frame, now_ms=NOW)).count


def places(chain: SmallChain, scope: Scope = CHAIN) -> int:
    sql = "SELECT count(*) FROM feed WHERE reach = ? AND number = ?"
    (count,) = chain.hub.conn.execute(sql, (int(scope.reach), scope.number)).fetchone()
    return int(count)


def small_chain() -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({EMAIL: "b@b.fr"})
    chain.one.commit(wish.add(Kind.ENTRY, ACCOUNT, {1: 1, 2: 10, 3: "sale"}))
    chain.sync()
    return chain


def test_what_is_given_back_is_ordered_in_its_old_order_and_once() -> None:
    chain = small_chain()
    frame, root = lost_frame(chain), chain.hub.root()
    restored(chain)
    assert take_back(chain, frame) == 3
    assert take_back(chain, frame) == 0, "another till gives it back as well"
    assert chain.hub.root() == root
    assert verify(chain.hub.conn).is_sound
    again = lost_frame(chain)
    assert (again.records, again.generation) == (frame.records, 2)


def test_its_author_may_send_it_as_well() -> None:
    chain = small_chain()
    frame, batch = lost_frame(chain), chain.one.batch(0)
    assert batch is not None
    restored(chain)
    take_back(chain, frame)
    taken = chain.order(batch)
    assert taken.head is not None
    assert (taken.head.seq, places(chain)) == (3, 3)
    assert verify(chain.hub.conn).is_sound


def test_what_its_author_has_sent_already_is_not_ordered_again() -> None:
    chain = small_chain()
    frame, batch = lost_frame(chain), chain.one.batch(0)
    assert batch is not None
    restored(chain)
    chain.order(batch)
    assert take_back(chain, frame) == 0
    assert places(chain) == 3


def test_the_parts_of_a_record_come_back_feed_by_feed_and_whole_from_its_author() -> None:
    chain = SmallChain()
    mine = Scope(Reach.SITE, 2)
    amount = {1: 1, 2: 50, 5: (2, b"\x02" * 8)}
    chain.one.create()
    chain.one.commit(wish.add(Kind.TAG, ANNE, {1: "vip"}), wish.add(Kind.RIGHT, ACCOUNT, amount))
    chain.sync()
    batch = chain.one.batch(0)
    assert batch is not None
    of_the_chain, of_the_site = lost_frame(chain), lost_frame(chain, mine)
    roots = (chain.hub.root(), chain.hub.root(mine))
    restored(chain)
    assert take_back(chain, of_the_chain) == 2
    assert chain.hub.root() == roots[0]
    assert chain.hub.root(mine) != roots[1]
    assert take_back(chain, of_the_site) == 1
    assert (chain.hub.root(), chain.hub.root(mine)) == roots
    chain.order(batch)
    assert (places(chain), places(chain, mine)) == (2, 1)
    assert verify(chain.hub.conn).is_sound


def test_the_part_that_nobody_gave_back_comes_with_its_author() -> None:
    chain = SmallChain()
    mine = Scope(Reach.SITE, 2)
    chain.one.create()
    chain.one.commit(
        wish.add(Kind.TAG, ANNE, {1: "vip"}), wish.add(Kind.RIGHT, ACCOUNT, {1: 1, 2: 50, 5: (2, b"\x02" * 8)})
    )
    chain.sync()
    batch, frame = chain.one.batch(0), lost_frame(chain)
    assert batch is not None
    roots = (chain.hub.root(), chain.hub.root(mine))
    restored(chain)
    take_back(chain, frame)
    chain.order(batch)
    assert (places(chain), places(chain, mine)) == (2, 1)
    assert (chain.hub.root(), chain.hub.root(mine)) == roots


def test_what_this_generation_has_ordered_is_not_taken_back() -> None:
    chain = small_chain()
    assert take_back(chain, lost_frame(chain)) == 0
    restored(chain)
    assert take_back(chain, replace(lost_frame(small_chain()), generation=2)) == 0


def test_a_record_that_cannot_be_read_was_never_ours() -> None:
    chain = small_chain()
    frame = lost_frame(chain)
    restored(chain)
    broken = replace(frame, records=(Record(b"\xc1", (b"x",)), *frame.records[:1]))
    assert take_back(chain, broken) == 1


def test_what_a_newer_version_wrote_is_parked_again() -> None:
    chain = small_chain()
    chain.one.commit(Operation(NEWER_KIND, ANNE, Verb.ADD, {1: "new"}))
    chain.sync()
    frame = lost_frame(chain)
    restored(chain)
    assert take_back(chain, frame) == 4
    assert following.has_parked(chain.hub.conn, CHAIN)


def test_who_was_erased_does_not_come_back() -> None:
    chain = small_chain()
    frame = lost_frame(chain)
    restored(chain)
    chain.hub.commit(wish.erase(Kind.ERASE, ANNE))
    take_back(chain, frame)
    assert chain.hub.row(ANNE) is None
    sql = "SELECT count(*) FROM feed WHERE instr(slots, ?) AND feed_offset > 1"
    assert chain.hub.conn.execute(sql, (ANNE,)).fetchone()[0] == 0
