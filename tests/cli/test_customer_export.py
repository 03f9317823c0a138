"""`comptoir customers export` against a served till."""

import json
from pathlib import Path

import pytest

from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.counter import Counter


@pytest.fixture
async def peopled(counter: Counter, comptoir: Comptoir) -> Comptoir:
    await counter.choose_walk_in()
    await comptoir(
        *("customers", "create", "--first-name", "Hélène", "--last-name", "Lefèvre", "--email", "helene@example.fr"),
        *("--mobile", "0612345678", "--line1", "3 rue de la Paix", "--postal-code", "44000", "--city", "Nantes"),
        *("--birthday", "1984-05-03", "--tag", "vip", "--tag", "couture", "--card", "2900000000012"),
        *("--consent", "newsletter=yes", "--consent", "sms=no", "--note", "=1+1, deux lignes"),
    )
    await comptoir("customers", "create", "--company-name", "Garage Le Goff", "--siret", "73282932000074")
    return comptoir


async def test_what_is_exported_imports_elsewhere_as_the_same_customers(peopled: Comptoir, tmp_path: Path) -> None:
    file, other = tmp_path / "clients.csv", tmp_path / "other"
    exported = await peopled("customers", "export", file)
    assert (exported.code, exported.out, exported.err) == (0, "", "2 customers exported\n")
    assert file.stat().st_mode & 0o777 == 0o600
    other.mkdir()
    async with open_till(other, site=13) as (_, elsewhere):
        imported = await elsewhere("customers", "import", file, "--json")
        assert (imported.json["created"], imported.json["remarks"]) == (2, [])
        again = other / "again.csv"
        await elsewhere("customers", "export", again)
        assert sorted(again.read_bytes().splitlines()) == sorted(file.read_bytes().splitlines())


async def test_importing_an_export_changes_nothing(peopled: Comptoir, tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    await peopled("customers", "export", file)
    imported = await peopled("customers", "import", file)
    assert imported.err == "0 created · 0 completed · 2 unchanged · 0 skipped · 0 remarks\n"


@pytest.mark.feature("B19.9")
async def test_a_selection_goes_to_standard_output(peopled: Comptoir) -> None:
    exported = await peopled.in_french()("customers", "export", "-", "--search", "44000", "--language", "en")
    title, row = exported.out.split("\r\n")[:2]
    assert title.startswith("\ufeffKind;Title;First name;Last name;")
    assert row.startswith("person;;Hélène;Lefèvre;;")
    assert exported.err == "1 client exporté\n"


async def test_json_lines_are_the_customers_of_the_api(peopled: Comptoir, tmp_path: Path) -> None:
    exported = await peopled("customers", "export", "-", "--format", "jsonl")
    found = {one["display_name"]: one for one in map(json.loads, exported.out.splitlines())}
    assert set(found) == {"Hélène Lefèvre", "Garage Le Goff"}
    shown = (await peopled("customers", "show", "helene@example.fr", "--json")).json
    assert found["Hélène Lefèvre"] == shown
    told = await peopled("customers", "export", tmp_path / "all.csv", "--json")
    assert told.json == {"file": f"{tmp_path}/all.csv", "customers": 2}


async def test_the_register_is_read_page_by_page(counter: Counter, comptoir: Comptoir, tmp_path: Path) -> None:
    lines = "".join(f"Nom{number};n{number}@example.fr\n" for number in range(120))
    await comptoir("customers", "import", "-", typed=f"Nom;E-mail\n{lines}")
    exported = await comptoir("customers", "export", tmp_path / "all.csv", "--json")
    assert exported.json["customers"] == 120


async def test_a_folder_that_is_not_there_is_told_and_nothing_is_left(peopled: Comptoir, tmp_path: Path) -> None:
    refused = await peopled("customers", "export", tmp_path / "none" / "x.csv")
    assert refused.code == 1
    assert refused.err == f"comptoir: {tmp_path}/none/x.csv could not be written: No such file or directory\n"
