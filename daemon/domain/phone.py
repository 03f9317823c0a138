"""Telephone numbers: typed as people do, stored as E.164, shown nationally. The door to `phonenumbers`.

The library is imported at the first number (30 ms, 2 MB), and not for display and search, which a list needs by the
hundred.
"""

import re
from functools import lru_cache
from typing import Final

from daemon.domain.postal_code import FRENCH_TERRITORIES, territory
from daemon.errors import OperatorMistake

_TYPED_LENGTH_MAX: Final = 40
_ONE_PLAN: Final = ("FR", "GP", "MQ", "GF", "RE", "YT")
"""Mainland and overseas departments number in one plan of ten digits: 0692… is Réunion wherever it is typed."""
_ONE_PLAN_CODES: Final = ("33", "590", "594", "596", "262")
_USUAL: Final = re.compile(r"(0|\+33 ?)([1-9](?:[ .-]?[0-9]){8})")
"""How nearly everybody writes a number of the French plan."""
_BETWEEN: Final = re.compile(r"[ .-]")
_TELLING: Final = 6
"""So many digits of the nine tell whose number it is: no plan of the library looks further (a test tries)."""
_TRUNK_ZERO: Final = re.compile(r"(?<=\d)\s*\(0\)")
"""The zero of +33 (0)6 39 98 12 34, dialled only within France."""


def region_of(postal_code: str, country: str = "FR") -> str:
    """Where a number without prefix is dialled: in France by the postal code (97400: Réunion), else the country."""
    return territory(postal_code) if country in FRENCH_TERRITORIES and postal_code else country


def parse(typed: str, *, region: str = "FR", field: str = "phone") -> str:
    """E.164; raises OperatorMistake.

    A number that the library's plan knows wins, in `region`, then in France and overseas. One of the right length that
    it does not know is kept as well: ranges open every year, tills are updated later, and 06 39 98 (kept for films,
    used by the demo) is no valid range for it.
    """
    text = _TRUNK_ZERO.sub("", typed.strip().removeprefix("'").strip())
    if not text:
        raise OperatorMistake(f"{field}: the telephone number is empty", field=field)
    if len(text) > _TYPED_LENGTH_MAX or any(sign.isalpha() for sign in text):
        raise OperatorMistake(f"{field}: this is not a telephone number", field=field)
    text = f"+{text[2:]}" if text.startswith("00") else text
    usual = _USUAL.fullmatch(text)
    if usual:
        national = _BETWEEN.sub("", usual[2])
        code = _code_of(usual[1], national[:_TELLING], region)
        if code and len(set(national)) > 1:
            return f"+{code}{national}"
    return _read(text, region, field)


def _read(text: str, region: str, field: str) -> str:
    found = _in_plan(text, region) or _in_region(text, region, strict=False) or _in_region(text, "FR", strict=False)
    if found is None:
        raise OperatorMistake(f"{field}: no number of {region} and of no country prefix is so written", field=field)
    # What was typed oddly (33 262…) may be known once it is written as a number is; stored, it must read the same.
    return _in_plan(found, region) or found


@lru_cache(maxsize=8192)
def _code_of(prefix: str, beginning: str, region: str) -> str:
    """The prefix that a number of the French plan is stored under: its first digits decide, and are read once.

    The library needs half a millisecond for a number; a file has a hundred thousand. Empty where they do not decide.
    """
    rest = "0123456789"[: 9 - len(beginning)]
    try:
        found = _read(prefix + beginning + rest, region, "phone")
    except OperatorMistake:
        return ""
    return found[1 : -len(beginning + rest)] if found.endswith(beginning + rest) else ""


def _in_plan(text: str, region: str) -> str | None:
    """E.164 of a number that the library knows, in `region`, in France or overseas."""
    candidates = dict.fromkeys((region, *_ONE_PLAN))
    return next((found for one in candidates if (found := _in_region(text, one, strict=True))), None)


def is_mobile(e164: str) -> bool:
    """Whether messages can be sent there; numbers of the French plan are told by their first digit."""
    plan, national = _split(e164)
    if plan:
        return national[0] in "67"
    import phonenumbers

    try:
        kind = phonenumbers.number_type(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return False
    return kind in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def national(e164: str) -> str:
    """As France writes it: `06 39 98 12 34`, `0692 12 34 56`; from elsewhere with its prefix: `+32 470 12 34 56`."""
    plan, digits = _split(e164)
    if plan == "33":
        return f"0{digits[0]} {digits[1:3]} {digits[3:5]} {digits[5:7]} {digits[7:]}"
    if plan:
        return f"0{digits[:3]} {digits[3:5]} {digits[5:7]} {digits[7:]}"
    import phonenumbers

    try:
        return str(
            phonenumbers.format_number(phonenumbers.parse(e164, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        )
    except phonenumbers.NumberParseException:
        return e164


def digits(text: str) -> str:
    """what search compares, of a stored number as of one half typed: `+33 6 39` and `06 39` give `0639`.

    Numbers of the French plan in their ten digits, others with their country prefix and no sign.
    """
    text = _TRUNK_ZERO.sub("", text)
    found = "".join(sign for sign in text if sign.isascii() and sign.isdecimal())
    international = text.lstrip().startswith("+")
    if not international and found.startswith("00"):
        found, international = found[2:], True
    if international:
        for code in _ONE_PLAN_CODES:
            if found.startswith(code):
                return "0" + found[len(code) :].removeprefix("0")
    return found


def _split(e164: str) -> tuple[str, str]:
    """(prefix, nine digits) of a number of the French plan, else ("", "")."""
    if e164[:1] == "+" and e164[1:].isdecimal():
        for code in _ONE_PLAN_CODES:
            if len(e164) == len(code) + 10 and e164.startswith(code, 1):
                return code, e164[len(code) + 1 :]
    return "", ""


def _in_region(text: str, region: str, *, strict: bool) -> str | None:
    """E.164 if the library takes it: in its plan when `strict`, of a possible length otherwise."""
    import phonenumbers

    if strict and text.startswith("+33") and region in _ONE_PLAN:
        # +33 692 12 34 56 is how Réunion is often typed, with or without the zero; its prefix is +262.
        text = "0" + text[3:].lstrip(" .-/").removeprefix("0")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    known = phonenumbers.is_valid_number(number) if strict else phonenumbers.is_possible_number(number)
    significant = phonenumbers.national_significant_number(number)
    if not known or significant.startswith("0") or len(set(significant)) == 1:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
