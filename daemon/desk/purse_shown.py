"""What a customer has, as the API shows it and is told what to do with it."""

from dataclasses import dataclass, field
from typing import Literal

from daemon.desk import instant
from daemon.desk.coupons import CouponShown
from daemon.domain import rights as rules
from daemon.domain.element import Element
from daemon.domain.hlc import ms_of
from daemon.domain.ledger import AMOUNT

Why = Literal["all_here", "elsewhere", "chosen", "two_boxes", "filling"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PurseShown:
    """A balance, and what of it may be spent here and now.

    `chosen` by open visits of this till. `why` not more: all_here: there is no more; elsewhere: other tills or head
    office hold the rest; chosen: open visits have it; two_boxes: another box lives under this till's number; filling:
    this till is being filled. `beyond`: what the policy lets a customer have without a right to it, at most.
    `at_risk` was given that way and is not settled; `due`: came back with goods and is still to be collected.
    """

    balance: int
    here: int
    chosen: int
    why: Why
    mode: Literal["refuse", "at_risk", "manager"]
    beyond: int
    at_risk: int
    due: int
    expiring: int = 0
    """What expires within the notice that head office gives, unless it is spent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoyaltyShown:
    """What a customer has."""

    customer: str
    points: PurseShown
    coupons: tuple[CouponShown, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NotePart:
    """So many cents of a credit note."""

    code: str
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Spending:
    """What the customer of a visit wants to spend, in place of what was chosen before.

    `coupons`: ids or codes. `on_account`: cents to be paid later. `credit_notes`: by code, in parts.
    `approval`: what a second person said yes with, beyond the rights that are here.
    """

    points: int = 0
    coupons: tuple[str, ...] = ()
    on_account: int = 0
    credit_notes: tuple[NotePart, ...] = ()
    promo_codes: tuple[str, ...] = ()
    approval: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What a visit has chosen: kept until it is posted or cancelled, also over a crash. `beyond` rests on a word."""

    points: int = 0
    beyond: int = 0
    coupons: tuple[str, ...] = ()
    on_account: int = 0
    credit_notes: int = 0
    promo_codes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjustment:
    """Points given or taken by hand, and why."""

    amount: int
    reason: str
    approval: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a basket may need here."""

    points: int = 0
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryShown:
    """One movement of points: why, of which sale, on whose word, at which till."""

    id: str
    at: str
    amount: int
    cause: str
    reason: str
    sale: str
    actor: str
    till: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EntriesShown:
    """Movements, newest first; `complete` False: there are older ones, `after` the last of these."""

    balance: int
    entries: tuple[EntryShown, ...]
    complete: bool


def entry_of(one: Element, actor: str, said: str) -> EntryShown:
    """One entry as it is listed; `said`: why somebody booked it."""
    text = {at: value for at, value in one.fields.items() if isinstance(value, str)}
    amount = one.fields.get(AMOUNT)
    return EntryShown(
        id=one.dot.hex(),
        at=instant.shown(ms_of(one.base)),
        amount=amount if isinstance(amount, int) else 0,
        cause=text.get(rules.CAUSE, ""),
        reason=said or text.get(rules.REASON, ""),
        sale=text.get(rules.SALE, ""),
        actor=actor,
        till=one.base[1],
    )
