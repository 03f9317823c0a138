"""Who a contested value belongs to: whoever had it first, until they have it no more."""

from daemon.domain.change import Verb
from daemon.domain.contest import Claimant, Contest
from daemon.domain.element import Element
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.hub.arbiter import awards

ANNE, BRUNO, CLARA = b"anne....", b"bruno...", b"clara..."
EMAIL = int(Claim.EMAIL)


def claim(customer: bytes, time: int) -> Claimant:
    return Claimant(customer, (time, 2, 7))


def award(customer: bytes, dot: bytes = b"dotdotdo", time: int = 1) -> Element:
    return Element(Kind.AWARD, customer, dot, (time, 1, 1), {1: EMAIL, 2: "a@b.fr"})


def contest(*claimants: Claimant, given: tuple[Element, ...] = ()) -> Contest:
    return Contest(EMAIL, "a@b.fr", claimants, given)


def test_the_first_claimant_keeps_the_value() -> None:
    (won,) = awards(contest(claim(BRUNO, 5), claim(ANNE, 9)))
    assert (won.kind, won.entity, won.verb, won.fields) == (Kind.AWARD, BRUNO, Verb.ADD, {1: EMAIL, 2: "a@b.fr"})


def test_claims_of_one_stamp_are_decided_by_the_id() -> None:
    (won,) = awards(contest(claim(BRUNO, 5), claim(ANNE, 5)))
    assert won.entity == ANNE


def test_an_award_that_names_a_claimant_stands() -> None:
    assert awards(contest(claim(ANNE, 5), claim(BRUNO, 9), given=(award(BRUNO),))) == []


def test_of_two_awards_the_newest_stands_as_tills_read_them() -> None:
    older, newer = award(ANNE, b"olderone"), award(BRUNO, b"newerone", time=2)
    (removed,) = awards(contest(claim(ANNE, 5), claim(BRUNO, 9), given=(newer, older)))
    assert (removed.verb, removed.entity, removed.dot) == (Verb.REMOVE, ANNE, b"olderone")


def test_an_award_of_somebody_who_has_the_value_no_more_is_taken_back() -> None:
    removed, won = awards(contest(claim(ANNE, 5), claim(BRUNO, 9), given=(award(CLARA),)))
    assert (removed.verb, removed.entity, removed.dot) == (Verb.REMOVE, CLARA, b"dotdotdo")
    assert won.entity == ANNE


def test_one_customer_with_a_value_twice_is_no_contest() -> None:
    assert awards(contest(claim(ANNE, 5), claim(ANNE, 9))) == ()
    assert awards(contest()) == ()
