"""How the first screen tells people to speak to the demo."""

import sys
from pathlib import Path

import pytest

from daemon.demo.first_screen import asked


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with a script, of whose folder the path knows nothing; we stand beside it."""
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "comptoir").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(scripts / "python"))
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.chdir(tmp_path)
    return scripts


def test_the_script_is_named_where_it_stands(environment: Path) -> None:
    assert asked(Path(".demo")) == ".venv/bin/comptoir demo"


def test_on_the_path_its_name_is_enough(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(environment))
    assert asked(Path(".demo")) == "comptoir demo"


def test_another_directory_is_named_each_time(environment: Path) -> None:
    assert asked(Path("/srv/demo")) == ".venv/bin/comptoir demo --directory /srv/demo"


def test_without_a_script_the_module_is_named(environment: Path) -> None:
    (environment / "comptoir").unlink()
    assert asked(Path(".demo")) == ".venv/bin/python -P -m daemon demo"
