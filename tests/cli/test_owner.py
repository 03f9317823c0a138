"""As root a command becomes the owner of the daemon's files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli.owner import act_as_owner, give, group_of, name_of

NOBODY = 65_534

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def who_after(folder: Path, role: str = "till") -> str:
    program = (
        "import os, sys, pathlib; from daemon.cli.owner import act_as_owner;"
        "act_as_owner(pathlib.Path(sys.argv[1]), sys.argv[2]); print(os.getuid(), os.getgid())"
    )
    command = [sys.executable, "-P", "-c", program, str(folder), role]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@as_root
def test_root_becomes_the_owner_of_the_state_directory(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    assert who_after(state) == "0 0", "what belongs to root is root's business"
    os.chown(state, NOBODY, NOBODY)
    assert who_after(state) == f"{NOBODY} {NOBODY}"


@as_root
def test_a_state_directory_is_made_private_and_a_backup_folder_like_it(tmp_path: Path) -> None:
    who_after(tmp_path / "deep" / "state", "hub")
    assert (tmp_path / "deep" / "state").stat().st_mode & 0o777 == 0o700
    os.chown(tmp_path / "deep" / "state", NOBODY, NOBODY)
    give(tmp_path / "backups", like=tmp_path / "deep" / "state")
    assert (tmp_path / "backups").stat().st_uid == NOBODY


def test_anybody_else_stays_who_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_to: list[int] = []
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "umask", closed_to.append)
    act_as_owner(tmp_path / "none", "till")
    assert not (tmp_path / "none").exists()
    assert closed_to == [0o077], "what is made is closed to everybody else"


def test_users_and_groups_have_names() -> None:
    assert (name_of(0), group_of(0)) == ("root", "root")
    assert (name_of(4_000_000), group_of(4_000_000)) == ("4000000", "4000000")
