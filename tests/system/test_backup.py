"""Head office from its backup: what the tills had sent since comes back from the tills."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.processes import Chain, comptoir, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


@pytest.mark.feature("F4.1")
def test_a_hub_restored_from_its_backup_hears_again_what_came_after_it(chain: Chain) -> None:
    first, second = chain.tills
    before = first.api.post("/customers", {"first_name": "Avant", "last_name": "Copie", "email": "avant@example.org"})
    chain.settle()
    config = str(chain.hub.config)
    comptoir("hub", "backup", "--directory", str(chain.directory / "backups"), "--config", config)
    until(lambda: first.replication()["backed_up"] >= 1, "the till to hear of the backup")
    after = second.api.post("/customers", {"first_name": "Après", "last_name": "Copie", "email": "apres@example.org"})
    chain.settle()
    chain.hub.kill()
    backup = next((chain.directory / "backups").glob("hub-*.db"))
    comptoir("hub", "restore", str(backup), "--config", config, "--yes")
    chain.hub.start()
    chain.settle()
    for made in (before, after):
        for box in (chain.hub, first, second):
            assert box.api.ask("GET", f"/customers/{made['customer']['id']}")[0] == 200
    assert first.replication()["feeds"][0]["generation"] == 2
