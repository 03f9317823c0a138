"""Points that were earned long ago expire: the oldest are spent first, what is left of them after the horizon goes.

expiry   JSON {months, notice_days}: a policy of head office; without it nothing expires.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from daemon.domain.element import Element
from daemon.domain.hlc import ms_of
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.errors import OperatorMistake
from daemon.typed import parse_json

EXPIRY: Final = "expiry"
EXPIRED: Final = "expired"
MONTH_MS: Final = 2_629_746_000
"""A twelfth of a year of 365.2425 days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiry:
    """Points live for so many months after they were earned; customers are told so many days before."""

    months: int
    notice_days: int = 30


def expiry_of(text: str) -> Expiry | None:
    """What the policy says; None where nothing expires."""
    try:
        found = parse_json(text.encode("utf-8"), Expiry) if text else None
    except OperatorMistake:
        return None
    return found if found is not None and found.months > 0 and found.notice_days >= 0 else None


def horizon_ms(policy: Expiry, now_ms: int) -> int:
    """What was earned before this is over."""
    return now_ms - policy.months * MONTH_MS


def over(entries: Iterable[Element], book: int, before_ms: int) -> int:
    """How much of a book is left of what came in before a moment, the oldest being taken first."""
    came = gone = 0
    for one in entries:
        amount = one.fields.get(AMOUNT)
        if one.fields.get(BOOK) != book or not isinstance(amount, int):
            continue
        if amount < 0:
            gone -= amount
        elif ms_of(one.base) < before_ms:
            came += amount
    return max(came - gone, 0)
