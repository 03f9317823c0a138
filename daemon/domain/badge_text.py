"""The badge of a printer that draws its own letters: the design of the chain in lines. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from daemon.domain.badge import DUPLICATA_WORD, BadgeFace, Finding, FindingKind, Slot
from daemon.domain.badge_design import DEFAULT_DESIGN, BadgeDesign, Part
from daemon.domain.text_fit import spelled

TEXT_CODEC = "cp1252"
"""Code page WPC1252: unlike CP858 it has œ and the dashes beside é and €."""

LARGE_FROM_MM = 8.0
BOLD_FROM = 600


class Emphasis(StrEnum):
    """How a line of a text badge is set."""

    PLAIN = "plain"
    BOLD = "bold"
    LARGE = "large"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """One line; centred unless it says otherwise."""

    text: str = field(repr=False)
    emphasis: Emphasis = Emphasis.PLAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class TextBadge:
    """The lines above the symbol, those below, and what could not be said."""

    above: tuple[TextLine, ...]
    below: tuple[TextLine, ...]
    findings: tuple[Finding, ...]


def text_badge(
    face: BadgeFace,
    columns: int,
    *,
    design: BadgeDesign = DEFAULT_DESIGN,
    codec: str = TEXT_CODEC,
    duplicata: bool = False,
) -> TextBadge:
    """The texts of the design, in its order, in lines of at most `columns` characters; a large line has half as many.

    `codec` is the code page of the printer: what it lacks is replaced, and reported.
    """
    setter = _Setter(columns, codec)
    above: list[TextLine] = []
    below: list[TextLine] = []
    lines = above
    for part in design.parts:
        if part.part == "symbol":
            lines = below
        elif part.part == "text":
            lines += setter.lines(part, texts_of(face, part))
            lines += [TextLine(text=DUPLICATA_WORD, emphasis=Emphasis.BOLD)] if part.stamp and duplicata else []
    return TextBadge(above=tuple(above), below=tuple(below), findings=tuple(setter.findings))


def texts_of(face: BadgeFace, part: Part) -> tuple[str, ...]:
    """What a text of the design says, line by line; nothing where the face has nothing."""
    match part.field:
        case None:
            texts: Sequence[str] = (part.words,)
        case "name":
            texts = (face.first_name, face.last_name)
        case name:
            texts = (getattr(face, name),)
    return tuple(text for text in texts if text)


class _Setter:
    """Sets lines, and keeps what could not be said."""

    def __init__(self, columns: int, codec: str) -> None:
        self._columns = columns
        self._codec = codec
        self.findings: list[Finding] = []

    def lines(self, part: Part, texts: Sequence[str]) -> list[TextLine]:
        return [self._line(part, text) for text in texts]

    def _line(self, part: Part, text: str) -> TextLine:
        said = spelled(text, self._lacks)
        if said.missing:
            self._find(FindingKind.MISSING_GLYPH, part.slot, "".join(said.missing))
        emphasis, room = _emphasis(part), self._columns
        if emphasis is Emphasis.LARGE and len(said.text) > room // 2:
            emphasis = Emphasis.BOLD
        if len(said.text) > room:
            self._find(FindingKind.SHORTENED, part.slot)
        return TextLine(text=said.text[:room], emphasis=emphasis)

    def _find(self, kind: FindingKind, slot: Slot, detail: str = "") -> None:
        self.findings.append(Finding(kind=kind, slot=slot, detail=detail))

    def _lacks(self, text: str) -> set[str]:
        return lacking(text, self._codec)


def _emphasis(part: Part) -> Emphasis:
    if part.size >= LARGE_FROM_MM:
        return Emphasis.LARGE
    return Emphasis.BOLD if part.weight >= BOLD_FROM else Emphasis.PLAIN


def lacking(text: str, codec: str) -> set[str]:
    """The characters that a code page has not."""
    return {character for character in text if not character.encode(codec, errors="ignore")}
