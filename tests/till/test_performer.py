"""What the session wants, carried out by the store: each command and what the session is told of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import Record
from daemon.domain.element import bucket_of
from daemon.domain.feed import CHAIN, Cursor, Mark, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Portion
from daemon.errors import PeerFault
from daemon.store import ordering, portions
from daemon.store.word_index import begin_reindex
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.wire_rows import ALL_GROUPS
from daemon.till.performer import Fresh, perform, set_frame_aside, standing
from tests.store.small_chain import ANNE, BIG, EMAIL, NOW, Site, SmallChain

FRESH = Fresh(incarnation=99, lot=b"fresh...")


def carry_out(site: Site, command: do.Command) -> do.Event | None:
    return site.unit(lambda conn: perform(conn, site.replica, command, now_ms=site.now, fresh=FRESH))


def chain_with_an_edit() -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({EMAIL: "b"})
    return chain


def test_records_are_loaded_and_settled() -> None:
    chain = chain_with_an_edit()
    loaded = carry_out(chain.one, do.Load(1))
    assert isinstance(loaded, do.Loaded)
    assert loaded.batch is not None
    assert loaded.batch.first == 2
    assert carry_out(chain.one, do.Settle(2, 0)) is None
    assert chain.one.replica.applied_seq == 2
    assert carry_out(chain.one, do.Load(2)) == do.Loaded(None)


def test_a_frame_is_applied_and_a_mark_compared() -> None:
    chain = chain_with_an_edit()
    chain.upload(chain.one)
    frame = ordering.frame_after(chain.hub.conn, CHAIN, 0, bytes_max=BIG)
    assert frame is not None
    assert carry_out(chain.two, do.Apply(frame)) == do.Applied(CHAIN, chain.head())
    mark = Mark(CHAIN, chain.head(), chain.hub.root(), NOW)
    assert carry_out(chain.two, do.Compare(mark)) == do.Compared(CHAIN, comparable=True, equal=True)
    assert carry_out(chain.one, do.Compare(mark)) == do.Compared(CHAIN, comparable=False, equal=False)


def test_who_hears_what_this_very_holder_did_and_its_disk_does_not_know_becomes_another_holder() -> None:
    chain, account = SmallChain(), b"account."
    lot, mine = chain.one.replica.identity.lot, Scope(Reach.SITE, 2)
    put_back = Site(2, boot=b"putback.")
    chain.one.commit(wish.add(Kind.RIGHT, account, {1: 1, 2: 100, 5: (2, lot)}))
    chain.upload(chain.one)
    frame = ordering.frame_after(chain.hub.conn, mine, 0, bytes_max=BIG)
    assert frame is not None
    assert carry_out(chain.one, do.Apply(frame)) == do.Applied(mine, ordering.feed_head(chain.hub.conn, mine))
    assert chain.one.replica.identity.lot == lot, "it is the echo of its own"
    moved = carry_out(put_back, do.Apply(frame))
    assert isinstance(moved, do.Moved)
    assert (moved.standing.lot, moved.standing.head.incarnation) == (FRESH.lot, FRESH.incarnation)
    assert moved.standing.cursors[mine] == ordering.feed_head(chain.hub.conn, mine)
    again = replace(moved.standing.cursors[mine], offset=0, chain=frame.chain)
    put_back.unit(lambda conn: put_back.replica.save_cursor(conn, mine, again))
    assert isinstance(carry_out(put_back, do.Apply(frame)), do.Applied), "it is heard once more, and is known"


def test_a_frame_that_does_not_fit_is_set_aside_where_an_erasure_finds_it() -> None:
    chain = chain_with_an_edit()
    chain.upload(chain.one)
    frame = ordering.frame_after(chain.hub.conn, CHAIN, 1, bytes_max=BIG)
    assert frame is not None
    apply = do.Apply(frame)
    with pytest.raises(PeerFault) as fault:
        carry_out(chain.two, apply)
    here = chain.two
    told = here.unit(lambda conn: set_frame_aside(conn, apply, fault.value, now_ms=NOW))
    assert told == do.NotApplied(CHAIN)
    ((source, reason, payload),) = here.rows("SELECT source, reason, payload FROM quarantine")
    assert (source, "begins at" in str(reason)) == ("feed", True)
    assert isinstance(payload, bytes)
    assert ANNE in payload


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: replace(record, header=b"\xc1"),
        lambda record: replace(record, header=record.header[:-1]),
        lambda record: replace(record, header=record.header.replace(b"\x01\x02\x02", b"\x01\x90\x02", 1)),
        lambda record: replace(record, slots=(b"\x81\xa1\xff",)),
        lambda record: replace(record, slots=(record.slots[0] + b"\x00",)),
    ],
)
def test_a_frame_whose_records_cannot_be_read_is_the_peers_fault_and_is_set_aside_as_it_came(
    damage: Callable[[Record], Record],
) -> None:
    chain = chain_with_an_edit()
    chain.upload(chain.one)
    frame = ordering.frame_after(chain.hub.conn, CHAIN, 0, bytes_max=BIG)
    assert frame is not None
    apply = do.Apply(replace(frame, records=(frame.records[0], damage(frame.records[1]))))
    root = chain.two.root()
    with pytest.raises(PeerFault) as fault:
        carry_out(chain.two, apply)
    here = chain.two
    assert here.unit(lambda conn: set_frame_aside(conn, apply, fault.value, now_ms=NOW)) == do.NotApplied(CHAIN)
    assert here.root() == root
    assert carry_out(here, do.Apply(frame)) == do.Applied(CHAIN, chain.head())


def test_the_hubs_time_seals_what_is_open() -> None:
    here = Site(2)
    here.now = 5
    here.create()
    moved = carry_out(here, do.Anchor(NOW - 3, local_ms=NOW - 5))
    assert here.replica.timeline.offset_ms == 2
    assert moved == do.Moved(standing(here.conn, here.replica))
    assert isinstance(moved, do.Moved)
    assert moved.standing.head.seq == 1


def test_the_chain_is_found_where_it_is_known() -> None:
    chain = chain_with_an_edit()
    assert carry_out(chain.one, do.FindChain(2)) == do.ChainFound(2, chain.one.replica.head.chain)
    assert carry_out(chain.one, do.FindChain(9)) == do.ChainFound(9, None)


@pytest.mark.parametrize(("new_holder", "lot"), [(True, b"fresh..."), (False, b"\x02" * 8)])
def test_a_till_begins_again_with_or_without_its_rights(new_holder: bool, lot: bytes) -> None:
    chain = chain_with_an_edit()
    moved = carry_out(chain.one, do.BeginAgain(new_holder=new_holder))
    assert isinstance(moved, do.Moved)
    assert (moved.standing.head.incarnation, moved.standing.lot, moved.standing.head.seq) == (99, lot, 2)


def test_positions_are_moved_as_the_hub_asks() -> None:
    chain = chain_with_an_edit()
    carry_out(chain.one, do.Settle(2, 0))
    moved = carry_out(chain.one, do.ResendAfter(1))
    assert isinstance(moved, do.Moved)
    assert moved.standing.applied_seq == 1
    moved = carry_out(chain.one, do.Reseal(NOW, 2))
    assert isinstance(moved, do.Moved)
    assert (moved.standing.head.incarnation, moved.standing.lot) == (99, b"\x02" * 8)
    moved = carry_out(chain.one, do.SetAside(2, "nonsense"))
    assert isinstance(moved, do.Moved)
    assert chain.one.rows("SELECT reason FROM quarantine") == [("nonsense",)]


def test_a_feed_is_followed_from_its_fork() -> None:
    chain = chain_with_an_edit()
    assert carry_out(chain.two, do.Rewind(CHAIN, Cursor(2, 0))) is None
    assert chain.two.replica.cursors[CHAIN] == Cursor(2, 0)
    assert standing(chain.two.conn, chain.two.replica).cursors[CHAIN] == Cursor(2, 0)


# Rows.


def portion_of(chain: SmallChain) -> Portion:
    hub = chain.hub
    return hub.unit(lambda conn: portions.read_portion(conn, hub.replica, CHAIN, BEFORE_ALL, ()))


def test_a_portion_is_taken_as_part_of_a_fill_or_of_a_repair() -> None:
    chain = chain_with_an_edit()
    chain.upload(chain.one)
    portion = portion_of(chain)
    took = carry_out(chain.two, do.TakeRows(portion, (5,), is_fill=False))
    assert took == do.TookRows(portion, changed=False, cursor=Cursor())
    assert chain.two.row() is None, "of another bucket"
    took = carry_out(chain.two, do.TakeRows(portion, (), is_fill=True))
    assert took == do.TookRows(portion, changed=True, cursor=chain.head())
    took = carry_out(chain.two, do.TakeRows(portion, (), is_fill=False))
    assert took == do.TookRows(portion, changed=False, cursor=chain.head())


def test_digests_are_held_against_this_replicas() -> None:
    chain = chain_with_an_edit()
    chain.upload(chain.one)
    theirs = chain.hub.replica.buckets
    bucket = bucket_of((ANNE, Kind.CUSTOMER, b""))
    group = bucket // 256
    groups = carry_out(chain.two, do.CompareDigest(CHAIN, ALL_GROUPS, theirs.groups()))
    assert groups == do.Differs(CHAIN, ALL_GROUPS, (group,))
    found = carry_out(chain.two, do.CompareDigest(CHAIN, group, theirs.group(group)))
    assert found == do.Differs(CHAIN, group, (bucket % 256,))
    mine = Scope(Reach.SITE, 3)
    assert carry_out(chain.two, do.CompareDigest(mine, 3, bytes(4096))) == do.Differs(mine, 3, ())


def test_rows_are_looked_at_while_the_index_is_made_again() -> None:
    chain = chain_with_an_edit()
    assert carry_out(chain.one, do.Scrub(BEFORE_ALL)) == do.Scrubbed(None, {})
    chain.one.unit(begin_reindex)
    scrubbed = carry_out(chain.one, do.Scrub(BEFORE_ALL))
    assert scrubbed == do.Scrubbed(None, {}), "one customer is indexed at once"


def test_what_a_restored_hub_has_lost_is_loaded_and_forgotten() -> None:
    chain = chain_with_an_edit()
    chain.sync()
    assert carry_out(chain.two, do.LoadLost()) == do.LostLoaded(None)
    carry_out(chain.two, do.Rewind(CHAIN, Cursor(2, 0)))
    lost = carry_out(chain.two, do.LoadLost())
    assert isinstance(lost, do.LostLoaded)
    assert lost.frame is not None
    assert (lost.frame.generation, lost.frame.first, lost.frame.last) == (1, 1, 2)
    assert carry_out(chain.two, do.ForgetLost(CHAIN, 1, 2)) is None
    assert carry_out(chain.two, do.LoadLost()) == do.LostLoaded(None)


def test_a_standing_tells_how_far_a_fill_is_and_which_way_was_come() -> None:
    chain = chain_with_an_edit()
    chain.sync()
    here = standing(chain.two.conn, chain.two.replica)
    assert here.fillings == {}
    assert [offset for offset, _ in here.trails[CHAIN]] == [1]


@pytest.mark.parametrize("command", [do.Send(wire.Ack(1, 1)), do.SendReport()])
def test_messages_are_not_for_the_store(command: do.Command) -> None:
    with pytest.raises(AssertionError, match="not for the store"):
        carry_out(Site(2), command)
