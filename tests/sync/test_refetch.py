"""Fills and repairs as scripts: what is asked for, what is taken, what is too old."""

from dataclasses import replace

import pytest

from daemon.domain.digest import GROUP_BYTES
from daemon.domain.element import Element, Key
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Filling, Part, Portion, first_part
from daemon.sync import commands as do
from daemon.sync.refetch import (
    AGAIN_MS,
    FILL_FROM,
    FOLLOWING_MS,
    GROUPS_MAX,
    PATIENCE_MS,
    PORTIONS,
    Refetch,
    Stage,
    filling,
    must_fill,
    resumed,
)
from daemon.sync.wire_rows import ALL_GROUPS, BUCKETS_MAX, Digest, DigestWanted, Rows, RowsWanted

NOW = 1_000_000
SITE = Scope(Reach.SITE, 2)
TICKET = b"ticket000001"
MIDDLE: Key = (b"middle..", 1, b"")
ANNE = Element(Kind.CUSTOMER, b"anne....", b"", (5, 2, 7), {8: "a@b.fr"})


def at(offset: int, generation: int = 1) -> Cursor:
    return Cursor(generation, offset, bytes(16))


def fill() -> Refetch:
    return Refetch(CHAIN, Stage.ROWS, is_fill=True, is_quiet=True)


def repair(*, stage: Stage = Stage.GROUPS, buckets: tuple[int, ...] = ()) -> Refetch:
    return Refetch(CHAIN, stage, is_fill=False, buckets=list(buckets))


def rows(offset: int, after: Key = BEFORE_ALL, upto: Key | None = MIDDLE, ticket: bytes = TICKET) -> Rows:
    return Rows(Portion(CHAIN, at(offset), after, upto, (ANNE,), 68, total=9), ticket)


def digest(group: int, scope: Scope = CHAIN) -> Digest:
    return Digest(scope, at(40), group, bytes(GROUP_BYTES))


def test_a_fill_asks_takes_portion_after_portion_and_ends_with_the_last() -> None:
    one = fill()
    wanted = RowsWanted(CHAIN, BEFORE_ALL, (), PORTIONS, TICKET)
    assert one.ask(NOW, TICKET) == [do.Send(wanted)]
    assert one.hear_rows(rows(40), at(0), NOW) == [do.TakeRows(rows(40).portion, (), is_fill=True)]
    assert one.ask(NOW + PATIENCE_MS, b"later") == [], "a portion is being looked at"
    assert one.took(rows(40).portion, NOW)
    assert (one.after, one.rows, one.total) == (MIDDLE, 1, 9)
    assert one.ask(NOW, b"later") == [], "more are coming"
    last = rows(41, MIDDLE, None)
    assert one.hear_rows(last, at(0), NOW) == [do.TakeRows(last.portion, (), is_fill=True)]
    assert not one.took(last.portion, NOW)
    assert one.start == at(40), "the feed goes on from the first portion's place"


def test_when_all_that_was_asked_for_has_come_the_next_are_asked_for_at_once() -> None:
    one = fill()
    one.ask(NOW, TICKET)
    one.coming = 1
    one.hear_rows(rows(40), at(0), NOW)
    assert one.took(rows(40).portion, NOW)
    assert one.ask(NOW, b"later") == [do.Send(RowsWanted(CHAIN, MIDDLE, (), PORTIONS, b"later"))]


def test_what_does_not_come_is_asked_for_again_and_the_old_answer_is_not_taken() -> None:
    one = fill()
    one.ask(NOW, TICKET)
    assert one.ask(NOW + PATIENCE_MS - 1, b"later") == []
    assert one.ask(NOW + PATIENCE_MS, b"later") != []
    assert one.hear_rows(rows(40), at(0), NOW) == [], "it was read too early"
    assert one.hear_rows(rows(40, ticket=b"later"), at(0), NOW) != []


@pytest.mark.parametrize(
    "strange",
    [
        rows(40, ticket=b"ticket000000"),
        rows(40, after=MIDDLE),
        replace(rows(40), portion=replace(rows(40).portion, scope=SITE)),
        replace(rows(40), portion=replace(rows(40).portion, cursor=at(40, generation=2))),
    ],
)
def test_rows_that_do_not_continue_are_not_taken(strange: Rows) -> None:
    one = fill()
    one.ask(NOW, TICKET)
    assert one.hear_rows(strange, at(0), NOW) == []
    assert not one.is_busy


def test_rows_older_than_the_beginning_of_the_fill_are_not_taken() -> None:
    one = fill()
    one.ask(NOW, TICKET)
    one.hear_rows(rows(40), at(0), NOW)
    assert one.hear_rows(rows(40, MIDDLE), at(0), NOW) == [], "one at a time"
    one.took(rows(40).portion, NOW)
    assert one.hear_rows(rows(39, MIDDLE), at(0), NOW) == []
    assert one.hear_rows(rows(40, MIDDLE), at(0), NOW) != []


