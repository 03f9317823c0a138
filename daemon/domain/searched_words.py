"""Which words a customer is found by: names, company, e-mail, code, phones, postal code and town, cards, tags."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from daemon.domain.element import Element
from daemon.domain.folding import words
from daemon.domain.kinds import SHAPES, Claim, Kind

_NAMES = {(Kind.CUSTOMER, 2), (Kind.CUSTOMER, 4), (Kind.CUSTOMER, 8)}
"""Name, company name, e-mail: what any part of finds."""


_SEARCHED: dict[int, tuple[tuple[int, Claim | None], ...]] = {
    kind: tuple((field.number, field.claim) for field in shape.fields.values() if field.searched)
    for kind, shape in SHAPES.items()
    if any(field.searched for field in shape.fields.values())
}
"""The fields of each kind whose words find a customer."""

SEARCHED_KINDS = tuple(sorted(_SEARCHED))


@dataclass(slots=True)
class SearchedWords:
    """`every`: all words of a customer. `names`: those of names and e-mails, which are also found by any part."""

    every: dict[str, None] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)


def is_searched(before: Element | None, after: Element | None) -> bool:
    """Whether the words that find a customer may differ between two states of one element."""
    element = after or before
    if element is None or element.kind not in _SEARCHED:
        return False
    if before is None or after is None:
        return True
    return any(before.fields.get(number) != after.fields.get(number) for number, _ in _SEARCHED[element.kind])


def searched_words(elements: Iterable[Element]) -> SearchedWords:
    """The words of one customer's elements, each once, in order; none where there is no customer's row.

    Cards alone, of a customer who is not here yet, are found by their number only.
    """
    found = SearchedWords()
    is_here = False
    for element in elements:
        is_here = is_here or element.kind == Kind.CUSTOMER
        for number, claim in _SEARCHED.get(element.kind, ()):
            value = element.fields.get(number)
            if value is None:
                continue
            words_ = dict.fromkeys(_words_of(value, claim))
            found.every.update(words_)
            if (element.kind, number) in _NAMES:
                found.names.update((word, None) for word in words_ if not word.isdigit())
    return found if is_here else SearchedWords()


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
