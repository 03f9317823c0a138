"""The hub's side: what is new is ordered once; what was heard before only moves positions; nonsense blocks nothing."""

from dataclasses import replace

import pytest

from daemon.domain import authoring as wish
from daemon.domain.canonical import pack
from daemon.domain.change import (
    NO_CHAIN,
    Actor,
    Header,
    Operation,
    Record,
    Verb,
    decode_header,
    encode_header,
    encode_operation,
    leaf_of,
    link,
)
from daemon.domain.feed import CHAIN, Batch, Cursor, Head, Scope
from daemon.domain.hlc import ticks
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.store import ordering, pruning
from tests.store.small_chain import ANNE, BIG, EMAIL, NOW, Site, SmallChain

ACCOUNT = b"account."


def offsets(hub: Site, reach: int = 0) -> list[int]:
    return [row[0] for row in hub.conn.execute("SELECT feed_offset FROM feed WHERE reach = ? ORDER BY 1", (reach,))]


def batch_of(till: Site) -> Batch:
    batch = till.batch(0)
    assert batch is not None
    return batch


def forged(*records: Record, site: int = 2, first: int = 1, chain: bytes = NO_CHAIN) -> Batch:
    return Batch(site, 5000, first, chain, records)


def record(slot: bytes, *, n: int = 1, site: int = 2, time: int = ticks(NOW), boot: bytes = b"evilboot") -> Record:
    return Record(encode_header(Header(site, boot, n, time, 5000, Actor())), (slot,))


GOOD = encode_operation(Operation(Kind.TAG, ANNE, Verb.ADD, {1: "vip"}))


# Positions.


def test_a_batch_is_ordered_in_its_order_and_answered_with_the_position_that_it_reaches() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({EMAIL: "b"})
    taken = chain.order(batch_of(chain.one))
    assert taken.head == Head(2000, 2, chain.one.replica.head.chain)
    assert (taken.count, set(taken.touched)) == (2, {ANNE})
    assert offsets(chain.hub) == [1, 2]
    assert ordering.head_of(chain.hub.conn, 2, 2000) == taken.head
    assert ordering.head_of(chain.hub.conn, 2, 9999) is None


def test_a_batch_that_comes_twice_is_ordered_once() -> None:
    chain = SmallChain()
    chain.one.create()
    first = chain.order(batch_of(chain.one))
    again = chain.order(batch_of(chain.one))
    assert (again.head, again.count) == (first.head, 0)
    assert offsets(chain.hub) == [1]


def test_a_batch_that_overlaps_is_ordered_from_where_it_is_new() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.order(batch_of(chain.one))
    chain.one.edit({EMAIL: "b"})
    assert chain.order(batch_of(chain.one)).count == 1
    assert offsets(chain.hub) == [1, 2]


def test_an_older_batch_that_comes_late_is_acknowledged_as_far_as_it_goes() -> None:
    chain = SmallChain()
    chain.one.create()
    early = batch_of(chain.one)
    chain.one.edit({EMAIL: "b"})
    chain.order(batch_of(chain.one))
    taken = chain.order(early)
    assert taken.head is not None
    assert (taken.head.seq, taken.count, taken.misplaced) == (1, 0, False)


def test_a_batch_with_a_gap_before_it_is_misplaced() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({EMAIL: "b"})
    late = chain.one.batch(1)
    assert late is not None
    assert chain.order(late) == ordering.Ordered(None, misplaced=True)
    assert offsets(chain.hub) == []


def test_a_batch_of_another_history_is_misplaced() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.order(batch_of(chain.one))
    copy = Site(2, boot=b"the copy")
    copy.anchor()
    copy.create()
    copy.edit({EMAIL: "b"})
    assert chain.order(batch_of(copy)).misplaced
    chain.one.edit({EMAIL: "c"})
    chain.order(batch_of(chain.one))
    only_first = replace(batch_of(copy), records=batch_of(copy).records[:1])
    assert chain.order(only_first).misplaced, "positions given twice are not acknowledged"
    assert chain.order(replace(batch_of(copy), chain=b"x" * 16)).misplaced


