"""`comptoir hub backup|restore`: a backup that is tried, with the keys of the chain."""

import asyncio
import shutil
from pathlib import Path

import pytest

from daemon.store.personal import IMPERSONAL_FILES, PERSONAL_FILES
from tests.fakes.head_office import Site, copied_chain, hub_in, running


@pytest.fixture
def hub(chain: Path, tmp_path: Path) -> Site:
    return copied_chain(chain, tmp_path)[0]


@pytest.mark.feature("F4.1")
async def test_what_was_backed_up_while_it_served_is_there_after_a_restore(hub: Site) -> None:
    comptoir, config = hub.comptoir, ("--config", hub.config)
    mail = ("--email", "helene@example.fr")
    async with running(hub, "hub"):
        await comptoir("customers", "create", "--first-name", "Hélène", "--last-name", "Lefèvre", *mail, *config)
        saved = await comptoir("hub", "backup", *config)
        assert saved.code == 0
        file = Path(saved.out.strip())
        assert saved.err.splitlines()[0].startswith("Verified: 2 stored things, position 2 of the chain's feed, ")
        await comptoir("customers", "create", "--last-name", "Later", "--surface", "import", *config)
        busy = await comptoir("hub", "restore", file, "--yes", *config)
        assert (busy.code, busy.err) == (1, f"comptoir: another process works in {hub.state}: stop it first\n")
    restored = await comptoir("hub", "restore", "last", "--yes", *config, "--json")
    assert restored.json == {
        "file": str(file),
        "offset": 2,
        "elements": 2,
        "keys": [],
        "replaced": f"{hub.state}/hub.db.replaced",
        "erasures_known": True,
    }
    _holds_no_unknown_file(hub.state)
    examined = await comptoir("doctor", "--quick", *config, "--json")
    left = next(check for check in examined.json["checks"] if check["name"] == "leftover")
    assert (left["state"], left["gesture"]) == ("warning", "sudo comptoir hub backup")
    async with running(hub, "hub"):
        assert (await comptoir("customers", "search", "lefevre", *config)).code == 0
        assert (await comptoir("customers", "search", "later", *config)).code == 4
        made = await comptoir("customers", "create", "--last-name", "New", "--surface", "import", "--json", *config)
        assert made.json["customer"]["code"] > "C001001000", "codes given since the backup are passed over"


async def test_a_lost_machine_comes_back_with_its_keys(hub: Site) -> None:
    config = ("--config", hub.config)
    saved = Path((await hub.comptoir("hub", "backup", *config, "--json")).json["file"])
    keys = {path.name: path.read_bytes() for path in (hub.state / "keys").iterdir()}
    assert saved.with_suffix(".keys").stat().st_mode & 0o777 == 0o600
    shutil.rmtree(hub.state)
    restored = await hub.comptoir("hub", "restore", saved, "--yes", *config)
    assert (restored.code, restored.err.splitlines()[0]) == (0, f"Restored from {saved}.")
    assert "whoever was erased after" in restored.err
    assert {path.name: path.read_bytes() for path in (hub.state / "keys").iterdir()} == keys
    async with running(hub, "hub"):
        assert (await hub.comptoir("hub", "tills", *config)).code == 0


async def test_tills_are_told_of_the_oldest_backup_that_may_be_restored_and_an_older_one_is_refused(hub: Site) -> None:
    config = ("--config", hub.config)
    made = []
    async with running(hub, "hub"):
        for name in ("Un", "Deux", "Trois"):
            await hub.comptoir("customers", "create", "--last-name", name, "--surface", "import", *config)
            saved = await hub.comptoir("hub", "backup", *config, "--keep", "2", "--json")
            made.append(saved.json)
            await asyncio.sleep(1.1)  # backups are named after the second
    assert [(one["offset"], one["backed_up"], one["removed"]) for one in made] == [(2, 2, 0), (3, 2, 0), (4, 3, 1)]
    first, second = (Path(one["file"]) for one in made[:2])
    assert not first.exists()
    shutil.copy(second, first)
    newest = await hub.comptoir("hub", "restore", "last", "--yes", *config)
    assert newest.code == 0
    kept = await hub.comptoir("hub", "backup", *config, "--keep", "1", "--json")
    assert (kept.json["backed_up"], (hub.state / "hub.db.replaced").exists()) == (4, False)
    for path in hub.state.parent.joinpath("backups").glob("hub-*.db"):
        assert str(path) == kept.json["file"]
    shutil.copy(kept.json["file"], second)
    none = await hub.comptoir("hub", "backup", *config, "--keep", "0")
    assert (none.code, none.err) == (1, "comptoir: keep: at least one backup is kept\n")


