"""Fills and repairs as scripts: what is asked for, what is taken, what is too old."""

from dataclasses import replace

import pytest

from daemon.domain.digest import GROUP_BYTES
from daemon.domain.element import Element, Key
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Filling, Portion
from daemon.sync import commands as do
from daemon.sync.refetch import (
    AGAIN_MS,
    FILL_FROM,
    GROUPS_MAX,
    PATIENCE_MS,
    PORTIONS,
    Refetch,
    Stage,
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
