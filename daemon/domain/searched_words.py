"""Which words a customer is found by: names, company, e-mail, postal code and town, tags.

Codes, cards and phones are no words: each is of one customer, and whoever types its beginning is answered from the
look-ups, which lie in order. Words are cut where letters meet digits (`martin75` is `martin` and `75`), so that there
are thousands of distinct ones for a million customers, not a million.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from daemon.domain.element import Element
from daemon.domain.folding import folded, words
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOM_FIELDS_FROM, CUSTOM_UNSEARCHED_FROM, SHAPES, Kind

_NAMES = {(Kind.CUSTOMER, 2), (Kind.CUSTOMER, 4), (Kind.CUSTOMER, 8)}
"""Name, company name, e-mail: what any part of finds."""

LOOKED_UP = frozenset({Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER, Claim.PHONE, Claim.ACCOUNT_NUMBER})
"""What is found among the look-ups by its beginning."""

_SEARCHED: dict[int, tuple[int, ...]] = {
    kind: numbers
    for kind, shape in SHAPES.items()
    if (numbers := tuple(one.number for one in shape.fields.values() if one.searched and one.claim not in LOOKED_UP))
}
"""The fields of each kind whose words find a customer."""

_NUMBERS = {kind: frozenset(numbers) for kind, numbers in _SEARCHED.items()}

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


def is_searched(before: Element | None, after: Element | None, numbers: Sequence[int]) -> bool:
    """Whether a change of these fields may move the words that find a customer: one that comes or goes moves all."""
    element = after or before
    searched = None if element is None else _NUMBERS.get(element.kind)
    if element is None or searched is None:
        return False
    if before is None or after is None or not searched.isdisjoint(numbers):
        return True
    return element.kind == Kind.CUSTOMER and bool(_own_among(numbers))


def searched_words(elements: Iterable[Element]) -> SearchedWords:
    """The words of one customer's elements; none where there is no customer's row.

    Cards alone, of a customer who is not here yet, are found by their number only.
    """
    texts: list[str] = []
    names: list[str] = []
    is_here = False
    for element in elements:
        is_here = is_here or element.kind == Kind.CUSTOMER
        for number in (*_SEARCHED.get(element.kind, ()), *_own(element)):
            value = element.fields.get(number)
            if value is not None:
                found = names if (element.kind, number) in _NAMES else texts
                found += _texts_of(value)
    if not is_here:
        return _NOTHING
    in_names = _words_of(names)
    return SearchedWords(in_names | _words_of(texts), _without_numbers(in_names))


Change = tuple[Element | None, Element | None]
"""(element before, element after)"""


def words_moved(changed: Sequence[Change], others: list[Element]) -> WordsMoved:
    """How changes move the words of one customer, `others` being the searched elements that stay as they are."""
    before = others + [one for one, _ in changed if one is not None]
    after = others + [one for _, one in changed if one is not None]
    if not (_is_customer(before) and _is_customer(after)):
        had, has = searched_words(before), searched_words(after)
        gone, come = had.every - has.every, has.every - had.every
        return WordsMoved(gone, come, has.names - had.names, bool(had.every), bool(has.every))
    return _edited(changed, others)


def _edited(changed: Sequence[Change], others: Sequence[Element]) -> WordsMoved:
    """A customer stays: only the fields that differ are taken apart, and held against the text that stays."""
    stay: set[str] = set()
    go: list[str] = []
    come: list[str] = []
    names: list[str] = []
    known: list[str] = []
    for before, after in (*changed, *((one, one) for one in others)):
        kind = (after or before).kind  # type: ignore[union-attr]  # a change has an element before or after
        old, new = before.fields if before else {}, after.fields if after else {}
        for number in (*_SEARCHED[kind], *_own_of(kind, old, new)):
            had, has = old.get(number), new.get(number)
            if had == has:
                for text in _texts_of(has):
                    stay |= _words_in(text)
                continue
            go += _texts_of(had)
            come += _texts_of(has)
            if (kind, number) in _NAMES:
                names += _texts_of(has)
                known += _texts_of(had)
    gone, came = _words_of(go), _words_of(come)
    learned = _without_numbers(_words_of(names) - _words_of(known)) if names else _NO_WORDS
    return WordsMoved(gone - came - stay, came - gone - stay, learned, bool(gone or stay), bool(came or stay))


def _own(element: Element) -> Sequence[int]:
    """The numbers of the chain's own searched fields that a customer has: nearly always none."""
    return _own_of(element.kind, element.fields, {})


def _own_of(kind: int, old: Mapping[int, object], new: Mapping[int, object]) -> Sequence[int]:
    if kind != Kind.CUSTOMER or max(old, default=0) < CUSTOM_FIELDS_FROM > max(new, default=0):
        return ()
    return sorted(_own_among(old.keys() | new.keys()))


def _own_among(numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if CUSTOM_FIELDS_FROM <= number < CUSTOM_UNSEARCHED_FROM]


def _is_customer(elements: Iterable[Element]) -> bool:
    return Kind.CUSTOMER in [element.kind for element in elements]


def _without_numbers(found: Iterable[str]) -> frozenset[str]:
    return frozenset([word for word in found if not word.isdigit()])


def _words_of(texts: list[str]) -> frozenset[str]:
    return frozenset(_RUN.findall(folded(" ".join(texts)))) if texts else _NO_WORDS


_NO_WORDS: frozenset[str] = frozenset()
_NOTHING = SearchedWords(_NO_WORDS, _NO_WORDS)

_RUN = re.compile(r"\d+|[^\d ]+")


@lru_cache(maxsize=2048)
def _words_in(text: str) -> frozenset[str]:
    """The words of a text that stays: names and towns come again and again."""
    return frozenset(_RUN.findall(folded(text)))


def runs(word: str) -> list[str]:
    """A folded word, cut where letters meet digits."""
    return _RUN.findall(word)


def _texts_of(value: object) -> Sequence[str]:
    """The texts whose words find the owner of a value."""
    if isinstance(value, tuple):
        return [part for part in value if isinstance(part, str)]
    return (value,) if isinstance(value, str) else ()


def query_words(text: str) -> tuple[str, ...]:
    """The words of what somebody typed; digits typed in groups (a phone, a card) are one word."""
    found = words(text)
    joined = "".join(found)
    if len(found) > 1 and joined.isdigit():
        return (joined,)
    return found
