"""Stamps: never given twice, never before what they replace, and never trusted far ahead of the hub."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.domain.hlc import AHEAD_MS_MAX, Timeline, is_too_far_ahead, ms_of, ticks

NOW = 1_750_000_000_000


@given(st.lists(st.tuples(st.integers(0, 2 * NOW), st.integers(0, ticks(2 * NOW))), min_size=1, max_size=20))
def test_stamps_of_one_timeline_rise_and_come_after_what_they_replace(asked: list[tuple[int, int]]) -> None:
    timeline, last = Timeline(), 0
    for local_ms, after in asked:
        time, timeline = timeline.next(local_ms=local_ms, after=after)
        assert time > last
        assert time > after
        last = time


def test_a_stamp_shows_the_clock_when_nothing_speaks_against_it() -> None:
    time, _ = Timeline().next(local_ms=NOW)
    assert ms_of((time, 2, 7)) == NOW


def test_a_clock_that_stands_still_gives_the_next_count() -> None:
    first, timeline = Timeline().next(local_ms=NOW)
    second, _ = timeline.next(local_ms=NOW)
    assert second == first + 1


def test_the_anchor_corrects_a_clock_that_is_wrong() -> None:
    timeline = Timeline().anchor(local_ms=50, true_ms=NOW)
    time, _ = timeline.next(local_ms=60)
    assert timeline.anchored
    assert ms_of((time, 2, 7)) == NOW + 10


def test_a_clock_before_1970_counts_as_1970() -> None:
    time, _ = Timeline().anchor(local_ms=NOW, true_ms=0).next(local_ms=5)
    assert time == 1


def test_ten_minutes_ahead_of_the_hub_is_the_most() -> None:
    assert not is_too_far_ahead((ticks(NOW + AHEAD_MS_MAX), 2, 7), NOW)
    assert not is_too_far_ahead((ticks(NOW + AHEAD_MS_MAX) + 9, 2, 7), NOW)
    assert is_too_far_ahead((ticks(NOW + AHEAD_MS_MAX + 1), 2, 7), NOW)


def test_what_comes_right_after_an_ordered_stamp_is_ordered_whatever_the_hubs_clock_says_now() -> None:
    ordered = ticks(NOW + 10 * AHEAD_MS_MAX)
    assert not is_too_far_ahead((ordered + 1, 2, 7), NOW, newest=ordered)
    assert is_too_far_ahead((ordered + ticks(1_000), 2, 7), NOW, newest=ordered)


def test_a_kernel_clock_anchors_who_has_no_anchor_and_gave_no_later_stamp() -> None:
    fresh = Timeline(last=ticks(1000))
    assert fresh.trusts(1000)
    assert not fresh.trusts(999), "before the last stamp given"
    assert not fresh.trusts(None), "nobody keeps it right"
    assert not fresh.anchor(local_ms=0, true_ms=5).trusts(1000), "head office has spoken"
