"""How far a role goes alone."""

import pytest

from daemon.domain.caps import BY_DEFAULT, Act, caps_of, reaches, read
from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.domain.policy import VALUE
from daemon.domain.role import Role
from daemon.errors import OperatorMistake


def policy(text: str) -> Element:
    return Element(Kind.POLICY, b"policy..", b"", (1, 1, 1), {VALUE: text})


def test_without_a_policy_the_defaults_stand() -> None:
    caps = caps_of(None)
    assert caps == BY_DEFAULT
    assert reaches(caps, Role.CASHIER, Act.DISCOUNT, 1_000)
    assert not reaches(caps, Role.CASHIER, Act.DISCOUNT, 1_001)
    assert not reaches(caps, Role.CASHIER, Act.AT_RISK, 1)
    assert reaches(caps, Role.OFFICE, Act.CREDIT, 10**9)
    assert not reaches(caps, Role.MONITOR, Act.POINTS, 1)
    assert not reaches(caps, "a role of a newer version", Act.POINTS, 1)


def test_what_is_taken_counts_like_what_is_given() -> None:
    assert not reaches(caps_of(None), Role.CASHIER, Act.POINTS, -101)


def test_a_policy_changes_what_it_names_and_leaves_the_rest() -> None:
    caps = caps_of(policy('{"cashier": {"discount": 500, "points": null}}'))
    assert not reaches(caps, Role.CASHIER, Act.DISCOUNT, 501)
    assert reaches(caps, Role.CASHIER, Act.POINTS, 10**6)
    assert reaches(caps, Role.CASHIER, Act.CREDIT, 1_000)
    assert reaches(caps, Role.MANAGER, Act.DISCOUNT, 10_000)


def test_a_policy_that_cannot_be_read_leaves_the_defaults() -> None:
    for text in ("", "{", '{"cashier": 7}', '{"king": {}}'):
        assert caps_of(policy(text)) == BY_DEFAULT


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"king": {}}', "there is no role king"),
        ('{"cashier": {"gold": 1}}', "nothing that is capped is called gold"),
        ('{"cashier": {"points": -1}}', "the cap of points for cashier is less than nothing"),
    ],
)
def test_what_is_wrong_with_caps_is_named(text: str, sentence: str) -> None:
    with pytest.raises(OperatorMistake, match=sentence):
        read(text)
