"""An action and its record are saved in one transaction; records go in order, and stay until a backup holds them."""

from typing import Any

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import NO_CHAIN, OPERATIONS_MAX, Actor, Operation, Verb, leaf_of, link
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.errors import OperatorMistake
from daemon.store import changes, sealing
from tests.store.small_chain import ACTOR, ANNE, BLOCKED, EMAIL, NAME, NOW, Site, SmallChain


def till() -> Site:
    here = Site(2)
    here.anchor()
    return here


def test_an_action_is_applied_and_recorded_at_once() -> None:
    here = till()
    saved = here.create()
    assert here.value(EMAIL) == "a@b.fr"
    assert (saved.record.site, saved.record.boot, saved.record.n) == (2, here.replica.boot, 1)
    batch = here.batch()
    assert batch is not None
    assert batch.records == (saved.raw,)
    assert (batch.first, batch.chain) == (1, NO_CHAIN)


def test_records_are_linked_in_their_order() -> None:
    here = till()
    saved = [here.create(), here.edit({EMAIL: "b"}), here.edit({EMAIL: "c"})]
    chain = NO_CHAIN
    for seq, one in enumerate(saved, start=1):
        chain = link(chain, one.raw.header, map(leaf_of, one.raw.slots))
        assert changes.chain_at(here.conn, here.replica, seq) == chain
    assert here.replica.head.chain == chain
    assert changes.chain_at(here.conn, here.replica, 4) is None


def test_a_stamp_is_later_than_everything_that_it_replaces_whatever_the_clock_says() -> None:
    here = till()
    here.create()
    ahead = here.edit({EMAIL: "b"}).stamp
    here.now = NOW - 86_400_000
    assert here.edit({EMAIL: "c"}).stamp > ahead
    assert here.edit({NAME: ("X", "Y")}).stamp > ahead


def test_a_failed_action_leaves_nothing_behind() -> None:
    here = till()
    here.create()
    before = (here.root(), here.replica.head, here.rows("SELECT * FROM change"))
    with pytest.raises(ZeroDivisionError):
        here.unit(lambda conn: (changes.save(conn, here.replica, ACTOR, [_tag()], now_ms=here.now), 1 / 0))
    assert (here.root(), here.replica.head, here.rows("SELECT * FROM change")) == before


def _tag() -> Operation:
    return wish.add(Kind.TAG, ANNE, {1: "vip"})


@pytest.mark.parametrize("operations", [[], [_tag()] * (OPERATIONS_MAX + 1)])
def test_an_action_has_some_changes_and_not_too_many(operations: list[Operation]) -> None:
    with pytest.raises(OperatorMistake, match="between 1 and 256"):
        till().commit(*operations)


def test_what_is_too_long_to_be_sent_is_not_saved() -> None:
    here = till()
    with pytest.raises(OperatorMistake, match="the most that can be sent"):
        here.commit(*[wish.add(Kind.NOTE, ANNE, {1: "x" * 3900})] * 9)
    assert here.batch() is None


@pytest.mark.parametrize(
    "fields", [{1: 1.5}, {1: {"key": 1}}, {1: 2**64}, {1: "\ud800"}, {2**40: "x"}, {1: [1.0]}, {1: object()}]
)
def test_what_cannot_be_sent_is_not_saved(fields: dict[int, Any]) -> None:
    here = till()
    with pytest.raises(OperatorMistake, match="cannot be sent"):
        here.commit(Operation(Kind.TAG, ANNE, Verb.ADD, fields))
    assert (here.batch(), here.members(Kind.TAG)) == (None, [])


def test_an_actor_too_long_to_be_sent_is_not_saved() -> None:
    here = till()
    actor = Actor(1, "x" * 2000)
    with pytest.raises(OperatorMistake, match="cannot be sent"):
        here.unit(lambda conn: changes.save(conn, here.replica, actor, [_tag()], now_ms=NOW))


def test_a_number_is_never_given_to_two_records_of_one_boot() -> None:
    here = till()
    first = here.create().record.n
    with pytest.raises(ZeroDivisionError):
        here.unit(lambda conn: (changes.save(conn, here.replica, Actor(), [_tag()], now_ms=NOW), 1 / 0))
    assert here.commit(_tag()).record.n > first + 1
    hub = SmallChain().hub
    one = hub.create().record.n
    hub.replica.reload(hub.conn)
    assert hub.commit(_tag()).record.n > one, "the hub keeps no records of its own to look at"


def test_a_batch_holds_what_fits_and_at_least_one_record() -> None:
    here = till()
    here.create()
    for number in range(20):
        here.edit({EMAIL: f"{number}"})
    narrow = changes.pending_batch(here.conn, here.replica, after=0, bytes_max=1)
    assert narrow is not None
    assert len(narrow.records) == 1
    wide = changes.pending_batch(here.conn, here.replica, after=4, bytes_max=800)
    assert wide is not None
    assert (wide.first, 1 < len(wide.records) < 16) == (5, True)
    assert wide.chain == changes.chain_at(here.conn, here.replica, 4)


