"""What a till does beside following its feeds: proofs, repairs, fills, scrubbing, and giving back what was lost."""

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.digest import GROUP_BYTES
from daemon.domain.element import Key, bucket_of
from daemon.domain.feed import CHAIN, Cursor, Frame, Scope
from daemon.domain.kinds import Kind, Reach
from daemon.domain.portion import BEFORE_ALL, Filling, Portion
from daemon.sync import commands as do
from daemon.sync.refetch import FILL_FROM, PORTIONS, Refetch, Stage
from daemon.sync.upkeep import (
    HURRY_MS,
    REPAIR_PAUSE_MAX_MS,
    REPAIR_PAUSE_MS,
    RETURN_PATIENCE_MS,
    SCRUB_EVERY_MS,
    Repairs,
    Upkeep,
)
from daemon.sync.wire import FeedStanding
from daemon.sync.wire_rows import ALL_GROUPS, BUCKETS_MAX, Digest, DigestWanted, Returned, Rows, RowsWanted, TakenBack

NOW = 1_000_000
BOOT = b"tillboot"
SITE = Scope(Reach.SITE, 2)
SCOPES = (CHAIN, Scope(Reach.SHOP, 1), SITE)
ANNE: Key = (b"anne....", Kind.CUSTOMER, b"")
RIGHT: Key = (b"account.", Kind.RIGHT, b"dotdotdo")


def at(offset: int, generation: int = 1) -> Cursor:
    return Cursor(generation, offset, NO_CHAIN)


def standing(head: Cursor, oldest: int = 0) -> FeedStanding:
    return FeedStanding(head, head, oldest)


def unequal(scope: Scope = CHAIN, *, odd: bool = False) -> do.Compared:
    return do.Compared(scope, comparable=True, equal=False, odd=odd)


def frame() -> Frame:
    return Frame(CHAIN, 1, 5, bytes(16), (Record(b"header", (b"slot",)),))


# Proofs and repairs.


def test_a_mark_that_differs_begins_a_repair_and_one_that_is_equal_ends_the_worry() -> None:
    upkeep = Upkeep()
    upkeep.compared(unequal(), NOW)
    assert upkeep.unequal == {CHAIN}
    assert upkeep.refetch == Refetch(CHAIN, Stage.GROUPS, is_fill=False)
    upkeep.compared(do.Compared(CHAIN, comparable=False, equal=False), NOW)
    assert upkeep.unequal == {CHAIN}
    upkeep.compared(do.Compared(CHAIN, comparable=True, equal=True), NOW)
    assert (upkeep.unequal, upkeep.repairs) == (set(), {})


def test_another_history_is_not_repaired_and_one_repair_runs_at_a_time() -> None:
    upkeep = Upkeep()
    upkeep.compared(unequal(odd=True), NOW)
    assert upkeep.refetch is None
    upkeep.compared(unequal(), NOW)
    first = upkeep.refetch
    upkeep.compared(unequal(SITE), NOW)
    assert upkeep.refetch is first


def test_a_repair_that_does_not_help_is_tried_more_and_more_seldom() -> None:
    repairs = Repairs()
    assert repairs.may_begin(NOW)
    assert not repairs.may_begin(NOW + REPAIR_PAUSE_MS - 1)
    assert repairs.may_begin(NOW + REPAIR_PAUSE_MS)
    assert not repairs.may_begin(NOW + 3 * REPAIR_PAUSE_MS - 1)
    for _ in range(20):
        repairs.may_begin(repairs.at_ms)
    assert repairs.pause_ms == REPAIR_PAUSE_MAX_MS


# Fills.


def test_a_feed_too_long_to_be_followed_is_filled_from_rows() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(0), standing(at(FILL_FROM)), None)
    assert not upkeep.fills(CHAIN)
    upkeep.plan(CHAIN, at(0), standing(at(FILL_FROM + 1)), None)
    assert upkeep.fills(CHAIN)
    assert not upkeep.fills(SITE)


