"""Proof of possession: how somebody has shown to be the customer who spends, and how far each proof goes. Pure.

proof   JSON {name, card, pin: {what: the most in 24 hours}, beyond, applications_read}: a policy of head office.
        What it does not name keeps the default below; null: without bound.

    name   found by a name, a typed number, an application's word: whoever knows the customer can say as much
    card   a reader of this till has read a card of theirs during this visit
    pin    the customer has typed their PIN during this visit

A limit counts what the person has spent in the last 24 hours as far as this till has heard, however it was proved then:
tills that are cut off from one another may each let so much go.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, Literal

from daemon.domain.kinds import BOOK_COUPON, BOOK_CREDIT_NOTE, BOOK_LIMIT, BOOK_POINTS
from daemon.errors import OperatorMistake
from daemon.typed import parse_json

PROOF: Final = "proof"
"""The name of the policy."""

SPAN_MS: Final = 24 * 3_600_000


class Proof(StrEnum):
    """How somebody has shown to be the customer, the weakest first."""

    NAME = "name"
    CARD = "card"
    PIN = "pin"


class Worth(StrEnum):
    """What is spent: points, coupons by the piece, money in cents."""

    POINTS = "points"
    COUPONS = "coupons"
    ON_ACCOUNT = "on_account"
    CREDIT_NOTES = "credit_notes"
    """Those issued to this customer; a bearer's is proved by holding the paper."""


WORTH_OF: Final[Mapping[int, Worth]] = {
    BOOK_POINTS: Worth.POINTS,
    BOOK_COUPON: Worth.COUPONS,
    BOOK_LIMIT: Worth.ON_ACCOUNT,
    BOOK_CREDIT_NOTE: Worth.CREDIT_NOTES,
}
"""By the book that it is taken from. Promo codes are nobody's own."""

Limits = Mapping[Worth, int | None]

_STRENGTH: Final = {proof: at for at, proof in enumerate(Proof)}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """The policy as JSON says it."""

    name: dict[str, int | None] | None = None
    card: dict[str, int | None] | None = None
    pin: dict[str, int | None] | None = None
    beyond: Literal["refuse", "manager"] = "refuse"
    applications_read: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofPolicy:
    """How far each proof goes. `beyond`: what no proof at hand covers is refused, or takes a second person.

    `applications_read`: a scan that an application hands in counts as a card that was read here: the shop's readers are
    plugged into the till software.
    """

    name: Limits
    card: Limits
    pin: Limits
    beyond: Literal["refuse", "manager"] = "refuse"
    applications_read: bool = False

    def most(self, proof: Proof, worth: Worth) -> int | None:
        """The most of something in 24 hours; None: without bound."""
        return {Proof.NAME: self.name, Proof.CARD: self.card, Proof.PIN: self.pin}[proof].get(worth)


BY_DEFAULT: Final = ProofPolicy(
    name={Worth.POINTS: 500, Worth.COUPONS: 5, Worth.ON_ACCOUNT: 20_000, Worth.CREDIT_NOTES: 20_000},
    card={Worth.POINTS: 5_000, Worth.COUPONS: None, Worth.ON_ACCOUNT: 200_000, Worth.CREDIT_NOTES: None},
    pin=dict.fromkeys(Worth),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is missing: of `worth` the most is `most` with the proof at hand; `proof` would do, None: no proof does."""

    worth: Worth
    most: int
    proof: Proof | None


def read(text: str) -> ProofPolicy:
    """The policy that a text says; raises OperatorMistake naming what is wrong."""
    told = parse_json(text.encode("utf-8"), _Told)
    found = ProofPolicy(
        name=_limits(told.name, BY_DEFAULT.name),
        card=_limits(told.card, BY_DEFAULT.card),
        pin=_limits(told.pin, BY_DEFAULT.pin),
        beyond=told.beyond,
        applications_read=told.applications_read,
    )
    for worth in Worth:
        mosts = [found.most(proof, worth) for proof in Proof]
        if any(_reach(after) < _reach(before) for before, after in pairwise(mosts)):
            raise OperatorMistake(f"proof: a stronger proof goes at least as far, also for {worth}", field="value")
    return found


def policy_of(text: str) -> ProofPolicy:
    """What the policy says; one that cannot be read leaves the default."""
    try:
        return read(text) if text else BY_DEFAULT
    except OperatorMistake:
        return BY_DEFAULT


def stronger(one: Proof, other: Proof) -> Proof:
    """The stronger of two proofs."""
    return max(one, other, key=_STRENGTH.__getitem__)


def reaches(proof: Proof, wanted: Proof) -> bool:
    """Whether a proof is at least as strong as another."""
    return _STRENGTH[proof] >= _STRENGTH[wanted]


def asked_for(
    policy: ProofPolicy, proof: Proof, spent: Mapping[Worth, int], wanted: Mapping[Worth, int]
) -> Asked | None:
    """What stands in the way of spending `wanted` after `spent`: the strongest demand; None: nothing."""
    found: Asked | None = None
    for worth, amount in wanted.items():
        most = policy.most(proof, worth)
        if amount <= 0 or most is None or spent.get(worth, 0) + amount <= most:
            continue
        needed = _needed(policy, proof, worth, spent.get(worth, 0) + amount)
        if found is None or _demand(needed) > _demand(found.proof):
            found = Asked(worth=worth, most=most, proof=needed)
    return found


def _needed(policy: ProofPolicy, proof: Proof, worth: Worth, total: int) -> Proof | None:
    covers = (one for one in Proof if not reaches(proof, one) and _reach(policy.most(one, worth)) >= total)
    return next(covers, None)


def _demand(proof: Proof | None) -> int:
    return len(_STRENGTH) if proof is None else _STRENGTH[proof]


def _reach(most: int | None) -> float:
    return float("inf") if most is None else most


def _limits(told: Mapping[str, int | None] | None, default: Limits) -> Limits:
    for worth, most in (told or {}).items():
        if worth not in set(Worth):
            raise OperatorMistake(f"proof: nothing that is spent is called {worth[:40]}", field="value")
        if most is not None and most < 0:
            raise OperatorMistake(f"proof: the most of {worth} is less than nothing", field="value")
    return {**default, **{Worth(worth): most for worth, most in (told or {}).items()}}
