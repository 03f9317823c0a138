"""`comptoir hub init`: a chain is founded once."""

from pathlib import Path

from tests.fakes.head_office import hub_in


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


async def test_running_it_again_changes_nothing(tmp_path: Path) -> None:
    hub = hub_in(tmp_path)
    first = await hub.comptoir("hub", "init", "--chain", "essai", "--config", hub.config, "--json")
    assert first.json == {
        "chain": "essai",
        "state_directory": str(hub.state),
        "enrolment": hub.enrol,
        "broker_files": f"{tmp_path}/broker",
        "created": True,
    }
    keys, broker = contents(hub.state / "keys"), contents(tmp_path / "broker")
    assert {"authority.pem", "server.pem", "broker.pem", "hub.pem", "pin.key"} <= set(keys)
    assert {"access", "comptoir.conf", "generation", "revoked.crl"} <= set(broker)
    again = await hub.comptoir.in_french()("hub", "init", "--chain", "essai", "--config", hub.config)
    assert (again.code, again.err) == (0, "La chaîne essai était déjà fondée\u00a0: tout est là.\n")
    assert (contents(hub.state / "keys"), contents(tmp_path / "broker")) == (keys, broker)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (hub.state / "keys").iterdir())


async def test_another_chain_in_the_same_directory_is_a_conflict(tmp_path: Path) -> None:
    hub = hub_in(tmp_path)
    await hub.comptoir("hub", "init", "--chain", "essai", "--config", hub.config)
    other = await hub.comptoir("hub", "init", "--chain", "autre", "--config", hub.config)
    assert (other.code, other.err) == (5, "comptoir: this state directory is the hub of the chain essai\n")


async def test_a_name_that_no_topic_may_have_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    hub = hub_in(tmp_path)
    refused = await hub.comptoir.in_french()("hub", "init", "--chain", "Ma Chaîne", "--config", hub.config)
    assert refused.code == 1
    assert refused.err == "comptoir: chaîne\u00a0: de 1 à 32 minuscules, chiffres et traits d’union\n"
    assert not (hub.state / "hub.db").exists()
