"""Own records on their way: in order, a few batches at once, none forgotten and none out of place."""

import pytest

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.feed import Batch
from daemon.sync import commands as do
from daemon.sync.outbox import ACK_PATIENCE_MS, UNACKNOWLEDGED_MAX, Outbox
from daemon.sync.wire import Upload

BOOT = b"tillboot"
NOW = 1_000_000


def batch(first: int, last: int, incarnation: int = 7) -> Batch:
    return Batch(2, incarnation, first, NO_CHAIN, (Record(b"header", (b"slot",)),) * (last - first + 1))


def loaded(outbox: Outbox, one: Batch | None, now_ms: int = NOW) -> list[do.Command]:
    return outbox.loaded(one, 7, BOOT, now_ms)


def test_it_loads_sends_and_is_settled_once_all_is_acknowledged() -> None:
    outbox = Outbox()
    assert not outbox.is_settled, "nobody has looked yet"
    assert outbox.next() == [do.Load(0)]
    assert outbox.next() == [], "one look at a time"
    assert loaded(outbox, batch(1, 3)) == [do.Send(Upload(batch(1, 3), BOOT))]
    assert outbox.next() == [do.Load(3)]
    assert loaded(outbox, None) == []
    assert outbox.next() == []
    assert not outbox.is_settled, "three are under way"
    outbox.acknowledged(3, NOW)
    assert outbox.is_settled
    outbox.recorded()
    assert not outbox.is_settled
    assert outbox.next() == [do.Load(3)]


def test_so_many_batches_are_under_way_at_once() -> None:
    outbox = Outbox()
    for number in range(1, UNACKNOWLEDGED_MAX + 1):
        assert outbox.next() == [do.Load(number - 1)]
        loaded(outbox, batch(number, number))
    assert outbox.next() == []
    outbox.acknowledged(1, NOW)
    assert outbox.next() == [do.Load(UNACKNOWLEDGED_MAX)]


@pytest.mark.parametrize("stale", [batch(1, 1, incarnation=6), batch(2, 3)])
def test_what_was_loaded_before_positions_moved_is_not_sent(stale: Batch) -> None:
    outbox = Outbox()
    outbox.next()
    assert loaded(outbox, stale) == []
    assert (outbox.sent_seq, outbox.under_way, outbox.nothing_left) == (0, [], False)
    assert outbox.next() == [do.Load(0)], "it is loaded again"


def test_batches_without_an_answer_are_overdue_from_the_first_or_the_last_answer() -> None:
    outbox = Outbox()
    assert not outbox.is_overdue(NOW + ACK_PATIENCE_MS), "nothing is under way"
    loaded(outbox, batch(1, 1))
    loaded(outbox, batch(2, 2), NOW + 9_000)
    assert not outbox.is_overdue(NOW + ACK_PATIENCE_MS - 1)
    assert outbox.is_overdue(NOW + ACK_PATIENCE_MS)
    outbox.acknowledged(1, NOW + 10_000)
    assert not outbox.is_overdue(NOW + 10_000 + ACK_PATIENCE_MS - 1)
    assert outbox.is_overdue(NOW + 10_000 + ACK_PATIENCE_MS)


def test_an_acknowledgement_of_more_than_was_sent_moves_on() -> None:
    outbox = Outbox()
    outbox.acknowledged(9, NOW)
    assert outbox.next() == [do.Load(9)]
    outbox.acknowledged(4, NOW)
    assert outbox.sent_seq == 9


def test_it_begins_again_where_the_hub_stands() -> None:
    outbox = Outbox()
    outbox.next()
    loaded(outbox, batch(1, 5))
    loaded(outbox, None)
    outbox.stand(2)
    assert (outbox.sent_seq, outbox.under_way, outbox.nothing_left, outbox.loading) == (2, [], False, False)
    outbox.skip_to(4)
    assert outbox.next() == [do.Load(4)]
