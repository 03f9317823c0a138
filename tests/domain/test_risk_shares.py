"""What was given at risk, shared out: whose is settled first, what a cancellation gives back."""

from typing import Any

import pytest

from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT
from daemon.domain.rights import AT_RISK, CAUSE, DEDUCTED, GIVEN_BACK, OVERDRAWN, REASON, SALE, SETTLED
from daemon.domain.risk_shares import Share, shares
from daemon.domain.sale import cancellation_id, new_sale_id

A, B = new_sale_id(2, b"first"), new_sale_id(3, b"later")
RISK_A, RISK_B = (10, AT_RISK, A.hex()), (20, AT_RISK, B.hex())
BACK_A = (GIVEN_BACK, cancellation_id(A).hex())
DEDUCT, WAIVE = (SETTLED, None, DEDUCTED), (SETTLED, None, "waive")


def entries(*told: tuple[Any, ...]) -> list[Element]:
    numbers = (AMOUNT, CAUSE, SALE, REASON)
    return [
        Element(Kind.ENTRY, bytes(8), bytes([at]) * 8, (1, 1, 0), dict(zip(numbers, one, strict=False)))
        for at, one in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "of_a", "of_b"),
    [
        ((), Share(), Share()),
        ((RISK_A, RISK_B), Share(10, 0), Share(20, 0)),
        ((RISK_A, RISK_B, (-4, *WAIVE), (-9, *DEDUCT)), Share(0, 6), Share(17, 3)),
        ((RISK_A, (-10, *DEDUCT), RISK_B), Share(0, 10), Share(20, 0)),
        ((RISK_B, RISK_A, (-4, *DEDUCT), (-10, *BACK_A)), Share(0, 0), Share(16, 4)),
        ((RISK_A, (-10, *BACK_A), RISK_B, (-5, *DEDUCT)), Share(0, 0), Share(15, 5)),
        (((7, OVERDRAWN), RISK_A, (-9, *DEDUCT)), Share(8, 2), Share()),
        ((RISK_A, (-99, *DEDUCT)), Share(0, 10), Share()),
        ((RISK_A, (-3, GIVEN_BACK, "no id"), ("odd", AT_RISK, A.hex())), Share(7, 0), Share()),
    ],
)  # fmt: skip
def test_the_first_that_was_heard_of_is_settled_first(told: Any, of_a: Share, of_b: Share) -> None:
    found = shares(entries(*told))
    assert (found.get(A.hex(), Share()), found.get(B.hex(), Share())) == (of_a, of_b)
