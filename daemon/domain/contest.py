"""A contest: one identifying value, several customers who hold it."""

from dataclasses import dataclass

from daemon.domain.element import Element
from daemon.domain.hlc import Stamp
from daemon.domain.kind_shape import Claim

CONTESTED = frozenset({Claim.EMAIL, Claim.CODE, Claim.CARD, Claim.MEMBER_NUMBER})
"""Claims that identify one customer. A phone may be a household's: it proposes, and nobody decides."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """A customer who holds the value, since a stamp."""

    customer: bytes
    since: Stamp


@dataclass(frozen=True, slots=True)
class Contest:
    """Who holds a value, and which awards have been given for it."""

    claim: int
    value: str
    claimants: tuple[Claimant, ...]
    awards: tuple[Element, ...]
