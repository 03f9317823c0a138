"""The command `comptoir demo` itself: its errors are single sentences. That it runs: tests/system/test_demo.py."""

from pathlib import Path

import pytest

from daemon.demo import run
from daemon.errors import NotRunning, OperatorMistake, PeerFault


def test_a_command_without_a_demo_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    with pytest.raises(NotRunning, match="aucune démo ne tourne dans"):
        run.main(["status", "--directory", str(tmp_path)])


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(OperatorMistake, match="holds other things than a demo"):
        run.main(["--directory", str(tmp_path)])


def test_of_all_that_fell_together_the_error_that_somebody_can_mend_is_told() -> None:
    mendable = PeerFault("broker does not start: port 8110 is in use")
    group = BaseExceptionGroup("", [KeyError("follows"), ExceptionGroup("", [ValueError("too"), mendable])])
    assert run.known_in(group) is mendable
    assert isinstance(run.known_in(ExceptionGroup("", [KeyError("ours")])), KeyError)