async def test_a_withdrawn_backup_is_restored_only_by_who_accepts_the_loss(hub: Site, tmp_path: Path) -> None:
    config, aside = ("--config", hub.config), tmp_path / "aside.db"
    async with running(hub, "hub"):
        for name in ("Un", "Deux"):
            await hub.comptoir("customers", "create", "--last-name", name, "--surface", "import", *config)
            saved = await hub.comptoir("hub", "backup", *config, "--keep", "1", "--json")
            if name == "Un":
                shutil.copy(saved.json["file"], aside)
            await asyncio.sleep(1.1)
    refused = await hub.comptoir("hub", "restore", aside, "--yes", *config)
    assert refused.code == 1
    assert refused.err == (
        "comptoir: aside.db was withdrawn: tills may have dropped records up to position 3 that it does not hold;"
        " take a later one, or give --accept-loss\n"
    )
    accepted = await hub.comptoir("hub", "restore", aside, "--yes", "--accept-loss", *config)
    assert accepted.code == 0


async def test_when_the_former_database_cannot_be_read_it_is_said_who_may_be_back(hub: Site) -> None:
    config = ("--config", hub.config)
    saved = Path((await hub.comptoir("hub", "backup", *config, "--json")).json["file"])
    (hub.state / "hub.db").write_bytes(b"\0" * 65536)
    for ending in ("-wal", "-shm"):
        (hub.state / f"hub.db{ending}").unlink(missing_ok=True)
    restored = await hub.comptoir.in_french()("hub", "restore", saved, "--yes", *config)
    assert restored.code == 0
    assert "L’ancienne base est illisible\u00a0: qui a été effacé après le" in restored.err
    assert (hub.state / "hub.db.replaced").exists()


def _holds_no_unknown_file(state: Path) -> None:
    """Each file either is one that erasure looks after, or cannot hold a person."""
    known = (*PERSONAL_FILES, *IMPERSONAL_FILES)
    names = [path.relative_to(state) for path in state.rglob("*") if not path.is_dir()]
    assert [name for name in names if not any(name.match(pattern) for pattern in known)] == []


async def test_only_so_many_backups_are_kept(hub: Site, tmp_path: Path) -> None:
    folder = tmp_path / "usb"
    folder.mkdir()
    for stamp in ("20200101-000000", "20210101-000000"):
        (folder / f"hub-{stamp}.db").touch()
        (folder / f"hub-{stamp}.keys").touch()
    saved = await hub.comptoir("hub", "backup", "--config", hub.config, "--directory", folder, "--keep", "2", "--json")
    assert saved.json["removed"] == 1
    fresh = Path(saved.json["file"])
    kept = {"hub-20210101-000000.db", "hub-20210101-000000.keys", fresh.name, fresh.with_suffix(".keys").name}
    assert {path.name for path in folder.iterdir()} == kept


async def test_a_file_that_is_no_backup_is_refused_and_nothing_is_touched(hub: Site, tmp_path: Path) -> None:
    before = (hub.state / "hub.db").read_bytes()
    broken = tmp_path / "x.db"
    broken.write_bytes(b"no database at all" * 100)
    refused = await hub.comptoir("hub", "restore", broken, "--yes", "--config", hub.config)
    assert refused.code == 1
    assert "cannot be opened" in refused.err
    assert (hub.state / "hub.db").read_bytes() == before
    absent = await hub.comptoir("hub", "restore", "last", "--config", hub.config)
    assert absent.code == 4
    unsure = await hub.comptoir("hub", "restore", broken, "--config", hub.config)
    assert (unsure.code, unsure.err) == (1, "comptoir: nothing was done: answer yes, or give --yes\n")


async def test_without_a_hub_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    hub = hub_in(tmp_path)
    refused = await hub.comptoir.in_french()("hub", "backup", "--config", hub.config)
    assert refused.code == 4
    assert refused.err == (
        f"comptoir: il n’y a pas de siège dans {hub.state}\u00a0: lancez `comptoir hub init --chain NOM`\n"
    )
