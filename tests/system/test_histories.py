"""Boxes whose past is not what they think: restored, put back, copied. Nothing is lost, nothing happens twice."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.processes import Api, Chain, Daemon, comptoir, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path, shops=(1, 2)) as running:
        yield running


def make(box: Daemon, name: str) -> str:
    body = {"first_name": "Client", "last_name": name, "email": f"{name.lower()}@example.org"}
    made: str = box.api.post("/customers", body)["customer"]["id"]
    return made


def state_of(box: Daemon) -> Path:
    return box.api.path.parent


def image_of(box: Daemon, to: Path) -> Path:
    """A copy of the state directory of a box that does not run."""
    return Path(shutil.copytree(state_of(box), to, ignore=shutil.ignore_patterns("*.sock", "lock")))


def put_back(box: Daemon, image: Path) -> None:
    """As when the memory card of an earlier day is put into the box."""
    shutil.rmtree(state_of(box))
    shutil.copytree(image, state_of(box))


def found_once(box: Daemon, name: str) -> bool:
    return len(box.api.get(f"/customers?q={name.lower()}@example.org")["hits"]) == 1


def value(box: Daemon, customer: str, field: str) -> Any:
    return box.api.get(f"/customers/{customer}")[field]


@pytest.mark.feature("E3.1")
@pytest.mark.parametrize("way", ["announced", "unannounced"])
def test_what_head_office_ordered_after_its_backup_comes_back_from_the_tills(chain: Chain, way: str) -> None:
    first, second = chain.tills
    kept = make(first, "Garde")
    chain.settle()
    config, backups = str(chain.hub.config), chain.directory / "backups"
    image = chain.directory / "snapshot"
    if way == "announced":
        comptoir("hub", "backup", "--directory", str(backups), "--config", config)
    else:
        chain.hub.stop()
        image_of(chain.hub, image)
        chain.hub.start()
    names = ["Caisse1", "Caisse2", "Siege"]
    made = [make(box, name) for box, name in zip((first, second, chain.hub), names, strict=True)]
    first.api.edit(kept, civility="Dr")
    chain.settle()
    chain.hub.api.edit(kept, phone="01 99 00 10 01")
    chain.hub.api.edit(made[0], phone="01 99 00 10 02")
    chain.settle()
    chain.hub.stop()
    if way == "announced":
        comptoir("hub", "restore", str(next(backups.glob("hub-*.db"))), "--config", config, "--yes")
    else:
        put_back(chain.hub, image)
    chain.hub.start()
    until(lambda: all(chain.hub.api.ask("GET", f"/customers/{one}")[0] == 200 for one in made), "what was lost")
    chain.settle()
    for box in (chain.hub, first, second):
        assert all(found_once(box, name) for name in (*names, "Garde"))
        assert value(box, kept, "civility") == "Dr"
        assert value(box, kept, "phone") == value(first, kept, "phone") is not None
        assert value(box, made[0], "phone") is not None
    later = make(second, "Apres")
    until(lambda: first.api.ask("GET", f"/customers/{later}")[0] == 200, "life to go on")
    chain.settle()
    assert {feed["generation"] for box in (first, second) for feed in box.replication()["feeds"]} == {2}


@pytest.mark.feature("E3.1")
def test_a_till_put_back_from_an_old_image_loses_nothing_and_repeats_nothing(chain: Chain) -> None:
    till, other = chain.tills
    before = make(till, "Avant")
    chain.settle()
    till.stop()
    image = image_of(till, chain.directory / "image")
    till.start()
    since = make(till, "Depuis")
    till.api.edit(before, civility="Dr")
    chain.settle()
    incarnation = till.replication()["incarnation"]
    till.stop()
    put_back(till, image)
    chain.broker.kill()
    till.start()
    offline = make(till, "HorsLigne")
    till.api.edit(before, phone="01 99 00 10 03")
    chain.start_broker()
    chain.settle()
    assert till.replication()["incarnation"] != incarnation
    for box in (chain.hub, till, other):
        assert all(found_once(box, name) for name in ("Avant", "Depuis", "HorsLigne"))
        assert all(box.api.ask("GET", f"/customers/{one}")[0] == 200 for one in (before, since, offline))
        assert value(box, before, "civility") == "Dr"
        assert value(box, before, "phone") is not None


@pytest.mark.feature("E3.1")
def test_head_office_and_a_till_put_back_together_get_back_what_another_till_has(chain: Chain) -> None:
    till, other = chain.tills
    before = make(till, "Avant")
    chain.settle()
    images = {}
    for box in (chain.hub, till):
        box.stop()
        images[box.config.stem] = image_of(box, chain.directory / f"image-{box.config.stem}")
        box.start()
    since = [make(box, name) for box, name in ((till, "Depuis"), (chain.hub, "Siege"), (other, "Autre"))]
    till.api.edit(before, civility="Dr")
    chain.settle()
    for box in (till, chain.hub):
        box.stop()
        put_back(box, images[box.config.stem])
    for box in (chain.hub, till):
        box.start()
    until(lambda: all(chain.hub.api.ask("GET", f"/customers/{one}")[0] == 200 for one in since), "what was lost")
    chain.settle()
    for box in (chain.hub, till, other):
        assert all(found_once(box, name) for name in ("Avant", "Depuis", "Siege", "Autre"))
        assert value(box, before, "civility") == "Dr"


@pytest.mark.feature("E3.1")
def test_two_boxes_with_one_card_lose_nothing_and_head_office_says_so(chain: Chain) -> None:
    till, other = chain.tills
    before = make(till, "Avant")
    chain.settle()
    till.stop()
    copy = copied(chain, till)
    till.start()
    copy.start()
    for at in range(3):
        make(till, f"Original{at}")
        make(copy, f"Copie{at}")
    till.api.edit(before, civility="Dr")
    copy.api.edit(before, phone="01 99 00 10 04")
    chain.settle()
    for box in (chain.hub, till, other, copy):
        assert all(found_once(box, f"{name}{at}") for name in ("Original", "Copie") for at in range(3))
        assert value(box, before, "civility") == "Dr"
        assert value(box, before, "phone") is not None


@pytest.mark.feature("E6.1")
def test_head_office_and_both_boxes_say_that_they_are_two_until_one_is_taken_away(chain: Chain) -> None:
    till, other = chain.tills
    chain.settle()
    till.stop()
    copy = copied(chain, till)
    till.start()
    copy.start()
    site = till.replication()["site"]
    until(lambda: fenced_at_head_office(chain, site), "head office to see two boxes")
    until(lambda: till.replication()["fenced_since"] and copy.replication()["fenced_since"], "both boxes to hear it")
    assert not fenced_at_head_office(chain, other.replication()["site"])
    assert other.replication()["fenced_since"] is None
    assert make(till, "VendQuandMeme"), "a fenced till sells on"
    told = comptoir("sync", "status", "--config", str(till.config))
    assert "une autre machine" in told or "another box" in told
    copy.stop()
    chain.tills.remove(copy)
    chain.hub.kill()
    chain.hub.start()
    assert fenced_at_head_office(chain, site), "a restart lifts nothing"
    until(lambda: till.replication()["link"]["online"], "the line")
    comptoir("hub", "unfence", str(site), "--config", str(chain.hub.config))
    until(lambda: till.replication()["fenced_since"] is None, "the till to hear it")
    assert not fenced_at_head_office(chain, site)
    chain.settle()


def fenced_at_head_office(chain: Chain, site: int) -> bool:
    tills = chain.hub.api.get("/tills")
    return any(till["fenced_since"] for till in tills if till["site"] == site)


def copied(chain: Chain, till: Daemon) -> Daemon:
    """Another box with a copy of a till's card."""
    state = image_of(till, chain.directory / "copy")
    config = chain.directory / "copy.toml"
    config.write_text(till.config.read_text().replace(str(state_of(till)), str(state)))
    copy = Daemon("till", config, chain.directory / "copy.log", Api(state / "comptoir.sock"))
    chain.tills.append(copy)
    return copy
