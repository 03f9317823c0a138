"""Progress: only for what takes over a second, only where somebody looks."""

import io
import time
from typing import cast

import pytest
from typing_extensions import override

from daemon.cli.progress import line, measured, shown
from daemon.cli.terminal import Terminal
from daemon.cli.words import speak
from daemon.clock import Clock


class Screen(io.StringIO):
    """A terminal that remembers what was drawn."""

    @override
    def isatty(self) -> bool:
        return True


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def monotonic_s(self) -> float:
        return self.at_s


def opened(err: io.StringIO) -> Terminal:
    return Terminal(io.StringIO(), err, environ={"TERM": "dumb"})


def test_nothing_is_drawn_within_a_second_and_the_line_is_gone_at_the_end() -> None:
    err, clock = Screen(), Watch()
    with shown(opened(err), "Import", cast("Clock", clock)) as bar:
        clock.at_s = 0.9
        bar.to(10, 100)
        assert err.getvalue() == ""
        clock.at_s = 2.0
        bar.to(50, 100)
        bar.to(51, 100)
    assert err.getvalue() == "\r\x1b[KImport  ████████████░░░░░░░░░░░░   50 %  50 / 100  0:02 left\r\x1b[K"


def test_a_pipe_sees_nothing() -> None:
    err, clock = io.StringIO(), Watch()
    with shown(opened(err), "Import", cast("Clock", clock)) as bar:
        clock.at_s = 100
        bar.to(50, 100)
    with measured(opened(err), "Copy", lambda: (1, 2)):
        pass
    assert err.getvalue() == ""


def test_work_that_reports_nothing_is_measured_from_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.cli.progress.SHOWN_AFTER_S", 0.0)
    err = Screen()
    with measured(opened(err), "Copy", lambda: (30, 60)):
        end = time.perf_counter() + 10
        while "30 / 60" not in err.getvalue():
            assert time.perf_counter() < end
            time.sleep(0.01)
    assert err.getvalue().endswith("\r\x1b[K")


def test_a_line_without_a_total_says_since_when() -> None:
    assert line("Reading", 0, 0, elapsed_s=75) == "Reading  1:15"
    assert line("Reading", 1200, 0, elapsed_s=3700) == "Reading  1,200  1:01:40"
    assert line("Import", 200, 100, elapsed_s=1).startswith("Import  " + "█" * 24 + "  100 %")


def test_a_line_speaks_french() -> None:
    speak("fr")
    try:
        assert line("Import", 1020, 2000, elapsed_s=8) == (
            "Import  ████████████░░░░░░░░░░░░   51 %  1\u202f020 / 2\u202f000  reste 0:07"
        )
    finally:
        speak("en")
