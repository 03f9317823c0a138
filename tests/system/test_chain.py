"""A real chain: three tills, a hub, mosquitto with client certificates; edits, cut lines, kills, equal roots."""

import re
from collections.abc import Iterator

import pytest

from tests.system.processes import Chain, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

HELENE = {"first_name": "Hélène", "last_name": "Lefèvre", "email": "helene@example.org", "mobile": "06 39 98 00 12"}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with running_chain(tmp_path_factory.mktemp("chain")) as running:
        yield running


@pytest.mark.feature("A2.1")
def test_an_edit_at_one_till_reaches_head_office_and_the_other_tills(chain: Chain) -> None:
    first, second, third = chain.tills
    made = first.api.post("/customers", HELENE)["customer"]
    for till, where in ((third, "the other shop"), (second, "the next till")):
        until(lambda: till.api.ask("GET", f"/customers/{made['id']}")[0] == 200, f"the customer at {where}")  # noqa: B023 - waited for at once
    second.api.edit(made["id"], last_name="Lefebvre")
    until(lambda: chain.hub.api.get(f"/customers/{made['id']}")["last_name"] == "Lefebvre", "the edit at head office")
    chain.settle()


def test_each_till_learns_what_head_office_calls_it(chain: Chain) -> None:
    for number, till in enumerate(chain.tills, start=1):
        until(lambda: till.replication()["label"] == f"Caisse {number}", "the label")  # noqa: B023  asked at once
    assert chain.hub.replication()["label"] == ""


def test_who_is_erased_at_head_office_is_gone_from_every_till_and_a_late_edit_brings_nobody_back(chain: Chain) -> None:
    away, *others = chain.tills
    body = {"first_name": "Zoé", "last_name": "Oubliée", "email": "zoe@example.org"}
    made = others[0].api.post("/customers", body)["customer"]["id"]
    until(lambda: away.api.ask("GET", f"/customers/{made}")[0] == 200, "the customer at the other till")
    chain.settle()
    chain.broker.kill()
    away.api.edit(made, civility="Mme")
    receipt = chain.hub.api.post(f"/customers/{made}/erase", {"reason": "request"})
    chain.start_broker()
    for place in (chain.hub, *chain.tills):
        until(lambda: place.api.ask("GET", f"/customers/{made}")[0] == 404, "the erasure")  # noqa: B023  asked at once
        assert place.api.get("/customers?q=zoe@example.org")["hits"] == []
    chain.settle()
    again = away.api.post(f"/customers/{made}/erase", {"reason": "request"})
    assert again["tombstones"] == receipt["tombstones"]


@pytest.mark.feature("E1.1")
@pytest.mark.feature("E2.2")
def test_an_offline_day_on_three_tills_ends_in_equal_roots_and_no_edit_is_lost(chain: Chain) -> None:
    paul = {"first_name": "Paul", "last_name": "Morel", "email": "paul@example.org"}
    made = chain.tills[0].api.post("/customers", paul)["customer"]
    chain.settle()
    chain.broker.kill()
    for number, till in enumerate(chain.tills):
        till.api.edit(made["id"], civility=f"Dr {number}", phone=f"01 99 00 10 0{number}")
        till.api.post(
            "/customers", {"first_name": "Hors", "last_name": f"Ligne {number}", "email": f"h{number}@example.org"}
        )
        assert till.replication()["copy"]["waiting"] >= 2
    chain.start_broker()
    chain.settle()
    names = {till.api.get(f"/customers/{made['id']}")["civility"] for till in chain.tills}
    assert names == {chain.hub.api.get(f"/customers/{made['id']}")["civility"]}
    for till in chain.tills:
        assert len(till.api.get("/customers?q=ligne")["hits"]) == 3


@pytest.mark.feature("E3.1")
def test_kill_of_till_hub_and_broker_in_the_middle_loses_nothing_that_was_answered(chain: Chain) -> None:
    made: list[str] = []
    for round_ in range(4):
        for number, till in enumerate(chain.tills):
            email = f"k{round_}{number}@example.org"
            body = {"first_name": "Tué", "last_name": f"Pendant {round_}{number}", "email": email}
            made.append(till.api.post("/customers", body)["customer"]["id"])
        victim = (chain.tills[0], chain.hub, chain.tills[2], chain.hub)[round_]
        victim.kill()
        if round_ == 1:
            chain.broker.kill()
            chain.start_broker()
        victim.start()
    chain.settle()
    for box in (chain.hub, *chain.tills):
        for ident in made:
            assert box.api.ask("GET", f"/customers/{ident}")[0] == 200


def test_the_same_request_sent_again_after_a_kill_happens_once(chain: Chain) -> None:
    till = chain.tills[1]
    body = {"first_name": "Une", "last_name": "Fois", "email": "unefois@example.org"}
    first = till.api.post("/customers", body, key="une-seule-fois")
    till.kill()
    till.start()
    assert till.api.post("/customers", body, key="une-seule-fois") == first
    assert len(till.api.get("/customers?q=une+fois")["hits"]) == 1


@pytest.mark.feature("F4.3")
def test_no_name_and_no_address_is_in_any_log(chain: Chain) -> None:
    for log in chain.directory.glob("*.log"):
        assert not re.search(r"Lef|Hélène|example\.org|0639|63998|Ligne", log.read_text("utf-8", "replace")), log.name
