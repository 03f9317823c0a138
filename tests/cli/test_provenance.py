"""`comptoir customers why|choose|disagreements`, in processes of their own."""

import pytest

from daemon.domain import authoring as operations
from daemon.domain.change import Operation, Verb
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.store import authoring, changes
from daemon.store.database import Connection
from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import OWNER, Counter

MOBILE = CUSTOMER.number("mobile")


async def create(comptoir: Comptoir) -> str:
    made = await comptoir("customers", "create", "--last-name", "Morel", "--mobile", "0612345600", "--surface",
                          "import", "--json")  # fmt: skip
    assert made.code == 0, made.err
    return str(made.json["customer"]["id"])


async def met(counter: Counter, id_: str) -> None:
    """Another till has set the mobile without having seen what was set here."""
    entity = bytes.fromhex(id_)

    def unit(conn: Connection) -> None:
        row = operations.create(Kind.CUSTOMER, entity, {})
        assert row.entity == entity
        op = Operation(Kind.CUSTOMER, entity, Verb.SET, {MOBILE: "+33612345699"})
        from daemon.domain.merge import Change

        changes.apply_changes(conn, counter.replica, [Change(op, (1 << 60, 9, 9), b"")])

    await counter.database.write(unit)


@pytest.mark.feature("B15.1", "B15.2", "B15.3", "E2.3")
async def test_why_shows_the_loser_and_choosing_it_settles_the_matter(counter: Counter, comptoir: Comptoir) -> None:
    id_ = await create(comptoir)
    await comptoir("customers", "edit", id_, "--mobile", "0612345601")
    await met(counter, id_)
    told = await comptoir("customers", "why", id_, "--field", "mobile")
    assert (told.code, "+33612345699" in told.out, "+33612345601" in told.out) == (0, True, True)
    assert "till 9" in told.out
    listed = await comptoir.in_french()("customers", "disagreements", "--all")
    assert "Morel" in listed.out
    assert "Écartée" in listed.out
    story = (await comptoir("customers", "why", id_, "--field", "mobile", "--json")).json["fields"][0]
    chosen = await comptoir("customers", "choose", id_, "mobile", story["lost"][0]["id"])
    assert (chosen.code, "Settled" in chosen.err) == (0, True)
    assert (await comptoir("customers", "show", id_, "--json")).json["mobile"] == "+33612345601"
    nobody = await comptoir("customers", "disagreements", "--all")
    assert "Nobody disagrees." in nobody.err
    assert (await comptoir("customers", "disagreements", "--json")).json == []
    assert (await comptoir("customers", "choose", id_, "shoe", "1-1-1")).code == 4
    assert (await comptoir("customers", "why", id_, "--field", "shoe")).code == 4


async def test_why_is_told_in_words_and_a_field_is_named_as_it_is_shown(counter: Counter, comptoir: Comptoir) -> None:
    id_ = await create(comptoir)
    await comptoir(
        "customers", "edit", id_, "--consent", "sms=no", "--add-note", "Préfère le matin", "--mobile", "0612345601"
    )
    await met(counter, id_)
    told = (await comptoir.in_french()("customers", "why", id_)).out
    for label, value in (("Genre", "particulier"), ("Nom", "Morel"), ("SMS", "refusé"), ("Note", "Préfère le matin")):
        assert any(label in line and value in line for line in told.splitlines()), (label, told)
    for inner in ("written_ms", "show_at_till", "account", "consent_"):
        assert inner not in told, "what only the program reads is left to --json"
    story = (await comptoir("customers", "why", id_, "--field", "Mobile", "--json")).json["fields"][0]
    chosen = await comptoir.in_french()("customers", "choose", id_, "mobile", story["lost"][0]["id"])
    assert (chosen.code, "Mobile" in chosen.err) == (0, True)


async def test_why_as_json_is_the_api_s(counter: Counter, comptoir: Comptoir) -> None:
    id_ = await create(comptoir)

    def note(conn: Connection) -> None:
        authoring.commit(
            conn, counter.replica, OWNER, [operations.add(Kind.NOTE, bytes.fromhex(id_), {1: "Bonjour"})], now_ms=9
        )

    await counter.database.write(note)
    found = (await comptoir("customers", "why", id_, "--json")).json
    assert {(one["part"], one["field"]) for one in found["fields"]} >= {("customer", "name"), ("note", "text")}
