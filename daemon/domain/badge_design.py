"""How the chain's badge looks, as head office says it: parts in millimetres, laid out alike on every card. Pure.

    panel    a filled rectangle, and everything that is white stands on one
    logo     the chain's picture, white on black
    text     a field of the badge or words of its own, as large as its box and its sizes allow
    symbol   the number as bars or as a QR code, with the number that a person reads below it

A part is placed by its distances from the edges of the card, or by other parts: below one, above one, beside one. So
one design serves cards of several sizes, and a badge without a logo or a note closes its gaps.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final, Literal

from daemon.domain.badge import BadgeFace, Slot
from daemon.domain.card_symbol import SymbolWish
from daemon.errors import OperatorMistake
from daemon.typed import parse_json, to_json

BADGE_LAYOUT: Final = "badge_layout"
"""The name of the policy that holds a design as JSON."""

PARTS_MAX: Final = 24
LENGTH_MM_MAX: Final = 200.0
LOGO_BYTES_MAX: Final = 4500
"""A policy holds 8 000 characters: a logo of two inks and 240 dots across takes half of this."""

TextSlot = Literal["chain", "title", "name", "first_name", "last_name", "number", "note"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part; all lengths in millimetres, `gap` is the distance from the part that a relation names."""

    part: Literal["panel", "logo", "text", "symbol"]
    name: str = ""
    left: float | None = None
    right: float | None = None
    top: float | None = None
    bottom: float | None = None
    width: float | None = None
    height: float | None = None
    below: str = ""
    """Its top edge is the lower edge of that part, where that is printed."""
    above: str = ""
    beside: str = ""
    gap: float = 0.0
    white: bool = False
    radius: float = 0.0
    square_below: bool = False
    field: TextSlot | None = None
    words: str = ""
    size: float = 4.0
    """Font size: the largest, and below the smallest before a text is cut."""
    size_min: float = 2.2
    weight: int = 480
    lines: int = 1
    align: Literal["left", "center", "right"] = "left"
    stand: Literal["top", "middle", "bottom"] = "top"
    slashed_zero: bool = False
    stamp: bool = False
    """DUPLICATA stands at the end of this text's row; one text has it."""
    bars: float = 15.0
    """Height of the bars of a symbol."""
    qr: float = 20.0
    """Side of the QR code of a symbol."""

    @property
    def slot(self) -> Slot:
        """Where findings about this part belong."""
        return SLOTS.get(self.field or "", Slot.NOTE)


SLOTS: Final[Mapping[str, Slot]] = {
    "chain": Slot.CHAIN,
    "title": Slot.TITLE,
    "name": Slot.NAME,
    "first_name": Slot.NAME,
    "last_name": Slot.NAME,
    "number": Slot.NUMBER,
    "note": Slot.NOTE,
}

