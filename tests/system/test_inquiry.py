"""A till asks head office over the real broker: the same search, one record, and a clear word when nobody is there."""

import time
from collections.abc import Iterator

import pytest

from daemon.desk.inquiry import DEADLINE_S
from tests.system.processes import Chain, running_chain, until

pytestmark = pytest.mark.needs("mosquitto")


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with running_chain(tmp_path_factory.mktemp("chain")) as running:
        yield running


@pytest.mark.feature("A3.1", "A3.3")
def test_head_office_answers_a_search_and_one_record_over_the_line(chain: Chain) -> None:
    till, *_ = chain.tills
    made = till.api.post("/customers", {"last_name": "Verhaeghe", "email": "v@example.org", "first_name": "Ada"})
    id_ = made["customer"]["id"]
    until(lambda: chain.hub.api.ask("GET", f"/customers/{id_}")[0] == 200, "the customer at head office")
    found = till.api.get("/head-office/customers?q=verhaeghe")
    assert [(hit["customer"]["id"], hit["here"]) for hit in found["hits"]] == [(id_, "same")]
    assert till.api.get(f"/head-office/customers/{id_}")["equal"] is True


@pytest.mark.feature("A3.2")
def test_without_head_office_or_a_broker_the_answer_comes_within_the_deadline(chain: Chain) -> None:
    till, *_ = chain.tills
    chain.hub.kill()
    began_s = time.perf_counter()
    status, _ = till.api.ask("GET", "/head-office/customers?q=verhaeghe")
    assert status == 504, "the broker is there, nobody answers"
    assert time.perf_counter() - began_s < DEADLINE_S + 3
    chain.broker.kill()

    def is_cut() -> bool:
        return till.api.ask("GET", "/head-office/customers?q=verhaeghe")[0] == 503

    until(is_cut, "the till to see that the line is cut")
    began_s = time.perf_counter()
    assert is_cut()
    assert time.perf_counter() - began_s < 1, "nobody waits for a deadline without a line"
    assert till.api.get("/customers?q=verhaeghe")["total"] == 1
