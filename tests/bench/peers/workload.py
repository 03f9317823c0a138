"""The workload: customers of the exchange benchmark, and what two tills do to them in one day without a line.

One file of JSON lines, the same bytes for every library: `{"customer", "fields"}` for each customer, then
`{"till", "at_ms", "customer", "field", "value"}` for each edit, those of till 2 first, each till's in order of time.
A value is a text or a list and is replaced whole: an address is one value.

Till 2 works from 8 to 18 o'clock, till 3 from 10 to 20, each at an even pace: shops open at different hours, so a
count of edits is no clock. The first customers are edited by both tills, once by each in the same field, and neither
knows of the other: those are the clashes, and both values and the old one differ.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.domain.kinds import CUSTOMER
from tests.bench.exchange import EDITED, customer, ident, new_value

TILLS = (2, 3)
DAY_MS = 1_799_913_600_000
HOUR_MS = 3_600_000
OPENS_H = {2: 8, 3: 10}
OPEN_HOURS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How many customers there are, how many edits each till makes, and how many of those clash."""

    customers: int
    edits: int
    clashes: int

    def __post_init__(self) -> None:
        assert 0 <= self.clashes < self.customers
        assert self.clashes <= self.edits

    def part(self, one_in: int) -> "Size":
        """A smaller one of the same shape."""
        return Size(customers=self.customers // one_in, edits=self.edits // one_in, clashes=self.clashes // one_in)


FULL = Size(customers=20_000, edits=20_000, clashes=2_000)


def lines(size: Size) -> Iterator[dict[str, Any]]:
    """Everything, in the order of the file; the same for the same size, always."""
    for at in range(size.customers):
        fields = {CUSTOMER.fields[number].name: _plain(value) for number, value in customer(at).items()}
        yield {"customer": ident(at).hex(), "fields": fields}
    for till in TILLS:
        yield from edits(size, till)


def edits(size: Size, till: int) -> Iterator[dict[str, Any]]:
    """One till's day."""
    chance = random.Random(till)
    planned = plan(size, till)
    chance.shuffle(planned)
    opens_ms = DAY_MS + OPENS_H[till] * HOUR_MS
    times = sorted(opens_ms + chance.randrange(OPEN_HOURS * HOUR_MS) for _ in planned)
    for at_ms, (n, at, number) in zip(times, planned, strict=True):
        yield {
            "till": till,
            "at_ms": at_ms,
            "customer": ident(at).hex(),
            "field": CUSTOMER.fields[number].name,
            "value": _plain(edited_value(number, n, till)),
        }


def plan(size: Size, till: int) -> list[tuple[int, int, int]]:
    """(number of the edit, customer, field): the clashes are the same for both tills, the rest apart."""
    clashes = [(at, at, EDITED[at % len(EDITED)]) for at in range(size.clashes)]
    alone = size.customers - size.clashes
    rest = [
        (at, size.clashes + (at * 2 + till) % alone, EDITED[(at + till) % len(EDITED)])
        for at in range(size.edits - size.clashes)
    ]
    return clashes + rest


def edited_value(number: int, n: int, till: int) -> Any:
    """What the exchange benchmark sets, save where both tills would set the same: those would not clash."""
    if number == 3:
        return "M." if till == 2 else "Dr"
    if number == 12:
        return (1960 + (n + till) % 40, n % 12 + 1, (n + 5) % 28 + 1)
    return new_value(number, n, till)


def write(path: Path, size: Size) -> None:
    """Make the file."""
    with path.open("w", encoding="utf-8") as file:
        for line in lines(size):
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _plain(value: Any) -> Any:
    """A value as JSON has it: an id is its hex digits."""
    return value.hex() if isinstance(value, bytes) else list(value) if isinstance(value, tuple) else value
