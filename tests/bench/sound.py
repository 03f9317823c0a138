"""The sound of names: how many pairs that people hear alike are found, and how many that are found are heard alike.

The pairs are those of the tests: real French surnames and first names, collected by hand. Floor: the same pairs
compared without accents, as a search without a sound key does.
"""

import time
from pathlib import Path

from daemon.domain.folding import fold
from daemon.domain.sound_key import sound_key

PAIRS = Path(__file__).parent.parent / "domain" / "sound_pairs.tsv"


def pairs() -> list[tuple[str, bool, str]]:
    """(name, whether they are heard alike, other name)"""
    rows = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [(one, mark == "=", other) for one, mark, other in rows]


def measure() -> None:
    """Run it and print."""
    judged = pairs()
    same = sum(alike for _, alike, _ in judged)
    found = [(_alike(one, other), alike) for one, alike, other in judged]
    hits = sum(said for said, _ in found)
    right = sum(said and alike for said, alike in found)
    plain = sum(alike and fold(one) == fold(other) for one, alike, other in judged)
    names = [fold(one) for one, _, _ in judged] * 20
    sound_key.cache_clear()
    began = time.perf_counter()
    for name in names:
        sound_key(name)
    each_us = (time.perf_counter() - began) / len(names) * 1e6
    print(f"sound: {same} pairs of names that are heard alike, {len(judged) - same} that are not")
    print(
        f"  recall {right / same:.3f}   precision {right / hits:.3f}   floor (accents alone) recall {plain / same:.3f}"
        f"   {each_us:.1f} µs a name"
    )


def _alike(one: str, other: str) -> bool:
    return sound_key(fold(one)) == sound_key(fold(other)) != ""
