"""`comptoir customers import` against a served till."""

import io
import re
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, cast

import pytest

from daemon.cli import customer_import
from daemon.cli.caller import Caller
from daemon.cli.progress import shown
from daemon.cli.terminal import Terminal
from daemon.errors import PeerFault
from tests.fakes.comptoir import Comptoir

HEADINGS = "Nom;Prénom;E-mail;Mobile;Code postal;Ville;Newsletter;Étiquettes;Cartes;Points\n"
FILE = HEADINGS + (
    "Lefèvre;Hélène;helene@example.fr;06 12 34 56 78;44000;Nantes;oui;vip, couture;2900000000012;12\n"
    "Le Goff;Yann;yann@example.fr;0698765432;29200;Brest;non;;;3\n"
    "Guivarc'h;Maëlle;maelle(at)example.fr;;29000;Quimper;;;;\n"
    ";;;;;;;;;\n"
    "Benali;Karim;;0611223344;44100;Nantes;;golf;;\n"
    ";;personne@;;;;;;;\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clients.csv"
    path.write_text(FILE, "utf-8")
    return path


async def head_seq(comptoir: Comptoir) -> int:
    return int((await comptoir("sync", "status", "--json")).json["copy"]["waiting"])


@pytest.mark.feature("B19.3")
async def test_a_dry_run_says_line_by_line_what_would_happen_and_writes_nothing(comptoir: Comptoir, file: Path) -> None:
    told = await comptoir("customers", "import", file, "--dry-run")
    assert told.code == 1
    assert [line.split("  ") for line in (re.sub("  +", "  ", line.strip()) for line in told.out.splitlines())] == [
        ["2", "would be created", "Hélène Lefèvre"],
        ["3", "would be created", "Yann Le Goff"],
        ["4", "would be created", "Maëlle Guivarc'h"],
        ["6", "would be created", "Karim Benali"],
        ["7", "would be skipped"],
    ]
    assert told.err.splitlines() == [
        "line 4  E-mail: the e-mail address has no @",
        "line 7  E-mail: what follows the @ of the e-mail address is no domain name",
        "line 7  the line names nobody",
        "4 created · 0 completed · 0 unchanged · 1 skipped · 3 remarks · dry run: nothing was written",
    ]
    assert await head_seq(comptoir) == 0


@pytest.mark.feature("B19.6")
async def test_importing_twice_changes_nothing(comptoir: Comptoir, file: Path) -> None:
    first = await comptoir("customers", "import", file, "--json")
    assert (first.json["created"], first.json["skipped"], first.code) == (4, 1, 1)
    saved = await head_seq(comptoir)
    again = await comptoir("customers", "import", file, "--json")
    assert (again.json["created"], again.json["completed"], again.json["unchanged"]) == (0, 0, 4)
    assert await head_seq(comptoir) == saved


@pytest.mark.feature("B19.5")
async def test_blanks_overwrite_nothing_and_what_is_new_is_added(comptoir: Comptoir, file: Path) -> None:
    await comptoir(
        *("customers", "create", "--first-name", "Hélène", "--last-name", "Lefèvre", "--email", "helene@example.fr"),
        *("--birthday", "1984-05-03", "--tag", "fidèle", "--line1", "3 rue de la Paix", "--postal-code", "44000"),
        *("--city", "Nantes", "--consent", "newsletter=no"),
    )
    imported = await comptoir("customers", "import", file, "--json")
    line = imported.json["lines"][0]
    assert (line["outcome"], line["fields"]) == ("completed", ["mobile", "cards", "tags", "points"])
    assert {"line": 2, "column": "consents.newsletter"}.items() <= imported.json["remarks"][0].items()
    shown = (await comptoir("customers", "show", "helene@example.fr", "--json")).json
    assert shown["birthday"] == "1984-05-03"
    assert shown["mobile"] == "+33612345678"
    assert shown["tags"] == ["couture", "fidèle", "vip"]
    assert [card["number"] for card in shown["cards"]] == ["2900000000012"]
    assert shown["address"]["line1"] == "3 rue de la Paix"
    assert shown["consents"]["newsletter"]["state"] == "refused"


async def test_a_file_from_standard_input_and_its_report_in_a_file(comptoir: Comptoir, tmp_path: Path) -> None:
    report = tmp_path / "rapport.csv"
    french = comptoir.in_french()
    told = await french("customers", "import", "-", "--report", report, typed=FILE)
    assert told.err.splitlines()[-2] == "4 créés · 0 complété · 0 inchangé · 1 sautée · 3 remarques"
    assert told.err.splitlines()[-1].startswith("pour l’annuler\u00a0: comptoir customers undo-import ")
    assert told.err.splitlines()[0] == "ligne 4  E-mail\u00a0: l’adresse e-mail n’a pas de @"
    lines = report.read_text("utf-8-sig").splitlines()
    assert lines[0] == "Ligne;Résultat;Colonne;Remarque;Client"
    assert lines[1].startswith("2;créé;Prénom, Nom")
    assert lines[-1] == "7;;;la ligne ne nomme personne;"


@pytest.mark.feature("B19.7")
async def test_an_import_is_listed_and_taken_back(comptoir: Comptoir, file: Path) -> None:
    await comptoir("customers", "import", file)
    (listed,) = (await comptoir("customers", "imports", "--json")).json
    assert (listed["name"], listed["state"], listed["created"]) == ("clients.csv", "done", 4)
    shown = await comptoir("customers", "imports")
    assert listed["id"] in shown.out
    back = await comptoir("customers", "undo-import", listed["id"])
    assert (back.code, back.err) == (0, "4 taken back · 0 kept · 0 refused\n")
    assert (await comptoir("customers", "search", "lefèvre", "--json")).json["hits"] == []
    again = await comptoir("customers", "import", file, "--json")
    assert again.json["created"] == 4


async def test_a_customer_who_was_changed_since_stays_when_an_import_is_taken_back(
    comptoir: Comptoir, file: Path
) -> None:
    imported = await comptoir("customers", "import", file, "--json")
    await comptoir("customers", "edit", "helene@example.fr", "--mobile", "06 11 11 11 11")
    back = await comptoir.in_french()("customers", "undo-import", imported.json["id"])
    assert back.err.splitlines() == [
        "ligne 2  le client a été modifié ou servi depuis l’import",
        "3 annulés · 1 gardé · 0 refusé",
    ]
    assert (await comptoir("customers", "show", "helene@example.fr", "--json")).json["mobile"] == "+33611111111"


async def test_the_daemon_goes_on_when_nobody_waits(comptoir: Comptoir, file: Path) -> None:
    handed = await comptoir("customers", "import", file, "--no-wait", "--json")
    assert handed.code == 0
    while (await comptoir("customers", "imports", "--json")).json[0]["state"] == "running":
        pass
    assert (await comptoir("customers", "imports", "--json")).json[0]["created"] == 4


async def test_two_customers_with_one_mail_are_left_for_a_person(comptoir: Comptoir, file: Path) -> None:
    for mail in ("helene@example.fr", "other@example.fr"):
        await comptoir("customers", "create", "--first-name", "H", "--last-name", "L", "--email", mail)
    await comptoir("customers", "edit", "other@example.fr", "--email", "helene@example.fr")
    imported = await comptoir("customers", "import", file, "--json")
    assert imported.json["lines"][0]["outcome"] == "skipped"
    assert {"line": 2, "column": "", "sentence": "the line is skipped: several customers fit this line"} in (
        imported.json["remarks"]
    )


async def test_a_file_without_known_headings_is_refused_in_one_sentence(comptoir: Comptoir, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a;b\n1;2\n")
    refused = await comptoir.in_french()("customers", "import", path)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "comptoir: la première ligne ne nomme aucune colonne de clients, comme Nom, Prénom, E-mail\n"
    )
    absent = await comptoir("customers", "import", tmp_path / "absent.csv")
    assert absent.err == f"comptoir: the file {tmp_path}/absent.csv cannot be read: No such file or directory\n"


async def test_without_a_daemon_there_is_no_import(alone: Comptoir, file: Path) -> None:
    stopped = await alone("customers", "import", file, COMPTOIR_SOCKET=str(file.with_name("none.sock")))
    assert stopped.code == 3
    assert stopped.err.splitlines()[-1] == (f"comptoir: no daemon answers on {file.parent}/none.sock: is it running?")


class Jobs:
    """A daemon that tells of one import, state after state."""

    def __init__(self, *told: dict[str, Any]) -> None:
        self.told = [{"id": "1", "rows": 0, "total": 4, "failure": "", "waiting": "", **one} for one in told]

    def get(self, path: str) -> dict[str, Any]:
        assert path == "/imports/1"
        return self.told.pop(0)


@pytest.mark.parametrize(
    ("last", "ending", "notes"),
    [
        ({"state": "failed", "failure": "the disk is full"}, pytest.raises(PeerFault), []),
        ({"state": "running"}, nullcontext(), ["it goes on"]),
    ],
)
def test_an_import_that_failed_while_it_waited_is_not_said_to_go_on(
    monkeypatch: pytest.MonkeyPatch, last: dict[str, Any], ending: AbstractContextManager[Any], notes: list[str]
) -> None:
    monkeypatch.setattr(customer_import, "ASKED_EVERY_S", 0.0)
    daemon = Jobs({"state": "running", "waiting": "the disk is full"}, last, {"state": "done"})
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out, err, environ={})
    first = {**daemon.told[0], "waiting": None}
    with ending, shown(terminal, "Importing") as bar:
        customer_import._followed(cast("Caller", daemon), first, bar, terminal)
    assert err.getvalue().splitlines() == ["the disk is full", *notes]
