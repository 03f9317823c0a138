"""Imports over HTTP: groups by their names, and the mark NPAI, which is one of two facts until somebody says which."""

from typing import Any

import pytest

from tests.fakes.counter import Browser
from tests.fakes.selling import make
from tests.fakes.two_tills import TwoTills
from tests.web.test_import_routes import browser, found, imported, report, undone
from tests.web.test_sales_routes_closed import shops

__all__ = ["browser", "shops"]

GROUPED = (
    "Prénom;Nom;E-mail;Groupes;NPAI\nAnne;Le Goff;anne@example.fr;VIP, Pro;oui\nBruno;Petit;b@example.fr;vip;non\n"
)
POSTED = (
    "Prénom;Nom;E-mail;Adresse;Code postal;Ville;NPAI\n"
    "Anne;Le Goff;anne@example.fr;3 rue du Port;44000;Nantes;X\n"
    "Bruno;Petit;bruno@example.fr;1 quai Sud;44000;Nantes;\n"
)


async def terms(where: Browser, who: Any) -> Any:
    return (await where.get(f"/customers/{who['id']}/terms")).json


async def group_names(where: Browser, who: Any) -> tuple[list[str], str]:
    said = await terms(where, who)
    return sorted(one["label"] for one in said["groups"]), said["principal"]["label"]


@pytest.mark.feature("B19.2", "B10.1")
async def test_groups_of_a_file_are_groups_and_names_that_none_has_are_kept_and_told(shops: TwoTills) -> None:
    hub = shops.hub
    vip = await make(hub, "/groups", label="V.I.P.")
    old = await make(hub, "/groups", label="Anciens")
    raw = GROUPED.encode("cp1252")
    job = await imported(hub, raw, "source=caisse")
    assert (job["created"], job["skipped"]) == (2, 0)
    (anne,), (bruno,) = [await found(hub, name) for name in ("anne", "bruno")]
    assert await group_names(hub, anne) == await group_names(hub, bruno) == (["V.I.P."], "V.I.P.")
    assert anne["tags"] == ["Pro"]
    said = [(one["line"], one["sentence"]) for one in (await report(hub, job["id"]))["remarks"]]
    assert (2, "no group is called Pro: it is kept as a tag") in said
    again = await imported(hub, raw, "source=caisse")
    assert (again["unchanged"], again["created"], again["completed"]) == (2, 0, 0)
    moved = await hub.post(f"/groups/{vip}/delete", {"replacement": old})
    assert moved.status == 200, moved.raw
    assert await group_names(hub, anne) == (["Anciens"], "Anciens")
    await undone(hub, job["id"])
    assert await found(hub, "anne") == []


@pytest.mark.feature("B6.2", "B19.3")
async def test_a_column_npai_asks_which_of_its_two_facts_is_meant(shops: TwoTills) -> None:
    till = shops.one
    job = await imported(till, POSTED.encode())
    (asked,) = [one for one in (await report(till, job["id"]))["remarks"] if one["column"] == "NPAI"]
    assert asked["sentence"].startswith("the column is left out: say with npai")
    assert not (await found(till, "anne"))[0]["bad_address"]
    rehearsed = await imported(till, POSTED.encode(), "npai=address&dry_run=1")
    lines = (await report(till, rehearsed["id"]))["lines"]
    assert [(one["outcome"], one["fields"]) for one in lines] == [("completed", ["npai"]), ("unchanged", [])]
    marked = await imported(till, POSTED.encode(), "npai=address")
    (anne,) = await found(till, "anne")
    assert (marked["completed"], anne["bad_address"], anne["no_information"]) == (1, True, False)
    assert (await imported(till, POSTED.encode(), "npai=address"))["unchanged"] == 2, "twice is once"
    await shops.sync()
    refused = await imported(till, POSTED.encode(), "npai=both")
    (anne,) = await found(till, "anne")
    assert (refused["completed"], anne["bad_address"], anne["no_information"]) == (1, True, True)
    assert anne["consents"]["post"]["source"] == "import"
    assert not (await found(till, "bruno"))[0]["bad_address"]
    await undone(till, marked["id"])
    (anne,) = await found(till, "anne")
    assert (anne["bad_address"], anne["no_information"]) == (False, True)
    wrong = await till.post("/imports?npai=perhaps", data=POSTED.encode())
    assert (wrong.status, wrong.json["field"]) == (422, "npai")


@pytest.mark.feature("B6.2", "B19.7")
async def test_customers_that_a_file_created_with_bad_addresses_are_taken_back_whole(shops: TwoTills) -> None:
    job = await imported(shops.one, POSTED.encode(), "npai=address")
    (anne,) = await found(shops.one, "anne")
    assert anne["bad_address"]
    await shops.sync()
    assert (await found(shops.two, "anne"))[0]["bad_address"], "the same at every till"
    back = await undone(shops.one, job["id"])
    assert (back["undone"], back["kept"], back["refused"]) == (2, 0, 0)
    assert await found(shops.one, "anne") == []
