"""Sentences of an import's report in the language of the screen; the desk says them in English. Pure."""

import re
from typing import Final

from daemon.web.i18n import Words

SHAPES: Final = (
    "likely a duplicate of {}: {}",
    "the line is skipped: {}",
    "the column is left out: {}",
    "this is the customer of line {} again",
    "the line has {} cells and the headings are {}",
    "the text has more than {} characters",
    "no group is called {}: it is kept as a tag",
    "the line has more than {} KiB",
    "no number of {} and of no country prefix is so written",
    "this is not a postal code of the country {}",
    "no French postal code starts with {}",
    "the year of the birthday lies outside {} to {}",
    "the number is empty; {}",
)
"""Sentences with something put in; all others are found as they are."""

_PATTERNS: Final = tuple(
    (shape, re.compile("(.+?)".join(map(re.escape, shape.split("{}"))), re.DOTALL)) for shape in SHAPES
)


def report_sentence(sentence: str, words: Words) -> str:
    """The sentence in the language of the screen; one that nobody translated stays as it is."""
    for shape, pattern in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return words.text(shape).format(*(report_sentence(part, words) for part in found.groups()))
    return words.text(sentence)
