"""What the relay wants, carried out by the store."""

from dataclasses import replace

import pytest

from daemon.domain.change import NO_CHAIN
from daemon.domain.digest import GROUP_BYTES
from daemon.domain.feed import CHAIN, Cursor, Frame, Scope
from daemon.domain.ids import SiteId
from daemon.domain.kind_shape import Reach
from daemon.domain.portion import BEFORE_ALL
from daemon.head_office.performer import look_up, moved, perform
from daemon.hub import commands as do
from daemon.store import enrolments, ordering, pruning
from daemon.sync import wire
from daemon.sync.wire_rows import ALL_GROUPS, Digest, TakenBack
from daemon.till.performer import standing, told_facts
from tests.store.small_chain import BIG, EMAIL, NOW, Site, SmallChain

TILL = b"tillboot"


def carry_out(chain: SmallChain, command: do.Command) -> list[do.Event]:
    hub = chain.hub
    return hub.unit(lambda conn: perform(conn, hub.replica, command, now_ms=NOW + 3_600_000))


def hello(site: Site) -> wire.Hello:
    here = standing(site.conn, site.replica)
    return wire.Hello(here.site, here.boot, here.lot, here.head, here.cursors, here.version, NOW + 5)


def chain_with_an_edit() -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({EMAIL: "b"})
    return chain


def test_a_batch_is_taken_in_and_the_feeds_have_moved() -> None:
    chain = chain_with_an_edit()
    batch = chain.one.batch()
    assert batch is not None
    feeds, taken = carry_out(chain, do.TakeIn(2, TILL, batch))
    assert feeds == do.Moved({CHAIN: chain.head()})
    assert isinstance(taken, do.Taken)
    assert (taken.site, taken.till, taken.count, taken.head and taken.head.seq) == (2, TILL, 2, 2)
    (again,) = carry_out(chain, do.TakeIn(2, TILL, batch))
    assert isinstance(again, do.Taken)
    assert (again.count, again.misplaced) == (0, False)


def test_frames_and_roots_are_found() -> None:
    chain = chain_with_an_edit()
    chain.sync()
    (found,) = carry_out(chain, do.FindFrame(CHAIN, 1, 2))
    assert isinstance(found, do.FrameFound)
    assert found.frame is not None
    assert (found.site, found.frame.first, found.frame.last) == (2, 2, 2)
    assert carry_out(chain, do.FindFrame(CHAIN, 2, 0)) == [do.FrameFound(CHAIN, 0, None)]
    (root,) = carry_out(chain, do.FindRoot(CHAIN))
    assert isinstance(root, do.RootFound)
    assert (root.mark.cursor, root.mark.root, root.mark.backed_up) == (chain.head(), chain.two.root(), 0)


def test_a_hub_that_has_nothing_marks_its_feed_all_the_same() -> None:
    assert moved(SmallChain().hub.conn) == do.Moved({CHAIN: Cursor()})


def test_a_till_that_greets_hears_what_is_held_of_it_and_where_the_feeds_stand() -> None:
    chain = chain_with_an_edit()
    first = look_up(chain.hub.conn, hello(chain.one))
    assert (first.head, first.ahead) == (None, False)
    chain.sync()
    known = look_up(chain.hub.conn, hello(chain.one))
    assert known.head == chain.one.replica.head
    assert known.feeds[CHAIN] == wire.FeedStanding(chain.head(), chain.head())
    assert not known.ahead


@pytest.mark.parametrize(
    "there",
    [
        Cursor(1, 9, b"x" * 16),
        Cursor(2, 1, b"x" * 16),
        Cursor(1, 1, b"x" * 16),
    ],
)
def test_a_till_where_this_hub_has_never_been_is_ahead_and_then_told_to_start_over(there: Cursor) -> None:
    chain = chain_with_an_edit()
    chain.sync()
    said = replace(hello(chain.one), cursors={CHAIN: there})
    assert look_up(chain.hub.conn, said).ahead
    feeds, known = carry_out(chain, do.BeginGeneration(said))
    assert isinstance(known, do.Known)
    if known.ahead:
        feeds, known = carry_out(chain, do.BeginGeneration(said))
    assert isinstance(known, do.Known)
    assert not known.ahead
    assert known.feeds[CHAIN].fork.offset == 0
    assert isinstance(feeds, do.Moved)
    assert feeds.heads[CHAIN].generation == known.feeds[CHAIN].head.generation > there.generation