def test_a_record_heard_under_another_position_is_not_ordered_again() -> None:
    chain = SmallChain()
    chain.one.create()
    batch = batch_of(chain.one)
    chain.order(batch)
    taken = chain.order(replace(batch, incarnation=9))
    assert taken.head == Head(9, 1, batch_chain(batch))
    assert taken.count == 0
    assert offsets(chain.hub) == [1]


def batch_chain(batch: Batch) -> bytes:
    chain = batch.chain
    for one in batch.records:
        chain = link(chain, one.header, map(leaf_of, one.slots))
    return chain


# What cannot be ordered.


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(b"\xc1"), "well-formed"),
        (record(pack({1: 4, 2: b"short", 3: 3})), "not 8 bytes"),
        (record(GOOD, site=3), "came from site 2"),
        (Record(b"nonsense", (GOOD,)), "header"),
        (Record(record(GOOD).header, ()), "empty or too long"),
        (Record(record(GOOD).header, (GOOD,) * 1000), "empty or too long"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_with_its_reason_and_what_came_before_it_stands(
    bad: Record, reason: str
) -> None:
    chain = SmallChain()
    taken = chain.order(forged(record(GOOD), bad, record(GOOD, n=3)))
    assert taken.head is not None
    assert (taken.head.seq, taken.count) == (1, 1)
    assert reason in taken.reason
    assert offsets(chain.hub) == [1]


@pytest.mark.parametrize(
    "fields",
    [
        {1: 1, 2: 2**62, 5: (2, b"lotlotlo")},
        {1: 2**63, 2: 5},
        {1: 1, 2: 5, 5: (2**63, b"")},
        {1: 1, 2: 5, 5: "holder"},
        {1: "book", 2: "amount"},
    ],
)
@pytest.mark.parametrize("kind", [Kind.ENTRY, Kind.RIGHT])
def test_hostile_amounts_books_and_holders_are_ordered_and_break_nothing(kind: int, fields: dict[int, object]) -> None:
    chain = SmallChain()
    for n in (1, 2):
        hostile = record(encode_operation(Operation(kind, ACCOUNT, Verb.ADD, fields)), n=n)
        assert chain.order(forged(hostile, first=n, chain=head_chain(chain))).count == 1
    assert all(type(amount) is int for (amount,) in chain.hub.conn.execute("SELECT amount FROM balance"))


def head_chain(chain: SmallChain) -> bytes:
    head = ordering.head_of(chain.hub.conn, 2, 5000)
    return head.chain if head else NO_CHAIN


@pytest.mark.parametrize(
    "operation",
    [
        Operation(Kind.EDGE, ANNE, Verb.ADD, {1: "nobody"}),
        Operation(Kind.CUSTOMER, ANNE, Verb.SET, {17: "blocked"}),
        Operation(Kind.CUSTOMER, ANNE, Verb.SET, {17: (False, "never")}, {17: (2**62, 9, 9)}),
        Operation(Kind.CUSTOMER, ANNE, Verb.SET, {8: 7, 2: "name", 11: (1, None)}),
        Operation(Kind.CARD, ANNE, Verb.SET, {1: "C1"}, {}, b"dotdotdo"),
        Operation(Kind.TAG, ANNE, Verb.REMOVE, {}, {0: (5, 5, 5)}, b"dotdotdo"),
        Operation(Kind.ERASE, ANNE, Verb.SET, {1: "x"}),
        Operation(2**31 - 1, ANNE, 2**31 - 1, {0: "x"}),
    ],
)
def test_well_formed_nonsense_is_ordered_and_breaks_nothing(operation: Operation) -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    assert chain.order(forged(record(encode_operation(operation)))).count == 1
    chain.download(chain.two)
    assert chain.two.root() == chain.hub.root()


def test_a_stamp_more_than_ten_minutes_ahead_is_not_ordered_and_nothing_after_it() -> None:
    chain = SmallChain()
    ahead = record(GOOD, n=2, time=ticks(NOW + 3_600_000 + 600_001))
    taken = chain.order(forged(record(GOOD), ahead, record(GOOD, n=3)))
    assert taken.head is not None
    assert (taken.head.seq, taken.reseal, taken.reason) == (1, True, "")


def test_a_hub_whose_clock_went_back_orders_what_comes_right_after_what_it_ordered() -> None:
    chain = SmallChain()
    chain.one.now = NOW + 3_000_000
    chain.one.create()
    chain.order(batch_of(chain.one))
    chain.hub.now = NOW - 86_400_000
    chain.two.now = NOW - 86_400_000
    chain.download(chain.two)
    chain.two.edit({EMAIL: "b"})
    assert not chain.order(batch_of(chain.two)).reseal
    assert chain.hub.value(EMAIL) == "b"


# Feeds.


def test_each_operation_goes_to_the_feed_of_its_scope_and_is_a_leaf_elsewhere() -> None:
    chain = SmallChain()
    holder = (2, chain.one.replica.identity.lot)
    chain.one.commit(wish.add(Kind.TAG, ANNE, {1: "vip"}), wish.add(Kind.RIGHT, ACCOUNT, {1: 1, 2: 5, 5: holder}))
    chain.upload(chain.one)
    whole = ordering.frame_after(chain.hub.conn, CHAIN, 0, bytes_max=BIG)
    site = ordering.frame_after(chain.hub.conn, Scope(Reach.SITE, 2), 0, bytes_max=BIG)
    assert whole is not None
    assert site is not None
    assert [type(slot) for slot in whole.records[0].slots] == [bytes, tuple]
    assert [type(slot) for slot in site.records[0].slots] == [tuple, bytes]
    assert set(ordering.feed_heads(chain.hub.conn)) == {CHAIN, Scope(Reach.SITE, 2)}
    chain.download(chain.one)
    assert chain.one.root(Scope(Reach.SITE, 2)) == chain.hub.root(Scope(Reach.SITE, 2))


def test_a_feed_ends_with_its_head_and_begins_with_nothing() -> None:
    chain = SmallChain()
    assert ordering.frame_after(chain.hub.conn, CHAIN, 0, bytes_max=BIG) is None
    assert chain.head() == Cursor()
    chain.hub.create()
    assert ordering.chain_in_feed(chain.hub.conn, CHAIN, 1) == chain.head().chain
    assert ordering.chain_in_feed(chain.hub.conn, CHAIN, 2) is None
    assert ordering.frame_after(chain.hub.conn, CHAIN, 7, bytes_max=BIG) is None


def test_what_the_hub_does_itself_is_ordered_at_once() -> None:
    chain = SmallChain()
    saved = chain.hub.create()
    frame = ordering.frame_after(chain.hub.conn, CHAIN, 0, bytes_max=BIG)
    assert frame is not None
    assert frame.records == (saved.raw,)
    chain.sync()
    assert len(chain.roots()) == 1


def test_what_speaks_of_an_erased_person_goes_no_further_than_its_leaf() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    chain.two.edit({EMAIL: "secret@example.org"})
    chain.one.commit(wish.erase(Kind.ERASE, ANNE))
    chain.sync()
    chain.sync()
    assert len(chain.roots()) == 1
    for site in (chain.hub, chain.one, chain.two):
        for table in ("feed", "change"):
            assert not any(b"secret" in raw for (raw,) in site.conn.execute(f"SELECT slots FROM {table}"))


def test_an_edit_and_an_erasure_in_one_batch_leave_nothing_in_the_feed() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.one.commit(wish.erase(Kind.ERASE, ANNE))
    chain.sync()
    assert not any(b"a@b.fr" in raw for (raw,) in chain.hub.conn.execute("SELECT slots FROM feed"))
    assert len(chain.roots()) == 1


# Generations.


def test_a_restored_hub_begins_a_generation_and_tells_each_till_where_to_go_on() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({EMAIL: "b"})
    chain.sync()
    old = chain.head()
    assert chain.hub.unit(ordering.begin_generation) == 2
    hub = chain.hub.conn
    assert chain.head() == replace(old, generation=2)
    assert ordering.fork_after(hub, CHAIN, old) == replace(old, generation=2), "it was the same here"
    assert ordering.fork_after(hub, CHAIN, Cursor(1, 9, b"x" * 16)) == replace(old, generation=2), "beyond the fork"
    assert ordering.fork_after(hub, CHAIN, Cursor(1, 1, b"x" * 16)) == Cursor(2, 0), "before it, and different"
    assert ordering.fork_after(hub, Scope(Reach.SITE, 2), Cursor(1, 4, b"x" * 16)) == Cursor(2, 0), "a feed it lacks"


def test_a_hub_that_learns_late_of_its_restore_cannot_say_where_the_feeds_parted() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    chain.hub.unit(lambda conn: ordering.begin_generation(conn, is_known=False))
    assert ordering.fork_after(chain.hub.conn, CHAIN, Cursor(1, 9, b"x" * 16)) == Cursor(2, 0)
    assert ordering.fork_after(chain.hub.conn, CHAIN, replace(chain.head(), generation=1)) == chain.head()


def test_generations_grow_even_where_nothing_was_ever_ordered() -> None:
    chain = SmallChain()
    chain.hub.unit(ordering.begin_generation)
    assert chain.hub.unit(ordering.begin_generation) == 3
    assert chain.head() == Cursor(3)
    chain.hub.create()
    assert chain.head().generation == 3


def test_the_same_record_given_back_after_a_restore_has_its_old_stamp_and_its_old_effect() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    fresh = SmallChain()
    fresh.one, fresh.two = chain.one, chain.two
    batch = batch_of(chain.one)
    fresh.order(batch)
    assert fresh.hub.root() == chain.hub.root()
    assert decode_header(batch.records[0].header).site == 2


def test_a_till_beyond_the_fork_goes_on_from_the_last_place_of_its_trail_that_is_known_here() -> None:
    chain = SmallChain()
    chain.one.create()
    for number in range(4):
        chain.one.edit({EMAIL: f"{number}@b.fr"})
    chain.sync()
    chain.hub.unit(lambda conn: ordering.begin_generation(conn, is_known=False))
    places = [(at, ordering.chain_in_feed(chain.hub.conn, CHAIN, at) or b"") for at in (1, 2, 3)]
    trail = ((6, b"y" * 16), (5, b"z" * 16), places[2], places[1], places[0])
    theirs = Cursor(1, 7, b"x" * 16)
    assert ordering.fork_after(chain.hub.conn, CHAIN, theirs, trail) == Cursor(2, *places[2])
    assert ordering.fork_after(chain.hub.conn, CHAIN, theirs, trail[:2]) == Cursor(2, 0), "nothing of it is known"


# The log has an end.


def prune(chain: SmallChain, *, before_ms: int = 1 << 60, records_max: int = 1000, keep_from: int | None = None) -> int:
    return chain.hub.unit(
        lambda conn: pruning.prune_log(conn, before_ms=before_ms, records_max=records_max, keep_from=keep_from)
    )


def chain_of(records: int) -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    for number in range(records - 1):
        chain.one.edit({EMAIL: f"{number}@b.fr"})
    chain.upload(chain.one)
    return chain


def test_old_records_are_dropped_a_few_at_a_time_and_the_newest_says_the_chain() -> None:
    chain = chain_of(6)
    head = chain.head()
    assert ordering.log_start(chain.hub.conn, CHAIN) == 0
    assert (prune(chain, records_max=2), offsets(chain.hub)) == (2, [3, 4, 5, 6])
    assert (prune(chain), offsets(chain.hub)) == (3, [6])
    assert prune(chain) == 0
    assert (chain.head(), prune(SmallChain())) == (head, 0)


def test_what_is_young_or_kept_for_a_backup_stays() -> None:
    chain = chain_of(5)
    chain.hub.conn.execute("UPDATE feed SET ordered_ms = feed_offset * 100")
    assert prune(chain, before_ms=1) == 0
    assert (prune(chain, before_ms=400), offsets(chain.hub)) == (2, [3, 4, 5])
    assert (prune(chain, keep_from=4), offsets(chain.hub)) == (1, [4, 5])


def test_who_stands_within_the_log_is_served_and_who_stands_before_it_is_not() -> None:
    chain = chain_of(5)
    prune(chain, records_max=2)
    hub = chain.hub.conn
    assert ordering.frame_after(hub, CHAIN, 1, bytes_max=BIG) is None
    assert ordering.frame_after(hub, CHAIN, 0, bytes_max=BIG) is None
    frame = ordering.frame_after(hub, CHAIN, ordering.log_start(hub, CHAIN), bytes_max=BIG)
    assert frame is not None
    assert (frame.first, frame.last) == (4, 5)
