"""Why somebody did something to an account: words that people type hang on the customer, and go with them.

An entry is nobody's once the link to its customer is cut, and stays for ever; what was typed about it must not. So the
words are a member of the customer's, under the id of the entry or sale that they explain.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.kinds import SHAPES, Kind

_SHAPE: Final = SHAPES[Kind.REMARK]
TEXT: Final = _SHAPE.number("text")
LINES: Final = _SHAPE.number("lines")


def remark(customer: bytes | None, fact: bytes, text: str) -> list[Operation]:
    """Keep why something was done; nothing where nobody is concerned: there, nothing would ever erase it."""
    return [authoring.add(Kind.REMARK, customer, {TEXT: text}, fact=fact)] if text and customer is not None else []


def remark_on_lines(customer: bytes, sale: bytes, reasons: Sequence[str]) -> list[Operation]:
    """Keep why lines of a sale were sold otherwise than the rules say."""
    rows = tuple((at, text) for at, text in enumerate(reasons) if text)
    return [authoring.add(Kind.REMARK, customer, {LINES: rows}, fact=sale)] if rows else []


def texts(here: Iterable[Element]) -> Mapping[bytes, str]:
    """What was said, by the id of what it is about."""
    found = {one.dot: one.fields.get(TEXT) for one in here if one.kind == Kind.REMARK}
    return {dot: text for dot, text in found.items() if isinstance(text, str)}


def line_texts(one: Element | None) -> Mapping[int, str]:
    """What was said of the lines of a sale, by line."""
    rows = one.fields.get(LINES) if one is not None else None
    told = [row for row in rows if isinstance(row, tuple) and len(row) == 2] if isinstance(rows, tuple) else []
    return {at: text for at, text in told if type(at) is int and isinstance(text, str)}
