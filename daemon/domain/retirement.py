"""Writes off what a till that is gone for good held: rights never lapse by a clock, so somebody must say it."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any

from daemon.domain import authoring
from daemon.domain.canonical import unpack
from daemon.domain.change import Operation
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT, BOOK, HOLDER

CAUSE = 3
WRITTEN_OFF = "written off"

Held = tuple[bytes, int, bytes, int]
"""(account, book, holder as it is stored, what is left)"""


def write_off(held: Iterable[Held], site: int, lots: AbstractSet[bytes] | None = None) -> list[Operation]:
    """One negative right for each right of a site that is not used up, whoever its holders were, or of these lots.

    What the till spent and never sent comes as entries later, should it ever come back: those go to the debt account.
    """
    found: list[Operation] = []
    for account, book, stored, left in held:
        holder = _holder(stored)
        if left > 0 and holder is not None and holder[0] == site and (lots is None or holder[1] in lots):
            found.append(
                authoring.add(Kind.RIGHT, account, {BOOK: book, AMOUNT: -left, CAUSE: WRITTEN_OFF, HOLDER: holder})
            )
    return found


def _holder(stored: bytes) -> tuple[int, Any] | None:
    holder = unpack(stored) if stored else None
    return holder if isinstance(holder, tuple) and len(holder) == 2 and type(holder[0]) is int else None
