"""What a query asks for, which of a customer's texts answer it, where, and who comes first. Pure.

The index finds candidates by folded words; here each candidate's own texts say what matched, so that a screen
underlines exactly that, and candidates that answer better come first.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from daemon.domain import phone
from daemon.domain.claims import normal_form
from daemon.domain.code import lookup_form
from daemon.domain.folding import folded, folded_each
from daemon.domain.folding import words as folded_words
from daemon.domain.kind_shape import Claim
from daemon.domain.searched_words import query_words
from daemon.errors import OperatorMistake

QUERY_LENGTH_MAX = 200
WORDS_MAX = 8
_PHONE_SIGNS = frozenset("+0123456789 .-/()\u00a0\u202f")


_category = unicodedata.ucd_3_2_0.category

_INTERNATIONAL = ("+", "0033", "00262", "00590", "00594", "00596")
"""How a phone with its country is typed; other digits after 00 may be a card's."""


class Nearness(IntEnum):
    """How well a text answers; the smaller the better."""

    EXACT = 0
    """The whole query is this customer's e-mail, code, card, phone or member number."""
    WORD = 1
    BEGINNING = 2
    PART = 3
    SOUND = 4
    """Said alike, written otherwise."""
    TYPING = 5
    """A slip of typing away."""


_WORD, _BEGINNING, _PART = Nearness.WORD, Nearness.BEGINNING, Nearness.PART
"""Named once: a member that is asked of its class costs twenty times a name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What somebody typed: its folded words, and the identifying values that its shape may be.

    `alike`: for a word, the other words that may have been meant, and how near each is (`SOUND`, `TYPING`).
    """

    words: tuple[str, ...]
    claims: tuple[tuple[Claim, str], ...]
    alike: Mapping[str, Mapping[str, Nearness]] = field(default_factory=dict)
    numbers: tuple["Number", ...] = ()
    is_other: bool = False
    """Whether the words are other ones than were typed: fewer, or two initials of one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """What may be the beginning of a code, a card, a phone: the query's words that it is made of, and as which values.

    Values are in the form under which they are looked up.
    """

    words: tuple[str, ...]
    beginnings: tuple[tuple[Claim, str], ...]


class SearchedText(NamedTuple):
    """One text of a customer as it is shown. `joined`: digits and letters in groups, found as one word."""

    field: str
    text: str
    joined: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A text that answers: `ranges` are [start, end) in characters of `text`."""

    field: str
    text: str
    nearness: Nearness
    ranges: tuple[tuple[int, int], ...]


def parse_query(text: str, *, region: str = "FR") -> Query:
    """Read what was typed; its shape says what it may identify exactly."""
    text = text.strip()[:QUERY_LENGTH_MAX]
    as_phone = _phone_shaped(text)
    words = (phone.digits(text),) if as_phone and text.startswith(_INTERNATIONAL) else query_words(text)
    claims: list[tuple[Claim, str]] = []
    if "@" in text:
        claims.append((Claim.EMAIL, text))
    elif text:
        claims += [(Claim.CARD, text), (Claim.CODE, text), (Claim.MEMBER_NUMBER, text)]
        if as_phone and _may_be_whole(phone.digits(text)):
            claims += [(Claim.PHONE, number) for number in _numbers(text, region)]
    distinct = tuple(dict.fromkeys(words))[:WORDS_MAX]
    return Query(words=distinct, claims=tuple(claims), numbers=_numbers_in(text, distinct))


def _may_be_whole(digits: str) -> bool:
    """Whether these digits may be all of a number: after one 0 the French plan has nine more, others have less."""
    is_national = digits.startswith("0") and not digits.startswith("00")
    return len(digits) >= (10 if is_national else 8)


_OVERSEAS = ("+33", "+262", "+590", "+594", "+596", "+687", "+689")
"""Where a number that begins with 0 may be: France and its regions (ARCEP's plan), those with a code of their own."""


def _numbers_in(text: str, words: tuple[str, ...]) -> tuple[Number, ...]:
    """What of a query may be the beginning of a number: all of it; or, among other words, each with a digit in it."""
    if not words or "@" in text:
        return ()
    whole = Number(words=words, beginnings=_beginnings("".join(text.split())))
    parts = text.split()
    if len(parts) < 2 or len(words) < 2:
        return (whole,)
    found = [Number(words=query_words(part), beginnings=_beginnings(part)) for part in parts if _has_digit(part)]
    return (whole, *found)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _beginnings(text: str) -> tuple[tuple[Claim, str], ...]:
    """The values that begin with a text, in the form in which they are looked up."""
    found = [(Claim.CARD, lookup_form(text))]
    found += [(claim, normal_form(claim, text)) for claim in (Claim.CODE, Claim.MEMBER_NUMBER, Claim.ACCOUNT_NUMBER)]
    if _phone_shaped(text):
        digits = phone.digits(text)
        if digits.startswith("0"):
            found += [(Claim.PHONE, country + digits[1:]) for country in _OVERSEAS]
        else:
            found.append((Claim.PHONE, "+" + digits))
    return tuple((claim, value) for claim, value in found if value)


def _phone_shaped(text: str) -> bool:
    return bool(text) and _PHONE_SIGNS.issuperset(text) and any(sign.isdigit() for sign in text)


