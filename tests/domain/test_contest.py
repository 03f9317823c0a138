"""What makes a contest."""

from daemon.domain.contest import CONTESTED
from daemon.domain.kind_shape import Claim


def test_a_phone_may_be_a_households_and_makes_no_contest() -> None:
    assert Claim.PHONE not in CONTESTED
    assert {Claim.EMAIL, Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER} <= CONTESTED
