"""A batch is taken in and its contests are decided in the same transaction."""

from dataclasses import replace

import pytest

from daemon.domain import authoring as wish
from daemon.domain.feed import CHAIN, Batch
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.hub import intake
from daemon.store import ordering
from tests.store.small_chain import ANNE, BIG, BRUNO, EMAIL, NOW, Site, SmallChain


def take_in(chain: SmallChain, till: Site) -> None:
    batch = till.batch(0)
    assert isinstance(batch, Batch)
    hub = chain.hub
    taken = hub.unit(lambda conn: intake.take_in(conn, hub.replica, batch, now_ms=NOW + 3_600_000))
    assert taken.head is not None


def owners(site: Site) -> list[bytes]:
    return [one.entity for customer in (ANNE, BRUNO) for one in site.members(Kind.AWARD, customer)]


def two_with_one_email() -> SmallChain:
    """Each till knows one of two customers with the same e-mail."""
    chain = SmallChain()
    chain.one.create(ANNE)
    chain.two.create(BRUNO)
    return chain


def test_a_contest_is_decided_once_and_its_award_is_heard_by_all() -> None:
    chain = two_with_one_email()
    take_in(chain, chain.one)
    assert owners(chain.hub) == []
    take_in(chain, chain.two)
    take_in(chain, chain.two)
    assert owners(chain.hub) == [ANNE]
    chain.download(chain.one)
    chain.download(chain.two)
    assert owners(chain.two) == [ANNE]
    assert len(chain.roots()) == 1
    (award,) = chain.two.members(Kind.AWARD)
    assert award.fields == {1: int(Claim.EMAIL), 2: "a@b.fr"}


def test_a_contest_that_no_record_can_decide_stops_nobody() -> None:
    chain = SmallChain()
    # Folding makes it longer than what may be sent.
    huge = "İ" * 15_000 + "@b.fr"
    for till, customer in ((chain.one, ANNE), (chain.two, BRUNO)):
        till.commit(wish.create(Kind.CUSTOMER, customer, {EMAIL: huge}))
        take_in(chain, till)
    assert owners(chain.hub) == []
    assert chain.hub.value(EMAIL, ANNE) == chain.hub.value(EMAIL, BRUNO) == huge


def test_hundreds_of_awards_that_a_till_claims_are_cleared_in_several_records() -> None:
    chain = two_with_one_email()
    awards = [wish.add(Kind.AWARD, ANNE, {1: int(Claim.EMAIL), 2: "a@b.fr"}) for _ in range(300)]
    chain.one.commit(*awards[:150])
    chain.one.commit(*awards[150:])
    take_in(chain, chain.one)
    take_in(chain, chain.two)
    assert owners(chain.hub) == [ANNE]


def test_both_customers_keep_the_value_that_was_awarded_to_one() -> None:
    chain = two_with_one_email()
    take_in(chain, chain.one)
    take_in(chain, chain.two)
    assert chain.hub.value(EMAIL, ANNE) == chain.hub.value(EMAIL, BRUNO) == "a@b.fr"


def test_an_award_that_cannot_be_saved_takes_the_batch_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = two_with_one_email()
    take_in(chain, chain.one)

    def fails(contest: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(intake, "awards", fails)
    with pytest.raises(OSError, match="full"):
        take_in(chain, chain.two)
    assert chain.hub.row(BRUNO) is None
    monkeypatch.undo()
    take_in(chain, chain.two)
    assert owners(chain.hub) == [ANNE]


def test_a_customer_who_gives_the_value_up_leaves_it_to_the_next() -> None:
    chain = two_with_one_email()
    take_in(chain, chain.one)
    take_in(chain, chain.two)
    chain.one.commit(wish.erase(Kind.ERASE, ANNE))
    take_in(chain, chain.one)
    third = Site(4)
    third.anchor()
    third.now = NOW + 9_000
    third.create(b"third...")
    take_in(chain, third)
    assert owners(chain.hub) == [BRUNO]


def test_what_is_given_back_to_a_restored_hub_has_its_contests_decided_too() -> None:
    chain = two_with_one_email()
    take_in(chain, chain.one)
    take_in(chain, chain.two)
    frame = ordering.frame_after(chain.hub.conn, CHAIN, 0, bytes_max=BIG)
    assert frame is not None
    without_award = replace(frame, records=frame.records[:2])
    chain.hub = Site(1, shop=0, boot=b"restored")
    chain.hub.replica.timeline = chain.hub.replica.timeline.anchor(local_ms=NOW, true_ms=NOW)
    hub = chain.hub
    hub.unit(ordering.begin_generation)
    assert hub.unit(lambda conn: intake.take_back(conn, hub.replica, without_award, now_ms=NOW)) == 2
    assert owners(hub) == [ANNE]
    assert hub.unit(lambda conn: intake.take_back(conn, hub.replica, frame, now_ms=NOW)) == 1
    assert owners(hub) == [ANNE], "of the old award and the new one the newest stands"
    assert hub.unit(lambda conn: intake.take_back(conn, hub.replica, frame, now_ms=NOW)) == 0
