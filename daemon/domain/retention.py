"""The clock of inactivity: when a customer gave the last sign, and what that calls for. Pure.

Whoever bought nothing and of whom nothing was said for as long as head office allows is to be erased; a month before,
they are to be told, so that they can say that they want to stay. A person decides: the clock proposes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from daemon.domain.element import Element
from daemon.domain.expiry import MONTH_MS
from daemon.domain.hlc import ms_of

NOTICE_MS: Final = MONTH_MS

Due = Literal["warn", "erase"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inactive:
    """Somebody of whom nothing was heard since `last_ms`; the time allowed is over at `over_ms`."""

    due: Due
    last_ms: int
    over_ms: int


def last_sign_ms(here: Iterable[Element], last_sale_ms: int) -> int:
    """When somebody last did, or was said, anything: a sale, an edit, a note, a card."""
    stamps = (stamp for one in here for stamp in (one.base, *one.stamps.values()))
    return max([last_sale_ms, *map(ms_of, stamps)])


def inactive(last_ms: int, *, months: int, now_ms: int) -> Inactive | None:
    """What a last sign calls for now; None while there is time."""
    over_ms = last_ms + months * MONTH_MS
    if now_ms < over_ms - NOTICE_MS:
        return None
    return Inactive(due="erase" if now_ms >= over_ms else "warn", last_ms=last_ms, over_ms=over_ms)
