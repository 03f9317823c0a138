"""Two tills, cut off from one another, disagree over every kind of value; each kind is settled by its own rule."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.processes import Chain, Daemon, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")

PERSON = {"first_name": "Hélène", "last_name": "Lefèvre", "email": "helene@example.org", "tags": ["Presse"]}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with running_chain(tmp_path_factory.mktemp("values"), shops=(1, 2)) as running:
        yield running


def make(box: Daemon, **other: Any) -> str:
    made: str = box.api.post("/customers", PERSON | {"surface": "import"} | other)["customer"]["id"]
    return made


def shown(box: Daemon, customer: str) -> Any:
    return box.api.get(f"/customers/{customer}")


def everywhere(chain: Chain, customer: str) -> Any:
    """The record, once head office and each till show the same."""

    def same() -> Any:
        answers = [box.api.ask("GET", f"/customers/{customer}") for box in (chain.hub, *chain.tills)]
        for _, body in answers:
            body.pop("points", None)  # what may be spent here differs
        return answers[0][1] if all(one == answers[0] and one[0] == 200 for one in answers) else None

    return until(same, "one record everywhere")


@pytest.mark.feature("E2.1")
def test_each_kind_of_value_is_settled_by_its_own_rule(chain: Chain) -> None:
    one, other = chain.tills
    customer = make(one)
    chain.settle()
    chain.broker.stop()
    one.api.edit(customer, first_name="Helena", phone="01 99 00 10 01", tags=["Presse", "VIP"])
    one.api.edit(customer, address={"line1": "1 quai", "postal_code": "29200", "city": "Brest"})
    one.api.edit(customer, consents={"sms": {"state": "refused"}, "post": {"state": "granted"}})
    one.api.post(f"/customers/{customer}/notes", {"text": "vue à Brest"})
    one.api.post(f"/customers/{customer}/cards", {"number": "290000042187"})
    one.api.post(f"/customers/{customer}/points", {"amount": 30, "reason": "geste"})
    one.api.edit(customer, blocked=True)
    other.api.edit(customer, last_name="Le Fèvre", tags=["Presse", "Ami"])
    other.api.edit(customer, address={"line1": "2 place", "postal_code": "75001", "city": "Paris"})
    other.api.edit(customer, consents={"sms": {"state": "granted"}, "email": {"state": "granted"}})
    other.api.post(f"/customers/{customer}/notes", {"text": "vue à Paris"})
    other.api.post(f"/customers/{customer}/cards", {"number": "290000042188"})
    other.api.post(f"/customers/{customer}/points", {"amount": 12, "reason": "geste"})
    assert other.api.ask("DELETE", f"/customers/{customer}/tags/presse")[0] == 200
    chain.start_broker()
    chain.settle()
    found = everywhere(chain, customer)
    # First and last name are one value: the later edit of either is the name, and no mixture is.
    assert (found["first_name"], found["last_name"]) == ("Hélène", "Le Fèvre")
    assert (found["address"]["line1"], found["address"]["city"]) == ("2 place", "Paris")
    assert found["phone"] is not None
    states = {channel: told["state"] for channel, told in found["consents"].items() if told["state"] != "unknown"}
    assert states == {"sms": "refused", "post": "granted", "email": "granted"}, "a refusal beats a grant"
    assert found["tags"] == ["Ami", "VIP"], "what is added by any is there, what was seen and removed is not"
    assert {note["text"] for note in found["notes"]} == {"vue à Brest", "vue à Paris"}
    assert {card["number"] for card in found["cards"]} == {"290000042187", "290000042188"}
    assert found["blocked"] is not False
    assert {box.api.get(f"/customers/{customer}/points")["balance"] for box in (chain.hub, one, other)} == {42}


@pytest.mark.feature("E2.1")
def test_a_claim_is_kept_by_both_and_decided_by_head_office(chain: Chain) -> None:
    one, other = chain.tills
    chain.broker.stop()
    both = [make(box, email="deux@example.org", last_name=name) for box, name in ((one, "Un"), (other, "Deux"))]
    chain.start_broker()
    chain.settle()
    for customer in both:
        assert everywhere(chain, customer)["email"] == "deux@example.org"
    assert [len(box.api.get("/customers?q=deux@example.org")["hits"]) for box in chain.tills] == [2, 2]


@pytest.mark.feature("E2.1")
def test_archive_beats_delete_and_erasure_beats_all(chain: Chain) -> None:
    one, other = chain.tills
    kept, gone = make(one, email="a@example.org"), make(one, email="b@example.org")
    chain.settle()
    chain.broker.stop()
    one.api.post(f"/customers/{kept}/archive", {"reason": "partie"})
    other.api.edit(kept, phone="01 99 00 10 05")
    one.api.edit(gone, phone="01 99 00 10 06")
    one.api.post(f"/customers/{gone}/notes", {"text": "en retard"})
    other.api.post(f"/customers/{gone}/erase", {"reason": "request"})
    chain.start_broker()
    chain.settle()
    assert everywhere(chain, kept)["archived"] is True
    assert shown(one, kept)["phone"] is not None
    until(lambda: all(box.api.ask("GET", f"/customers/{gone}")[0] in (404, 410) for box in (chain.hub, one, other)), "")
