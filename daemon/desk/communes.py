"""Which communes a French postal code serves: a list to choose from, without a network.

The table (`postal/communes.txt`, 0.5 MB) is read at the first question and searched as it is: 6 201 codes, 4 271 of
which serve several communes. It has no CEDEX; what it lacks overseas stands below.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from daemon.domain import postal_code

NAME_LENGTH_MIN: Final = 3

_ELSEWHERE: Final = {
    "97133": ("Saint-Barthélemy",),
    "97150": ("Saint-Martin",),
    "97500": ("Miquelon-Langlade", "Saint-Pierre"),
    "98000": ("Monaco",),
    "98714": ("Papeete",),
    "98800": ("Nouméa",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Communes:
    """The communes that a postal code serves, in their alphabet; none for a code that the table does not know.

    `country` (ISO 3166-1) is the territory that the code stands for: telephones without prefix are dialled there.
    """

    postal_code: str
    country: str
    communes: tuple[str, ...]


def communes_of(typed: str) -> Communes:
    """The communes of a French postal code; raises OperatorMistake for what is none."""
    code = postal_code.parse(typed, field="postal_code")
    return Communes(
        postal_code=code, country=postal_code.territory(code), communes=_ELSEWHERE.get(code) or _found(code)
    )


def commune_named(text: str) -> str:
    """The commune of this name as the table writes it; empty where it knows none."""
    name = text.strip().lower().encode()
    if len(name) < NAME_LENGTH_MIN or not text.strip().replace("-", "").replace("'", "").replace(" ", "").isalpha():
        return ""
    for before, after in ((b" ", b"\n"), (b" ", b"|"), (b"|", b"|"), (b"|", b"\n")):
        at = -1
        while (at := _lower().find(before + name + after, at + 1)) >= 0:
            # A blank stands behind a postal code, and in names: "rochelle" is no commune, though La Rochelle is one.
            if before == b"|" or _lower()[at - 1 : at].isdigit():
                return _table()[at + 1 : at + 1 + len(name)].decode()
    return ""


def _found(code: str) -> tuple[str, ...]:
    table, mark = _table(), f"\n{code} ".encode()
    at = table.find(mark)
    if at < 0:
        return ()
    start = at + len(mark)
    return tuple(table[start : table.index(b"\n", start)].decode().split("|"))


@cache
def _table() -> bytes:
    return b"\n" + resources.files("daemon.desk").joinpath("postal/communes.txt").read_bytes()


@cache
def _lower() -> bytes:
    """The table in small letters, each where its letter stands in the table."""
    lower = _table().decode().lower().encode()
    assert len(lower) == len(_table()), "a letter of these names is as long as its small one"
    return lower
