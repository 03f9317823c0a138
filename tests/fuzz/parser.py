"""What is fuzzed: where its inputs come from, and what must hold for each of them."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.chance import Random


@dataclass(frozen=True, kw_only=True, slots=True)
class Parser:
    """One reader of foreign input.

    make    an input, from chance alone
    check   reads it; returns what became of it (`accepted`, or why it was refused); raises for anything that the
            reader does not declare, and AssertionError for an answer that is wrong
    """

    name: str
    make: Callable[[Random], bytes]
    check: Callable[[bytes], str]
    heavy: int = 1
    """How many times longer an input takes than those of the others: the share of a test run is smaller."""
    whole_sessions: bool = False
    """An input is a conversation of many damaged messages: the long run is smaller too."""
    slow_s: float = 1.0
    """Processor time that no input may take."""


def input_of(parser: Parser, seed: int, number: int) -> bytes:
    """Input `number` of a seed."""
    return parser.make(Random(f"{parser.name} {seed} {number}"))