def test_a_repair_takes_no_rows_older_than_where_the_replica_stands() -> None:
    one = repair(stage=Stage.ROWS, buckets=(7,))
    assert one.ask(NOW, TICKET) == [do.Send(RowsWanted(CHAIN, BEFORE_ALL, (7,), PORTIONS, TICKET))]
    assert one.hear_rows(rows(39), at(40), NOW) == []
    assert one.hear_rows(rows(40), at(40), NOW) == [do.TakeRows(rows(40).portion, (7,), is_fill=False)]
    assert one.start is None


def test_a_fill_waits_until_all_is_acknowledged_and_uploads_wait_for_its_first_rows() -> None:
    one = Refetch(CHAIN, Stage.ROWS, is_fill=True)
    assert not one.is_ready(settled=False)
    assert not one.holds_back, "what is unsent must go first"
    assert one.is_ready(settled=True)
    assert one.holds_back
    assert one.is_ready(settled=False), "what is saved from now on waits for the first rows"
    one.ask(NOW, TICKET)
    one.hear_rows(rows(40), at(0), NOW)
    one.took(rows(40).portion, NOW)
    assert not one.holds_back
    assert one.is_ready(settled=False)


def test_a_repair_waits_for_nothing() -> None:
    one = repair()
    assert one.is_ready(settled=False)
    assert not one.holds_back


def test_a_difference_is_looked_for_among_the_groups_then_within_them() -> None:
    one = repair()
    assert one.ask(NOW, TICKET) == [do.Send(DigestWanted(CHAIN, ALL_GROUPS))]
    assert one.hear_digest(digest(ALL_GROUPS), at(39), NOW) == [], "of another place in the feed"
    assert one.ask_at_ms == NOW + AGAIN_MS
    assert one.hear_digest(digest(ALL_GROUPS), at(40), NOW) == [do.CompareDigest(CHAIN, ALL_GROUPS, bytes(GROUP_BYTES))]
    assert one.hear_digest(digest(ALL_GROUPS), at(40), NOW) == [], "one at a time"
    assert one.differs(ALL_GROUPS, (3, 200), NOW)
    assert one.ask(NOW, TICKET) == [do.Send(DigestWanted(CHAIN, 3))]
    assert one.hear_digest(digest(200), at(40), NOW) == [], "the answer to another question"
    one.hear_digest(digest(3), at(40), NOW)
    assert one.differs(3, (0, 255), NOW)
    one.ask(NOW, TICKET)
    one.hear_digest(digest(200), at(40), NOW)
    assert one.differs(200, (1,), NOW)
    assert (one.stage, one.buckets) == (Stage.ROWS, [3 * 256, 3 * 256 + 255, 200 * 256 + 1])
    assert one.hear_digest(digest(3), at(40), NOW) == []
    (asked,) = one.ask(NOW, TICKET)
    assert asked == do.Send(RowsWanted(CHAIN, BEFORE_ALL, tuple(one.buckets), PORTIONS, TICKET))


def test_where_nothing_differs_any_more_there_is_nothing_to_fetch() -> None:
    one = repair()
    assert not one.differs(ALL_GROUPS, (), NOW)
    other = repair()
    assert other.differs(ALL_GROUPS, (3,), NOW)
    assert other.hear_digest(digest(3, SITE), at(40), NOW) == [], "of another scope"
    assert not other.differs(3, (), NOW), "the feed has brought it meanwhile"


def test_an_answer_about_another_group_changes_nothing() -> None:
    one = repair()
    one.differs(ALL_GROUPS, (3, 4), NOW)
    assert one.differs(4, (9,), NOW)
    assert (one.groups, one.buckets) == ([3, 4], [])


@pytest.mark.parametrize(
    ("groups", "buckets"), [(tuple(range(GROUPS_MAX + 1)), ()), ((1, 2), tuple(range(BUCKETS_MAX)))]
)
def test_where_too_much_differs_everything_is_fetched(groups: tuple[int, ...], buckets: tuple[int, ...]) -> None:
    one = repair()
    assert one.differs(ALL_GROUPS, groups, NOW)
    if buckets:
        one.differs(1, buckets, NOW)
        one.differs(2, (0,), NOW)
    assert (one.stage, one.is_fill, one.groups, one.buckets) == (Stage.ROWS, True, [], [])


def test_a_fill_that_a_process_began_goes_on_where_it_was() -> None:
    begun = Filling(at(40), MIDDLE, 500, 900)
    one = resumed(CHAIN, begun, generation=1)
    assert (one.after, one.start, one.rows, one.total) == (MIDDLE, at(40), 500, 900)
    assert one.is_ready(settled=False)
    again = resumed(CHAIN, begun, generation=2)
    assert (again.after, again.start, again.rows) == (BEFORE_ALL, None, 0), "of a hub that was restored meanwhile"


@pytest.mark.parametrize(
    ("ours", "head", "oldest", "is_filled"),
    [
        (0, FILL_FROM, 0, False),
        (0, FILL_FROM + 1, 0, True),
        (1, FILL_FROM * 9, 0, False),
        (9, 100, 10, True),
        (10, 100, 10, False),
    ],
)
def test_when_a_feed_is_not_followed_but_filled(ours: int, head: int, oldest: int, is_filled: bool) -> None:
    assert must_fill(at(ours), at(head), oldest) is is_filled