def test_a_feed_that_the_hub_has_pruned_is_filled_from_rows() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), standing(at(90), oldest=9), None)
    assert upkeep.fills(CHAIN)


def test_a_fill_that_was_begun_goes_on() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), standing(at(90)), Filling(at(40), ANNE, 7, 9))
    assert upkeep.refetch is not None
    assert (upkeep.refetch.after, upkeep.refetch.start, upkeep.filled) == (ANNE, at(40), (7, 9))


def test_a_fill_of_a_hub_that_is_restored_meanwhile_begins_again() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), standing(at(90)), Filling(at(40), ANNE, 7, 9))
    begun = upkeep.refetch
    upkeep.plan(SITE, at(0), standing(at(1)), None)
    upkeep.plan(CHAIN, at(5), standing(at(91)), None)
    assert upkeep.refetch is begun
    upkeep.plan(CHAIN, at(5), standing(at(30, generation=2)), None)
    assert upkeep.refetch == Refetch(CHAIN, Stage.ROWS, is_fill=True)
    assert upkeep.filled == (0, 0)


def test_a_fill_takes_the_place_of_a_repair_and_a_new_link_ends_either() -> None:
    upkeep = Upkeep()
    upkeep.compared(unequal(SITE), NOW)
    assert upkeep.filled == (0, 0)
    upkeep.plan(CHAIN, at(5), standing(at(90), oldest=9), None)
    assert upkeep.fills(CHAIN)
    upkeep.link_up()
    assert upkeep.refetch is None
    assert upkeep.filled == (0, 0)


def test_uploads_wait_for_the_first_rows_of_a_fill() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), standing(at(90), oldest=9), None)
    assert upkeep.ask(NOW, BOOT, settled=False) == []
    assert not upkeep.holds_back
    wanted = RowsWanted(CHAIN, BEFORE_ALL, (), PORTIONS, BOOT + b"\x00\x00\x00\x01")
    assert upkeep.ask(NOW, BOOT, settled=True) == [do.Send(wanted)]
    assert upkeep.holds_back


def test_rows_are_taken_and_the_last_of_them_end_the_fetch() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), standing(at(90), oldest=9), None)
    upkeep.ask(NOW, BOOT, settled=True)
    portion = Portion(CHAIN, at(90), BEFORE_ALL, ANNE, (), 68)
    rows = Rows(portion, BOOT + b"\x00\x00\x00\x01")
    assert upkeep.hear(rows, lambda scope: at(5), NOW) == [do.TakeRows(portion, (), is_fill=True)]
    assert upkeep.fetched(do.TookRows(portion, True, at(5)), NOW) is None
    last = Portion(CHAIN, at(91), ANNE, None, (), 68)
    assert upkeep.hear(Rows(last, rows.ticket), lambda scope: at(5), NOW) != []
    done = upkeep.fetched(do.TookRows(last, True, at(90)), NOW)
    assert done is not None
    assert done.is_fill
    assert upkeep.refetch is None


def test_digests_lead_to_rows_or_to_nothing() -> None:
    upkeep = Upkeep()
    upkeep.compared(unequal(), NOW)
    assert upkeep.ask(NOW, BOOT, settled=False) == [do.Send(DigestWanted(CHAIN, ALL_GROUPS))]
    heard = Digest(CHAIN, at(9), ALL_GROUPS, bytes(GROUP_BYTES))
    assert upkeep.hear(heard, lambda scope: at(9), NOW) != []
    done = upkeep.fetched(do.Differs(CHAIN, ALL_GROUPS, ()), NOW)
    assert done is not None
    assert upkeep.refetch is None


