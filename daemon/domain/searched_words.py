"""Which words a customer is found by: names, company, e-mail, code, phones, postal code and town, cards, tags."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from daemon.domain.element import Element, differ
from daemon.domain.folding import words
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import SHAPES, Kind

_NAMES = {(Kind.CUSTOMER, 2), (Kind.CUSTOMER, 4), (Kind.CUSTOMER, 8)}
"""Name, company name, e-mail: what any part of finds."""

_SPACED = (Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER)
"""What people type with and without the spaces that it is printed with."""

_SEARCHED: dict[int, tuple[tuple[int, Claim | None], ...]] = {
    kind: tuple((field.number, field.claim) for field in shape.fields.values() if field.searched)
    for kind, shape in SHAPES.items()
    if any(field.searched for field in shape.fields.values())
}
"""The fields of each kind whose words find a customer."""

_NUMBERS = {kind: tuple(number for number, _ in fields) for kind, fields in _SEARCHED.items()}

SEARCHED_KINDS = tuple(sorted(_SEARCHED))


@dataclass(frozen=True, slots=True)
class SearchedWords:
    """`every`: all words of a customer. `names`: those of names and e-mails, which are also found by any part."""

    every: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class WordsMoved:
    """What goes from and comes to a customer's words, `names` among them.

    `had`, `has`: whether there were words before, and are after.
    """

    gone: AbstractSet[str]
    come: AbstractSet[str]
    names: AbstractSet[str]
    had: bool
    has: bool


def is_searched(before: Element | None, after: Element | None) -> bool:
    """Whether the words that find a customer may differ between two states of one element."""
    element = after or before
    if element is None or element.kind not in _SEARCHED:
        return False
    if before is None or after is None:
        return True
    return differ(before, after, _NUMBERS[element.kind])


def searched_words(elements: Iterable[Element]) -> SearchedWords:
    """The words of one customer's elements; none where there is no customer's row.

    Cards alone, of a customer who is not here yet, are found by their number only.
    """
    texts: list[str] = []
    names: list[str] = []
    is_here = False
    for element in elements:
        is_here = is_here or element.kind == Kind.CUSTOMER
        for number, claim in _SEARCHED.get(element.kind, ()):
            found = _texts_of(element.fields.get(number), claim)
            texts += found
            if (element.kind, number) in _NAMES:
                names += found
    if not is_here:
        return SearchedWords(frozenset(), frozenset())
    return SearchedWords(_words_of(texts), _without_numbers(_words_of(names)))


Change = tuple[Element | None, Element | None]
"""(element before, element after)"""


def words_moved(changed: Sequence[Change], others: Sequence[Element]) -> WordsMoved:
    """How changes move the words of one customer, `others` being the searched elements that stay as they are."""
    before = [*others, *(one for one, _ in changed if one is not None)]
    after = [*others, *(one for _, one in changed if one is not None)]
    if not (_is_customer(before) and _is_customer(after)):
        had, has = searched_words(before), searched_words(after)
        gone, come = had.every - has.every, has.every - had.every
        return WordsMoved(gone, come, has.names - had.names, bool(had.every), bool(has.every))
    return _edited(changed, others)


def _edited(changed: Sequence[Change], others: Sequence[Element]) -> WordsMoved:
    """A customer stays: only the fields that differ are taken apart, and held against the text that stays."""
    stay: list[str] = []
    go: list[str] = []
    come: list[str] = []
    names: list[str] = []
    known: list[str] = []
    for before, after in (*changed, *((one, one) for one in others)):
        kind = (after or before).kind  # type: ignore[union-attr]  # a change has an element before or after
        old, new = before.fields if before else {}, after.fields if after else {}
        for number, claim in _SEARCHED[kind]:
            had, has = old.get(number), new.get(number)
            if had == has:
                stay += _texts_of(has, claim) if has is not None else ()
                continue
            go += _texts_of(had, claim)
            come += _texts_of(has, claim)
            if (kind, number) in _NAMES:
                names += _texts_of(has, claim)
                known += _texts_of(had, claim)
    gone, came = _words_of(go), _words_of(come)
    stays = _words_of(stay)
    learned = _without_numbers(_words_of(names) - _words_of(known))
    return WordsMoved(gone - came - stays, came - gone - stays, learned, bool(gone or stays), bool(came or stays))


def _is_customer(elements: Iterable[Element]) -> bool:
    return any(element.kind == Kind.CUSTOMER for element in elements)


def _without_numbers(found: Iterable[str]) -> frozenset[str]:
    return frozenset([word for word in found if not word.isdigit()])


def _words_of(texts: list[str]) -> frozenset[str]:
    return frozenset(words(" ".join(texts))) if texts else _NO_WORDS


_NO_WORDS: frozenset[str] = frozenset()


def _texts_of(value: object, claim: Claim | None) -> Sequence[str]:
    """The texts whose words find the owner of a value."""
    if isinstance(value, tuple):
        return [part for part in value if isinstance(part, str)]
    if not isinstance(value, str):
        return ()
    if claim is Claim.PHONE:
        return phone_words(value)
    return (value, "".join(value.split())) if claim in _SPACED else (value,)


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
