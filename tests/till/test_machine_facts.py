"""What tells this machine from another one, as it is read."""

import os
from pathlib import Path

import pytest

from daemon.till.machine_facts import machine_facts


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A Raspberry Pi with its state on the second part of a memory card."""
    put(tmp_path, "etc/machine-id", "8a5f0c1e7d5b4f8c9b1e2d3c4b5a6978\n")
    put(tmp_path, "sys/firmware/devicetree/base/serial-number", "10000000abcdef01\0")
    put(tmp_path, "sys/devices/mmcblk0/mmcblk0p2/partition", "2\n")
    put(tmp_path, "sys/devices/mmcblk0/device/cid", "035344534333324780a1b2c3d4014300\n")
    put(tmp_path, "sys/devices/mmcblk0/device/serial", "0xa1b2c3d4\n")
    put(tmp_path, "state/till.db", "")
    number = (tmp_path / "state").stat().st_dev
    blocks = tmp_path / "sys/dev/block"
    blocks.mkdir(parents=True)
    (blocks / f"{os.major(number)}:{os.minor(number)}").symlink_to(tmp_path / "sys/devices/mmcblk0/mmcblk0p2")
    return tmp_path


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def read(root: Path) -> dict[str, bytes]:
    return dict(machine_facts("essai", root, root / "state"))


def test_system_board_and_memory_card_are_read(root: Path) -> None:
    assert read(root).keys() == {"system", "board", "disk.cid"}
    assert read(root) == read(root)


def test_each_fact_is_its_own(root: Path) -> None:
    before = read(root)
    put(root, "sys/devices/mmcblk0/device/cid", "035344534333324780ffffffff014300\n")
    put(root, "sys/class/dmi/id/product_uuid", "4c4c4544-0042-3510-8054-b4c04f4d3732\n")
    after = read(root)
    assert {name for name in before if before[name] != after[name]} == {"disk.cid"}
    assert after.keys() - before.keys() == {"product"}


def test_what_cannot_be_read_is_left_out(root: Path, tmp_path: Path) -> None:
    (root / "etc/machine-id").unlink()
    (root / "etc/machine-id").mkdir()
    (root / "sys/devices/mmcblk0/device/cid").unlink()
    assert read(root).keys() == {"board", "disk.serial"}
    assert machine_facts("essai", tmp_path / "nowhere", tmp_path / "no state") == {}


def test_the_real_machine_can_be_read(tmp_path: Path) -> None:
    assert all(len(digest) == 16 for digest in machine_facts("essai", Path("/"), tmp_path).values())
