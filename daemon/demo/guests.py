"""The customers on whom the five things are tried: people with a card, the same in every demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from daemon.demo.people import People

LOOKED_AT_MAX: Final = 100
"""Among so many of them, far more than are wanted have a card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """One of the demo's customers."""

    id: str
    code: str
    """The number on the card."""
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """As a list shows it."""
        return f"{self.first_name} {self.last_name}"


def guests(count: int = 3) -> tuple[Guest, ...]:
    """The first persons with a card and a mobile, each of another first name."""
    return tuple(islice(_guests(People()), count))


def _guests(people: People) -> Iterator[Guest]:
    seen: set[str] = set()
    for index in range(LOOKED_AT_MAX):
        draft = people.customer(index)
        if draft["kind"] != "person" or "mobile" not in draft or draft["first_name"] in seen:
            continue
        for code in draft.get("cards", ()):
            seen.add(draft["first_name"])
            yield Guest(
                id=people.customer_id(index).hex(),
                code=code,
                first_name=draft["first_name"],
                last_name=draft["last_name"],
            )
