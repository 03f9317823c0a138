"""The customer display: a first name and amounts, and nothing else of anybody; shown now, or never."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

from daemon.clock import Clock
from daemon.desk.customer import Customer
from daemon.desk.lookup import LookupDesk
from daemon.desk.slips import Tongue
from daemon.domain.ids import EntityId, parse_entity
from daemon.errors import Conflicting, DeviceFault, NotFound, OperatorMistake

COLUMNS: Final = 20
SHOWN_S: Final = 2.0
"""A display that does not take its lines by then is told nothing: what it would show later nobody needs."""


class CustomerDisplay(Protocol):
    """Two lines that the customer sees."""

    @property
    def name(self) -> str:
        """The name that the configuration gives it."""
        ...

    @property
    def watched_path(self) -> Path | None:
        """Where it is plugged in; None where nothing shows that, as on a network."""
        ...

    async def show(self, upper: str, lower: str) -> tuple[str, ...]:
        """Show two lines; returns the letters that it has not. Raises DeviceFault."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDisplay:
    """What to show: a greeting, an amount, or nothing. Of the customer only the first name is ever shown."""

    what: Literal["welcome", "item", "total", "change", "clear"]
    display: str | None = None
    customer: str | None = None
    amount_cents: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DisplayShown:
    """The two lines, and whether the display took them; `missing`: letters that it has not."""

    display: str
    upper: str = field(repr=False)
    lower: str
    is_shown: bool
    detail: str
    missing: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class DisplayHealth:
    """How a display is, as far as one can know of what answers nothing; the counts run since the daemon started."""

    display: str
    state: Literal["connecting", "up", "absent", "error"]
    detail: str
    last_shown_ms: int | None
    reconnects: int


@dataclass(kw_only=True)
class _Tally:
    """What is known of one display: why it did not take its lines when it was last told, when it did."""

    fault: str = ""
    last_shown_ms: int | None = None
    reconnects: int = 0


class DisplayDesk:
    """Where the displays of a till are."""

    def __init__(self, lookup: LookupDesk, displays: Sequence[CustomerDisplay], tongue: Tongue, clock: Clock) -> None:
        self._lookup = lookup
        self._clock = clock
        self._tallies = {display.name: _Tally() for display in displays}
        self._displays = {display.name: display for display in displays}
        self._tongue = tongue
        self._turns: dict[str, int] = {}
        self._lock = asyncio.Lock()

    def healths(self) -> tuple[DisplayHealth, ...]:
        """How every display is, in the order of the configuration."""
        return tuple(_health(display, self._tallies[name]) for name, display in self._displays.items())

    async def show(self, given: NewDisplay) -> DisplayShown:
        """Show it now or not at all; raises NotFound, Conflicting where there is no display."""
        display = self._display(given.display)
        upper, lower = await self._lines(given)
        turn = self._turns[display.name] = self._turns.get(display.name, 0) + 1
        detail: str = ""
        missing: tuple[str, ...] = ()
        async with self._lock:
            if self._turns[display.name] != turn:
                detail = "something newer is shown"
            else:
                detail, missing = await self._tried(display, upper, lower)
        return DisplayShown(
            display=display.name, upper=upper, lower=lower, is_shown=not detail, detail=detail, missing=missing
        )

    async def _tried(self, display: CustomerDisplay, upper: str, lower: str) -> tuple[str, tuple[str, ...]]:
        tally = self._tallies[display.name]
        try:
            async with asyncio.timeout(SHOWN_S):
                missing = await display.show(upper, lower)
        except DeviceFault as fault:
            tally.fault = str(fault)
        except TimeoutError:
            tally.fault = f"the display {display.name} takes nothing"
        else:
            tally.reconnects += bool(tally.fault)
            tally.fault, tally.last_shown_ms = "", self._clock.now_ms()
            return "", missing
        return tally.fault, ()

    def _display(self, wished: str | None) -> CustomerDisplay:
        if not self._displays:
            raise Conflicting("display: no customer display is configured at this till", field="display")
        name = wished or next(iter(self._displays))
        if name not in self._displays:
            raise NotFound("display: no display of this till has this name", field="display")
        return self._displays[name]

    async def _lines(self, given: NewDisplay) -> tuple[str, str]:
        if given.what == "clear":
            return "", ""
        first_name = await self._first_name(given.customer)
        if given.what == "welcome":
            greeting = (
                self._tongue.text("Hello %(name)s", name=first_name) if first_name else self._tongue.text("Hello")
            )
            return greeting[:COLUMNS], ""
        if given.amount_cents is None:
            raise OperatorMistake("amount_cents: an amount is needed to show one", field="amount_cents")
        words = {"item": first_name, "total": self._tongue.text("Total"), "change": self._tongue.text("Change")}
        return words[given.what][:COLUMNS], self._tongue.euros(given.amount_cents).rjust(COLUMNS)[-COLUMNS:]

    async def _first_name(self, customer: str | None) -> str:
        if customer is None:
            return ""
        id_ = parse_entity(customer)
        if id_ is None:
            raise OperatorMistake("customer: an id is 16 hexadecimal digits", field="customer")
        return first_name_of(await self._lookup.customer(EntityId(id_)))


def _health(display: CustomerDisplay, tally: _Tally) -> DisplayHealth:
    path, detail = display.watched_path, tally.fault
    state: Literal["connecting", "up", "absent", "error"]
    if path is not None and not path.exists():
        state, detail = "absent", f"nothing is plugged in at {path}"
    elif detail:
        state = "error"
    else:
        state = "up" if path is not None or tally.last_shown_ms is not None else "connecting"
    return DisplayHealth(
        display=display.name,
        state=state,
        detail=detail,
        last_shown_ms=tally.last_shown_ms,
        reconnects=tally.reconnects,
    )


def first_name_of(customer: Customer) -> str:
    """What strangers may read; a company and the walk-in customer have none."""
    return "" if customer.kind == "company" or customer.walk_in else customer.first_name or ""
