"""What a till does beside following its feeds: proofs, repairs, fills, scrubbing, and giving back what was lost."""

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.digest import GROUP_BYTES
from daemon.domain.element import Key, bucket_of
from daemon.domain.feed import CHAIN, Cursor, Frame, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Filling, Part, Portion
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.refetch import FILL_FROM, PORTIONS, Refetch, Stage, filling
from daemon.sync.upkeep import (
    HURRY_MS,
    REPAIR_PAUSE_MAX_MS,
    REPAIR_PAUSE_MS,
    RETURN_PATIENCE_MS,
    SCRUB_EVERY_MS,
    Filled,
    Repairs,
    Upkeep,
)
from daemon.sync.wire import FeedStanding
from daemon.sync.wire_rows import ALL_GROUPS, BUCKETS_MAX, Digest, DigestWanted, Returned, Rows, RowsWanted, TakenBack
from tests.sync.small_talk import BOOT, INCARNATION, Conversation, batch, chain, frame, mark, sent, standing

NOW = 1_000_000
SITE = Scope(Reach.SITE, 2)
SCOPES = (CHAIN, Scope(Reach.SHOP, 1), SITE)
ANNE: Key = (b"anne....", Kind.CUSTOMER, b"")
RIGHT: Key = (b"account.", Kind.RIGHT, b"dotdotdo")


def at(offset: int, generation: int = 1) -> Cursor:
    return Cursor(generation, offset, NO_CHAIN)


def feed(head: Cursor, oldest: int = 0) -> FeedStanding:
    return FeedStanding(head, head, oldest)


def unequal(scope: Scope = CHAIN, *, odd: bool = False) -> do.Compared:
    return do.Compared(scope, comparable=True, equal=False, odd=odd)


def lost() -> Frame:
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
    upkeep.plan(CHAIN, at(0), feed(at(FILL_FROM)), None)
    assert not upkeep.fills(CHAIN)
    upkeep.plan(CHAIN, at(0), feed(at(FILL_FROM + 1)), None)
    assert upkeep.fills(CHAIN)
    assert not upkeep.fills(SITE)


def test_a_feed_that_the_hub_has_pruned_is_filled_from_rows() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90), oldest=9), None)
    assert upkeep.fills(CHAIN)


def test_a_fill_that_was_begun_goes_on() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90)), Filling(at(40), ANNE, 7, 9))
    assert upkeep.refetch is not None
    assert (upkeep.refetch.after, upkeep.refetch.start, upkeep.filled) == (ANNE, at(40), Filled(7, 9))


def test_a_fill_of_a_hub_that_is_restored_meanwhile_begins_again() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90)), Filling(at(40), ANNE, 7, 9))
    begun = upkeep.refetch
    upkeep.plan(SITE, at(0), feed(at(1)), None)
    upkeep.plan(CHAIN, at(5), feed(at(91)), None)
    assert upkeep.refetch is begun
    upkeep.plan(CHAIN, at(5), feed(at(30, generation=2)), None)
    assert upkeep.refetch == filling(CHAIN)
    assert upkeep.filled == Filled()


def test_a_fill_takes_the_place_of_a_repair_and_a_new_link_ends_either() -> None:
    upkeep = Upkeep()
    upkeep.compared(unequal(SITE), NOW)
    assert upkeep.filled == Filled()
    upkeep.plan(CHAIN, at(5), feed(at(90), oldest=9), None)
    assert upkeep.fills(CHAIN)
    upkeep.link_up()
    assert upkeep.refetch is None
    assert upkeep.filled == Filled()


def test_uploads_wait_for_the_first_rows_of_a_fill() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90), oldest=9), None)
    assert upkeep.ask(NOW, BOOT, settled=False) == []
    assert not upkeep.holds_back
    wanted = RowsWanted(CHAIN, BEFORE_ALL, (), PORTIONS, BOOT + b"\x00\x00\x00\x01", Part.COUNTER)
    assert upkeep.ask(NOW, BOOT, settled=True) == [do.Send(wanted)]
    assert upkeep.holds_back


def test_rows_are_taken_and_the_last_of_them_end_the_fetch() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90), oldest=9), None)
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


