import io
import logging
from collections.abc import Iterator

import pytest

from daemon.errors import StoreFault
from daemon.journal import event, failure
from daemon.log import Line, RateLimit, configure


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root, ours, access = logging.getLogger(), logging.getLogger("daemon"), logging.getLogger("aiohttp.access")
    kept = (list(root.handlers), root.level, ours.level, access.disabled)
    yield
    root.handlers[:] = kept[0]
    root.setLevel(kept[1])
    ours.setLevel(kept[2])
    access.disabled = kept[3]


def written(*, journal: bool = True, level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    configure(level, stream=stream, environ={"JOURNAL_STREAM": "9:1"} if journal else {})
    return stream


OURS = logging.getLogger("daemon.sync.link")
FOREIGN = logging.getLogger("somebody.elses")


@pytest.mark.parametrize(("level", "priority"), [(10, 7), (20, 6), (30, 4), (40, 3), (50, 2)])
def test_the_journal_reads_the_priority_at_the_start_of_the_line(level: int, priority: int) -> None:
    stream = written(level="debug")
    event(OURS, "link-up", level, site=12)
    assert stream.getvalue() == f"<{priority}>sync.link: link-up site=12\n"


def test_a_terminal_shows_the_time() -> None:
    stream = written(journal=False)
    event(OURS, "link-up", site=12)
    assert stream.getvalue()[2] == ":"
    assert stream.getvalue().endswith(" INFO sync.link: link-up site=12\n")


def test_the_level_of_the_configuration_is_for_our_lines() -> None:
    stream = written(level="warning")
    event(OURS, "link-up")
    event(OURS, "link-lost", logging.WARNING)
    FOREIGN.info("hello")
    assert stream.getvalue() == "<4>sync.link: link-lost\n"


def test_an_error_takes_one_line_and_shows_no_foreign_message() -> None:
    stream = written()
    with pytest.raises(KeyError) as caught:
        raise KeyError("Sophie")
    failure(OURS, "edit-failed", caught.value)
    failure(OURS, "save-failed", StoreFault("the disk is full"))
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("<4>sync.link: edit-failed (KeyError at test_log.py:")
    assert lines[1] == "<4>sync.link: save-failed (StoreFault: the disk is full)"
    assert "Sophie" not in stream.getvalue()


def test_a_librarys_line_loses_what_was_put_into_it() -> None:
    stream = written()
    FOREIGN.warning("cannot handle %s for %r", "Sophie", {"phone": "0639981234"})
    FOREIGN.error("Task exception was never retrieved\nfuture: <Task exception=KeyError('Sophie')>")
    FOREIGN.error("x" * 500)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "<4>somebody.elses: cannot handle %s for %r"
    assert lines[1] == "<3>somebody.elses: Task exception was never retrieved"
    assert lines[2] == "<3>somebody.elses: " + "x" * 160


def test_requests_are_not_logged() -> None:
    stream = written(level="debug")
    logging.getLogger("aiohttp.access").error("GET /customers?q=Sophie")
    assert stream.getvalue() == ""


def test_a_line_that_holds_line_ends_stays_one_line() -> None:
    stream = written()
    OURS.warning("one\ntwo\r\n<0>three")
    assert stream.getvalue() == "<4>sync.link: one two <0>three\n"


def record(at_s: float, message: str = "printer %s waits", **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "daemon.x", "msg": message, "args": ("a",), "levelno": 30, **extra})
    made.created = at_s
    return made


def test_repeated_lines_are_kept_back_and_counted() -> None:
    limit = RateLimit(burst=2, period_s=60)
    assert [limit.filter(record(second)) for second in range(10)] == [True, True, *[False] * 8]
    after = record(61)
    assert limit.filter(after)
    assert Line(journal=True).format(after) == "<4>x: printer a waits (8 more like this were left out)"
    again = record(62)
    assert limit.filter(again)
    assert "left out" not in Line(journal=True).format(again)


def test_other_lines_are_not_kept_back_with_them() -> None:
    limit = RateLimit(burst=1)
    assert limit.filter(record(0, event="link-up"))
    assert limit.filter(record(0, event="link-lost"))
    assert limit.filter(record(0))
    assert not limit.filter(record(0, event="link-up"))


def test_a_clock_that_jumps_back_silences_nothing() -> None:
    limit = RateLimit(burst=1, period_s=60)
    assert limit.filter(record(1_000_000))
    assert limit.filter(record(5))


def test_ever_new_lines_do_not_fill_the_memory() -> None:
    limit = RateLimit(kinds_max=10)
    assert all(limit.filter(record(0, f"line {n}")) for n in range(1_000))
    assert len(limit._seen) == 10
