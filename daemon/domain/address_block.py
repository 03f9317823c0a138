"""A name and an address in the width of a receipt or a preparation ticket. Pure.

The order of lines is that of French post (NF Z10-011): who, company, the finer place, the street, postal code and town,
and the country only where it is another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.domain.slip import wrapped

COLUMNS_MIN: Final = 16
COLUMNS_MAX: Final = 80
COLUMNS_OF_POST: Final = 38
"""No line of an address that is to be posted is longer."""

HOME: Final = "FR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """Who is written to; what is empty leaves no line."""

    name: str = field(repr=False)
    company: str = field(default="", repr=False)
    line1: str = field(default="", repr=False)
    line2: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    country: str = ""
    """Its name where it is to be written; empty at home."""


def address_block(to: Addressee, columns: int) -> tuple[str, ...]:
    """The lines, none longer than `columns`; the town stands in capitals, as the post asks."""
    town = f"{to.postal_code} {to.city.upper()}".strip()
    lines: Sequence[str] = (to.name, to.company, to.line2, to.line1, town, to.country.upper())
    return tuple(row for line in lines if line.strip() for row in wrapped(line.strip(), columns))
