"""Questions: nobody there answers no, the end of the input takes what was offered."""

import io

import pytest

from daemon.cli.asking import asked, confirmed
from daemon.cli.terminal import Terminal


def terminal(err: io.StringIO, *, asks: bool) -> Terminal:
    found = Terminal(io.StringIO(), err, environ={})
    found.asks = asks
    return found


def test_nobody_there_says_no() -> None:
    err = io.StringIO()
    assert not confirmed(terminal(err, asks=False), "Sure?")
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("typed", "sure"), [("y\n", True), ("Oui\n", True), ("\n", False), ("", False), ("n\n", False)]
)
def test_only_a_yes_is_one(monkeypatch: pytest.MonkeyPatch, typed: str, sure: bool) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    err = io.StringIO()
    assert confirmed(terminal(err, asks=True), "Sure?") is sure
    assert err.getvalue().startswith("Sure? [y/N]: ")


def test_an_empty_line_takes_what_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n Léa \n"))
    err = io.StringIO()
    desk = terminal(err, asks=True)
    assert asked(desk, "Name", default="Anne") == "Anne"
    assert asked(desk, "Name") == "Léa"
    assert err.getvalue() == "Name [Anne]: Name: "
