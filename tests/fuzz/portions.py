"""A portion of a long run, as another process takes it."""

from tests.fuzz.parsers import PARSERS
from tests.fuzz.running import Verdict, run

Portion = tuple[str, int, int, int]
"""Parser, seed, first input, the one behind the last."""

INPUTS = 20_000


def portions(name: str, seed: int, inputs: int) -> list[Portion]:
    """All portions of one parser."""
    size = INPUTS // PARSERS[name].heavy
    return [(name, seed, start, min(start + size, inputs)) for start in range(0, inputs, size)]


def run_portion(portion: Portion) -> Verdict:
    """Feed the inputs of a portion."""
    name, seed, start, end = portion
    return run(PARSERS[name], seed, range(start, end))
