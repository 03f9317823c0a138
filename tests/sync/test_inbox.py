"""A feed as a till hears it: how fast it catches up, and how long it waits for what does not come."""

from daemon.domain.change import NO_CHAIN, Record
from daemon.domain.feed import CHAIN, Cursor, Frame
from daemon.sync.commands import Apply, Command, Send
from daemon.sync.inbox import RANGE_FRAMES, RANGE_PATIENCE_MS, Inbox
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
