"""What the pill says of an edit: here, on its way, at head office."""

from typing import Any

import pytest

from daemon.desk.condition import FillShown, LinkShown, PassShown
from daemon.desk.search_answer import CopyAge
from daemon.domain.clock_doubt import ClockDoubt
from daemon.web.i18n import Words
from daemon.web.truth_line import TruthLine, truth_line, with_clock, with_device

NOW_MS = 1_760_000_000_000
FILL = FillShown(rows=412_000, total=1_000_000)
PAST = FillShown(rows=1_000_000, total=1_000_000, history=PassShown(rows=360_000, total=900_000))
SINCE = "2025-10-09T08:50:00Z"


def copy(waiting: int = 0, since: str | None = None) -> CopyAge:
    return CopyAge(proved_at=None, age_s=None, waiting=waiting, waiting_since=since)


@pytest.mark.feature("E5.1")
@pytest.mark.parametrize(
    ("age", "link", "state", "sentence"),
    [
        (copy(), LinkShown(online=True), "ok", "Up to date"),
        (copy(), None, "ok", "Up to date"),
        (copy(1), LinkShown(online=True), "waiting", "Saved here · 1 to send since just now"),
        (copy(3, "2025-10-09T08:53:00Z"), LinkShown(online=True), "waiting", "Saved here · 3 to send since 08:53"),
        (copy(3, SINCE), LinkShown(online=True), "late", "Saved here · 3 to send since 08:50"),
        (copy(3, SINCE), LinkShown(online=False, since=SINCE), "off", "Offline since 08:50, 3 to send"),
        (copy(), LinkShown(online=False, since=SINCE), "off", "Offline since 08:50"),
        (copy(2), LinkShown(online=False), "off", "Offline, 2 to send"),
        (copy(), LinkShown(online=True, fill=FILL), "waiting", "Filling: 412,000 of 1,000,000 records"),
        (copy(), LinkShown(online=True, fill=PAST), "waiting", "Sales history: 40 %"),
        (copy(1), LinkShown(online=True, fill=PAST), "waiting", "Saved here · 1 to send since just now"),
        (
            copy(),
            LinkShown(online=True, fill=PAST, is_unequal=True),
            "late",
            "Not equal to head office: being repaired",
        ),
        (copy(), LinkShown(online=True, is_unequal=True), "late", "Not equal to head office: being repaired"),
        (copy(), LinkShown(online=True, behind=1_500), "waiting", "Catching up: 1,500 changes to receive"),
        (copy(), LinkShown(online=True, behind=3), "ok", "Up to date"),
    ],
)
def test_a_till_says_where_its_edits_are(age: CopyAge, link: LinkShown | None, state: str, sentence: str) -> None:
    from datetime import UTC

    found = truth_line(age, link, Words("en", UTC), NOW_MS, is_hub=False)
    assert (found.state, found.sentence) == (state, sentence)


@pytest.mark.parametrize(
    ("link", "state", "sentence"),
    [
        (LinkShown(online=True), "ok", "In service"),
        (LinkShown(online=False, since=SINCE), "off", "Broker away since 08:50"),
        (LinkShown(online=False), "off", "Broker away"),
    ],
)
def test_head_office_has_nothing_to_send_and_a_broker_to_reach(link: LinkShown, state: str, sentence: str) -> None:
    from datetime import UTC

    found = truth_line(copy(4, SINCE), link, Words("en", UTC), NOW_MS, is_hub=True)
    assert (found.state, found.sentence) == (state, sentence)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("ok", "Up to date"), ("device", "front does not read")),
        (("late", "3 to send"), ("device", "front does not read · 3 to send")),
        (("off", "Offline"), ("off", "front does not read · Offline")),
        (("full", "Disk full"), ("full", "front does not read · Disk full")),
    ],
)
def test_a_reader_that_does_not_read_is_told_in_place_of_good_news_and_beside_bad(
    before: tuple[Any, str], after: tuple[str, str]
) -> None:
    truth = TruthLine(state=before[0], sentence=before[1])
    found = with_device(truth, "front does not read")
    assert (found.state, found.sentence) == after
    assert with_device(truth, "") is truth


@pytest.mark.feature("E5.1")
@pytest.mark.parametrize(
    ("doubt", "told"),
    [
        (ClockDoubt(kind="never_set"), "Horloge jamais réglée"),
        (ClockDoubt(kind="behind", ms=11_100_000), "Horloge en retard de 3\u00a0h\u00a005"),
        (ClockDoubt(kind="ahead", ms=900_000), "Horloge en avance de 15\u00a0min"),
        (ClockDoubt(kind="unconfirmed", ms=3 * 86_400_000), "Heure non confirmée depuis 3 j"),
    ],
)
def test_a_wrong_clock_is_told_in_place_of_good_news_and_beside_what_else_is_told(doubt: ClockDoubt, told: str) -> None:
    words = Words("fr")
    assert with_clock(TruthLine(state="ok", sentence="À jour"), doubt, words) == TruthLine(state="late", sentence=told)
    for before, after in (("waiting", "late"), ("off", "off"), ("full", "full"), ("device", "device")):
        found = with_clock(TruthLine(state=before, sentence="x"), doubt, words)  # type: ignore[arg-type]  # the states
        assert (found.state, found.sentence) == (after, f"x · {told}")
    assert with_clock(TruthLine(state="ok", sentence="À jour"), None, words).state == "ok"
