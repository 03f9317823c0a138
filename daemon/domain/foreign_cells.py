"""What a known system writes in its cells, in the words that any file uses; lines that are no customers are told so.

Cells come by field of `foreign_systems`, and go out by field of `headings`, with `archived`, `other.*` and
`other_phone` besides.
"""

import re
from typing import Final

from daemon.domain.folding import fold
from daemon.domain.foreign_systems import System

ARCHIVED: Final = "archived"
_TITLES: Final = {"0": "", "1": "M.", "2": "Mme"}
"""Titles by their number in PrestaShop's template."""
_MONTH_FIRST: Final = re.compile(r"(\d{2})-(\d{2})")
_EVERYBODY: Final = frozenset(
    ["customer", "customers", "client", "clients", "visitor", "visiteur", "guest", "invite", "all customers"]
)
"""Groups that every customer of a web store is in."""
_YES: Final = frozenset(["1", "yes", "oui", "true", "vrai"])
"""Said of `is a company`."""
_NO: Final = frozenset(["0", "no", "non", "false", "faux"])
_NUMBER_FIRST: Final = frozenset(["", "fr", "france", "lu", "luxembourg", "mc", "monaco", "re", "gp", "mq", "gf", "yt"])


def plain_cells(cells: dict[str, str], system: System | None) -> tuple[dict[str, str], str]:
    """(cells as a shop would have written them, why the line is no customer); changes what it is given."""
    if system is None:
        return cells, ""
    for name in ("source_id", "phone", "other_phone", "mobile", "address.postal_code"):
        if name in cells:
            cells[name] = cells[name].removeprefix("'").strip()
    if system.name == "odoo":
        cells = {name: text for name, text in cells.items() if text != "False" or name == "is_customer"}
    why = _no_customer(cells)
    if why:
        return cells, why
    _say_plainly(cells, system)
    _gather_names(cells)
    _gather_street(cells)
    return cells, ""


def _say_plainly(cells: dict[str, str], system: System) -> None:
    """Codes and flags of a system in words."""
    if fold(cells.pop("active", "")) in _NO:
        cells[ARCHIVED] = "1"
    if cells.get("civility") in _TITLES:
        cells["civility"] = _TITLES[cells["civility"]]
    if fold(cells.get("kind", "")) in _YES:
        cells["kind"] = "company"
    month_day = _MONTH_FIRST.fullmatch(cells.get("birthday", "")) if system.month_first else None
    if month_day:
        cells["birthday"] = f"--{month_day[1]}-{month_day[2]}"


def _no_customer(cells: dict[str, str]) -> str:
    if cells.pop("parent", ""):
        return "it is a contact or an address of another line, not a customer"
    if fold(cells.pop("is_customer", "")) in _NO:
        return "it is a supplier, not a customer"
    return ""


def _gather_names(cells: dict[str, str]) -> None:
    before = cells.pop("last_name_prefix", "")
    if before and "last_name" in cells:
        cells["last_name"] = f"{before} {cells['last_name']}"
    groups = [name.strip() for name in re.split(r"[,;|]", cells.pop("groups", "")) if name.strip()]
    told = [name for name in groups if fold(name) not in _EVERYBODY and not name.isdecimal()]
    if told:
        cells["groups"] = ", ".join(told)


def _gather_street(cells: dict[str, str]) -> None:
    """Street, number and its letter in one line, in the order of the country."""
    street, number, letter = (cells.pop(f"address.{part}", "") for part in ("street", "number", "extension"))
    house = f"{number} {letter}".strip()
    parts = [house, street] if fold(cells.get("address.country", "")) in _NUMBER_FIRST else [street, house]
    line = " ".join(filter(None, parts))
    if line and "address.line1" not in cells:
        cells["address.line1"] = line