def test_a_restore_is_seen_by_whoever_comes_back_when_the_log_has_dropped_that_place() -> None:
    chain = chain_with_an_edit()
    chain.sync()
    restored = SmallChain()
    restored.one, restored.two = chain.one, chain.two
    restored.hub.unit(lambda conn: conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (3, 1, 0)"))
    for customer in (b"bruno...", b"carla...", b"denis..."):
        restored.hub.create(customer)
    restored.hub.unit(lambda conn: pruning.prune_log(conn, before_ms=1 << 60, records_max=9))
    assert ordering.log_start(restored.hub.conn, CHAIN) == 3
    said = hello(chain.two)
    assert said.cursors[CHAIN].offset == 2
    assert look_up(restored.hub.conn, said).ahead


def test_a_hub_that_lost_everything_comes_to_an_end_with_a_till_that_has_something() -> None:
    chain = SmallChain()
    said = replace(
        hello(chain.one), cursors={CHAIN: Cursor(1, 9, b"x" * 16), Scope(Reach.SITE, 2): Cursor(1, 2, b"y" * 16)}
    )
    _, known = carry_out(chain, do.BeginGeneration(said))
    assert isinstance(known, do.Known)
    assert not known.ahead


def test_what_a_till_says_of_itself_is_kept_for_the_fleet() -> None:
    chain = chain_with_an_edit()
    carry_out(chain, do.Note(2, hello=hello(chain.one)))
    carry_out(chain, do.Note(2, report=wire.Report(NOW, 7, 3, "0.2.0", {1: 5})))
    carry_out(chain, do.Note(2))
    sql = "SELECT site, online, clock_ahead_ms, version, feed_offset, waiting FROM roster"
    assert chain.hub.rows(sql) == [(2, 1, -3_600_000, "0.2.0", 3, 7)]
    carry_out(chain, do.Note(2, hello=hello(chain.one)))
    assert chain.hub.rows("SELECT waiting FROM roster") == [(7,)]


def test_a_till_that_still_speaks_to_an_earlier_process_is_let_greet_again() -> None:
    chain = SmallChain()

    def reported(till: Site, hub_boot: bytes) -> list[do.Event]:
        facts = told_facts(till.conn, till.replica, hub_boot)
        return carry_out(chain, do.Note(till.replica.identity.site, report=wire.Report(NOW, 0, 0, "0.2.0", facts)))

    assert reported(chain.one, b"earlier.") == [do.Recall(2)]
    assert reported(chain.one, b"earlier.") == [do.Recall(2)], "the first may have been lost"
    assert reported(chain.one, b"") == [], "it has greeted nobody yet"
    assert reported(chain.one, chain.hub.replica.boot) == []
    assert chain.hub.rows("SELECT site FROM roster WHERE told_boot != x''") == [(2,)]


def test_rows_and_digests_are_found_for_who_asks() -> None:
    chain = chain_with_an_edit()
    chain.sync()
    (rows,) = carry_out(chain, do.FindRows(CHAIN, BEFORE_ALL, frozenset(), 3))
    assert isinstance(rows, do.RowsFound)
    assert (rows.site, len(rows.portion.rows)) == (3, 1)
    (groups,) = carry_out(chain, do.FindDigest(CHAIN, ALL_GROUPS, 3))
    buckets = chain.two.replica.buckets
    assert groups == do.Answered(3, Digest(CHAIN, chain.head(), ALL_GROUPS, buckets.groups()))
    mine = Scope(Reach.SITE, 3)
    (one,) = carry_out(chain, do.FindDigest(mine, 5, 3))
    assert one == do.Answered(3, Digest(mine, Cursor(), 5, bytes(GROUP_BYTES)))


def test_what_the_log_does_not_hold_any_more_is_said_to_be_pruned() -> None:
    chain = chain_with_an_edit()
    chain.sync()
    chain.hub.unit(lambda conn: pruning.prune_log(conn, before_ms=1 << 60, records_max=9))
    assert carry_out(chain, do.FindFrame(CHAIN, 0, 3)) == [do.FrameFound(CHAIN, 3, None, is_pruned=True)]
    assert carry_out(chain, do.FindFrame(CHAIN, 2, 3)) == [do.FrameFound(CHAIN, 3, None)]
    assert look_up(chain.hub.conn, hello(chain.two)).feeds[CHAIN].oldest == 2


def test_what_is_given_back_is_ordered_and_said_to_be_taken() -> None:
    chain = chain_with_an_edit()
    chain.sync()
    frame = ordering.frame_after(chain.hub.conn, CHAIN, 0, bytes_max=BIG)
    assert frame is not None
    chain.hub = Site(1, shop=0, boot=b"restored")
    chain.hub.unit(ordering.begin_generation)
    answer = do.Answered(3, TakenBack(CHAIN, 1, 2))
    assert carry_out(chain, do.TakeBack(3, frame)) == [moved(chain.hub.conn), answer]
    assert carry_out(chain, do.TakeBack(2, frame)) == [replace(answer, site=2)]


def test_of_a_withdrawn_site_nothing_is_ordered_even_if_it_was_heard_before() -> None:
    chain = chain_with_an_edit()
    batch = chain.one.batch()
    assert batch is not None
    chain.hub.unit(lambda conn: conn.execute("INSERT INTO shop (shop, name) VALUES (1, '')"))
    chain.hub.unit(lambda conn: conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (2, 1, 0)"))
    chain.hub.unit(lambda conn: enrolments.revoke_site(conn, SiteId(2), NOW))
    nothing = do.Moved({CHAIN: Cursor()}, frozenset({2}))
    returned = Frame(CHAIN, 1, 1, NO_CHAIN, batch.records)
    assert carry_out(chain, do.TakeIn(2, TILL, batch)) == [nothing]
    assert carry_out(chain, do.TakeBack(2, returned)) == [nothing]


def test_messages_are_not_for_the_store() -> None:
    with pytest.raises(AssertionError, match="not for the store"):
        carry_out(SmallChain(), do.Send(2, wire.Ack(1, 1)))
