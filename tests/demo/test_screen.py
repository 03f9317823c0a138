"""The demo's terminal: bars in place where somebody watches, a line for each tenth in a file."""

import io

from typing_extensions import override

from daemon.demo.screen import Screen, drawn
from daemon.demo.words import Speech, said
from tests.fakes.stepped_clock import SteppedClock

SPEECH = Speech("en")


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


def test_before_a_second_has_passed_no_bar_is_drawn() -> None:
    clock, err = SteppedClock(), Terminal()
    with Screen(Terminal(), err, speech=SPEECH, clock=clock).bar("Customers") as bar:
        bar.to(500, 2000)
    assert err.getvalue() == ""


def test_a_bar_is_drawn_in_place_and_taken_away_at_its_end() -> None:
    clock, err = SteppedClock(), Terminal()
    with Screen(Terminal(), err, speech=SPEECH, clock=clock).bar("Customers") as bar:
        bar.to(0, 2000)
        clock.jump(2)
        bar.to(1000, 2000)
        assert err.getvalue().startswith("\r\x1b[KCustomers  ████████████░░░░░░░░░░░░   50 %  1,000 / 2,000  0:02")
        bar.to(1001, 2000)
        assert err.getvalue().count("Customers") == 1, "not twice within a tenth of a second"
    assert err.getvalue().endswith("\r\x1b[K")


def test_what_is_said_meanwhile_stands_above_the_bar() -> None:
    clock, both = SteppedClock(), Terminal()
    screen = Screen(both, both, speech=SPEECH, clock=clock)
    with screen.bar("Customers") as bar:
        clock.jump(2)
        bar.to(1, 2)
        screen.say(said("stopping"))
        lines = both.getvalue().replace("\r\x1b[K", "\n").splitlines()
    assert [line.split("  ")[0] for line in lines if line] == ["Customers", "Stopping…", "Customers"]


def test_bars_side_by_side_share_a_line() -> None:
    clock, err = SteppedClock(), Terminal()
    screen = Screen(Terminal(), err, speech=SPEECH, clock=clock)
    with screen.bar("one") as one, screen.bar("two") as two:
        clock.jump(2)
        one.to(1, 4)
        two.to(1, 4)
        last = err.getvalue().rpartition("\x1b[K")[2]
    assert last.startswith("one")
    assert "two" in last


def test_in_a_file_each_tenth_is_a_line() -> None:
    clock, err = SteppedClock(), io.StringIO()
    with Screen(io.StringIO(), err, speech=SPEECH, clock=clock).bar("Customers") as bar:
        for done in range(0, 101, 2):
            clock.jump(1)
            bar.to(done, 100)
    assert [line.split("  ")[2].strip() for line in err.getvalue().splitlines()] == [
        f"{tenth} %" for tenth in range(10, 101, 10)
    ]


def test_styles_are_for_terminals() -> None:
    clock = SteppedClock()
    assert Screen(Terminal(), Terminal(), speech=SPEECH, clock=clock).styled("a", "bold") == "\x1b[1ma\x1b[0m"
    assert Screen(io.StringIO(), Terminal(), speech=SPEECH, clock=clock).styled("a", "bold") == "a"


def test_without_a_first_step_nobody_knows_how_long_it_takes() -> None:
    assert drawn("x", 1, 2, still_s=None, speech=Speech("fr")).endswith(" 50 %  1 / 2")
    assert drawn("x", 1, 2, still_s=61.5, speech=Speech("fr")).endswith("1:01")
