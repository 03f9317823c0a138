"""Whether anybody may have a name at a postal code: asked for each line of a file before the index is.

The index takes a tenth of a millisecond for each of a hundred thousand lines, and nearly none of them has a namesake.
"""

from collections.abc import Iterable
from typing import Final

from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.kinds import SHAPES, Kind

_NAME: Final = SHAPES[Kind.CUSTOMER].number("name")
_COMPANY_NAME: Final = SHAPES[Kind.CUSTOMER].number("company_name")
_ADDRESS: Final = SHAPES[Kind.CUSTOMER].number("address")
_POSTAL_CODE: Final = 2
"""Its place in an address."""

PLACES: Final = 1 << 23
"""Bytes, each set or not: of a million customers one line in twenty is held for a namesake's, and looked up."""


def names_of(row: Element) -> set[str]:
    """The names of a customer, folded: the person's and the company's; empty ones are among them."""
    name = row.fields.get(_NAME)
    parts = [part for part in name if isinstance(part, str)] if isinstance(name, tuple) else []
    company = row.fields.get(_COMPANY_NAME)
    return {fold(" ".join(parts)), fold(company if isinstance(company, str) else "")}


class Namesakes:
    """Which names somebody may have at which postal code: none that is there is denied, some that are not are held so.

    A Bloom filter of two places for each pair. One byte for each place: two threads that learn lose nothing.
    """

    def __init__(self) -> None:
        self._places = bytearray(PLACES)

    def learn(self, rows: Iterable[Element]) -> None:
        """Somebody is called so, or lives there, from now on."""
        for row in rows:
            address = row.fields.get(_ADDRESS)
            code = address[_POSTAL_CODE] if isinstance(address, tuple) and len(address) > _POSTAL_CODE else None
            if isinstance(code, str) and code:
                for name in names_of(row):
                    first, second = _places(name, code)
                    self._places[first] = self._places[second] = 1

    def may_have(self, name: str, postal_code: str) -> bool:
        """Whether anybody may have this folded name at this postal code."""
        first, second = _places(name, postal_code)
        return bool(self._places[first] and self._places[second])


def _places(name: str, postal_code: str) -> tuple[int, int]:
    mixed = hash((name, fold(postal_code)))
    return mixed % PLACES, (mixed >> 24) % PLACES