def _numbers(text: str, region: str) -> list[str]:
    try:
        return [phone.parse(text, region=region)]
    except OperatorMistake:
        return []


def _near(letters: str, word: str) -> Nearness:
    """How folded words, with spaces around each, answer one of the query's that is in them."""
    if f" {word}" not in letters:
        return _PART
    return _WORD if f" {word} " in letters else _BEGINNING


def matches(query: Query, texts: Sequence[SearchedText]) -> tuple[Match, ...] | None:
    """The texts that answer the words, the best for each; None when a word is answered by none."""
    found: dict[int, Match] = {}
    folded_texts = [
        f" {one.replace(' ', '') if text.joined else one} "
        for text, one in zip(texts, folded_each([text.text for text in texts]), strict=True)
    ]
    for word in query.words:
        best = _nearest(texts, folded_texts, word) or _almost(texts, query.alike.get(word, {}))
        if best is None:
            return None
        nearness, at, where = best
        before = found.get(at)
        ranges = tuple(sorted({*(before.ranges if before else ()), where}))
        worst = max(nearness, before.nearness) if before else nearness
        found[at] = Match(field=texts[at].field, text=texts[at].text, nearness=worst, ranges=ranges)
    return tuple(found[at] for at in sorted(found))


def _nearest(
    texts: Sequence[SearchedText], folded_texts: Sequence[str], word: str
) -> tuple[Nearness, int, tuple[int, int]] | None:
    """The text that answers a word best: how near, which, where.

    How near each text is tells the folded text; where, is looked for in the nearest alone.
    """
    ranked = [(_near(one, word), at) for at, one in enumerate(folded_texts) if word in one]
    if len(ranked) > 1:
        ranked.sort()
    for _, at in ranked:
        if (hit := _best(texts[at], word)) is not None:
            return hit[0], at, hit[1]
    return None


def exact(text: SearchedText) -> Match:
    """The match of a text that the whole query identifies."""
    return Match(field=text.field, text=text.text, nearness=Nearness.EXACT, ranges=((0, len(text.text)),))


def nearness_of(found: Iterable[Match]) -> Nearness:
    """How near a customer is: as near as its weakest match."""
    return max((match.nearness for match in found), default=_PART)


_Word = tuple[str, Sequence[int]]
"""A folded word, and for each of its letters the place in the text that it comes from."""


def _spots(text: SearchedText) -> list[_Word]:
    """The words of a text with the places of their letters."""
    letter_by_letter = folded(text.text)
    if not text.joined and (text.text.isascii() or all(len(_folded(sign)) == 1 for sign in text.text)):
        return [(one.group(), range(*one.span())) for one in _LETTERS.finditer(letter_by_letter)]
    found: list[tuple[list[str], list[int]]] = [([], [])]
    for at, sign in enumerate(text.text):
        letters_of_sign = _folded(sign)
        if letters_of_sign == " ":
            if not text.joined and found[-1][0]:
                found.append(([], []))
            continue
        for letter in letters_of_sign:
            if letter == " ":
                found.append(([], []))
            else:
                found[-1][0].append(letter)
                found[-1][1].append(at)
    return [("".join(letters), tuple(places)) for letters, places in found if letters]


_LETTERS = re.compile("[^ ]+")


@lru_cache(maxsize=2048)
def _folded(sign: str) -> str:
    """What one sign becomes: letters, a space where it separates words, nothing where it is invisible.

    Between two letters, because folding drops spaces at the rim.
    """
    inside = " ".join(folded_words(f"a{sign}a"))
    return inside[1:-1]


def _best(text: SearchedText, word: str) -> tuple[Nearness, tuple[int, int]] | None:
    """The best answer of a text to a word, and the range of characters that gives it."""
    if text.text.isascii():
        return _best_of_plain(folded(text.text), word, joined=text.joined)
    best: tuple[Nearness, tuple[int, int]] | None = None
    for letters, places in _spots(text):
        at = letters.find(word)
        if at < 0:
            continue
        nearness = _near(f" {letters} ", word)
        if best is None or nearness < best[0]:
            best = (nearness, (places[at], places[at + len(word) - 1] + 1))
    return best


def _best_of_plain(letters: str, word: str, *, joined: bool) -> tuple[Nearness, tuple[int, int]] | None:
    """The same for a text whose signs fold to one letter or a space each."""
    places: Sequence[int] = range(len(letters))
    if joined:
        places = [at for at in places if letters[at] != " "]
        letters = letters.replace(" ", "")
    spaced = f" {letters} "
    nearness = _near(spaced, word)
    sought = word if nearness is _PART else f" {word} " if nearness is _WORD else f" {word}"
    at = letters.find(word) if sought is word else spaced.find(sought)
    return (nearness, (places[at], places[at + len(word) - 1] + 1)) if at >= 0 else None


def _almost(
    texts: Sequence[SearchedText], alike: Mapping[str, Nearness]
) -> tuple[Nearness, int, tuple[int, int]] | None:
    """The nearest whole word among those that may have been meant: how near, in which text, where."""
    return min(
        (
            (alike[letters], at, (places[0], places[-1] + 1))
            for at, text in enumerate(texts)
            for letters, places in _spots(text)
            if letters in alike
        ),
        default=None,
    )
