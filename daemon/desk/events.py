"""What the desk tells while it works: the live events of the API. None of it is stored."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from daemon.desk.search_answer import CustomerBrief


class Event(StrEnum):
    """The kinds of live events."""

    SCAN = "scan"
    CUSTOMER = "customer"
    VISIT = "visit"
    TICKET = "ticket"
    """A held ticket was made here, or is not what it was."""
    ARTICLE = "article"
    """Somebody at the page asks the till software to put an article into the basket, which is its own."""
    PRINT_JOB = "print_job"
    REPLICATION = "replication"
    SESSION = "session"
    DEVICE = "device"
    IMPORT = "import"
    """A file is gone through, or was."""
    BEAT = "beat"
    """Nothing happened; the daemon lives."""
    REFETCH = "refetch"
    """Events were missed: fetch again whatever is shown."""


ScanOutcome = Literal["customer", "choose", "operator", "product", "unknown", "blocked", "refused"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scanned:
    """What a scan turned out to be.

    `code` is told of unknown cards only, so that one can be linked. Of an operator's badge the name alone is told: the
    screen before which it was scanned asks to log them in.
    """

    outcome: ScanOutcome
    device: str
    customer: CustomerBrief | None = field(default=None, repr=False)
    candidates: tuple[CustomerBrief, ...] = field(default=(), repr=False)
    reason: str | None = None
    blocked_at: str | None = None
    """Since when a blocked card is."""
    code: str | None = field(default=None, repr=False)
    operator: str | None = None
    product: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerChanged:
    """A customer is not what it was; here or elsewhere."""

    id: str
    version: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticleAsked:
    """An article for the basket of a visit. `product`: its code, if it has one; `wish`: on the customer's list."""

    visit: str
    lane: str
    customer: str
    product: str
    label: str = field(repr=False)
    quantity: int
    wish: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionOpened:
    """An operator logged in."""

    operator: str
    display_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refetch:
    """Why whatever is shown is to be fetched again."""

    reason: Literal["restarted", "missed", "slow"]


Data = Any
"""What an event carries: one of the values above, or another room's."""