def test_what_comes_when_nothing_is_asked_for_is_not_taken() -> None:
    upkeep = Upkeep()
    portion = Portion(CHAIN, at(90), BEFORE_ALL, None, (), 68)
    assert upkeep.hear(Rows(portion, bytes(12)), lambda scope: at(5), NOW) == []
    assert upkeep.hear(Digest(CHAIN, at(9), 3, bytes(GROUP_BYTES)), lambda scope: at(5), NOW) == []
    assert upkeep.hear(TakenBack(CHAIN, 1, 9), lambda scope: at(5), NOW) == []
    assert upkeep.fetched(do.TookRows(portion, True, at(5)), NOW) is None
    assert upkeep.fetched(do.Differs(CHAIN, 3, (1,)), NOW) is None
    assert upkeep.ask(NOW, BOOT, settled=True) == []


# Damage.


def test_some_rows_are_looked_at_every_few_seconds_and_the_table_begins_again() -> None:
    upkeep = Upkeep()
    assert upkeep.tick(NOW) == [do.Scrub(BEFORE_ALL)]
    assert upkeep.tick(NOW + SCRUB_EVERY_MS - 1) == []
    upkeep.damaged(do.Scrubbed(ANNE, {}), SCOPES, NOW)
    assert upkeep.tick(NOW + SCRUB_EVERY_MS) == [do.Scrub(ANNE)]
    upkeep.damaged(do.Scrubbed(None, {}, hurry=True), SCOPES, NOW)
    assert upkeep.tick(NOW + HURRY_MS) == [do.Scrub(BEFORE_ALL)]
    assert upkeep.refetch is None


def test_damaged_rows_are_fetched_at_once_their_buckets_in_order() -> None:
    upkeep = Upkeep()
    upkeep.damaged(do.Scrubbed(ANNE, {CHAIN: frozenset({9, 4})}), SCOPES, NOW)
    assert upkeep.refetch == Refetch(CHAIN, Stage.ROWS, is_fill=False, buckets=[4, 9])
    upkeep.damaged(do.Scrubbed(ANNE, {SITE: frozenset({1})}), SCOPES, NOW)
    assert upkeep.refetch.scope == CHAIN, "the next round finds the others"


def test_no_more_buckets_are_asked_for_than_a_question_may_name() -> None:
    upkeep = Upkeep()
    upkeep.damaged(do.Scrubbed(ANNE, {CHAIN: frozenset(range(BUCKETS_MAX + 9))}), SCOPES, NOW)
    assert upkeep.refetch is not None
    assert upkeep.refetch.buckets == list(range(BUCKETS_MAX))


def test_a_row_that_somebody_met_is_fetched_from_its_own_scope() -> None:
    upkeep = Upkeep()
    upkeep.damaged(do.Damaged(RIGHT), SCOPES, NOW)
    assert upkeep.refetch == Refetch(SITE, Stage.ROWS, is_fill=False, buckets=[bucket_of(RIGHT)])
    assert upkeep.scrub_after == BEFORE_ALL


# What a restored hub has lost.


def test_what_was_lost_goes_first_piece_by_piece() -> None:
    upkeep = Upkeep()
    assert upkeep.begin_return() == [do.LoadLost()]
    assert upkeep.holds_back
    assert upkeep.give_back(frame(), NOW) == [do.Send(Returned(frame()))]
    upkeep.compared(unequal(), NOW)
    assert upkeep.ask(NOW, BOOT, settled=True) == [], "nothing is asked for before"
    forgotten = [do.ForgetLost(CHAIN, 1, 5), do.LoadLost()]
    assert upkeep.hear(TakenBack(CHAIN, 1, 5), lambda scope: at(5), NOW) == forgotten
    assert upkeep.give_back(None, NOW) == []
    assert not upkeep.holds_back
    assert upkeep.ask(NOW, BOOT, settled=True) != []


def test_what_nobody_takes_back_is_said_again() -> None:
    upkeep = Upkeep()
    upkeep.begin_return()
    upkeep.give_back(frame(), NOW)
    upkeep.scrub_at_ms = NOW * 2
    assert upkeep.tick(NOW + RETURN_PATIENCE_MS - 1) == []
    assert upkeep.tick(NOW + RETURN_PATIENCE_MS) == [do.LoadLost()]
    assert upkeep.tick(NOW + RETURN_PATIENCE_MS + 1) == []
