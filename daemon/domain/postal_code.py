"""Postal codes: their normal form by country, and the territory that a French one stands for."""

import re
from typing import Final

from daemon.errors import OperatorMistake

FRENCH_TERRITORIES: Final = frozenset(
    {"FR", "GP", "MQ", "GF", "RE", "PM", "YT", "BL", "MF", "TF", "WF", "PF", "NC", "MC"}
)
"""Countries (ISO 3166-1) whose addresses carry a code of La Poste; Monaco is served by it."""

_OVERSEAS: Final = {
    "97133": "BL",
    "97150": "MF",
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "975": "PM",
    "976": "YT",
    "977": "BL",
    "978": "MF",
    "980": "MC",
    "984": "TF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}

_SHAPES: Final = {
    "BE": re.compile(r"[1-9]\d{3}"),
    "CH": re.compile(r"[1-9]\d{3}"),
    "LU": re.compile(r"\d{4}"),
    "DE": re.compile(r"\d{5}"),
    "ES": re.compile(r"\d{5}"),
    "IT": re.compile(r"\d{5}"),
}
_ELSEWHERE: Final = re.compile(r"[0-9A-Z][0-9A-Z -]{0,11}")


def parse(text: str, *, country: str = "FR", field: str = "address.postal_code") -> str:
    """The code as the post writes it; raises OperatorMistake. Beyond the neighbours a country's shape is not known."""
    if country in FRENCH_TERRITORIES:
        return _french(text, field)
    code = " ".join(text.upper().split())
    if country in _SHAPES:
        code = code.removeprefix(f"{country}-").removeprefix(f"{country[0]}-").replace(" ", "")
        wanted = _SHAPES[country]
    else:
        wanted = _ELSEWHERE
    if not (code.isascii() and wanted.fullmatch(code)):
        raise OperatorMistake(f"{field}: this is not a postal code of the country {country}", field=field)
    return code


def territory(code: str) -> str:
    """The country (ISO 3166-1) of a French postal code: FR, or the overseas part that it names; FR when unknown."""
    return _OVERSEAS.get(code) or _OVERSEAS.get(code[:3], "FR")


def _french(text: str, field: str) -> str:
    code = "".join(text.split())
    if not (len(code) == 5 and code.isascii() and code.isdecimal()):
        raise OperatorMistake(f"{field}: a French postal code has 5 digits", field=field)
    # 96 and 99 are no department, no territory and no military sector (00 is)
    if code[:2] in {"96", "99"} or (code[:2] == "98" and code[:3] not in _OVERSEAS):
        raise OperatorMistake(f"{field}: no French postal code starts with {code[:2]}", field=field)
    return code
