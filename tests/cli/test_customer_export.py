"""`comptoir customers export` against a served till."""

import json
import zipfile
from pathlib import Path

import pytest

from daemon.domain import authoring
from daemon.domain.kinds import Kind
from daemon.domain.spreadsheet import Row
from daemon.domain.workbook import open_workbook
from daemon.store.authoring import commit
from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.counter import OWNER, START_MS, Counter


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


@pytest.mark.feature("B19.1", "B19.9")
async def test_a_selection_by_tag_without_the_archived_goes_into_a_workbook(peopled: Comptoir, tmp_path: Path) -> None:
    file = tmp_path / "vip.xlsx"
    await peopled("customers", "create", "--last-name", "Morel", "--surface", "import", "--tag", "VIP")
    told = await peopled("customers", "export", file, "--tag", "vip")
    assert (told.code, told.err) == (0, "2 customers exported\n")
    sheet = open_workbook(file.read_bytes())
    assert sheet.headings[3] == "Last name"
    rows = [row.cells for row in sheet.rows if isinstance(row, Row)]
    assert sorted(row[3] for row in rows) == ["Lefèvre", "Morel"]
    assert any("=1+1, deux lignes" in row for row in rows)
    raw = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in raw
    await peopled("customers", "archive", "helene@example.fr")
    left = await peopled("customers", "export", "-", "--tag", "vip", "--without-archived")
    assert left.err == "1 customer exported\n"


@pytest.mark.feature("B19.9")
async def test_a_selection_by_group_is_asked_by_its_name(peopled: Comptoir, counter: Counter, tmp_path: Path) -> None:
    group = authoring.create(Kind.GROUP, b"groupe01", {1: "Amis de la maison"})
    shown = (await peopled("customers", "show", "helene@example.fr", "--json")).json
    member = authoring.add(Kind.MEMBERSHIP, bytes.fromhex(shown["id"]), {1: b"groupe01"})
    await counter.database.write(lambda conn: commit(conn, counter.replica, OWNER, [group, member], now_ms=START_MS))
    told = await peopled("customers", "export", tmp_path / "amis.csv", "--group", "amis de la maison")
    assert told.err == "1 customer exported\n"
    assert ";Amis de la maison;" in (tmp_path / "amis.csv").read_text("utf-8-sig")
    refused = await peopled("customers", "export", tmp_path / "x.csv", "--group", "ennemis")
    assert refused.code == 4
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.feature("B19.9")
async def test_groups_and_bad_addresses_are_exported_and_imported_elsewhere(
    peopled: Comptoir, counter: Counter, tmp_path: Path
) -> None:
    groups = [
        authoring.create(Kind.GROUP, id_, {1: label}) for id_, label in ((b"groupe01", "Pros"), (b"groupe02", "Amis"))
    ]
    shown = (await peopled("customers", "show", "helene@example.fr", "--json")).json
    members = [
        authoring.add(Kind.MEMBERSHIP, bytes.fromhex(shown["id"]), {1: id_}) for id_ in (b"groupe01", b"groupe02")
    ]
    said = [*groups, *members]
    await counter.database.write(lambda conn: commit(conn, counter.replica, OWNER, said, now_ms=START_MS))
    await peopled("customers", "npai", "helene@example.fr", "--address")
    file, other = tmp_path / "clients.csv", tmp_path / "other"
    await peopled("customers", "export", file)
    other.mkdir()
    async with open_till(other, site=13) as (there, elsewhere):
        await there.database.write(lambda conn: commit(conn, there.replica, OWNER, groups, now_ms=START_MS))
        await elsewhere("customers", "import", file)
        again = other / "again.csv"
        await elsewhere("customers", "export", again)
        assert sorted(again.read_bytes().splitlines()) == sorted(file.read_bytes().splitlines())
    assert ";Amis, Pros;yes;" in file.read_text("utf-8-sig")


@pytest.mark.feature("B19.10")
async def test_all_that_is_held_on_one_customer_is_written_as_json_and_as_pdf(
    peopled: Comptoir, tmp_path: Path
) -> None:
    await peopled("customers", "held", "helene@example.fr", tmp_path / "dossier.pdf", "--language", "fr")
    assert (tmp_path / "dossier.pdf").read_bytes().startswith(b"%PDF-")
    told = json.loads((await peopled("customers", "held", "helene@example.fr", "-")).out)
    assert told["customer"]["email"] == "helene@example.fr"


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