# A black head with the chain and the name, like the card on the screen of the till; a white foot that scanners read.
# The foot is as high as it is on every card, the head takes the rest. 3.2 mm is the corner of ISO/IEC 7810 ID-1.
DEFAULT_PARTS: Final = (
    Part(part="panel", name="head", left=0, right=0, top=0, bottom=40, radius=3.2, square_below=True),
    Part(part="logo", name="logo", left=4.5, top=5, width=10, height=10),
    Part(
        part="text",
        name="chain",
        field="chain",
        left=4.5,
        right=4.5,
        top=5,
        height=10,
        beside="logo",
        gap=2.5,
        size=5.2,
        size_min=2.5,
        weight=700,
        lines=2,
        white=True,
    ),
    Part(
        part="text",
        name="title",
        field="title",
        left=4.5,
        right=4.5,
        height=3,
        below="chain",
        beside="logo",
        gap=2.4,
        size=3.3,
        size_min=2.4,
        white=True,
        stamp=True,
    ),
    Part(
        part="text",
        name="name",
        field="name",
        left=4.5,
        right=4.5,
        bottom=45,
        height=20,
        below="title",
        gap=4,
        size=10.5,
        size_min=3.6,
        weight=780,
        lines=4,
        stand="bottom",
        white=True,
    ),
    Part(
        part="symbol",
        name="symbol",
        left=0,
        right=0,
        below="head",
        above="note",
        field="number",
        size=4.6,
        weight=560,
        slashed_zero=True,
    ),
    Part(
        part="text",
        name="note",
        field="note",
        left=4.5,
        right=4.5,
        bottom=4.2,
        height=3,
        size=3.1,
        size_min=2.4,
        align="center",
        stand="bottom",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BadgeDesign:
    """What head office says of badges; `printed` false: no till prints any. Empty texts leave the till's own."""

    printed: bool = True
    symbol: SymbolWish | None = None
    title: str = ""
    note: str = ""
    logo: str = field(default="", repr=False)
    """A PNG in base64; its dark parts are printed."""
    parts: tuple[Part, ...] = DEFAULT_PARTS

    @property
    def logo_file(self) -> bytes | None:
        """The logo as a picture file."""
        return base64.b64decode(self.logo) if self.logo else None


DEFAULT_DESIGN: Final = BadgeDesign()


@dataclass(frozen=True, kw_only=True, slots=True)
class BadgeOrder:
    """A badge to be printed, as its job keeps it: what it says, and how it looked when it was asked for."""

    face: BadgeFace
    design: BadgeDesign = DEFAULT_DESIGN


def order_of(personal: bytes) -> BadgeOrder:
    """A badge as a job keeps it; those of earlier versions are a bare face. Raises OperatorMistake."""
    try:
        return parse_json(personal, BadgeOrder)
    except OperatorMistake:
        return BadgeOrder(face=parse_json(personal, BadgeFace))


def design_of(text: str) -> BadgeDesign:
    """What a policy says; one that cannot be read, or that cannot be laid out, leaves the design that we ship."""
    if not text:
        return DEFAULT_DESIGN
    try:
        design = parse_json(text.encode("utf-8"), BadgeDesign)
        check_design(design)
    except OperatorMistake:
        return DEFAULT_DESIGN
    return design


def read_design(raw: bytes) -> BadgeDesign:
    """A design that somebody wrote; raises OperatorMistake naming the place: an unknown key is a mistake."""
    tree = parse_json(raw, dict[str, object])
    _refuse_unknown(tree, BadgeDesign, "")
    parts = tree.get("parts", ())
    for number, part in enumerate(parts if isinstance(parts, list) else ()):
        _refuse_unknown(part, Part, f"parts[{number}].")
    design = parse_json(raw, BadgeDesign)
    check_design(design)
    return design


def design_text(design: BadgeDesign) -> str:
    """A design as its policy holds it."""
    return to_json(design).decode("utf-8")


def check_design(design: BadgeDesign) -> None:
    """Raises OperatorMistake for a design that cannot be laid out, or that a reader could not read."""
    _check_logo(design.logo)
    parts = design.parts
    if len(parts) > PARTS_MAX:
        raise _mistake("parts", f"a badge has at most {PARTS_MAX} parts")
    if sum(part.part == "symbol" for part in parts) != 1:
        raise _mistake("parts", "a badge has one symbol, which carries its number")
    if sum(part.stamp for part in parts) != 1 or not all(part.part == "text" for part in parts if part.stamp):
        raise _mistake("parts", "one text has `stamp`: there a copy says DUPLICATA")
    names = [part.name for part in parts if part.name]
    for number, part in enumerate(parts):
        where = f"parts[{number}]"
        if part.name and names.count(part.name) > 1:
            raise _mistake(f"{where}.name", "another part has this name")
        _check_part(part, where)
    _check_relations(parts)


def _check_part(part: Part, where: str) -> None:
    for one in fields(part):
        value = getattr(part, one.name)
        if isinstance(value, float | int) and one.name not in {"weight", "lines"} and not 0 <= value <= LENGTH_MM_MAX:
            raise _mistake(f"{where}.{one.name}", f"a length lies between 0 and {LENGTH_MM_MAX:g} mm")
    if part.part == "text" and part.field is None and not part.words:
        raise _mistake(f"{where}.field", "a text has a field or words")
    if part.part in {"text", "symbol"} and not 1 <= part.size_min <= part.size:
        raise _mistake(f"{where}.size_min", "the smallest size lies between 1 mm and the largest")
    if not 200 <= part.weight <= 800 or not 1 <= part.lines <= 8:
        raise _mistake(f"{where}.weight", "a weight lies between 200 and 800, a text has 1 to 8 lines")
    if part.part == "logo" and not (part.width and part.height):
        raise _mistake(f"{where}.width", "a logo has a width and a height")
    if part.part == "symbol" and (part.bars * 8 < 70 or part.qr < 10):
        raise _mistake(f"{where}.bars", "bars are at least 8.8 mm high and a QR code 10 mm wide, or scanners miss them")


def _check_relations(parts: Sequence[Part]) -> None:
    """Parts are placed by others without going round in a circle."""
    needs = {part.name or f"#{number}": _needed(part) for number, part in enumerate(parts)}
    unknown = {name for wanted in needs.values() for name in wanted} - set(needs)
    if unknown:
        raise _mistake("parts", f"no part is called {min(unknown)}")
    while needs:
        ready = {name for name, wanted in needs.items() if not wanted & set(needs)}
        if not ready:
            raise _mistake("parts", f"the parts {', '.join(sorted(needs))} are placed by one another in a circle")
        needs = {name: wanted for name, wanted in needs.items() if name not in ready}


def _needed(part: Part) -> set[str]:
    return {name for name in (part.below, part.above, part.beside) if name}


def _check_logo(logo: str) -> None:
    if len(logo) > LOGO_BYTES_MAX * 4 // 3:
        raise _mistake("logo", f"a logo has at most {LOGO_BYTES_MAX} bytes: two inks and 240 dots across are plenty")
    try:
        base64.b64decode(logo, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise _mistake("logo", "a PNG in base64 is expected") from wrong


def _refuse_unknown(tree: object, shape: type[BadgeDesign] | type[Part], path: str) -> None:
    known = {one.name for one in fields(shape)}
    for key in tree if isinstance(tree, dict) else ():
        if key not in known:
            raise _mistake(f"{path}{key}", "there is no such key")


def _mistake(where: str, sentence: str) -> OperatorMistake:
    return OperatorMistake(f"{where}: {sentence}", field=where)
