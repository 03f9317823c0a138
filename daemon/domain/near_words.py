"""What somebody may have meant by a word: its slips of typing, and its distance from words that are known. Pure."""

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
    """How many slips lie between two words (Damerau-Levenshtein, no letter moved twice); `most` + 1 for any more."""
    if abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        above, before, row = before, row, [at]
        for across, sign in enumerate(other, start=1):
            cost = min(before[across] + 1, row[-1] + 1, before[across - 1] + (letter != sign))
            if above and across > 1 and letter == other[across - 2] and sign == one[at - 2]:
                cost = min(cost, above[across - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def split_particle(word: str) -> tuple[str, str] | None:
    """The particle that somebody typed without its space, and the name: legoff is Le Goff."""
    for particle in _PARTICLES:
        if word.startswith(particle) and len(word) - len(particle) >= CORRECTED_LENGTH_MIN:
            return particle, word[len(particle) :]
    return None


def without_particles(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that tell somebody apart, de and la left out; all of them when there are no others."""
    return tuple(word for word in words if word not in _PARTICLES) or words
