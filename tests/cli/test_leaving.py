"""`comptoir customers archive|delete|erase` against a served till."""

import pytest

from daemon.domain.expiry import MONTH_MS
from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import Counter

PAUL = ("--first-name", "Paul", "--last-name", "Morel", "--email", "paul@example.fr")


async def created(comptoir: Comptoir) -> str:
    made = await comptoir("customers", "create", *PAUL, "--json")
    assert made.code == 0, made.err
    return str(made.json["customer"]["id"])


async def test_a_customer_is_archived_with_a_reason(comptoir: Comptoir) -> None:
    await created(comptoir)
    done = await comptoir("customers", "archive", "paul@example.fr", "--reason", "moved away")
    assert (done.code, done.err) == (0, "Paul Morel is archived.\n")
    assert (await comptoir("customers", "show", "paul@example.fr", "--json")).json["archived"] is True


@pytest.mark.feature("B12.1")
async def test_deleting_asks_first_and_says_what_it_did(comptoir: Comptoir) -> None:
    await created(comptoir)
    unasked = await comptoir("customers", "delete", "paul@example.fr")
    assert (unasked.code, unasked.err) == (1, "comptoir: nothing was done: answer yes, or give --yes\n")
    done = await comptoir.in_french()("customers", "delete", "paul@example.fr", "--yes")
    assert (done.code, done.err) == (0, "Paul Morel est supprimé.\n")
    assert (await comptoir("customers", "delete", "paul@example.fr", "--yes")).code == 4


async def test_erasing_asks_first_and_leaves_a_receipt_that_names_nobody(comptoir: Comptoir) -> None:
    id_ = await created(comptoir)
    assert (await comptoir("customers", "erase", id_)).code == 2, "why is to be said"
    assert (await comptoir("customers", "erase", id_, "--reason", "request")).code == 1
    done = await comptoir("customers", "erase", "paul@example.fr", "--reason", "request", "--yes")
    assert (done.code, done.err) == (0, "Erased. What is left, and names nobody:\n")
    tombstone, at = done.out.split()
    again = await comptoir("customers", "erase", id_, "--reason", "request", "--yes", "--json")
    assert (again.json["tombstones"], again.json["erased_at"]) == ([tombstone], at)
    assert (await comptoir("customers", "show", id_)).code == 4


async def test_who_gave_no_sign_is_listed(till: tuple[Counter, Comptoir]) -> None:
    counter, comptoir = till
    await comptoir("customers", "create", "--last-name", "Morel", "--surface", "import")
    assert (await comptoir("customers", "silent", "--json")).json == {"months": 36, "customers": []}
    counter.clock.at_ms += 35 * MONTH_MS
    listed = await comptoir.in_french()("customers", "silent")
    assert ("Morel" in listed.out, "prévenir avant le" in listed.out) == (True, True), listed.out
    counter.clock.at_ms += 2 * MONTH_MS
    (one,) = (await comptoir("customers", "silent", "--json")).json["customers"]
    assert (one["due"], one["customer"]["last_name"]) == ("erase", "Morel")
