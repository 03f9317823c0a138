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

_PARTICLES_MAX: Final = 2
INITIALS_LENGTH: Final = 2

COMPANY_FORMS: Final = frozenset(
    (
        *("sarl", "eurl", "sas", "sasu", "sa", "snc", "sca", "scs", "sci", "scm", "scp", "scop", "scic", "selarl"),
        *("selas", "earl", "gaec", "gie", "eirl", "ei", "ets", "etablissements", "societe", "ste", "cie"),
    )
)
"""How French companies say their form (Code de commerce, Code rural), folded; half of all bills leave it out."""

_SPELT: Final = frozenset(tuple(dict.fromkeys(form)) for form in COMPANY_FORMS)


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


def split_particles(word: str) -> list[tuple[tuple[str, ...], str]]:
    """Particles that somebody typed without their spaces, and the name: legoff is Le Goff, delatour is de la Tour."""
    found: list[tuple[tuple[str, ...], str]] = []
    before: tuple[str, ...] = ()
    while len(before) < _PARTICLES_MAX:
        particle = next((one for one in _PARTICLES if word.startswith(one) and _is_name(word[len(one) :])), None)
        if particle is None:
            break
        before, word = (*before, particle), word[len(particle) :]
        found.append((before, word))
    return found


def _is_name(rest: str) -> bool:
    return len(rest) >= CORRECTED_LENGTH_MIN


def telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that tell somebody apart: de and la left out, and the form of a company, dotted too.

    All of them when there are no others.
    """
    found = _without_dotted_forms(words)
    found = tuple(word for word in found if word not in _PARTICLES and word not in COMPANY_FORMS)
    return found or words


def _without_dotted_forms(words: tuple[str, ...]) -> tuple[str, ...]:
    """S.A.R.L. is four words of one letter; of a letter that comes twice, the second was left out already."""
    found: list[str] = []
    letters: list[str] = []
    for word in (*words, ""):
        if len(word) == 1 and word.isalpha():
            letters.append(word)
            continue
        found += [] if tuple(letters) in _SPELT else letters
        letters.clear()
        found.append(word)
    return tuple(found[:-1])


def initials(word: str) -> tuple[str, str] | None:
    """Two letters that may be the initials of a first name of two words: jp is Jean-Paul."""
    return (word[0], word[1]) if len(word) == INITIALS_LENGTH and word.isalpha() and word[0] != word[1] else None
