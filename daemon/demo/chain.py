"""The chain of the demo: its name, its shops, who works there."""

from dataclasses import dataclass
from typing import Final

CHAIN_NAME: Final = "Maison Kermarrec"
CHAIN_ID: Final = "maison-kermarrec"
"""As topics and certificates name it."""
CHAIN_LANGUAGE: Final = "fr"
"""What its screens, badges and slips speak, whatever the terminal does; the pages offer English too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoShop:
    """One point of sale and how many tills it has."""

    number: int
    name: str
    tills: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoOperator:
    """One who works there, with what they type and what they scan. Nothing of it opens anything but a demo."""

    name: str
    role: str
    pin: str
    badge: str


SHOPS: Final = (
    DemoShop(number=1, name="Nantes Crébillon", tills=2),
    DemoShop(number=2, name="Nantes Beaulieu", tills=1),
)

OPERATORS: Final = (
    DemoOperator(name="Soizic Guéguen", role="manager", pin="2580", badge="OP-2580"),
    DemoOperator(name="Karim Benali", role="cashier", pin="1379", badge="OP-1379"),
    DemoOperator(name="Anne Le Bris", role="cashier", pin="4628", badge="OP-4628"),
)
