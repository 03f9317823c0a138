"""Text folded for search: two spellings that a cashier takes for the same become equal.

Case and accents go, ligatures and special letters open up (œ, æ, ß, ø, ł); apostrophes, hyphens and every other sign
separate words. The folding of a text is the folding of its characters one by one, so it is total, and folding twice
changes nothing.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

_MEMORY_MAX: Final = 4096
"""Characters remembered: more than French, Breton and Vietnamese names need, and no room for a hostile file to fill."""

_LETTERS: Final = {
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    **dict.fromkeys("ʹʻʼʽˈ", " "),
}
"""Letters that Unicode does not decompose, and the apostrophes that it counts among the letters."""


def _fold_once(text: str) -> str:
    folded: list[str] = []
    for sign in unicodedata.normalize("NFKD", text.casefold()):
        category = unicodedata.category(sign)
        if category == "Cf" or (category[0] == "M" and (unicodedata.combining(sign) or "\ufe00" <= sign <= "\ufe0f")):
            continue  # accents, soft hyphens, joiners, variation selectors: invisible to who searches
        folded.append(_LETTERS.get(sign, sign) if category[0] == "M" or sign.isalnum() else " ")
    return "".join(folded)


def _fold_character(character: str) -> str:
    """What one character becomes: signs that stay as they are when folded again."""
    before, folded = "", character
    while before != folded:
        before, folded = folded, _fold_once(folded)
    return folded


class _Foldings(dict[int, str]):
    """Code point → its folding, found out when first met; the shape that `str.translate` asks for."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _MEMORY_MAX:
            self[code] = folded
        return folded


_FOLDINGS: Final = _Foldings((code, _fold_character(chr(code))) for code in range(0x250))


def fold(text: str) -> str:
    """The words of `text`, folded, with one space between them; empty when there is no letter and no digit."""
    return " ".join(text.translate(_FOLDINGS).split())


def folded(text: str) -> str:
    """`text` with each character folded; what separates words is one or more spaces."""
    return text.translate(_FOLDINGS)


def folded_each(texts: Sequence[str]) -> list[str]:
    """Each text with its characters folded, as `folded` does; many at once, which costs a fraction."""
    found = _BETWEEN.join(texts).translate(_FOLDINGS_BETWEEN).split(_BETWEEN)
    return found if len(found) == len(texts) else [folded(text) for text in texts]


_BETWEEN: Final = "\x1f"
_FOLDINGS_BETWEEN: Final = _Foldings(_FOLDINGS | {ord(_BETWEEN): _BETWEEN})


def words(text: str) -> tuple[str, ...]:
    """The folded words of `text` in their order, repetitions included."""
    return tuple(text.translate(_FOLDINGS).split())
