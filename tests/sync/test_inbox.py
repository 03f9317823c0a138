"""A feed as a till hears it: how fast it catches up, and how long it waits for what does not come."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.feed import CHAIN, Cursor, Frame, Mark
from daemon.sync.commands import Apply, Command, Compare, Send, Settle
from daemon.sync.inbox import HELD_FRAMES_MAX, RANGE_FRAMES, RANGE_PATIENCE_MS, Inbox
from daemon.sync.wire import RangeWanted

RECORD = Record(b"header", (b"slot",))
HEAD = 100


def frame(first: int) -> Frame:
    """A frame of one record."""
    return Frame(CHAIN, 1, first, NO_CHAIN, (RECORD,))


def behind() -> Inbox:
    """An inbox that has just asked for its first range."""
    box = Inbox(CHAIN, Cursor(generation=1), known_head=HEAD)
    assert asked(box.next(0, 0, 0.0)) == [0]
    return box


def asked(commands: list[Command]) -> list[int]:
    """Behind which offsets ranges are wanted."""
    return [one.message.after for one in commands if isinstance(one, Send) and isinstance(one.message, RangeWanted)]


def apply_all(box: Inbox, now_ms: int) -> list[Command]:
    """Apply what is held, frame by frame, until something else is wanted."""
    while True:
        commands = box.next(now_ms, 0, 0.0)
        if not commands or not isinstance(commands[0], Apply):
            return commands
        box.applied(Cursor(1, commands[0].frame.last, NO_CHAIN))


def test_a_range_that_has_come_whole_is_followed_by_the_next_at_once() -> None:
    box = behind()
    for first in range(1, RANGE_FRAMES + 1):
        box.hear(frame(first))
    assert asked(apply_all(box, now_ms=5)) == [RANGE_FRAMES]


def test_it_follows_at_once_too_when_each_frame_is_applied_before_the_next_comes() -> None:
    box = behind()
    wanted = []
    for first in range(1, RANGE_FRAMES + 1):
        box.hear(frame(first))
        wanted += asked(apply_all(box, now_ms=first))
    assert wanted == [RANGE_FRAMES]


def test_what_is_still_on_its_way_is_waited_for() -> None:
    box = behind()
    for first in range(1, RANGE_FRAMES):
        box.hear(frame(first))
    assert apply_all(box, now_ms=5) == []
    assert box.next(4 + RANGE_PATIENCE_MS, 0, 0.0) == []
    assert asked(box.next(5 + RANGE_PATIENCE_MS, 0, 0.0)) == [RANGE_FRAMES - 1]


def test_live_frames_beyond_the_range_do_not_count_as_parts_of_it() -> None:
    box = behind()
    for live in range(RANGE_FRAMES):
        box.hear(frame(HEAD + 1 + live))
    box.hear(frame(1))
    assert apply_all(box, now_ms=5) == []


def test_a_frame_that_does_not_fit_is_asked_for_again_only_after_a_while() -> None:
    box = behind()
    for first in range(1, RANGE_FRAMES + 1):
        box.hear(frame(first))
    assert isinstance(box.next(5, 0, 0.0)[0], Apply)
    box.failed(5)
    assert box.next(6, 0, 0.0) == []
    assert asked(box.next(5 + RANGE_PATIENCE_MS, 0, 0.0)) == [0]


# What overlaps, what is missing, what is of another history.


def frames(first: int, last: int, generation: int = 1) -> Frame:
    """A frame of several records that can be told apart."""
    records = tuple(Record(b"header", (str(offset).encode(),)) for offset in range(first, last + 1))
    return Frame(CHAIN, generation, first, bytes([first]) * 16, records)


def slots(commands: list[Command]) -> list[bytes | tuple[bytes]]:
    """The records of the frames that are to be applied."""
    return [record.slots[0] for one in commands if isinstance(one, Apply) for record in one.frame.records]


def mark(offset: int, chain: bytes = NO_CHAIN, backed_up: int = 0, generation: int = 1) -> Mark:
    return Mark(CHAIN, Cursor(generation, offset, chain), bytes(16), 0, backed_up)


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 4)), max_size=20))
def test_whatever_overlaps_each_record_is_applied_once_and_in_order(heard: list[tuple[int, int]]) -> None:
    box, applied = Inbox(CHAIN, Cursor()), []
    for first, more in [*heard, (1, 11), (1, 15)]:
        box.hear(frames(first, first + more))
        while commands := [one for one in box.next(0, 1_000_000, 0.9) if isinstance(one, Apply)]:
            applied += slots(list(commands))
            box.applied(Cursor(1, commands[0].frame.last, NO_CHAIN))
    assert applied == [str(offset).encode() for offset in range(1, 17)]


def test_a_whole_frame_says_what_it_continues_and_a_trimmed_one_continues_what_is_here() -> None:
    box = Inbox(CHAIN, Cursor(1, 2, b"c" * 16))
    box.hear(frames(3, 4))
    (whole,) = box.next(0, 0, 0.0)
    assert isinstance(whole, Apply)
    assert whole.frame.chain == bytes([3]) * 16
    box = Inbox(CHAIN, Cursor(1, 2, b"c" * 16))
    box.hear(frames(1, 4))
    (trimmed,) = box.next(0, 0, 0.0)
    assert isinstance(trimmed, Apply)
    assert (trimmed.frame.first, trimmed.frame.chain) == (3, b"c" * 16)


def test_nothing_is_given_out_while_a_frame_is_being_applied() -> None:
    box = Inbox(CHAIN, Cursor())
    box.hear(frames(1, 1))
    box.hear(frames(2, 2))
    assert len(box.next(0, 0, 0.0)) == 1
    assert box.next(0, 0, 0.0) == []
    box.applied(Cursor(1, 1, NO_CHAIN))
    assert slots(box.next(0, 0, 0.0)) == [b"2"]


def test_frames_of_another_generation_and_empty_ones_are_not_held() -> None:
    box = Inbox(CHAIN, Cursor(2, 0, NO_CHAIN))
    box.hear(frames(1, 3, generation=1))
    box.hear(frames(1, 3, generation=3))
    box.hear(Frame(CHAIN, 2, 5, NO_CHAIN, ()))
    assert (box.held, box.behind()) == ({}, 0)


def test_at_most_sixty_four_frames_wait_for_a_gap_and_the_one_that_closes_it_is_always_taken() -> None:
    box = Inbox(CHAIN, Cursor())
    for first in range(2, 2 + HELD_FRAMES_MAX + 10):
        box.hear(frames(first, first))
    assert len(box.held) == HELD_FRAMES_MAX
    box.hear(frames(1, 1))
    assert slots(box.next(0, 0, 0.0)) == [b"1"]


def test_a_gap_is_asked_for_after_a_wait_that_chance_spreads() -> None:
    box = Inbox(CHAIN, Cursor())
    box.hear(frames(5, 5))
    assert box.next(1_000, 10_000, 0.5) == []
    assert box.ask_at_ms == 6_000
    assert asked(box.next(5_999, 10_000, 0.5)) == []
    assert asked(box.next(6_000, 10_000, 0.5)) == [0]
    assert asked(box.next(6_001, 10_000, 0.5)) == [], "patience"
    assert asked(box.next(6_000 + RANGE_PATIENCE_MS, 10_000, 0.5)) == [0]


def test_a_question_is_withdrawn_when_what_was_missing_comes_by_itself() -> None:
    box = Inbox(CHAIN, Cursor())
    box.hear(frames(2, 2))
    box.next(0, 10_000, 0.9)
    box.hear(frames(1, 1))
    assert isinstance(box.next(10, 10_000, 0.9)[0], Apply)
    box.applied(Cursor(1, 1, NO_CHAIN))
    assert isinstance(box.next(10, 10_000, 0.9)[0], Apply)
    box.applied(Cursor(1, 2, NO_CHAIN))
    assert box.next(60_000, 10_000, 0.9) == []


def test_a_frame_that_did_not_fit_is_asked_for_again_later() -> None:
    box = Inbox(CHAIN, Cursor())
    box.hear(frames(1, 2))
    box.next(0, 0, 0.0)
    box.failed(1_000)
    assert asked(box.next(1_000, 0, 0.0)) == []
    assert asked(box.next(1_000 + RANGE_PATIENCE_MS, 0, 0.0)) == [0]


def test_a_mark_is_held_against_the_replica_where_it_was_made_and_reveals_what_is_missing() -> None:
    box = Inbox(CHAIN, Cursor())
    box.hear_mark(mark(2))
    assert box.behind() == 2
    box.hear(frames(1, 2))
    box.next(0, 0, 0.0)
    box.applied(Cursor(1, 2, NO_CHAIN))
    assert box.next(0, 0, 0.0) == [Compare(mark(2))]
    assert box.next(0, 0, 0.0) == [], "once"


def test_a_mark_that_was_passed_is_dropped_and_one_of_another_generation_never_kept() -> None:
    box = Inbox(CHAIN, Cursor(1, 5, NO_CHAIN))
    box.hear_mark(mark(4))
    box.hear_mark(mark(5, generation=2))
    assert box.next(0, 0, 0.0) == []


def test_a_backup_counts_only_on_the_very_feed_that_this_replica_has_followed() -> None:
    box = Inbox(CHAIN, Cursor(1, 5, b"c" * 16))
    box.hear_mark(mark(5, b"c" * 16, backed_up=3))
    assert box.next(0, 0, 0.0) == [Compare(mark(5, b"c" * 16, backed_up=3)), Settle(0, 3)]
    box.hear_mark(mark(5, b"d" * 16, backed_up=3))
    assert box.next(0, 0, 0.0) == [Compare(mark(5, b"d" * 16, backed_up=3))]


def test_after_a_rewind_nothing_that_was_held_is_left() -> None:
    box = Inbox(CHAIN, Cursor(1, 9, NO_CHAIN))
    box.hear(frames(11, 12))
    box.stand(Cursor(2, 4, NO_CHAIN))
    assert (box.held, box.cursor.offset, box.applying) == ({}, 4, False)


def test_a_frame_that_was_read_later_than_a_mark_was_made_is_not_held_against_it() -> None:
    """Whoever was erased in between is cut out of the frame, and was in what the mark sums up."""
    box = Inbox(CHAIN, Cursor())
    box.hear(replace(frames(1, 2), head=3))
    box.hear_mark(mark(2))
    box.next(0, 0, 0.0)
    box.applied(Cursor(1, 2, NO_CHAIN))
    assert box.next(0, 0, 0.0) == []
    box.hear(replace(frame(3), head=3))
    box.hear_mark(mark(3))
    box.next(0, 0, 0.0)
    box.applied(Cursor(1, 3, NO_CHAIN))
    assert box.next(0, 0, 0.0) == [Compare(mark(3))]


def test_rows_that_are_newer_than_the_feed_are_not_compared_before_it_has_come_as_far() -> None:
    box = Inbox(CHAIN, Cursor(1, 4))
    box.took_rows(6)
    box.took_rows(5)
    box.hear_mark(mark(4, backed_up=3))
    assert box.next(0, 0, 0.0) == [Settle(0, 3)]
    for first in (5, 6):
        box.hear(frame(first))
    assert apply_all(box, now_ms=5) == []
    box.hear_mark(mark(6))
    assert box.next(0, 0, 0.0) == [Compare(mark(6))]
    box.stand(Cursor(2, 3))
    box.hear_mark(mark(3, generation=2))
    assert box.next(0, 0, 0.0)[0] == Compare(mark(3, generation=2))
