"""What is said when a daemon cannot start, or ends by itself."""

import logging
from pathlib import Path

import pytest

from daemon.cli.daemons import until_its_end
from daemon.errors import OperatorMistake, StoreFault
from tests.fakes.comptoir import Comptoir
from tests.fakes.head_office import hub_in, till_in


async def test_a_daemon_that_cannot_start_says_which_gesture_is_missing(tmp_path: Path, alone: Comptoir) -> None:
    till, hub = till_in(tmp_path), hub_in(tmp_path)
    unenrolled = await till.comptoir.in_french()("till", "--config", till.config)
    assert (unenrolled.code, unenrolled.out) == (1, "")
    assert unenrolled.err.startswith(f"comptoir: cette caisse n’est pas inscrite ({till.state})\u00a0: lancez ")
    unfounded = await hub.comptoir("hub", "--config", hub.config)
    assert unfounded.err == f"comptoir: there is no hub in {hub.state}: run `comptoir hub init --chain NAME`\n"
    absent = await alone("till", "--config", tmp_path / "none.toml")
    assert (absent.code, absent.err.count("\n")) == (78, 1)


def test_a_group_of_our_own_errors_ends_in_the_sentence_of_the_first(caplog: pytest.LogCaptureFixture) -> None:
    def main(_: object) -> int:
        inner = ExceptionGroup("inner", [StoreFault("the disk is full"), OperatorMistake("x")])
        raise ExceptionGroup("tasks", [inner])

    with caplog.at_level(logging.WARNING), pytest.raises(StoreFault, match="the disk is full"):
        until_its_end(main, None)
    assert "ended" in caplog.text


def test_a_fault_of_ours_is_told_to_the_journal_by_its_place_and_raised(caplog: pytest.LogCaptureFixture) -> None:
    def main(kind: type[Exception]) -> int:
        raise kind("Hélène") if kind is KeyError else ExceptionGroup("tasks", [KeyError("Hélène"), StoreFault("x")])

    with caplog.at_level(logging.WARNING), pytest.raises(KeyError):
        until_its_end(main, KeyError)
    with pytest.raises(ExceptionGroup):
        until_its_end(main, ValueError)
    assert [record.getMessage() for record in caplog.records] == ["ended", "ended"]


def test_a_daemon_that_was_stopped_ends_well() -> None:
    assert until_its_end(lambda _: 0, None) == 0
