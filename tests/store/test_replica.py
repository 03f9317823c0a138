"""What a replica holds in memory is what its file says, and can be read again."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.digest import Buckets
from daemon.domain.feed import CHAIN, Cursor, Head, Scope
from daemon.domain.hlc import Timeline
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.errors import StoreFault
from daemon.store.database import migrate, open_connection
from daemon.store.replica import Identity, Replica, get_meta, put_meta, read_identity, write_identity
from tests.store.small_chain import ANNE, EMAIL, Site, SmallChain


def test_a_file_that_was_never_set_up_says_so() -> None:
    conn = open_connection(":memory:")
    migrate(conn)
    assert read_identity(conn) is None
    with pytest.raises(StoreFault, match="belongs to no site"):
        Replica(b"bootboot").reload(conn)


def test_an_identity_comes_back() -> None:
    conn = open_connection(":memory:")
    migrate(conn)
    who = Identity(chain="c", site=4, shop=2, incarnation=2**32 - 1, lot=b"lotlotlo")
    write_identity(conn, who)
    assert read_identity(conn) == who
    assert not who.is_hub


def test_after_a_restart_everything_is_as_it_was() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    chain.one.edit({EMAIL: "b"})
    here, before = chain.one, chain.one.replica
    here.restart(b"new boot")
    after = here.replica
    assert (after.head, after.applied_seq, after.identity) == (before.head, 1, before.identity)
    assert (after.cursors, after.buckets.raw, after.tombstones) == (before.cursors, before.buckets.raw, set())
    assert (after.timeline.last, after.timeline.anchored) == (before.timeline.last, False)
    assert after.n == 0, "numbers are counted by boot"
    assert repr(after) == "<Replica c site 2 seq 2 at 1>"


def test_after_a_failed_unit_memory_says_what_the_file_says() -> None:
    chain = SmallChain()
    chain.one.create()
    here = chain.one
    root, head = here.root(), here.replica.head

    def fails(conn: object) -> None:
        here.replica.buckets.change(7, add=1)
        here.replica.save_head(here.conn, Head(2000, 99))
        here.replica.tombstones.add(b"x")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        here.unit(fails)
    assert (here.root(), here.replica.head, here.replica.tombstones) == (root, head, set())
    assert here.replica.timeline.anchored, "this process still has the time"


def test_a_till_that_has_open_records_is_not_anchored_whatever_it_thought() -> None:
    here = Site(2)
    here.create()
    here.replica.timeline = Timeline(anchored=True)
    here.replica.reload(here.conn)
    assert not here.replica.timeline.anchored


def test_cursors_are_kept_by_feed() -> None:
    here = Site(2)
    assert here.replica.cursors == {CHAIN: Cursor(), Scope(Reach.SHOP, 1): Cursor(), Scope(Reach.SITE, 2): Cursor()}
    moved = Cursor(3, 9, b"c" * 16)
    here.unit(lambda conn: here.replica.save_cursor(conn, Scope(Reach.SITE, 2), moved))
    here.restart(b"new boot")
    assert here.replica.cursors[Scope(Reach.SITE, 2)] == moved


def test_a_new_incarnation_starts_at_one_and_keeps_what_it_holds() -> None:
    here = Site(2)
    here.anchor()
    here.create()
    root = here.root()
    here.unit(lambda conn: here.replica.renew(conn, incarnation=9, lot=b"new lot."))
    here.restart(b"new boot")
    assert (here.replica.head, here.replica.applied_seq) == (Head(9), 0)
    assert (here.replica.identity.lot, here.root()) == (b"new lot.", root)


def test_tombstones_are_known_after_a_restart() -> None:
    here = Site(2)
    here.anchor()
    here.create()
    here.commit(wish.erase(Kind.ERASE, ANNE))
    here.restart(b"new boot")
    assert len(here.replica.tombstones) == 1


def test_the_root_of_another_scope_is_read_from_the_file() -> None:
    here = Site(2)
    assert here.root(Scope(Reach.SITE, 2)) == Buckets().root()


def test_small_things_are_remembered_by_name() -> None:
    here = Site(2)
    assert get_meta(here.conn, "colour") is None
    assert get_meta(here.conn, "colour", "grey") == "grey"
    put_meta(here.conn, "colour", "blue")
    put_meta(here.conn, "colour", "green")
    assert get_meta(here.conn, "colour") == "green"
