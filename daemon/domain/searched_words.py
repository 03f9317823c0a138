"""Which words a customer is found by: names, company, e-mail, code, phones, postal code and town, cards, tags."""

from collections.abc import Iterable
from dataclasses import dataclass

from daemon.domain.element import Element
from daemon.domain.folding import words
from daemon.domain.kinds import Claim, Kind, shape_of

_NAMES = {(Kind.CUSTOMER, 2), (Kind.CUSTOMER, 4), (Kind.CUSTOMER, 8)}
"""Name, company name, e-mail: what any part of finds."""


@dataclass(frozen=True, slots=True)
class SearchedWords:
    """`all`: every word of the index row. `names`: words of names and e-mails, which are also found by any part."""

    all: tuple[str, ...]
    names: tuple[str, ...]


def searched_words(elements: Iterable[Element]) -> SearchedWords:
    """The words of one customer's elements, each once, in order."""
    every: dict[str, None] = {}
    names: dict[str, None] = {}
    for element in elements:
        shape = shape_of(element.kind)
        if shape is None:
            continue
        for number, value in element.fields.items():
            known = shape.fields.get(number)
            if known is None or not known.searched:
                continue
            found = _words_of(value, known.claim)
            every.update(dict.fromkeys(found))
            if (element.kind, number) in _NAMES:
                names.update(dict.fromkeys(word for word in found if not word.isdigit()))
    return SearchedWords(tuple(every), tuple(names))


def _words_of(value: object, claim: Claim | None) -> list[str]:
    if isinstance(value, tuple):
        return [word for part in value if isinstance(part, str) for word in words(part)]
    if not isinstance(value, str):
        return []
    if claim is Claim.PHONE:
        return phone_words(value)
    if claim in (Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER):
        return list(dict.fromkeys([*words(value), *words("".join(value.split()))]))
    return list(words(value))


def phone_words(e164: str) -> list[str]:
    """A phone as people type it: with its country's leading zero (France and overseas), and in international digits."""
    digits = "".join(char for char in e164 if char.isdigit())
    for prefix in ("33", "262", "590", "594", "596"):
        if e164.startswith("+" + prefix):
            return ["0" + digits[len(prefix) :], digits]
    return [digits]


def query_words(text: str) -> tuple[str, ...]:
    """The words of what somebody typed; digits typed in groups (a phone, a card) are one word."""
    found = words(text)
    joined = "".join(found)
    if len(found) > 1 and joined.isdigit():
        return (joined,)
    return found
