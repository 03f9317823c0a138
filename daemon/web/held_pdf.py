"""All that is held on one customer as a PDF to hand over: A4, French or English. The door to `reportlab`.

The font (Bitstream Vera, shipped with the library) is embedded; a letter that it lacks loses its accent rather than
become a box. The library is imported at the first document (0.2 s).
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from daemon.domain.kinds import CHANNELS

if TYPE_CHECKING:
    from daemon.desk.held import Held, HeldElement
    from daemon.web.i18n import Words

MARGIN: Final = 51
"""Points: 18 mm."""
PADDING: Final = 6
"""Of the library's frames, on each side."""
REGULAR, BOLD = "Vera", "VeraBd"
_FONTS: Final = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf"}
_SHOWN_APART: Final = frozenset({"customer", "card", "note", "tag", "address"})
"""Kinds that have a section of their own; every other kind comes in the last one."""

Section = tuple[str, Sequence[Sequence[str]], Sequence[float]]
"""(title, rows of cells, widths of the columns as parts of the line)"""


@dataclass(frozen=True, slots=True)
class _Page:
    """What stands around every page."""

    foot: str
    page: str

    def draw(self, canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(REGULAR, 7.5)
        canvas.setFillGray(0.35)
        canvas.drawString(MARGIN + PADDING, 28, self.foot)
        canvas.drawRightString(document.pagesize[0] - MARGIN - PADDING, 28, f"{self.page} {document.page}")
        canvas.restoreState()


def held_pdf(held: Held, words: Words) -> bytes:
    """The document."""
    from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # the library ships no types
    from reportlab.platypus import SimpleDocTemplate  # type: ignore[import-untyped]  # the library ships no types

    _register()
    file = io.BytesIO()
    title = words.text("Data held on a customer")
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title,
        author="Comptoir",
        lang=words.language,
    )
    foot = words.text("%(chain)s · put together on %(at)s", chain=held.chain, at=words.date(held.told_at[:10]))
    page = _Page(_drawable(foot), words.text("page"))
    document.build(list(_story(held, words)), onFirstPage=page.draw, onLaterPages=page.draw)
    return file.getvalue()


def _story(held: Held, words: Words) -> Iterable[Any]:
    from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]  # the library ships no types
    from reportlab.platypus import Paragraph, Spacer

    title = ParagraphStyle("title", fontName=BOLD, fontSize=17, leading=22)
    text = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=12.5, textColor="#333333")
    heading = ParagraphStyle(
        "heading", fontName=BOLD, fontSize=11.5, leading=15, spaceBefore=14, spaceAfter=5, keepWithNext=1
    )
    yield Paragraph(_markup(words.text("Data held on a customer")), title)
    yield Paragraph(_markup(held.customer.display_name), ParagraphStyle("name", parent=title, fontSize=13))
    yield Spacer(1, 4)
    yield Paragraph(
        _markup(
            words.text(
                "This document says all that is held on you, for whoever asks under article 15 of the GDPR. You may"
                " have it corrected or erased, and withdraw your consents at any time."
            )
        ),
        text,
    )
    for name, rows, widths in _sections(held, words):
        if rows:
            yield Paragraph(_markup(name), heading)
            yield _table(rows, widths)


def _sections(held: Held, words: Words) -> Iterable[Section]:
    one, say = held.customer, words.text
    yield say("Identity"), _pairs(_identity(held, words)), (0.3, 0.7)
    yield say("Coordinates"), _pairs(_coordinates(held, words)), (0.3, 0.7)
    yield (
        say("Consents"),
        [
            (_channel(channel, words), *_consent(getattr(one.consents, channel), words))
            for channel in CHANNELS
            if getattr(one.consents, channel).state != "unknown"
        ],
        (0.3, 0.2, 0.5),
    )
    yield (
        say("Cards"),
        [(card.number, say(card.state.capitalize()), _day(card.since, words)) for card in one.cards],
        (0.5, 0.25, 0.25),
    )
    yield say("Tags"), [(", ".join(one.tags),)] if one.tags else [], (1.0,)
    yield (
        say("Notes"),
        [(_day(note.written_at, words), words.author(note.author), note.text) for note in one.notes],
        (0.17, 0.18, 0.65),
    )
    yield say("Points and credit"), [(_book(sum_.book, words), _amount(sum_, words)) for sum_ in held.sums], (0.5, 0.5)
    yield say("What was booked"), [_booked(entry, words) for entry in held.booked], (0.17, 0.33, 0.5)
    yield (
        say("Visits at this till"),
        [(_day(visit.opened_at, words), visit.lane, visit.state) for visit in held.visits],
        (0.3, 0.3, 0.4),
    )
    yield (
        say("Files that spoke of you"),
        [(_day(line.at, words), say("line %(line)s", line=str(line.line))) for line in held.imports],
        (0.3, 0.7),
    )
    yield (
        say("Values that others set at the same time"),
        [(_field(lost.field, words), lost.value, _day(lost.at, words)) for lost in one.conflicts],
        (0.3, 0.45, 0.25),
    )
    others = [element for element in held.elements if element.kind not in _SHOWN_APART]
    yield say("Everything else"), [_whole(element, words) for element in others], (0.17, 0.2, 0.63)


