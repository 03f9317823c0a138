"""When a till tells head office how it is."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.sync.reporting import (
    CHANGES_APART_MS,
    FIRST_REPORT_MS,
    REPORT_EVERY_MS,
    Reporting,
    States,
    states_of,
)
from daemon.sync.till_facts import DeviceTold, Fact, device_fact, output_fact

UP: States = (("reader", "scanner", "up"),)
GONE: States = (("reader", "scanner", "absent"),)


def live() -> Reporting:
    one = Reporting()
    one.link_up(0)
    one.live(0)
    return one


def test_the_first_report_comes_soon_after_the_greeting_and_the_others_every_half_minute() -> None:
    one = live()
    due = [now_ms for now_ms in range(0, 70_000, 500) if one.is_due(UP, now_ms)]
    assert due == [FIRST_REPORT_MS, FIRST_REPORT_MS + REPORT_EVERY_MS, FIRST_REPORT_MS + 2 * REPORT_EVERY_MS]


def test_a_device_that_goes_is_told_at_once_and_its_return_a_little_later() -> None:
    one = live()
    assert one.is_due(UP, 3_000)
    assert one.is_due(GONE, 4_000)
    assert not one.is_due(UP, 4_000 + CHANGES_APART_MS - 1)
    assert one.is_due(UP, 4_000 + CHANGES_APART_MS)
    assert not one.is_due(UP, 20_000)


def test_what_was_said_on_a_link_that_is_gone_is_said_again_and_no_sooner_for_a_device() -> None:
    one = live()
    assert one.is_due(UP, 3_000)
    one.link_up(4_000)
    one.live(5_000)
    assert not one.is_due(GONE, 5_100)
    assert one.is_due(GONE, 5_000 + FIRST_REPORT_MS)


def test_what_a_device_read_is_no_news_of_its_own() -> None:
    def facts(**seen: int) -> dict[int, object]:
        scanner = DeviceTold("scanner", "up", seen["read_ms"], seen["bad"], 0, 0, 0)
        counter = DeviceTold("counter", "held", seen["read_ms"], 0, 0, 0, 0, "printer")
        return {Fact.DEVICES: device_fact([scanner]), Fact.OUTPUTS: output_fact([counter])}

    states = (("reader", "scanner", "up"), ("printer", "counter", "held"))
    assert states_of(facts(read_ms=1, bad=0)) == states_of(facts(read_ms=2, bad=9)) == states
    assert states_of({}) == ()


@given(st.lists(st.tuples(st.integers(1, 2_000), st.booleans()), min_size=1, max_size=400))
def test_a_loose_plug_floods_nobody_and_how_it_ends_is_told_in_time(steps: list[tuple[int, bool]]) -> None:
    one, now_ms, told, reports = live(), 0, None, 0
    for pause_ms, is_there in steps:
        now_ms += pause_ms
        if one.is_due(UP if is_there else GONE, now_ms):
            told, reports = is_there, reports + 1
    assert reports <= 2 + now_ms // CHANGES_APART_MS + now_ms // REPORT_EVERY_MS
    last = steps[-1][1]
    if told is not None and told is not last:
        assert one.is_due(UP if last else GONE, now_ms + CHANGES_APART_MS)
