"""Questions of tills answered in turn: no till waits for another one's weeks."""

from dataclasses import replace

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.element import Key
from daemon.domain.feed import CHAIN, Cursor, Frame, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.portion import BEFORE_ALL, Part, Portion
from daemon.hub import commands as do
from daemon.hub.questions import ANSWERS_MAX, TOGETHER_AT, FramesAsked, Questions, RowsAsked
from daemon.sync import wire
from daemon.sync.wire_rows import Rows

SHOP = Scope(Reach.SHOP, 1)
MIDDLE: Key = (b"middle..", 1, b"")
OTHER: Key = (b"zmiddle.", 1, b"")
TICKET = b"ticket000001"


def frames(site: int = 2, after: int = 0, left: int = 2, scope: Scope = CHAIN) -> FramesAsked:
    return FramesAsked(site, scope, after, left)


def rows(site: int = 2, after: Key = BEFORE_ALL, left: int = 2, ticket: bytes = TICKET) -> RowsAsked:
    return RowsAsked(site, CHAIN, after, frozenset({7}), left, ticket)


def frame(first: int, scope: Scope = CHAIN) -> Frame:
    return Frame(scope, 1, first, NO_CHAIN, (Record(b"header", (b"slot",)),))


def portion(after: Key, upto: Key | None) -> Portion:
    return Portion(CHAIN, Cursor(1, 9), after, upto, (), 68)


def test_a_part_is_found_and_the_answer_to_another_part_is_not_sent() -> None:
    questions = Questions()
    wanted = replace(rows(), part=Part.HISTORY)
    find = do.FindRows(CHAIN, BEFORE_ALL, frozenset({7}), 2, Part.HISTORY)
    assert questions.ask(wanted) == (find,)
    assert questions.rows_found(2, portion(BEFORE_ALL, None)) == (find,)
    found = replace(portion(BEFORE_ALL, None), part=Part.HISTORY)
    assert questions.rows_found(2, found) == (do.Send(2, Rows(found, TICKET)),)


def test_rows_are_answered_portion_by_portion_each_with_the_ticket() -> None:
    questions = Questions()
    assert questions.ask(rows()) == (do.FindRows(CHAIN, BEFORE_ALL, frozenset({7}), 2),)
    first = portion(BEFORE_ALL, MIDDLE)
    then = do.FindRows(CHAIN, MIDDLE, frozenset({7}), 2)
    assert questions.rows_found(2, first) == (do.Send(2, Rows(first, TICKET)), then)
    second = portion(MIDDLE, OTHER)
    assert questions.rows_found(2, second) == (do.Send(2, Rows(second, TICKET)),), "two were asked for"
    assert (questions.waiting, questions.answering) == ([], False)


def test_the_last_portion_ends_the_answer() -> None:
    questions = Questions()
    questions.ask(rows(left=9))
    assert len(questions.rows_found(2, portion(BEFORE_ALL, None))) == 1
    assert questions.waiting == []


def test_rows_that_are_not_asked_for_any_more_are_not_sent() -> None:
    questions = Questions()
    questions.ask(rows())
    assert questions.ask(rows(after=MIDDLE, ticket=b"later")) == (), "one is being found"
    again = do.FindRows(CHAIN, MIDDLE, frozenset({7}), 2)
    assert questions.rows_found(2, portion(BEFORE_ALL, MIDDLE)) == (again,)
    assert questions.rows_found(3, portion(BEFORE_ALL, MIDDLE)) == (again,), "nobody at site 3 has asked"


def test_a_till_may_ask_for_frames_and_rows_at_once_and_for_two_feeds() -> None:
    questions = Questions()
    questions.ask(frames())
    questions.ask(rows())
    questions.ask(frames(scope=SHOP))
    assert len(questions.waiting) == 3
    questions.ask(frames(after=5))
    assert [type(one).__name__ for one in questions.waiting] == ["RowsAsked", "FramesAsked", "FramesAsked"]


def test_tills_are_answered_in_turn() -> None:
    questions = Questions()
    questions.ask(frames(2, left=5))
    questions.ask(rows(3))
    assert questions.frame_found(2, CHAIN, frame(1))[1:] == (rows(3).command(),)
    assert questions.rows_found(3, portion(BEFORE_ALL, MIDDLE))[1:] == (frames(2, after=1).command(),)


def test_nobody_gets_more_than_the_most() -> None:
    questions = Questions()
    questions.ask(rows(left=10**9))
    questions.ask(frames(left=10**9))
    assert {one.left for one in questions.waiting} == {ANSWERS_MAX}


def test_the_head_of_a_feed_ends_the_answer() -> None:
    questions = Questions()
    questions.ask(frames(left=9))
    assert questions.frame_found(2, CHAIN, None) == ()
    assert questions.waiting == []
    assert questions.frame_found(2, CHAIN, frame(1)) == (), "nobody asks any more"


def test_what_many_ask_for_is_said_once_to_all() -> None:
    questions = Questions()
    enough = TOGETHER_AT[0]
    for site in range(2, 2 + enough):
        questions.ask(frames(site, left=1))
    answers = questions.frame_found(2, CHAIN, frame(1))
    assert answers[0] == do.Publish(CHAIN, wire.Ordered(frame(1)))
    assert questions.waiting == []
    assert questions.next() == ()


def test_those_who_asked_for_more_are_asked_after_what_was_said_to_all() -> None:
    questions = Questions()
    for site in range(2, 2 + TOGETHER_AT[0]):
        questions.ask(frames(site, left=2))
    questions.frame_found(2, CHAIN, frame(1))
    assert {(one.after, one.left) for one in questions.waiting if isinstance(one, FramesAsked)} == {(1, 1)}
    questions.forget()
    assert questions.said == {}
