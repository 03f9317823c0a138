"""Fitting a text into a box: which lines, how large, what the font cannot say. Pure."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

ELLIPSIS = "…"
REPLACEMENT = "?"
PROBE_DOTS = 100
"""Widths grow in proportion to the size, so one measure at this size foretells all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelled:
    """A text that a font or a code page can say, and the characters that it could not."""

    text: str = field(repr=False)
    missing: tuple[str, ...] = field(default=(), repr=False)


WRITTEN_OUT = {
    "œ": "oe",
    "Œ": "OE",
    "æ": "ae",
    "Æ": "AE",
    "ß": "ss",
    "€": "EUR",
    "–": "-",
    "—": "-",
    "…": "...",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}
"""What has no base letter and is understood all the same."""

SPACES = dict.fromkeys("\u00a0\u202f\u2009", " ")
"""The spaces of French typography; a plain one says the same, so nothing is reported."""


def spelled(text: str, lacks: Callable[[str], Iterable[str]]) -> Spelled:
    """Replace what is lacking by its base letter (ő by o), by letters that say it (œ by oe), else by a question mark.

    What was replaced is told, save for spaces.

    `lacks` gives the characters of its argument that cannot be printed.
    """
    composed = unicodedata.normalize("NFC", text)
    composed = "".join(SPACES[mark] if mark in SPACES and set(lacks(mark)) else mark for mark in composed)
    missing = set(lacks(composed))
    if not missing:
        return Spelled(text=composed)
    stand_ins = {character: _stand_in(character, lacks) for character in missing}
    ordered = tuple(dict.fromkeys(character for character in composed if character in missing))
    return Spelled(text="".join(stand_ins.get(character, character) for character in composed), missing=ordered)


def _stand_in(character: str, lacks: Callable[[str], Iterable[str]]) -> str:
    written_out = WRITTEN_OUT.get(character, "")
    if written_out and not set(lacks(written_out)):
        return written_out
    bare = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return bare if bare and not set(lacks(bare)) else REPLACEMENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A box in dots and the font sizes allowed in it."""

    width: int
    height: int
    size_max: int
    size_min: int
    lines_max: int
    leading: float
    cap_height: float

    def size_for_height(self, lines: int) -> int:
        """The largest size at which so many lines stand in the box: capitals above, steps between."""
        return int(self.height / (self.cap_height + self.leading * (lines - 1)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """The lines to print and their one size; `shortened` when letters were left out."""

    lines: tuple[str, ...] = field(repr=False)
    size: int
    shortened: bool = False


COMFORT = 0.5
"""Share of the largest size from which more lines are not worth a larger type."""


def fit(texts: Sequence[str], room: Room, width_of: Callable[[str, int], int]) -> Fitted:
    """Set `texts`, one to a line or broken at a space or a hyphen, as large as the room allows, all in one size.

    `width_of(text, size)` is in dots. What does not fit at the smallest size is cut with an ellipsis.
    """
    settings = [_sized(lines, room, width_of) for lines in _breakings(texts, room.lines_max)]
    comfortable = (fitted for fitted in settings if fitted.size >= room.size_max * COMFORT)
    best = next(comfortable, None) or max(settings, key=lambda fitted: (fitted.size, -len(fitted.lines)))
    if best.size >= room.size_min:
        return best
    return _cut(best.lines, room, width_of)


def _breakings(texts: Sequence[str], lines_max: int) -> list[tuple[str, ...]]:
    """Every way to set the texts in at most `lines_max` lines, fewest lines first."""
    choices = [[(text,), *_broken(text)] for text in texts]
    ways = [tuple(line for part in way for line in part) for way in product(*choices)]
    allowed = [way for way in ways if len(way) <= lines_max] or [tuple(texts)]
    return sorted(allowed, key=len)


def _broken(text: str) -> list[tuple[str, ...]]:
    """A text in two lines, where the halves are most alike; nothing when it has no place to break."""
    places = [place + 1 for place, character in enumerate(text[:-1]) if character in " -" and place]
    if not places:
        return []
    middle = min(places, key=lambda place: abs(len(text) - 2 * place))
    return [(text[:middle].rstrip(), text[middle:])]


def _sized(lines: tuple[str, ...], room: Room, width_of: Callable[[str, int], int]) -> Fitted:
    widest = max([1, *(width_of(line, PROBE_DOTS) for line in lines)])
    size = min(room.size_max, room.size_for_height(len(lines)), room.width * PROBE_DOTS // widest)
    while size > 1 and any(width_of(line, size) > room.width for line in lines):
        size -= 1  # hinting rounds each advance, so the proportion can be a dot too hopeful
    return Fitted(lines=lines, size=size)


def _cut(lines: tuple[str, ...], room: Room, width_of: Callable[[str, int], int]) -> Fitted:
    size = room.size_min
    kept = []
    for line in lines:
        text = line
        while text and width_of(text + (ELLIPSIS if text != line else ""), size) > room.width:
            text = text[:-1]
        kept.append(line if text == line else text.rstrip() + ELLIPSIS)
    return Fitted(lines=tuple(kept), size=size, shortened=tuple(kept) != lines)
