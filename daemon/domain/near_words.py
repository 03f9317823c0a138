"""What somebody may have meant by a word: its slips of typing, and its distance from words that are known. Pure."""

from collections.abc import Iterable
from typing import Final

CORRECTED_LENGTH_MIN: Final = 4
"""Shorter words are a slip away from too many others."""

TWO_SLIPS_LENGTH_MIN: Final = 8
"""Words so long may have two slips."""

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

_PARTICLES: Final = ("des", "les", "mac", "de", "du", "la", "le", "d", "l", "o")
"""Longest first."""


def is_corrected(word: str) -> bool:
    """Whether slips are looked for: in words of letters that are long enough."""
    return len(word) >= CORRECTED_LENGTH_MIN and word.isalpha()


def slips_allowed(word: str) -> int:
    """How many slips of typing a word may hold: none, one, two from eight letters on."""
    if not is_corrected(word):
        return 0
    return 2 if len(word) >= TWO_SLIPS_LENGTH_MIN else 1


def one_slip_away(word: str) -> set[str]:
    """All that differs from a word by one letter too many, missing, wrong, or by two that changed places."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {left + right[1:] for left, right in halves if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    for letter in _LETTERS:
        found |= {left + letter + right[1:] for left, right in halves if right}
        found |= {left + letter + right for left, right in halves}
    return found - {word}


def slips(one: str, other: str, *, most: int) -> int:
    """How many slips lie between two words (Damerau-Levenshtein, no letter moved twice); `most` + 1 for any more.

    `most` is small: the ways to mend the first difference are tried one by one, which is quicker than a table.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    same = next((at for at, (sign, letter) in enumerate(zip(one, other, strict=False)) if sign != letter), None)
    same = min(len(one), len(other)) if same is None else same
    one, other = one[same:], other[same:]
    if one == other:
        return 0
    if most == 0:
        return 1
    ways = [(one[1:], other[1:]), (one[1:], other), (one, other[1:])]
    if len(one) > 1 and one[1] + one[0] == other[:2]:
        ways.append((one[2:], other[2:]))
    fewest = most
    for here, there in ways:
        # With one less each time, what is asked is whether this way is better than the best.
        fewest = min(fewest, slips(here, there, most=fewest - 1)) if fewest else 0
    return fewest + 1


def nearest(word: str, others: Iterable[str], *, most: int) -> list[str]:
    """Those of many words that are at most so many slips away, the nearest first."""
    letters = set(word)
    # A slip changes two kinds of letters at most: told at a tenth of the price of counting slips.
    plausible = [other for other in others if len(letters.symmetric_difference(other)) <= 2 * most]
    measured = sorted((slips(word, other, most=most), other) for other in plausible)
    return [other for far, other in measured if far <= most]


def split_particle(word: str) -> tuple[str, str] | None:
    """The particle that somebody typed without its space, and the name: legoff is Le Goff."""
    for particle in _PARTICLES:
        if word.startswith(particle) and len(word) - len(particle) >= CORRECTED_LENGTH_MIN:
            return particle, word[len(particle) :]
    return None


def without_particles(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that tell somebody apart, de and la left out; all of them when there are no others."""
    return tuple(word for word in words if word not in _PARTICLES) or words
