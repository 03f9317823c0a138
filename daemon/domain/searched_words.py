"""Which words a customer is found by: names, company, e-mail, postal code and town, tags.

Codes, cards and phones are no words: each is of one customer, and whoever types its beginning is answered from the
look-ups, which lie in order. Words are cut where letters meet digits (`martin75` is `martin` and `75`), so that there
are thousands of distinct ones for a million customers, not a million.

A word that stands in none of a customer's names is `elsewhere`: the index has it under another first sign. So who is
called Paris is found at once among all who live there, and the index is no larger. Of who is archived, and found last,
all words are elsewhere.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from daemon.domain.element import Element
from daemon.domain.folding import folded, words
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOM_FIELDS_FROM, CUSTOM_UNSEARCHED_FROM, CUSTOMER, SHAPES, Kind
from daemon.domain.leaving import is_archived, is_deleted

_CALLED: Final = frozenset({CUSTOMER.number("name"), CUSTOMER.number("company_name")})
"""What a customer is called."""

_EMAIL: Final = CUSTOMER.number("email")

_ADDRESS: Final = CUSTOMER.number("address")
_ADDRESS_PARTS: Final = 4
"""Its two lines, the postal code, the town."""

_FOUND_BY: Final = frozenset({CUSTOMER.number("deleted"), CUSTOMER.number("archived")})
"""What decides whether a customer is found, and whether by their names first."""

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

_ELSEWHERE: Final = 0xF0000
"""Unicode's Supplementary Private Use Area-A, which has a sign for each of the first plane: no letter folds to one."""
_PLANE: Final = 0x10000


def elsewhere(word: str) -> str:
    """A folded word as the index has it for those in whose names it is not; what begins above U+FFFF stays."""
    first = ord(word[0])
    return word if first >= _PLANE else chr(_ELSEWHERE + first) + word[1:]


def bare(word: str) -> str:
    """A word of the index as it is typed."""
    first = ord(word[0])
    return chr(first - _ELSEWHERE) + word[1:] if _ELSEWHERE <= first < _ELSEWHERE + _PLANE else word


@dataclass(frozen=True, slots=True)
class SearchedWords:
    """Words as the index has them. `every`: all of a customer. `names`: those of names and e-mails, letters only.

    The latter are also found by any part, and by their sound.
    """

    every: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class WordsMoved:
    """What goes from and comes to a customer's words, and to the `names` among them.

    `had`, `has`: whether there were words before, and are after.
    """

    gone: AbstractSet[str]
    come: AbstractSet[str]
    names: AbstractSet[str]
    had: bool
    has: bool


class _Words(NamedTuple):
    """A customer's words as they are typed: what they are called; of their e-mail, found by any part; all others."""

    called: set[str]
    mailed: set[str]
    others: set[str]

    @property
    def elsewhere(self) -> set[str]:
        """Words that stand in no name."""
        return (self.mailed | self.others) - self.called


_CALLED_AT, _MAILED_AT, _OTHERS_AT = range(3)
_PLACES: Final[Mapping[int, int]] = {**dict.fromkeys(_CALLED, _CALLED_AT), _EMAIL: _MAILED_AT}


def _place(element: Element | None, number: int) -> int:
    """Which set of `_Words` the words of a field belong to: who is archived is found by any part, but not first."""
    if element is None or element.kind != Kind.CUSTOMER:
        return _OTHERS_AT
    place = _PLACES.get(number, _OTHERS_AT)
    return _MAILED_AT if place == _CALLED_AT and is_archived(element) else place


def is_searched(before: Element | None, after: Element | None, numbers: Sequence[int]) -> bool:
    """Whether a change of these fields may move the words that find a customer: one that comes or goes moves all."""
    element = after or before
    searched = None if element is None else _NUMBERS.get(element.kind)
    if element is None or searched is None:
        return False
    if before is None or after is None or not searched.isdisjoint(numbers):
        return True
    return element.kind == Kind.CUSTOMER and (not _FOUND_BY.isdisjoint(numbers) or bool(_own_among(numbers)))


def searched_words(elements: Sequence[Element]) -> SearchedWords:
    """The words of one customer's elements; none where there is no customer's row, or it was deleted.

    Cards alone, of a customer who is not here yet, are found by their number only.
    """
    found = _moved(_where_they_stand(()), _where_they_stand(elements))
    return SearchedWords(frozenset(found.come), frozenset(found.names))


