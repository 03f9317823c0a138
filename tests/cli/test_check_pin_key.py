"""What the doctor says of the PIN key."""

from pathlib import Path

import pytest

from daemon.domain import pin
from daemon.head_office.founding import DATABASE, KEYS
from daemon.hub.chain_keys import PIN_KEY, read_pin_key
from daemon.sync.identity import pin_key_file
from tests.fakes.head_office import Site, copied_chain, running


@pytest.mark.feature("C12.4")
async def test_the_key_is_a_file_of_its_own_that_its_owner_alone_reads(chain: Path, tmp_path: Path) -> None:
    hub, till = copied_chain(chain, tmp_path)
    key = hub.state / KEYS / PIN_KEY
    there = pin_key_file(till.state)
    assert there is not None
    assert there.read_bytes() == key.read_bytes(), "delivered at enrolment"
    id_ = pin.key_id(read_pin_key(hub.state / KEYS))
    for site, path in ((hub, key), (till, there)):
        sound = await examined(site)
        assert (sound["state"], id_ in sound["sentence"]) == ("ok", True)
        path.chmod(0o640)
        loose = await examined(site)
        assert (loose["state"], "0640" in loose["sentence"], "chmod 600" in loose["gesture"]) == ("failed", True, True)
        path.unlink()
        assert (await examined(site))["state"] == "failed"


async def examined(site: Site) -> dict[str, str]:
    found = await site.comptoir("doctor", "--quick", "--json", "--config", site.config)
    checks: list[dict[str, str]] = found.json["checks"]
    return next(check for check in checks if check["name"] == "pin key")


@pytest.mark.feature("C12.4")
async def test_pins_that_another_key_sealed_are_counted(chain: Path, tmp_path: Path) -> None:
    hub, _ = copied_chain(chain, tmp_path)
    config = ("--config", hub.config)
    async with running(hub, "hub"):
        made = await hub.comptoir("customers", "create", "--last-name", "Morel", "--surface", "import", *config)
        assert made.code == 0, made.err
        kept = await hub.comptoir("customers", "pin", "Morel", "--pin-stdin", *config, typed="4826\n")
        assert kept.code == 0, kept.err
    stolen = (hub.state / DATABASE).read_bytes()
    assert read_pin_key(hub.state / KEYS) not in stolen
    (hub.state / KEYS / PIN_KEY).write_bytes(bytes(32))
    found = await hub.comptoir("doctor", "--json", *config)
    said = [check["sentence"] for check in found.json["checks"] if check["name"] == "pin key"]
    assert "1 PIN was sealed under another key and must be set anew" in said, said