# Two passes.


SALE = Element(Kind.SALE, b"account.", b"dotdotdo", (5, 2, 7), {1: "sale"})


def of(part: Part, after: Key = BEFORE_ALL, upto: Key | None = MIDDLE, offset: int = 40) -> Rows:
    return Rows(Portion(CHAIN, at(offset), after, upto, (ANNE, SALE), 68, total=9, part=part), TICKET)


def history(ask_at_ms: int = 0) -> Refetch:
    return Refetch(CHAIN, Stage.ROWS, is_fill=True, part=Part.HISTORY, start=at(40), ask_at_ms=ask_at_ms)


def test_a_scope_with_history_is_filled_in_two_passes_and_the_rights_of_a_till_in_one() -> None:
    assert (first_part(CHAIN), first_part(Scope(Reach.SHOP, 1)), first_part(SITE)) == (1, 1, 0)
    assert filling(SITE).history(NOW) is None
    one = filling(CHAIN)
    one.is_quiet, one.start, one.rows = True, at(40), 7
    assert one.ask(NOW, TICKET) == [do.Send(RowsWanted(CHAIN, BEFORE_ALL, (), PORTIONS, TICKET, Part.COUNTER))]
    second = one.history(NOW)
    assert second is not None
    assert (second.part, second.after, second.start, second.served) == (Part.HISTORY, BEFORE_ALL, at(40), 7)
    assert second.history(NOW) is None


def test_the_second_pass_waits_for_nothing_and_holds_no_upload_back() -> None:
    one = history()
    assert one.is_ready(settled=False)
    assert not one.holds_back


def test_the_feed_waits_for_portions_under_way_alone_and_more_are_asked_for_when_it_is_followed() -> None:
    one = history()
    assert not one.halts_feed
    one.ask(NOW, TICKET)
    assert one.halts_feed
    one.coming = 1
    portion = of(Part.HISTORY).portion
    assert one.hear_rows(of(Part.HISTORY), at(40), NOW) == [do.TakeRows(portion, (), is_fill=True)]
    assert one.halts_feed, "while it is taken in"
    assert one.took(portion, NOW)
    assert not one.halts_feed
    assert one.ask(NOW, b"later") == [], "the feed comes first"
    assert one.ask(NOW, b"later", caught_up=True) != []
    assert one.halts_feed


def test_a_feed_that_never_ends_does_not_keep_the_history_waiting_for_ever() -> None:
    one = history()
    one.ask(NOW, TICKET)
    one.coming = 1
    one.hear_rows(of(Part.HISTORY), at(40), NOW)
    one.took(of(Part.HISTORY).portion, NOW)
    assert one.ask(NOW + FOLLOWING_MS - 1, b"later") == []
    assert one.ask(NOW + FOLLOWING_MS, b"later") != []


def test_rows_of_the_history_are_as_new_as_what_was_followed() -> None:
    one = history()
    one.ask(NOW, TICKET)
    assert one.hear_rows(of(Part.HISTORY, offset=44), at(45), NOW) == []
    assert one.hear_rows(of(Part.HISTORY, offset=45), at(45), NOW) != []


def test_of_an_older_hub_that_sends_the_whole_a_fill_is_one_pass() -> None:
    one = filling(CHAIN)
    one.is_quiet = True
    one.ask(NOW, TICKET)
    whole = of(Part.WHOLE).portion
    assert one.hear_rows(of(Part.WHOLE), at(0), NOW) == [do.TakeRows(whole, (), is_fill=True)]
    assert one.part is Part.WHOLE
    assert one.history(NOW) is None


@pytest.mark.parametrize(("part", "row"), [(Part.COUNTER, ANNE), (Part.HISTORY, SALE)])
def test_of_an_older_hub_in_the_middle_what_was_asked_for_is_taken(part: Part, row: Element) -> None:
    one = Refetch(CHAIN, Stage.ROWS, is_fill=True, part=part, after=MIDDLE, start=at(40))
    one.ask(NOW, TICKET)
    (take,) = one.hear_rows(of(Part.WHOLE, MIDDLE, None), at(40), NOW)
    assert isinstance(take, do.TakeRows)
    assert (take.portion.part, take.portion.rows) == (part, (row,))


def test_another_part_than_was_asked_for_is_not_taken() -> None:
    one = history()
    one.ask(NOW, TICKET)
    assert one.hear_rows(of(Part.COUNTER), at(40), NOW) == []


@pytest.mark.parametrize("part", Part)
def test_a_pass_that_an_earlier_process_began_goes_on(part: Part) -> None:
    begun = Filling(at(40), MIDDLE, 500, 900, part, 70)
    one = resumed(CHAIN, begun, 1)
    assert (one.part, one.after, one.start, one.rows, one.total, one.served) == (part, MIDDLE, at(40), 500, 900, 70)
    assert resumed(CHAIN, begun, 2) == filling(CHAIN), "of a hub that was restored all of it, anew"
