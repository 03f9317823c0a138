"""A till on a disk that is full, and on one that reports errors: it reads on, says so, and goes on when it can."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.small_disk import fill, mounted_small_disk
from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A hub, and a till on a disk of 32 MiB."""
    with mounted_small_disk(tmp_path / "till1", mib=32), running_chain(tmp_path, shops=(1,)) as running:
        yield running


def create(till: Daemon, name: str) -> tuple[int, str]:
    status, answer = till.api.ask("POST", "/customers", {"last_name": name, "surface": "import"})
    return status, answer.get("detail", "") if status >= 400 else answer["customer"]["id"]


def is_readable(till: Daemon, customer: str) -> bool:
    return (
        till.api.ask("GET", f"/customers/{customer}")[0] == 200 and till.api.ask("GET", "/customers?q=avant")[0] == 200
    )


@pytest.mark.feature("F4.4")
def test_a_till_on_a_full_disk_reads_says_so_and_saves_again_once_there_is_room(chain: Chain, tmp_path: Path) -> None:
    (till,) = chain.tills
    disk = tmp_path / "till1"
    assert (disk / "ballast").exists()
    before = create(till, "Avant")[1]
    filler = fill(disk)
    refused = until(lambda: next((said for status, said in [create(till, "Plein")] if status == 503), ""), "a refusal")
    assert refused.startswith(f"the disk is full: reads go on, nothing can be saved until {disk} has room")
    assert not (disk / "ballast").exists()
    assert create(till, "Encore")[0] == 503
    assert is_readable(till, before)
    assert till.process is not None
    assert till.process.poll() is None
    # What was saved before reaches head office in the room that the ballast gave.
    chain.settle()
    restarted_on_full = fill(disk)
    till.kill()
    till.start()
    assert is_readable(till, before)
    assert create(till, "Après")[0] == 503
    for path in (filler, restarted_on_full):
        path.unlink(missing_ok=True)
    status, after = create(till, "Place")
    assert status == 201
    assert (disk / "ballast").exists()
    chain.settle()
    assert chain.hub.api.ask("GET", f"/customers/{after}")[0] == 200


def test_a_till_whose_disk_reports_errors_stays_up_and_reads_on(chain: Chain) -> None:
    (till,) = chain.tills
    before = create(till, "Avant")[1]
    assert till.process is not None
    # Every write now fails, as on a card that gives up: "file too large", which SQLite calls an I/O error.
    soft, hard = resource.prlimit(till.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(till.process.pid, resource.RLIMIT_FSIZE, (0, hard))
    status, refused = create(till, "Perdu")
    assert (status, refused.partition(" of ")[0]) == (503, "the disk")
    assert "reports errors: nothing was saved" in refused
    assert is_readable(till, before)
    resource.prlimit(till.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
    status, after = create(till, "Guéri")
    assert status == 201
    assert till.process.poll() is None
    chain.settle()
    assert chain.hub.api.ask("GET", f"/customers/{after}")[0] == 200
