"""The frozen databases of earlier releases under real daemons: upgraded, killed on the way, in a chain."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.store.database import _steps
from tests.captures.releases import releases
from tests.system.odd_machine import built
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

VERSIONS = releases.versions(releases.DATABASES)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """Of the name that the frozen one has; its hub and its till stand still."""
    with running_chain(tmp_path, shops=(1,)) as running:
        running.settle()
        running.stop_tills()
        running.hub.stop()
        yield running


def file_of(box: Daemon) -> Path:
    return box.api.path.parent / f"{box.role}.db"


def put_in(box: Daemon, version: str) -> None:
    """The frozen file in place of the box's own; keys and certificates are the new ones, as no release left its own."""
    path = file_of(box)
    with closing(sqlite3.connect(path)) as conn:
        enrolled = conn.execute("SELECT value FROM meta WHERE name = 'enrolled_with'").fetchone()
    for beside in path.parent.glob(f"{path.name}*"):
        beside.unlink()
    releases.unpack_database(version, box.role, path)
    if enrolled is not None:
        with closing(sqlite3.connect(path)) as conn, conn:
            conn.execute("UPDATE meta SET value = ? WHERE name = 'enrolled_with'", enrolled)


def schema_of(path: Path, scratch: Path) -> int:
    """As a killed process left it: of a copy, so that nothing is rolled back here."""
    for end in ("", "-wal"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            shutil.copy(beside, scratch.with_name(scratch.name + end))
    with closing(sqlite3.connect(scratch)) as conn:
        return int(conn.execute("PRAGMA user_version").fetchone()[0])


def is_over(box: Daemon) -> bool:
    assert box.process is not None
    return box.process.poll() is not None


def notes_at(box: Daemon, customers: Any) -> list[str]:
    shown = [box.api.get(f"/customers/{one}") for one in customers if box.api.ask("GET", f"/customers/{one}")[0] == 200]
    return sorted(note["text"] for one in shown for note in one["notes"] if "unsent" in note["text"])


@pytest.mark.parametrize("version", VERSIONS)
def test_daemons_started_on_frozen_files_join_a_chain_say_what_was_unsent_and_end_equal(
    chain: Chain, version: str
) -> None:
    (till,) = chain.tills
    for box in (chain.hub, till):
        put_in(box, version)
        box.start()
    chain.broker.reload()
    chain.settle()
    young = chain.add_till(2)
    chain.settle()
    customers = releases.facts(version)["till"]["customers"]
    here = [one for one in customers if till.api.ask("GET", f"/customers/{one}")[0] == 200]
    assert len(here) >= len(customers) - 1, "all but who was erased at the other till meanwhile"
    unsent = ["unsent 0", "unsent 1", "unsent 2"]
    assert [notes_at(box, here) for box in (chain.hub, till, young)] == [unsent] * 3
    made = till.api.post("/customers", {"last_name": "Depuis", "surface": "import"})["customer"]["id"]
    chain.settle()
    assert young.api.get(f"/customers/{made}")["last_name"] == "Depuis"
    assert till.replication()["copy"]["waiting"] == 0


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("version", VERSIONS)
def test_daemons_killed_again_and_again_while_they_upgrade_hold_what_they_held(
    chain: Chain, version: str, tmp_path: Path
) -> None:
    (till,) = chain.tills
    for box in (chain.hub, till):
        put_in(box, version)
        (tmp_path / f"odd-{box.role}").mkdir()
        odd = built(tmp_path / f"odd-{box.role}")
        odd.carry(box)
        within = 0
        for write in (9, 31, 75):
            odd.set(dies_at=write)
            box.launch()
            until(lambda: is_over(box) or box.api.ask("GET", "/health"), "it to die or to serve")  # noqa: B023  waited for at once
            if not is_over(box):
                box.kill()
                break
            within += schema_of(file_of(box), tmp_path / "copy.db") < len(_steps())
        odd.set(dies_at=0)
        assert within >= 2, "it was killed too late"
        box.start()
    chain.broker.reload()
    chain.settle()
    customers = releases.facts(version)["till"]["customers"]
    assert notes_at(chain.hub, customers) == notes_at(till, customers) == ["unsent 0", "unsent 1", "unsent 2"]
    for box in (chain.hub, till):
        assert "Traceback" not in box.log.read_text()
