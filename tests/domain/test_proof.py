"""How far each proof of possession goes."""

import pytest

from daemon.domain.proof import BY_DEFAULT, Asked, Proof, Worth, asked_for, policy_of, reaches, read, stronger
from daemon.errors import OperatorMistake

POINTS = Worth.POINTS


def test_within_the_limit_of_the_proof_at_hand_nothing_is_asked() -> None:
    assert asked_for(BY_DEFAULT, Proof.NAME, {POINTS: 400}, {POINTS: 100}) is None
    assert asked_for(BY_DEFAULT, Proof.PIN, {POINTS: 10**9}, {POINTS: 10**9}) is None


def test_beyond_it_the_weakest_proof_that_covers_is_asked_for() -> None:
    assert asked_for(BY_DEFAULT, Proof.NAME, {POINTS: 400}, {POINTS: 101}) == Asked(
        worth=POINTS, most=500, proof=Proof.CARD
    )
    found = asked_for(BY_DEFAULT, Proof.NAME, {POINTS: 400}, {POINTS: 5_000})
    assert found is not None
    assert found.proof is Proof.PIN


def test_of_several_demands_the_strongest_is_told() -> None:
    wanted = {POINTS: 501, Worth.ON_ACCOUNT: 300_000}
    found = asked_for(BY_DEFAULT, Proof.NAME, {}, wanted)
    assert found == Asked(worth=Worth.ON_ACCOUNT, most=20_000, proof=Proof.PIN)


def test_where_no_proof_reaches_it_says_so() -> None:
    policy = read('{"name": {"points": 0}, "card": {"points": 0}, "pin": {"points": 10}}')
    assert asked_for(policy, Proof.PIN, {}, {POINTS: 11}) == Asked(worth=POINTS, most=10, proof=None)
    assert asked_for(policy, Proof.NAME, {}, {Worth.COUPONS: 5}) is None


def test_what_is_not_spent_more_is_not_asked_about() -> None:
    policy = read('{"name": {"points": 0}}')
    assert asked_for(policy, Proof.NAME, {POINTS: 900}, {POINTS: 0}) is None


def test_a_policy_changes_what_it_names_and_leaves_the_rest() -> None:
    policy = policy_of('{"name": {"points": 10}, "beyond": "manager"}')
    assert (policy.most(Proof.NAME, POINTS), policy.most(Proof.CARD, POINTS), policy.beyond) == (10, 5_000, "manager")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": {"gold": 1}}',
        '{"name": {"points": -1}}',
        '{"name": {"points": 6000}}',
        '{"card": {"points": null}, "pin": {"points": 7}}',
        '{"beyond": "shrug"}',
        "[]",
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_and_leaves_the_default(text: str) -> None:
    with pytest.raises(OperatorMistake):
        read(text)
    assert policy_of(text) == BY_DEFAULT


def test_proofs_have_an_order() -> None:
    assert stronger(Proof.NAME, Proof.CARD) is Proof.CARD
    assert reaches(Proof.PIN, Proof.CARD)
    assert not reaches(Proof.NAME, Proof.CARD)
