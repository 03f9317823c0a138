"""`comptoir customers duplicates|merge|part`, in processes of their own."""

from pathlib import Path
from typing import cast

import pytest

from daemon.store import likely
from daemon.web.parts import Roster
from tests.fakes.comptoir import Comptoir, open_till
from tests.fakes.counter import HUB


async def create(comptoir: Comptoir, *words: str) -> str:
    made = await comptoir("customers", "create", "--surface", "import", "--even-if-known", "--json", *words)
    assert made.code == 0, made.err
    return str(made.json["customer"]["id"])


@pytest.mark.feature("B14.1", "B14.2", "B14.5")
async def test_two_records_are_found_shown_side_by_side_merged_and_parted(comptoir: Comptoir) -> None:
    one = await create(comptoir, "--last-name", "Lefèvre", "--mobile", "0612345678", "--email", "a@example.org")
    other = await create(comptoir, "--last-name", "Lefebvre", "--mobile", "0612345678", "--email", "b@example.org")
    likely_ones = await comptoir("customers", "duplicates", one)
    assert (other in likely_ones.out, "telephone" in likely_ones.out, "sound of the name" in likely_ones.out) == (
        True,
        True,
        True,
    )
    refused = await comptoir("customers", "merge", one, other)
    assert (refused.code, "nothing was done" in refused.err) == (1, True)
    assert "a@example.org" in refused.out
    assert "b@example.org" in refused.out
    merged = await comptoir("customers", "merge", one, other, "--take", f"email={other}", "--yes")
    assert merged.code == 0, merged.err
    assert (await comptoir("customers", "show", one, "--json")).json["email"] == "b@example.org"
    nobody = await comptoir("customers", "duplicates", one)
    assert "Nobody is like them." in nobody.err
    parted = await comptoir("customers", "part", one, other, "--json")
    assert [record["id"] for record in parted.json["records"]] == [one]
    again = await comptoir.in_french()("customers", "part", one, other)
    assert (again.code, "n’ont pas été fusionnées" in again.err) == (4, True)
    assert (await comptoir("customers", "merge", one, other, "--take", "email", "--yes")).code == 1
    assert (await comptoir("customers", "part", one, one)).code == 1


@pytest.mark.feature("B14.1")
async def test_head_office_lists_the_pairs_it_has_found(tmp_path: Path) -> None:
    async with open_till(tmp_path, **HUB, roster=cast(Roster, object())) as (counter, comptoir):
        none = await comptoir("customers", "duplicates")
        assert "No two customers are alike." in none.err
        for name in ("Lefèvre", "Lefebvre"):
            await create(comptoir, "--last-name", name, "--mobile", "0612345678")
        await counter.database.write(lambda conn: likely.look_on(conn, now_ms=1, is_time_up=lambda: False))
        found = await comptoir("customers", "duplicates")
        assert ("Lefèvre" in found.out, "Lefebvre" in found.out) == (True, True)
        assert (await comptoir("customers", "duplicates", "--json")).json["total"] == 1