def _where_they_stand(elements: Sequence[Element]) -> _Words:
    texts: tuple[list[str], ...] = ([], [], [])
    for element in elements if _is_found(elements) else ():
        for number in (*_SEARCHED.get(element.kind, ()), *_own(element)):
            value = element.fields.get(number)
            if value is not None:
                place = texts[_place(element, number)]
                place += _texts_of(number, value)
    return _Words(*map(_words_of, texts))


Change = tuple[Element | None, Element | None]
"""(element before, element after)"""


def words_moved(changed: Sequence[Change], others: list[Element]) -> WordsMoved:
    """How changes move the words of one customer, `others` being the searched elements that stay as they are."""
    before = others + [one for one, _ in changed if one is not None]
    after = others + [one for _, one in changed if one is not None]
    if not (_is_found(before) and _is_found(after)):
        return _moved(_where_they_stand(before), _where_they_stand(after))
    return _edited(changed, others)


def _edited(changed: Sequence[Change], others: Sequence[Element]) -> WordsMoved:
    """A customer stays: what does not differ is mostly a name or a town, which come again and again."""
    had, has = _where_they_stand(()), _where_they_stand(())
    for before, after in (*changed, *((one, one) for one in others)):
        kind = (after or before).kind  # type: ignore[union-attr]  # a change has an element before or after
        old, new = before.fields if before else {}, after.fields if after else {}
        for number in (*_SEARCHED[kind], *_own_of(kind, old, new)):
            was, is_ = old.get(number), new.get(number)
            went, came = had[_place(before, number)], has[_place(after, number)]
            if was != is_:
                went.update(_words_of(_texts_of(number, was)))
                came.update(_words_of(_texts_of(number, is_)))
                continue
            for text in _texts_of(number, is_):
                went.update(_words_in(text))
                came.update(_words_in(text))
    return _moved(had, has)


def _moved(had: _Words, has: _Words) -> WordsMoved:
    """From where a customer's words stood to where they stand."""
    was, is_ = had.elsewhere, has.elsewhere
    come_called = has.called - had.called
    mailed = (has.mailed - has.called) - (had.mailed - had.called)
    return WordsMoved(
        (had.called - has.called) | _marked(was - is_),
        come_called | _marked(is_ - was),
        _letters(come_called) | _marked(_letters(mailed)),
        any(had),
        any(has),
    )


def _marked(found: Iterable[str]) -> set[str]:
    return {elsewhere(word) for word in found}


def _letters(found: Iterable[str]) -> set[str]:
    return {word for word in found if not word.isdigit()}


def _own(element: Element) -> Sequence[int]:
    """The numbers of the chain's own searched fields that a customer has: nearly always none."""
    return _own_of(element.kind, element.fields, {})


def _own_of(kind: int, old: Mapping[int, object], new: Mapping[int, object]) -> Sequence[int]:
    if kind != Kind.CUSTOMER or max(old, default=0) < CUSTOM_FIELDS_FROM > max(new, default=0):
        return ()
    return sorted(_own_among(old.keys() | new.keys()))


def _own_among(numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if CUSTOM_FIELDS_FROM <= number < CUSTOM_UNSEARCHED_FROM]


def _is_found(elements: Iterable[Element]) -> bool:
    """Whether there is a customer among these who was not deleted."""
    return any(element.kind == Kind.CUSTOMER and not is_deleted(element) for element in elements)


def _words_of(texts: Sequence[str]) -> set[str]:
    return set(_RUN.findall(folded(" ".join(texts)))) if texts else set()


_RUN = re.compile(r"\d+|[^\d ]+")


@lru_cache(maxsize=2048)
def _words_in(text: str) -> frozenset[str]:
    """The words of a text that stays: names and towns come again and again."""
    return frozenset(_RUN.findall(folded(text)))


def runs(word: str) -> list[str]:
    """A folded word, cut where letters meet digits."""
    return _RUN.findall(word)


def _texts_of(number: int, value: object) -> Sequence[str]:
    """The texts whose words find the owner of a value."""
    if isinstance(value, tuple):
        # Of an address all but the country: it is everybody's.
        parts = value[:_ADDRESS_PARTS] if number == _ADDRESS else value
        return [part for part in parts if isinstance(part, str)]
    return (value,) if isinstance(value, str) else ()


def query_words(text: str) -> tuple[str, ...]:
    """The words of what somebody typed; digits typed in groups (a phone, a card) are one word."""
    found = words(text)
    joined = "".join(found)
    if len(found) > 1 and joined.isdigit():
        return (joined,)
    return found
