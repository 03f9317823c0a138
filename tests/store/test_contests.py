"""Values that several customers hold, found where they begin."""

from daemon.domain import authoring as wish
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.store import contests
from tests.store.small_chain import ANNE, BRUNO, EMAIL, SmallChain


def test_two_customers_with_one_email_are_in_a_contest() -> None:
    here = SmallChain().hub
    first, second = here.create(ANNE), here.create(BRUNO)
    (contest,) = contests.begun_by(here.conn, {ANNE})
    assert (contest.claim, contest.value) == (Claim.EMAIL, "a@b.fr")
    assert {(one.customer, one.since) for one in contest.claimants} == {(ANNE, first.stamp), (BRUNO, second.stamp)}
    assert contest.awards == ()


def test_a_value_is_looked_at_once_however_many_of_its_owners_were_touched() -> None:
    here = SmallChain().hub
    here.create(ANNE)
    here.create(BRUNO)
    assert len(list(contests.begun_by(here.conn, {ANNE, BRUNO}))) == 1


def test_one_customer_alone_and_a_shared_telephone_make_no_contest() -> None:
    here = SmallChain().hub
    here.create(ANNE)
    here.commit(wish.create(Kind.CUSTOMER, BRUNO, {9: "+33612345678"}))
    here.edit({9: "+33612345678"})
    assert list(contests.begun_by(here.conn, {ANNE, BRUNO})) == []


def test_awards_that_were_given_are_part_of_the_contest() -> None:
    here = SmallChain().hub
    here.create(ANNE)
    here.create(BRUNO)
    here.commit(wish.add(Kind.AWARD, BRUNO, {1: int(Claim.EMAIL), 2: "a@b.fr"}))
    contest = contests.contest_for(here.conn, Claim.EMAIL, "a@b.fr")
    assert [award.entity for award in contest.awards] == [BRUNO]
    here.commit(wish.remove(contest.awards[0]))
    assert contests.contest_for(here.conn, Claim.EMAIL, "a@b.fr").awards == ()


def test_a_value_that_was_changed_is_contested_no_more() -> None:
    here = SmallChain().hub
    here.create(ANNE)
    here.create(BRUNO)
    here.edit({EMAIL: "other@b.fr"})
    assert list(contests.begun_by(here.conn, {ANNE, BRUNO})) == []