def first_pass_done(upkeep: Upkeep, scope: Scope = CHAIN) -> None:
    """The one portion of the first pass of a fill is taken."""
    upkeep.ask(NOW, BOOT, settled=True)
    assert upkeep.refetch is not None
    portion = Portion(scope, at(90), BEFORE_ALL, None, (), 68, part=upkeep.refetch.part)
    assert upkeep.hear(Rows(portion, upkeep.refetch.ticket), lambda scope: at(5), NOW) != []
    assert upkeep.fetched(do.TookRows(portion, True, at(90)), NOW) is not None


def test_after_the_first_pass_the_feed_goes_on_and_the_history_comes() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90), oldest=9), None)
    first_pass_done(upkeep)
    assert not upkeep.fills(CHAIN)
    assert upkeep.filled == Filled(0, 0, is_history=True)
    assert upkeep.ask(NOW, BOOT, settled=False) == [], "first what was ordered meanwhile"
    (asked,) = upkeep.ask(NOW, BOOT, settled=False, caught_up={CHAIN})
    assert isinstance(asked, do.Send)
    assert isinstance(asked.message, RowsWanted)
    assert asked.message.part is Part.HISTORY
    assert upkeep.fills(CHAIN)


def test_no_history_comes_before_all_that_a_counter_serves_with() -> None:
    upkeep = Upkeep()
    shop = Scope(Reach.SHOP, 1)
    for scope in (CHAIN, shop, SITE):
        upkeep.plan(scope, at(5), feed(at(90), oldest=9), None)
    order: list[tuple[Scope, Part]] = []
    for _ in range(5):
        assert upkeep.refetch is not None
        order.append((upkeep.refetch.scope, upkeep.refetch.part))
        if upkeep.refetch.is_history:
            upkeep.refetch.ask_at_ms = 0
        first_pass_done(upkeep, upkeep.refetch.scope)
    firsts, pasts = [(CHAIN, Part.COUNTER), (shop, Part.COUNTER), (SITE, Part.WHOLE)], [CHAIN, shop]
    assert order == [*firsts, *((scope, Part.HISTORY) for scope in pasts)]
    assert upkeep.refetch is None


def test_a_history_gives_way_to_a_first_pass_and_to_a_repair() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90)), Filling(at(5), ANNE, 7, 9, Part.HISTORY))
    upkeep.compared(unequal(SITE), NOW)
    assert upkeep.refetch == Refetch(SITE, Stage.GROUPS, is_fill=False)
    assert upkeep.fetched(do.Differs(SITE, ALL_GROUPS, ()), NOW) is not None
    assert upkeep.refetch is not None
    assert upkeep.refetch.is_history
    upkeep.plan(SITE, at(0), feed(at(90), oldest=9), None)
    assert (upkeep.refetch.scope, [one.scope for one in upkeep.queue]) == (SITE, [CHAIN])


def test_who_was_away_for_too_long_in_the_middle_of_its_history_is_filled_anew() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90), oldest=9), Filling(at(5), ANNE, 7, 9, Part.HISTORY))
    assert upkeep.refetch == filling(CHAIN)


def test_what_a_fetch_that_was_given_up_took_does_not_move_the_next_one() -> None:
    upkeep = Upkeep()
    upkeep.plan(CHAIN, at(5), feed(at(90), oldest=9), None)
    late = Portion(CHAIN, at(90), ANNE, RIGHT, (), 68, part=Part.COUNTER)
    assert upkeep.fetched(do.TookRows(late, True, at(5)), NOW) is None
    assert upkeep.refetch == filling(CHAIN)


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
    assert upkeep.give_back(lost(), NOW) == [do.Send(Returned(lost()))]
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
    upkeep.give_back(lost(), NOW)
    upkeep.scrub_at_ms = NOW * 2
    assert upkeep.tick(NOW + RETURN_PATIENCE_MS - 1) == []
    assert upkeep.tick(NOW + RETURN_PATIENCE_MS) == [do.LoadLost()]
    assert upkeep.tick(NOW + RETURN_PATIENCE_MS + 1) == []


# As the session does it.


def place(offset: int) -> Cursor:
    return Cursor(1, offset, chain(f"feed{offset}"))


