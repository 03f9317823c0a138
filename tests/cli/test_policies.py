"""`comptoir hub policy|field|erasures`, `comptoir customers fill|npai|verify`, in processes of their own."""

from pathlib import Path
from typing import cast

import pytest

from daemon.web.parts import Roster
from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.counter import HUB

OFFICE = {**HUB, "roster": cast(Roster, object())}


async def create(comptoir: Comptoir, *words: str) -> str:
    made = await comptoir("customers", "create", "--surface", "import", "--json", "--last-name", "Morel", *words)
    assert made.code == 0, made.err
    return str(made.json["customer"]["id"])


@pytest.mark.feature("B1.2")
async def test_a_policy_is_set_at_head_office_and_shown_with_its_origin(tmp_path: Path) -> None:
    async with open_till(tmp_path, **OFFICE) as (_, comptoir):
        before = await comptoir("hub", "policy", "show", "required")
        assert "the program's own" in before.out
        text = '{"till": {"person": ["last_name", "mobile"]}}'
        said = await comptoir("hub", "policy", "set", "required", text)
        assert (said.code, "from head office, since" in said.out) == (0, True)
        refused = await comptoir("customers", "create", "--last-name", "Morel")
        assert (refused.code, "mobile" in refused.err) == (1, True)
        wrong = await comptoir.in_french()("hub", "policy", "set", "npai_alert", "loud")
        assert wrong.code == 1
        assert (await comptoir("hub", "policy", "set", "time_zone", "Indian/Reunion", "--shop", "2")).code == 0
        listed = (await comptoir("hub", "policy", "list", "--shop", "2", "--json")).json
        assert {one["name"]: one["value"] for one in listed}["time_zone"] == "Indian/Reunion"
        assert "npai_alert" in (await comptoir("hub", "policy", "list")).out
        assert (await comptoir("hub", "policy", "show", "nonsense")).code == 4


async def test_a_till_shows_policies_and_does_not_set_them(comptoir: Comptoir) -> None:
    assert (await comptoir("hub", "policy", "show", "npai_alert", "--json")).json["value"] == "banner"
    assert (await comptoir("hub", "policy", "set", "npai_alert", "off")).code != 0


@pytest.mark.feature("B8.2")
async def test_fields_of_the_chain_s_own_are_defined_and_filled_in(tmp_path: Path) -> None:
    async with open_till(tmp_path, **OFFICE) as (_, comptoir):
        assert "no fields of its own" in (await comptoir("hub", "field", "list")).err
        made = (await comptoir("hub", "field", "add", "Pro", "--type", "yes_no", "--json")).json
        level = await comptoir("hub", "field", "add", "Niveau", "--type", "choice", "--choice", "a", "--searched")
        assert "Niveau" in level.out
        id_ = await create(comptoir)
        filled = await comptoir("customers", "fill", id_, f"{made['number']}=oui", "1000=a")
        assert (filled.code, str(made["number"]) in filled.out) == (0, True)
        assert (await comptoir("customers", "fill", id_, "1000=z")).code == 1
        assert (await comptoir("customers", "fill", id_, "1000")).code == 1
        gone = await comptoir("hub", "field", "withdraw", "1000")
        assert "withdrawn" in gone.out
        assert len((await comptoir("hub", "field", "list", "--json")).json) == 2


@pytest.mark.feature("B6.2")
async def test_npai_asks_which_is_meant(comptoir: Comptoir) -> None:
    id_ = await create(comptoir, "--line1", "12 rue Crébillon", "--postal-code", "44000", "--city", "Nantes")
    asked = await comptoir("customers", "npai", id_)
    assert (asked.code, "say which is meant" in asked.err) == (1, True)
    bad = await comptoir("customers", "npai", id_, "--address", "--json")
    assert (bad.json["bad_address"], bad.json["no_information"]) == (True, False)
    silent = await comptoir("customers", "npai", id_, "--no-information", "--good-address", "--json")
    assert (silent.json["bad_address"], silent.json["no_information"]) == (False, True)
    assert (await comptoir("customers", "npai", id_, "--address", "--good-address")).code == 1


@pytest.mark.feature("A3.2")
async def test_without_a_line_to_head_office_the_answer_is_clear(comptoir: Comptoir) -> None:
    id_ = await create(comptoir)
    for words in (("customers", "verify", id_), ("customers", "search", "morel", "--head-office")):
        told = await comptoir.in_french()(*words)
        assert (told.code != 0, "le siège n’est pas joignable" in told.err) == (True, True)


@pytest.mark.feature("B13.5")
async def test_receipts_of_erasures_are_listed_at_head_office(tmp_path: Path) -> None:
    async with open_till(tmp_path, **OFFICE) as (_, comptoir):
        assert "Nobody was erased." in (await comptoir("hub", "erasures")).err
        id_ = await create(comptoir)
        erased = await comptoir("customers", "erase", id_, "--reason", "request", "--yes", "--json")
        listed = await comptoir("hub", "erasures")
        assert erased.json["tombstones"][0] in listed.out
        assert "all tills have confirmed" in listed.out
