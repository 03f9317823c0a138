"""Tables, colours, widths."""

import io
import json
import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from daemon.cli.terminal import Cell, Column, Terminal, printable, shortened, width_of


@pytest.fixture
def screen() -> Iterator[tuple[TextIO, int]]:
    """A real terminal of 40 columns: (what to write to, where to read what it shows)."""
    import fcntl
    import pty
    import struct
    import termios

    shown, written = pty.openpty()
    fcntl.ioctl(written, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 40, 0, 0))
    with os.fdopen(written, "w", encoding="utf-8") as out:
        yield out, shown
    os.close(shown)


def drawn(screen: tuple[TextIO, int]) -> str:
    screen[0].flush()
    return os.read(screen[1], 65_536).decode()


def piped() -> tuple[Terminal, io.StringIO]:
    out = io.StringIO()
    return Terminal(out, io.StringIO(), environ={}), out


COLUMNS = (Column(title="Name", keep=2), Column(title="Town"), Column(title="Age", right=True, keep=9))


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    terminal, out = piped()
    terminal.table(COLUMNS, [["Hélène", "", "7"], ["Bo", "", "41"]])
    assert out.getvalue() == "Name    Age\nHélène    7\nBo       41\n"


def test_in_a_pipe_nothing_is_cut_and_nothing_is_coloured() -> None:
    terminal, out = piped()
    terminal.table(COLUMNS, [[Cell(text="x" * 200, style="red", ranges=((0, 3),)), "y" * 200, "1"]])
    assert out.getvalue().splitlines()[1] == f"{'x' * 200}  {'y' * 200}    1"


def test_on_a_narrow_screen_the_least_kept_column_is_cut_first(screen: tuple[TextIO, int]) -> None:
    Terminal(screen[0], screen[0], environ={"TERM": "dumb"}).table(COLUMNS, [["Hélène Lefèvre", "v" * 60, "41"]])
    title, row = drawn(screen).splitlines()
    assert row == f"Hélène Lefèvre  {'v' * 18}…   41"
    assert width_of(row) == 40
    assert len(title) <= 40


def test_a_match_is_underlined_where_a_person_looks(screen: tuple[TextIO, int]) -> None:
    terminal = Terminal(screen[0], screen[0], environ={"TERM": "xterm"})
    terminal.write(Cell(text="Hélène", ranges=((0, 3),)), Cell(text=" !", style="red"))
    assert drawn(screen) == "\x1b[4mHél\x1b[0mène\x1b[31m !\x1b[0m\r\n"


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_means_none(screen: tuple[TextIO, int], environ: dict[str, str]) -> None:
    Terminal(screen[0], screen[0], environ=environ).say("done", "green")
    assert drawn(screen) == "done\r\n"


def test_json_is_one_value_in_a_pipe_and_indented_on_a_screen(screen: tuple[TextIO, int]) -> None:
    out = io.StringIO()
    Terminal(out, io.StringIO(), environ={}, as_json=True).answer({"name": "Hélène"})
    assert out.getvalue() == '{"name": "Hélène"}\n'
    Terminal(screen[0], screen[0], environ={}, as_json=True).answer({"a": 1})
    assert json.loads(drawn(screen)) == {"a": 1}


def test_facts_stand_under_one_another_and_empty_ones_are_left_out() -> None:
    terminal, out = piped()
    terminal.facts([("Name", "Anne"), ("Town", ""), ("Notes", "one\ntwo")])
    assert out.getvalue() == "  Name   Anne\n  Notes  one\n         two\n"


def test_what_commands_a_terminal_is_not_shown() -> None:
    assert printable("a\x1b[2Jb\x07\u00a0c\u202fd") == "a [2Jb \u00a0c\u202fd"


def test_wide_and_combining_signs_take_the_columns_that_they_take() -> None:
    assert (width_of("東京"), width_of("e\u0301"), width_of("é")) == (4, 1, 1)
    assert shortened("東京都", 5) == "東京…"
    assert shortened("Nantes", 6) == "Nantes"
