"""A block of customer codes that one till gives, in order: prefix, digits, first and last number."""

from dataclasses import dataclass
from typing import Any, Final

from daemon.domain.kinds import SHAPES, Kind

CODE_BLOCKS_FIELD: Final = SHAPES[Kind.SITE].number("code_blocks")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Codes from `first` to `last`, written with so many digits behind a prefix."""

    prefix: str
    digits: int
    first: int
    last: int

    def code(self, number: int) -> str:
        """The code with this number."""
        return f"{self.prefix}{number:0{self.digits}d}"

    @property
    def stored(self) -> tuple[str, int, int, int]:
        """As a till's row holds it."""
        return (self.prefix, self.digits, self.first, self.last)


def blocks_in(value: Any) -> list[CodeBlock]:
    """The blocks that a till's row names; what is none is left out."""
    found = []
    for one in value if isinstance(value, tuple) else ():
        if not isinstance(one, tuple) or len(one) != 4:
            continue
        prefix, digits, first, last = one
        if isinstance(prefix, str) and all(type(part) is int for part in (digits, first, last)) and first <= last:
            found.append(CodeBlock(prefix, digits, first, last))
    return found