def _identity(held: Held, words: Words) -> Iterable[tuple[str, str | None]]:
    one, say = held.customer, words.text
    yield say("Title"), one.civility
    yield say("First name"), one.first_name
    yield say("Last name"), one.last_name
    yield say("Company"), one.company_name
    yield "SIRET", one.siret
    yield say("VAT number"), one.vat_number
    yield say("Customer code"), one.code
    yield say("Member number"), one.member_number
    yield say("Birthday"), _day(one.birthday, words)
    yield say("Language"), one.language
    yield say("Customer since"), _day(one.created_at, words)
    yield say("Last change"), _day(one.changed_at, words)
    yield say("Blocked"), one.blocked_reason or (say("yes") if one.blocked else None)
    yield say("Archived"), say("yes") if one.archived else None


def _coordinates(held: Held, words: Words) -> Iterable[tuple[str, str | None]]:
    one, say = held.customer, words.text
    yield say("E-mail"), one.email
    yield say("Mobile"), one.mobile_shown
    yield say("Telephone"), one.phone_shown
    yield say("Address"), _address(one.address)
    for other in one.addresses:
        yield other.label or say("Other address"), _address(other.address)


def _consent(consent: Any, words: Words) -> tuple[str, str]:
    parts = [_day(consent.date, words), consent.source or "", words.author(consent.operator or "")]
    return words.text(consent.state.capitalize()), " · ".join(filter(None, parts))


def _channel(channel: str, words: Words) -> str:
    names = {
        "newsletter": "Newsletter",
        "contests": "Contests",
        "email": "E-mail",
        "sms": "SMS",
        "phone": "Telephone",
        "post": "Post",
    }
    return words.text(names[channel])


def _book(book: str, words: Words) -> str:
    if book == "points":
        return words.text("Points")
    return words.text("Credit notes") if book == "credit_note" else words.text("Amount")


def _amount(one: Any, words: Words) -> str:
    return words.number(one.amount) if one.book == "points" else words.euros(one.amount)


def _booked(entry: HeldElement, words: Words) -> tuple[str, str, str]:
    fields = entry.fields
    amount, book = fields.get("amount"), fields.get("book")
    if entry.kind != "entry" or not isinstance(amount, int):
        return _whole(entry, words)
    said = f"{words.number(amount)} {words.text('points')}" if book == 1 else words.euros(amount)
    return _day(entry.since, words), said, words.text(str(fields.get("cause") or " "))


def _whole(element: HeldElement, words: Words) -> tuple[str, str, str]:
    """A thing as it is held, field by field."""
    fields = ", ".join(f"{_field(name, words)}: {_said(value)}" for name, value in element.fields.items())
    return _day(element.since, words), element.kind.replace("_", " "), fields


def _field(name: str, _: Words) -> str:
    return name.replace("_", " ")


def _said(value: Any) -> str:
    return " ".join(_said(part) for part in value if part is not None) if isinstance(value, list) else str(value)


def _address(address: Any) -> str | None:
    if address is None:
        return None
    town = f"{address.postal_code} {address.city}".strip()
    country = address.country if address.country != "FR" else ""
    return "\n".join(filter(None, (address.line1, address.line2, town, country)))


def _day(text: str | None, words: Words) -> str:
    """The day of a moment, or a birthday."""
    return words.date(text.partition("T")[0]) if text else ""


def _pairs(pairs: Iterable[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in pairs if text]


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Any:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Table

    first = ParagraphStyle("first", fontName=REGULAR, fontSize=9, leading=12, textColor="#555555")
    rest = ParagraphStyle("rest", fontName=REGULAR, fontSize=9, leading=12, splitLongWords=True)
    line = A4[0] - 2 * (MARGIN + PADDING)
    cells = [
        [Paragraph(_markup(cell), first if at == 0 and len(row) > 1 else rest) for at, cell in enumerate(row)]
        for row in rows
    ]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, "#DDDDDD"),
    ]
    return Table(cells, colWidths=[width * line for width in widths], style=style, hAlign="LEFT")


def _markup(text: str) -> str:
    """A text as the library's paragraphs read it."""
    return escape(_drawable(text), quote=False).replace("\n", "<br/>")


def _drawable(text: str) -> str:
    """The text in letters that the font has."""
    known = _letters()
    return "".join(sign if sign == "\n" or ord(sign) in known else _plainer(sign, known) for sign in text)


def _plainer(sign: str, known: Mapping[int, int]) -> str:
    if sign.isspace():
        return "\u00a0"
    plain = unicodedata.normalize("NFKD", sign)[0]
    return plain if ord(plain) in known else "?"


@cache
def _register() -> None:
    """Tell the library its fonts, once."""
    from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # the library ships no types
    from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]  # the library ships no types

    for name, file in _FONTS.items():
        with resources.as_file(resources.files("reportlab").joinpath("fonts", file)) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))


@cache
def _letters() -> Mapping[int, int]:
    from reportlab.pdfbase import pdfmetrics

    _register()
    found: Mapping[int, int] = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return found
