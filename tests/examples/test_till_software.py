"""The example for till vendors, against a till as a process, from a card on the serial line to the posted sale."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from daemon.demo.guests import guests
from tests.examples.till_software import Refused, TillSoftware
from tests.fakes.running_demo import RunningDemo, running_demo, until

TILL = "caisse-2"
ONE_SHOP = ("caisse-1", "caisse-2")
BASKET = {"lines": [{"product": "baguette", "cents": 130}]}
FIRST, SECOND, _ = guests(3)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo"), customers=100) as running:
        yield running


@pytest.fixture
def software(demo: RunningDemo) -> TillSoftware:
    return TillSoftware(demo.addresses[TILL], demo.token(TILL))


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def listening(software: TillSoftware, beside: ThreadPoolExecutor) -> Future[str]:
    """Waits for a card in another thread; returns once it listens."""
    waiting = beside.submit(software.next_customer)
    until(lambda: bool(software._last_event) or waiting.done(), "the stream to open")
    return waiting


@pytest.mark.feature("A7.1")
def test_a_visit_from_the_scan_to_the_posted_sale(
    demo: RunningDemo, software: TillSoftware, beside: ThreadPoolExecutor
) -> None:
    visit = software.open_visit()
    assert visit["is_walk_in"]
    card = listening(software, beside)
    demo.do("tap", TILL, FIRST.code)
    visit = software.attach(visit, card.result(20))
    assert visit["customer"]["display_name"] == FIRST.name
    software.keep_basket(visit, BASKET)

    again = TillSoftware(demo.addresses[TILL], demo.token(TILL))
    kept = again.open_visit()
    assert (kept["id"], again.kept_basket(kept)) == (visit["id"], BASKET)

    posted = software.post(visit, key="ticket-1")
    assert (posted["state"], posted["sale_id"]) == ("posted", visit["sale_id"])
    assert software.post(visit, key="ticket-1") == posted
    assert software.post(visit, key="another")["sale_id"] == visit["sale_id"]
    assert software.open_visit()["is_walk_in"]


def test_it_survives_a_power_cut_of_the_till_in_the_middle(
    demo: RunningDemo, software: TillSoftware, beside: ThreadPoolExecutor
) -> None:
    visit = software.open_visit()
    card = listening(software, beside)
    killing = threading.Thread(target=demo.do, args=("kill", TILL))
    killing.start()
    until(lambda: demo.rows()[TILL]["state"] != "ready", "the till to be down")
    software.keep_basket(visit, BASKET)  # tried until the till is back
    killing.join()
    until(lambda: tapped(demo, card), "the card to be heard")
    visit = software.attach(visit, card.result(1))
    assert visit["customer"]["display_name"] == SECOND.name
    assert software.post(visit)["state"] == "posted"


def tapped(demo: RunningDemo, card: Future[str]) -> bool:
    demo.do("tap", TILL, SECOND.code)
    return card.done()


def test_what_is_refused_is_said_once_and_not_tried_again(software: TillSoftware) -> None:
    visit = software.open_visit()
    with pytest.raises(Refused, match="no customer has this id") as refusal:
        software.attach(visit, "0" * 16)
    assert refusal.value.status == 404


def test_a_wrong_token_is_refused_at_the_stream_too(demo: RunningDemo) -> None:
    with pytest.raises(Refused, match="log in again"):
        TillSoftware(demo.addresses[TILL], "wrong").next_customer()


@pytest.mark.feature("C8.1", "C8.2")
def test_a_basket_parked_at_one_till_is_resumed_at_another_one_and_nowhere_else(demo: RunningDemo) -> None:
    first, second = (TillSoftware(demo.addresses[till], demo.token(till), lane="9") for till in ONE_SHOP)
    visit = first.open_visit()
    first.keep_basket(visit, BASKET)
    ticket = first.park(visit, label="Commande du midi", cents=130)
    until(lambda: ticket["id"] in [one["id"] for one in second.parked()], "the other till to hear of it")
    theirs, basket = second.resume(second.open_visit(), ticket)
    assert basket == BASKET
    with pytest.raises(Refused) as refused:
        first.resume(first.open_visit(), ticket)
    assert refused.value.problem["field"] == "ticket"
    assert second.post(theirs)["state"] == "posted"
    until(lambda: ticket["id"] not in [one["id"] for one in first.parked()], "the first till to hear that it is sold")
