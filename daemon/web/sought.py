"""What was sought in vain, as the form of a new customer takes it: name, town, postal code, telephone, e-mail."""

import re
from contextlib import suppress
from typing import Final

from daemon.desk.communes import commune_named
from daemon.desk.desks import Desks
from daemon.domain import phone
from daemon.errors import OperatorMistake
from daemon.web.customer_form import Typed, blank

POSTAL_CODE_LENGTH: Final = 5
_TELEPHONE: Final = re.compile(
    r"(?:\b0[1-9](?:[ .()/-]*[0-9]){8}|(?:\+|\b00)[1-9](?:[ .()/-]*[0-9]){7,13})(?![0-9])", re.ASCII
)
"""Digits as people group them, of this country or with a prefix; whether they are a number, its library says."""

TOWN_WORDS_MAX: Final = 4


async def sought(desks: Desks, text: str, *, card: str = "") -> Typed:
    """The form with what was typed in it: last name first, as lists are sorted; a town comes last."""
    given, words = _numbers(text)
    town = await _town(desks, words)
    if town:
        given["city"] = town
        words = words[: -len(town.split())]
    names = [word[0].upper() + word[1:] for word in words]
    return blank(last_name=names[0] if names else "", first_name=" ".join(names[1:]), card=card, **given)


def named(typed: Typed) -> str:
    """`Kerouedan, Brest`: what is made of it, before it is made."""
    values = typed.values
    name = " ".join(part for part in (values["last_name"], values["first_name"]) if part)
    place = " ".join(values[part] for part in ("postal_code", "city") if values.get(part))
    return ", ".join(
        part
        for part in (name, place, values.get("mobile", ""), values.get("phone", ""), values.get("email", ""))
        if part
    )


def _numbers(text: str) -> tuple[dict[str, str], list[str]]:
    """The fields that are told by their letters alone, and the words that are left."""
    given: dict[str, str] = {}
    words = []
    if (found := _TELEPHONE.search(text)) is not None:
        with suppress(OperatorMistake):
            number = phone.parse(found.group())
            given["mobile" if phone.is_mobile(number) else "phone"] = phone.national(number)
            text = text[: found.start()] + " " + text[found.end() :]
    for word in text.split():
        if "@" in word:
            given["email"] = word
        elif word.isascii() and word.isdecimal() and len(word) == POSTAL_CODE_LENGTH:
            given["postal_code"] = word
        elif word.replace("-", "").replace("'", "").replace("’", "").isalpha():
            words.append(word)
    return given, words


async def _town(desks: Desks, words: list[str]) -> str:
    """The town that the last words name; none where somebody here has that first name, as with Marie."""
    for count in range(min(len(words) - 1, TOWN_WORDS_MAX), 0, -1):
        town = commune_named(" ".join(words[-count:]))
        if town and len(town.split()) == count:
            return "" if count == 1 and await _is_first_name(desks, words[-1]) else town
    return ""


async def _is_first_name(desks: Desks, word: str) -> bool:
    try:
        found = await desks.lookup.search(word, limit=20, almost=False)
    except OperatorMistake:
        return False
    return any(match.field == "first_name" and match.nearness in {"exact", "word"}
               for hit in found.hits for match in hit.matches)  # fmt: skip
