"""A piece of receipt paper: lines, a code, lines below it. What each kind says is built in `slips`; pure values."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from daemon.domain.badge import DUPLICATA_WORD, Finding, FindingKind, Slot
from daemon.domain.badge_text import TEXT_CODEC, Emphasis, lacking
from daemon.domain.card_symbol import SymbolWish
from daemon.domain.text_fit import spelled
from daemon.errors import OperatorMistake
from daemon.typed import parse_json

LINES_MAX: Final = 400

Align = Literal["left", "center"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipLine:
    """One line, wrapped where it is too long; `right` stands at the other end of it, as amounts do."""

    text: str = field(default="", repr=False)
    right: str = field(default="", repr=False)
    emphasis: Emphasis = Emphasis.PLAIN
    align: Align = "left"


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """What is printed between two cuts; `columns` is the width asked for, none is the whole paper."""

    lines: tuple[SlipLine, ...]
    code: str = field(default="", repr=False)
    wish: SymbolWish = SymbolWish.BARS
    below: tuple[SlipLine, ...] = ()
    columns: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetLine:
    """One line as a printer of fixed letters types it, padded where both its ends are told."""

    text: str = field(repr=False)
    emphasis: Emphasis
    align: Align


@dataclass(frozen=True, kw_only=True, slots=True)
class SetSlip:
    """A slip in lines, above and below its code, and what could not be said."""

    above: tuple[SetLine, ...]
    below: tuple[SetLine, ...]
    findings: tuple[Finding, ...]


def slip_of(personal: bytes) -> Slip:
    """A slip as a job keeps it; raises OperatorMistake."""
    return parse_json(personal, Slip)


def check_slip(slip: Slip) -> None:
    """Raises OperatorMistake for a slip that is longer than any paper."""
    if len(slip.lines) + len(slip.below) > LINES_MAX:
        raise OperatorMistake(f"lines: a slip has at most {LINES_MAX} lines", field="lines")
    if not slip.lines and not slip.code and not slip.below:
        raise OperatorMistake("lines: nothing is to be printed", field="lines")


def marked(slip: Slip, *, duplicata: bool) -> Slip:
    """The slip as a copy says what it is, above everything else."""
    if not duplicata:
        return slip
    stamp = SlipLine(text=DUPLICATA_WORD, emphasis=Emphasis.BOLD, align="center")
    return Slip(lines=(stamp, *slip.lines), code=slip.code, wish=slip.wish, below=slip.below, columns=slip.columns)


def set_slip(slip: Slip, columns: int, codec: str = TEXT_CODEC) -> SetSlip:
    """The slip in lines of at most `columns` characters; a large line has half as many.

    What the code page lacks is replaced, and reported once.
    """
    width = min(slip.columns or columns, columns)
    missing: dict[str, None] = {}
    above, below = (_set(lines, width, codec, missing) for lines in (slip.lines, slip.below))
    found = Finding(kind=FindingKind.MISSING_GLYPH, slot=Slot.TEXT, detail="".join(missing)) if missing else None
    return SetSlip(above=tuple(above), below=tuple(below), findings=(found,) if found else ())


def _set(lines: Sequence[SlipLine], width: int, codec: str, missing: dict[str, None]) -> list[SetLine]:
    done: list[SetLine] = []
    for line in lines:
        left, right = (spelled(text, lambda some: lacking(some, codec)) for text in (line.text, line.right))
        missing |= dict.fromkeys((*left.missing, *right.missing))
        room = width // 2 if line.emphasis is Emphasis.LARGE else width
        done += [
            SetLine(text=text, emphasis=line.emphasis, align=line.align) for text in _rows(left.text, right.text, room)
        ]
    return done


def _rows(left: str, right: str, room: int) -> list[str]:
    """One line in rows; its right end stands on the last of them, or on one of its own."""
    rows = wrapped(left, room)
    if not right:
        return rows
    right = right[:room]
    if len(rows[-1]) + 1 + len(right) > room:
        rows.append("")
    rows[-1] = rows[-1] + right.rjust(room - len(rows[-1]))
    return rows


def wrapped(text: str, room: int) -> list[str]:
    """A text in rows of at most `room` characters, broken at spaces, a word only where it is longer than a row."""
    return textwrap.wrap(text, room, break_on_hyphens=True) or [""]
