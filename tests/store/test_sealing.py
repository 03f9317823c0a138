"""Stamps and positions: given at the first anchor, exchanged when the hub asks, adopted when it knows better."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import NO_CHAIN, decode_header, decode_operation
from daemon.domain.feed import CHAIN
from daemon.domain.hlc import ms_of
from daemon.domain.kinds import Kind
from daemon.store import changes, elements, ordering, sealing
from daemon.store.slots import unpack_slots
from tests.store.small_chain import ANNE, BLOCKED, BRUNO, EMAIL, NOW, Site, SmallChain

YEAR = 365 * 86_400_000


def stamps_of(site: Site) -> list[int]:
    return [ms_of(decode_header(header).stamp) for (header,) in site.conn.execute("SELECT header FROM change")]


def unanchored(*, clock: int) -> Site:
    here = Site(2)
    here.now = clock
    return here


def test_a_till_without_the_time_saves_and_sends_nothing_until_it_has_it() -> None:
    here = unanchored(clock=5_000)
    here.create()
    here.edit({EMAIL: "b"})
    assert here.batch() is None
    assert here.anchor(true_ms=NOW) == 2
    batch = here.batch()
    assert batch is not None
    assert (batch.first, len(batch.records)) == (1, 2)


def test_what_was_saved_in_1970_is_dated_by_how_long_ago_that_was() -> None:
    here = unanchored(clock=0)
    here.create()
    here.edit({EMAIL: "b"})
    here.now += 60_000
    here.anchor(true_ms=NOW)
    assert stamps_of(here) == [NOW - 61_000, NOW - 60_000]
    row = here.row()
    assert row is not None
    assert [ms_of(row.base), ms_of(row.stamp(EMAIL))] == [NOW - 61_000, NOW - 60_000]


def test_what_an_earlier_process_left_open_is_dated_just_before_now_and_keeps_its_order() -> None:
    here = unanchored(clock=3 * YEAR)
    here.create()
    here.edit({EMAIL: "b"})
    here.restart(b"new boot")
    here.now = 7_000
    here.edit({EMAIL: "c"})
    here.anchor(true_ms=NOW)
    assert [ms - NOW for ms in stamps_of(here)] == [0, 0, 0]
    assert here.value(EMAIL) == "c"
    assert [decode_header(header).n for (header,) in here.conn.execute("SELECT header FROM change")] == [1, 2, 1]


def test_names_of_stamps_are_exchanged_with_the_stamps() -> None:
    here = unanchored(clock=9 * YEAR)
    here.create()
    here.edit({BLOCKED: wish.guard(strong=True)})
    here.edit({BLOCKED: wish.guard(strong=False)})
    here.anchor(true_ms=NOW)
    refusal, grant = (decode_header(h).stamp for (h,) in here.rows("SELECT header FROM change")[1:])  # type: ignore[arg-type]  # blobs
    assert here.value(BLOCKED) == (False, refusal)
    ((raw,),) = here.rows("SELECT slots FROM change WHERE n = 3")
    (slot,) = unpack_slots(raw)  # type: ignore[arg-type]  # a blob
    assert isinstance(slot, bytes)
    operation = decode_operation(slot)
    assert (operation.fields[BLOCKED], operation.replaces[BLOCKED]) == ((False, refusal), refusal)
    row = here.row()
    assert row is not None
    assert row.stamp(BLOCKED) == grant


def test_a_stamp_that_is_exchanged_stays_later_than_the_row_that_it_changes() -> None:
    chain = SmallChain()
    chain.two.now = NOW + 300_000
    chain.two.create()
    chain.sync()
    base = chain.two.row()
    assert base is not None
    chain.one.restart(b"new boot")
    chain.one.now = 0
    chain.one.edit({EMAIL: "later"})
    chain.one.anchor(true_ms=NOW + 10_000)
    chain.sync()
    assert chain.one.value(EMAIL) == chain.hub.value(EMAIL) == "later"
    assert len(chain.roots()) == 1


def test_an_anchor_that_failed_has_anchored_nothing() -> None:
    here = unanchored(clock=0)
    here.create()

    def fails(conn: object) -> None:
        sealing.anchor(here.conn, here.replica, local_ms=here.now, true_ms=NOW)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        here.unit(fails)
    assert not here.replica.timeline.anchored
    here.edit({EMAIL: "b"})
    here.anchor(true_ms=NOW)
    batch = here.batch()
    assert batch is not None
    assert [decode_header(record.header).n for record in batch.records] == [1, 2]


def reseal(site: Site, *, seq: int, true_ms: int) -> int:
    def unit(conn: object) -> int:
        sealing.anchor(site.conn, site.replica, local_ms=site.now, true_ms=true_ms)
        return sealing.reseal(site.conn, site.replica, seq=seq, incarnation=77, local_ms=site.now)

    return site.unit(unit)


def test_a_clock_that_ran_ahead_is_put_right_under_a_new_incarnation_and_the_same_holder() -> None:
    chain = SmallChain()
    here = chain.one
    here.now = NOW + YEAR
    here.create()
    here.edit({EMAIL: "b"})
    batch = here.batch()
    assert batch is not None
    ordered = chain.hub.unit(lambda c: ordering.order_batch(c, chain.hub.replica, batch, now_ms=NOW))
    assert (ordered.reseal, ordered.count) == (True, 0)
    lot = here.replica.identity.lot
    assert reseal(here, seq=1, true_ms=NOW) == 2
    assert (here.replica.identity.incarnation, here.replica.identity.lot, here.replica.applied_seq) == (77, lot, 0)
    assert all(abs(ms - NOW) < 5_000 for ms in stamps_of(here))
    chain.sync()
    assert len(chain.roots()) == 1
    assert chain.hub.value(EMAIL) == "b"


def test_what_the_hub_had_ordered_before_keeps_its_stamp_and_goes_again() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    batch = here.batch()
    assert batch is not None
    chain.order(batch)
    ordered = stamps_of(here)[0]
    here.now = NOW + YEAR
    here.edit({EMAIL: "b"})
    assert reseal(here, seq=2, true_ms=NOW + 5_000) == 1
    assert stamps_of(here)[0] == ordered
    again = here.batch()
    assert again is not None
    assert [decode_header(record.header).n for record in again.records] == [1, 2]
    chain.sync()
    assert len(chain.roots()) == 1


def test_a_value_that_lost_to_a_clock_ahead_wins_once_that_is_put_right_here_as_at_the_hub() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    chain.one.now = NOW + YEAR
    chain.one.edit({EMAIL: "from the future"})
    chain.two.now = NOW + 60_000
    chain.two.edit({EMAIL: "from today"})
    chain.upload(chain.two)
    chain.download(chain.one)
    assert chain.one.value(EMAIL) == "from the future"
    reseal(chain.one, seq=2, true_ms=NOW + 30_000)
    assert chain.one.value(EMAIL) == "from today"
    chain.sync()
    assert len(chain.roots()) == 1
    assert [loser.value for loser in elements.losers_of(chain.hub.conn, ANNE)] == ["from the future"]


def test_an_earlier_statement_of_a_fact_stands_after_the_clock_was_put_right() -> None:
    chain = SmallChain()
    chain.one.now = NOW + YEAR
    fields = {1: 1, 2: 10}
    chain.one.commit(wish.add(Kind.ENTRY, b"account.", fields, fact=b"sale-001"))
    chain.two.now = NOW + 60_000
    chain.two.commit(wish.add(Kind.ENTRY, b"account.", {1: 1, 2: 99}, fact=b"sale-001"))
    chain.upload(chain.two)
    chain.download(chain.one)
    reseal(chain.one, seq=1, true_ms=NOW + 30_000)
    chain.sync()
    assert len(chain.roots()) == 1
    assert chain.hub.rows("SELECT amount FROM balance") == chain.one.rows("SELECT amount FROM balance") == [(10,)]


def test_beginning_again_gives_new_positions_under_the_old_names() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    chain.sync()
    here.edit({EMAIL: "b"})
    stamps = stamps_of(here)
    here.unit(lambda conn: sealing.begin_again(conn, here.replica, incarnation=9, lot=b"new lot."))
    assert (here.replica.identity.incarnation, here.replica.identity.lot) == (9, b"new lot.")
    batch = here.batch()
    assert batch is not None
    assert (batch.incarnation, batch.first, batch.chain, len(batch.records)) == (9, 1, NO_CHAIN, 1)
    assert stamps_of(here) == stamps
    chain.sync()
    assert len(chain.roots()) == 1


def test_a_record_that_goes_twice_happens_once() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    batch = here.batch()
    assert batch is not None
    chain.order(batch)
    here.unit(lambda conn: sealing.begin_again(conn, here.replica, incarnation=9, lot=b"new lot."))
    chain.sync()
    assert chain.head().offset == 1
    assert len(chain.roots()) == 1


def test_a_record_that_cannot_be_read_is_set_aside_and_the_rest_goes_on() -> None:
    chain = SmallChain()
    here = chain.one
    for customer in (ANNE, BRUNO):
        here.create(customer)
    here.unit(lambda conn: sealing.set_aside(conn, here.replica, seq=1, reason="nonsense", incarnation=9, now_ms=NOW))
    assert here.rows("SELECT source, reason FROM quarantine") == [("own", "nonsense")]
    batch = here.batch()
    assert batch is not None
    assert (batch.first, len(batch.records)) == (1, 1)
    here.unit(lambda conn: sealing.set_aside(conn, here.replica, seq=5, reason="?", incarnation=10, now_ms=NOW))
    assert len(here.rows("SELECT * FROM quarantine")) == 1, "there is no such record"


def test_a_record_sealed_by_a_copy_of_this_disk_is_adopted_as_the_hub_ordered_it() -> None:
    chain = SmallChain()
    here = Site(2, boot=b"first..!")
    copy = Site(2, boot=b"copy...!")
    saved = here.create()
    grant = here.edit({BLOCKED: wish.guard(strong=True)})
    for site in (here, copy):
        # The copy has the same open records.
        if site is copy:
            for name in ("change", "element", "author", "bucket_log"):
                rows = here.rows(f"SELECT * FROM {name}")
                marks = ",".join("?" * len(rows[0]))
                copy.conn.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
            copy.replica.reload(copy.conn)
    here.anchor(true_ms=NOW + 50_000)
    copy.now = NOW + 1
    copy.anchor(true_ms=NOW + 5_000)
    chain.one = copy
    chain.upload(copy)
    chain.download(here)
    assert here.row() == chain.hub.row() == copy.row()
    assert saved.record.n + 1 == grant.record.n
    assert not changes.is_waiting(here.conn, CHAIN)


def test_positions_that_the_hub_lost_are_taken_again_as_not_applied() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    here.edit({EMAIL: "b"})
    chain.sync()
    here.unit(lambda conn: sealing.resend_after(conn, here.replica, 1))
    batch = here.batch()
    assert batch is not None
    assert batch.first == 2
    assert not changes.is_waiting(here.conn, CHAIN), "whose echo has come does not wait for it"


def test_a_record_that_says_nothing_any_more_goes_to_head_office_all_the_same() -> None:
    here = unanchored(clock=0)
    here.anchor(true_ms=NOW)
    here.commit(wish.add(Kind.HELD_TICKET, ANNE, {1: "wish", 6: 1}))
    here.create(BRUNO)
    here.commit(wish.erase(Kind.ERASE, ANNE))
    assert reseal(here, seq=1, true_ms=NOW) == 3
    again = here.batch()
    assert again is not None
    assert [isinstance(record.slots[0], bytes) for record in again.records] == [False, True, True]
    here.unit(lambda conn: sealing.begin_again(conn, here.replica, incarnation=9, lot=b"new lot."))
    once_more = here.batch()
    assert once_more is not None
    assert len(once_more.records) == 3


def test_what_came_back_before_it_was_acknowledged_keeps_its_stamp() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    here.edit({EMAIL: "b"})
    batch = here.batch()
    assert batch is not None
    chain.order(batch)
    chain.download(here)
    assert reseal(here, seq=2, true_ms=NOW + 5_000) == 0
    assert here.root() == chain.hub.root()


def test_a_record_with_a_leaf_is_restamped_around_it() -> None:
    here = unanchored(clock=0)
    here.create()
    here.create(BRUNO)
    here.commit(wish.erase(Kind.ERASE, ANNE))
    assert here.anchor(true_ms=NOW) == 3
    batch = here.batch()
    assert batch is not None
    cut, *others = [record.slots[0] for record in batch.records]
    assert isinstance(cut, tuple)
    assert all(isinstance(slot, bytes) for slot in others)