def begins_to_fill(talk: Conversation) -> list[do.Command]:
    """Live with a hub whose feed is too long to be followed."""
    talk.tell(do.LinkUp(talk.here))
    talk.hear(talk.welcome(None, place(FILL_FROM + 1), Cursor()))
    return talk.give_nothing_back(talk.tell(do.Moved(talk.here)))


def test_what_was_lost_is_given_back_before_anything_else() -> None:
    talk = Conversation(standing(1))
    talk.tell(do.LinkUp(talk.here))
    talk.hear(talk.welcome())
    assert talk.tell(do.Moved(talk.here)) == [do.LoadLost()]
    assert talk.tell(do.Recorded()) == [], "it waits"
    assert talk.tell(do.LostLoaded(frame(3, 4))) == [do.Send(Returned(frame(3, 4)))]
    forgotten = talk.hear(TakenBack(CHAIN, 1, 4))
    assert forgotten == [do.ForgetLost(CHAIN, 1, 4), do.LoadLost()]
    assert talk.tell(do.LostLoaded(None)) == [do.Load(0)]


def test_a_fill_begins_once_all_is_acknowledged_and_ends_where_it_began() -> None:
    talk = Conversation(standing(1))
    assert begins_to_fill(talk) == [do.Load(0)]
    assert talk.tell(do.Loaded(batch(1, 1))) == [do.Send(wire.Upload(batch(1, 1), BOOT)), do.Load(1)]
    assert talk.tell(do.Loaded(None)) == []
    settled, wanted = talk.hear(wire.Ack(INCARNATION, 1, BOOT))
    assert settled == do.Settle(1, 0)
    assert isinstance(wanted, do.Send)
    assert isinstance(wanted.message, RowsWanted)
    assert talk.session.next_wake_ms(talk.at) <= talk.at + 1000
    assert talk.hear(wire.Ordered(frame(1, 2))) == [], "its feed waits"
    assert talk.tell(do.Recorded()) == [], "so does what is saved now"
    last = Portion(CHAIN, place(2001), BEFORE_ALL, None, (), 68)
    assert talk.hear(Rows(last, wanted.message.ticket)) == [do.TakeRows(last, (), is_fill=True)]
    talk.session.inboxes[CHAIN].held.clear()
    assert talk.tell(do.TookRows(last, changed=True, cursor=place(2001))) == [do.Load(1)]
    assert talk.session.inboxes[CHAIN].cursor == place(2001)
    (apply,) = talk.hear(wire.Ordered(frame(2002, 2002)))
    assert isinstance(apply, do.Apply)


def test_a_difference_is_followed_down_to_its_rows() -> None:
    talk = Conversation(standing(offset=4))
    talk.go_live()
    talk.hear(mark(4))
    (wanted,) = sent(talk.tell(do.Compared(CHAIN, comparable=True, equal=False)))
    assert wanted == DigestWanted(CHAIN, ALL_GROUPS)
    (compare,) = talk.hear(Digest(CHAIN, place(4), ALL_GROUPS, bytes(4096)))
    assert isinstance(compare, do.CompareDigest)
    (wanted,) = sent(talk.tell(do.Differs(CHAIN, ALL_GROUPS, (7,))))
    assert wanted == DigestWanted(CHAIN, 7)
    talk.tell(do.Differs(CHAIN, 7, ()))
    assert talk.session.upkeep.refetch is None


def test_a_row_that_cannot_be_read_is_fetched_and_its_frame_asked_for_again() -> None:
    talk = Conversation(standing(offset=4))
    talk.go_live()
    (apply,) = talk.hear(wire.Ordered(frame(5, 5)))
    assert isinstance(apply, do.Apply)
    (wanted,) = sent(talk.tell(do.Damaged((b"anne....", 1, b""), CHAIN)))
    assert isinstance(wanted, RowsWanted)
    assert len(wanted.buckets) == 1
    assert not talk.session.inboxes[CHAIN].applying
    talk.tell(do.Scrubbed(None, {}))
    assert do.Scrub(BEFORE_ALL) in talk.tell(do.Tick(), after_ms=5_000)
