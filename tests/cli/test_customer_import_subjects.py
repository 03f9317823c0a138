"""Products imported at head office from the command line; and customers with a column NPAI."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.counter import HUB

PRODUCTS = "Code;Libellé;Prix TTC;TVA\nA-1;Écharpe;1 249,90 €;20\nA-2;;8,00;20\nA-3;Chapeau;huit;20\n"
CUSTOMERS = "Prénom;Nom;E-mail;Adresse;Code postal;Ville;NPAI\nAnne;Le Goff;a@example.fr;3 rue du Port;44000;Nantes;x\n"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Comptoir]:
    """The command line at head office."""
    async with open_till(tmp_path, **HUB) as (_, found):
        yield found


@pytest.mark.feature("C14.2", "B19.3")
async def test_products_are_rehearsed_imported_and_taken_back(office: Comptoir, tmp_path: Path) -> None:
    path, report = tmp_path / "catalogue.csv", tmp_path / "rapport.csv"
    path.write_bytes(PRODUCTS.encode("cp1252"))
    french = office.in_french()
    rehearsed = await french("products", "import", path, "--dry-run")
    assert (rehearsed.code, "ligne 3" in rehearsed.err, "rien n’a été écrit" in rehearsed.err) == (1, True, True)
    assert (await office("products", "list", "--json")).json["products"] == []
    imported = await french("products", "import", path, "--report", report)
    assert imported.err.splitlines()[-2] == "2 créés · 0 complété · 0 inchangé · 1 sautée · 2 remarques", imported.err
    undo = imported.err.splitlines()[-1]
    assert undo.startswith("pour l’annuler\u00a0: comptoir products undo-import ")
    assert "3;;label;" in report.read_text("utf-8-sig")
    shown = (await office("products", "show", "A-1", "--json")).json
    assert (shown["label"], shown["price_cents"]) == ("Écharpe", 124990)
    back = await office("products", "undo-import", undo.split()[-1])
    assert (back.code, back.err) == (0, "2 taken back · 0 kept · 0 refused\n")


@pytest.mark.feature("B6.2")
async def test_a_column_npai_says_what_somebody_says_it_means(office: Comptoir, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(CUSTOMERS, "utf-8")
    french = office.in_french()
    asked = await french("customers", "import", path, "--dry-run")
    assert "dites avec npai si l’adresse est mauvaise" in asked.err
    imported = await french("customers", "import", path, "--npai", "address")
    assert "npai" not in imported.err.lower().replace("--npai", "")
    shown = (await office("customers", "show", "a@example.fr", "--json")).json
    assert (shown["bad_address"], shown["no_information"]) == (True, False)