def test_what_waits_is_counted_from_the_oldest() -> None:
    chain = SmallChain()
    here = chain.one
    assert changes.waiting(here.conn) == changes.Waiting(0, 0, 0)
    here.create()
    here.edit({EMAIL: "b"})
    assert changes.waiting(here.conn) == changes.Waiting(2, NOW + 1000, 0)
    chain.upload(here)
    assert changes.waiting(here.conn).records == 0


def test_a_record_waits_until_it_has_come_back_in_every_feed_that_carries_it() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    right = {1: 1, 2: 5, 5: (2, here.replica.identity.lot)}
    here.commit(wish.add(Kind.RIGHT, b"account.", right), wish.add(Kind.TAG, ANNE, {1: "vip"}))
    chain.upload(here)
    assert changes.is_waiting(here.conn, CHAIN)
    assert changes.is_waiting(here.conn, Scope(Reach.SITE, 2))
    chain.download(here)
    assert not changes.is_waiting(here.conn, CHAIN)
    assert not changes.is_waiting(here.conn, Scope(Reach.SITE, 2))


def test_what_the_hub_forgot_waits_again_feed_by_feed() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    right = {1: 1, 2: 5, 5: (2, here.replica.identity.lot)}
    here.commit(wish.add(Kind.RIGHT, b"account.", right))
    chain.sync()
    here.unit(lambda conn: changes.wait_again_after(conn, Scope(Reach.SITE, 2), 0))
    assert here.rows("SELECT waiting, feed_offset, site_offset FROM change ORDER BY ordinal") == [(0, 1, 0), (4, 0, 0)]
    here.unit(lambda conn: changes.wait_again_after(conn, CHAIN, 0))
    assert here.rows("SELECT waiting FROM change ORDER BY ordinal") == [(1,), (4,)]


def test_records_stay_until_a_backup_holds_them_and_the_last_one_says_the_chain() -> None:
    chain = SmallChain()
    here = chain.one
    here.create()
    for number in range(4):
        here.edit({EMAIL: f"{number}"})
    chain.sync()
    here.unit(lambda conn: changes.settle(conn, here.replica, seq=0, backed_up=3))
    assert [row[0] for row in here.rows("SELECT seq FROM change ORDER BY seq")] == [4, 5]
    here.unit(lambda conn: changes.settle(conn, here.replica, seq=0, backed_up=9))
    assert [row[0] for row in here.rows("SELECT seq FROM change ORDER BY seq")] == [5]
    here.edit({EMAIL: "later"})
    batch = here.batch()
    assert batch is not None
    assert batch.chain == changes.chain_at(here.conn, here.replica, 5)


def test_what_is_not_ordered_is_never_forgotten() -> None:
    here = till()
    here.create()
    here.unit(lambda conn: changes.settle(conn, here.replica, seq=0, backed_up=99))
    assert len(here.rows("SELECT * FROM change")) == 1


def test_an_acknowledgement_of_less_than_is_known_changes_nothing() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    chain.one.unit(lambda conn: changes.settle(conn, chain.one.replica, seq=0, backed_up=0))
    assert chain.one.replica.applied_seq == 1


def test_what_is_said_of_an_erased_person_is_kept_as_its_leaf() -> None:
    here = till()
    here.create()
    row = here.row()
    assert row is not None
    here.commit(wish.erase(Kind.ERASE, ANNE))
    here.commit(wish.change(row, {NAME: ("Very", "Secret")}), _tag())
    assert not any(b"Secret" in bytes(str(one), "utf-8") for one in here.rows("SELECT slots FROM change"))
    batch = here.batch()
    assert batch is not None
    assert all(isinstance(slot, tuple) for slot in batch.records[-1].slots)


def test_who_gave_a_stamp_is_remembered() -> None:
    here = till()
    stamp = here.create().stamp
    assert here.rows("SELECT time, site, incarnation, actor, role, shop FROM author") == [(*stamp, "op1", "seller", 1)]


def test_a_guarded_value_goes_the_whole_way() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({BLOCKED: wish.guard(strong=True, details=("theft",))})
    chain.sync()
    chain.two.edit({BLOCKED: wish.guard(strong=False, details=("paid",))})
    chain.sync()
    assert len(chain.roots()) == 1
    granted = chain.one.value(BLOCKED)
    assert isinstance(granted, tuple)
    assert granted[0] is False


def test_open_records_have_no_position() -> None:
    here = Site(2)
    here.create()
    assert here.batch() is None
    assert changes.waiting(here.conn) == changes.Waiting(1, NOW + 1000, 1)
    assert sealing.unordered(here.conn, here.replica, only_open=True)[0].header.n == 1
