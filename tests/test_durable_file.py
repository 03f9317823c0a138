import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.durable_file import write_durably
from daemon.errors import StoreFault


@contextmanager
def small_files_only() -> Iterator[None]:
    """As on a full disk: no file grows beyond a kilobyte, nor does the log that pytest writes into."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_new_content_replaces_the_old_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "till.pem"
    write_durably(path, b"old and longer")
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_the_mode_is_the_one_asked_for_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    former = os.umask(umask)
    try:
        write_durably(tmp_path / "key", b"")
        write_durably(tmp_path / "list", b"", mode=0o640)
    finally:
        os.umask(former)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "list").stat().st_mode & 0o777 == 0o640


def test_content_is_on_disk_before_its_name_and_the_name_before_we_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, order = tmp_path / "key", list[str]()
    fsync, replace = os.fsync, Path.replace

    def recorded_fsync(descriptor: int) -> None:
        order.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def recorded_replace(draft: Path, target: Path) -> Path:
        order.append(f"rename to {target.name}")
        return replace(draft, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(Path, "replace", recorded_replace)
    write_durably(path, b"secret")
    assert order == ["fsync .key.new", "rename to key", f"fsync {tmp_path.name}"]


def test_on_a_full_disk_the_old_content_stands_and_the_draft_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_durably(path, b"old")
    with small_files_only(), pytest.raises(StoreFault, match="key could not be written: File too large"):
        write_durably(path, bytes(100_000))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_draft_that_a_crash_left_behind_is_overwritten(tmp_path: Path) -> None:
    draft = tmp_path / ".key.new"
    draft.write_bytes(b"half of something much longer")
    draft.chmod(0o644)
    write_durably(tmp_path / "key", b"whole")
    assert (tmp_path / "key").read_bytes() == b"whole"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_planted_link_in_place_of_the_draft_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"untouched")
    (tmp_path / ".key.new").symlink_to(elsewhere)
    with pytest.raises(StoreFault):
        write_durably(tmp_path / "key", b"secret")
    assert elsewhere.read_bytes() == b"untouched"


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="absent/key could not be written: No such file or directory"):
        write_durably(tmp_path / "absent" / "key", b"")
