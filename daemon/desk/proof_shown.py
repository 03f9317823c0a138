"""Proof of possession, as the API shows it and is told of it."""

from dataclasses import dataclass, field

from daemon.desk.possession import PinState
from daemon.domain.proof import Proof, Worth


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedPin:
    """What the customer typed."""

    pin: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPin:
    """A PIN that the customer chose. `visit`: the open one where they have shown a card, or their present PIN.

    `approval`: what a second person said yes with, where the caller's role does not set PINs alone.
    """

    pin: str = field(repr=False)
    visit: str | None = None
    approval: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitShown:
    """What may go of one thing in 24 hours with the proof at hand; null: without bound.

    `spent`: in the last 24 hours as far as this till has heard, with what other open visits have chosen. `left`: what
    this visit may choose. `next`: the proof with which more would go, null where none would.
    """

    what: Worth
    most: int | None
    spent: int
    left: int | None
    next: Proof | None


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitProof:
    """What the customer of a visit has shown, and how far it goes. `wrong_before`: tries that the right PIN forgave."""

    visit: str
    customer: str
    proof: Proof
    card: bool
    limits: tuple[LimitShown, ...]
    pin: PinState
    tries_left: int
    wait_s: int
    wrong_before: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TillRefusals:
    """What one till has told of a customer: wrong PINs, and spending beyond what was proved, ever; the last of each."""

    till: int
    wrong: int
    last_wrong_at: str | None
    refused: int
    last_refused_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerProof:
    """A customer's PIN and what was refused about them, in the whole chain.

    `pin` none: none was set; closed: after too many wrong tries, until a new one is set; other_key: sealed under a key
    that this machine does not have. `wrong`: tries that count.
    """

    customer: str
    pin: PinState
    wrong: int
    tries_left: int
    wait_s: int
    tills: tuple[TillRefusals, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedCustomer:
    """A customer about whom something was refused."""

    customer: str
    display_name: str = field(repr=False)
    pin: PinState
    wrong: int
    refused: int
    last_at: str
    tills: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals:
    """Customers about whom something was refused, the latest first; `complete` False: there are more behind `next`."""

    customers: tuple[RefusedCustomer, ...]
    complete: bool
    next: str = ""
