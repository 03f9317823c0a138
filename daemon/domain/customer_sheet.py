"""Spreadsheets of customers: read one line by line into drafts with a report, write one that reads back the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from daemon.domain.customer_draft import CustomerDraft, Customs, draft_of
from daemon.domain.foreign_cells import plain_cells
from daemon.domain.foreign_systems import LEFT_OUT, System, system_of
from daemon.domain.headings import field_of, is_secret, key_of, why_left_out
from daemon.domain.spreadsheet import UNREAD, BadLine, Row, Sheet, unguarded, written
from daemon.domain.workbook import open_table, written_workbook
from daemon.errors import OperatorMistake

_HEADINGS: Final = {
    "kind": ("Type", "Kind"),
    "civility": ("Civilité", "Title"),
    "first_name": ("Prénom", "First name"),
    "last_name": ("Nom", "Last name"),
    "company_name": ("Société", "Company name"),
    "siret": ("SIRET", "SIRET"),
    "vat_number": ("N° TVA", "VAT number"),
    "code": ("Code client", "Customer code"),
    "email": ("E-mail", "Email"),
    "mobile": ("Mobile", "Mobile"),
    "phone": ("Téléphone", "Phone"),
    "address.line1": ("Adresse", "Address"),
    "address.line2": ("Complément d'adresse", "Address 2"),
    "address.postal_code": ("Code postal", "Postal code"),
    "address.city": ("Ville", "City"),
    "address.country": ("Pays", "Country"),
    "birthday": ("Date de naissance", "Birthday"),
    "language": ("Langue", "Language"),
    "member_number": ("N° adhérent", "Member number"),
    "tags": ("Étiquettes", "Tags"),
    "groups": ("Groupes", "Groups"),
    "bad_address": ("Courrier revenu", "Bad address"),
    "note": ("Note", "Note"),
    "cards": ("Cartes", "Cards"),
    "consents.newsletter": ("Newsletter", "Newsletter"),
    "consents.contests": ("Jeux concours", "Contests"),
    "consents.email": ("Accord e-mail", "Email consent"),
    "consents.sms": ("Accord SMS", "SMS consent"),
    "consents.phone": ("Accord téléphone", "Phone consent"),
    "consents.post": ("Accord courrier", "Post consent"),
}
_WORDS: Final = {
    "person": ("particulier", "person"),
    "company": ("société", "company"),
    "granted": ("oui", "yes"),
    "refused": ("non", "no"),
    "True": ("oui", "yes"),
}
_TRANSLATED: Final = frozenset(
    name for name in _HEADINGS if name in {"kind", "bad_address"} or name.startswith("consents.")
)
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for Windows-1252."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """One line of the report: where in the file (column as its heading says, or empty for the line), and what."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftLine:
    """One customer of the file, or None when its line is of no use; what was left out of it stands in the remarks."""

    line: int
    draft: CustomerDraft | None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerSheet:
    """An opened file of customers: what its headings say, and its lines, to be gone through once."""

    separator: str
    fields: tuple[str, ...]
    remarks: tuple[Remark, ...]
    lines: Iterator[DraftLine] = field(repr=False)
    system: System | None = None
    """Who wrote it; None for a file of the shop's own."""


def read_customers(
    chunks: Iterable[bytes], customs: Customs | None = None, *, skipped: int = 0, system: System | None = None
) -> CustomerSheet:
    """Open a file, CSV or XLSX, given as chunks of any size; raises OperatorMistake when no heading names a field.

    Of two columns with the same field the first that is not blank counts. The first `skipped` lines under the headings
    are gone over without being read. `system`: whose file it is, where its headings are too few to tell.
    """
    sheet = open_table(b"".join(chunks), known=lambda heading: field_of(heading) is not None)
    system = system or system_of(sheet.headings)
    fields = tuple(_field(heading, system) for heading in sheet.headings)
    known = tuple(dict.fromkeys(name for name in fields if name is not None and name != LEFT_OUT))
    if not known:
        raise OperatorMistake("the first line names no column of customers, such as Nom, Prénom, E-mail")
    lines = _lines(sheet, fields, customs or Customs(), system)
    for _ in range(skipped):
        next(sheet.rows, None)
    return CustomerSheet(
        separator=sheet.separator,
        fields=known,
        remarks=tuple(_left_out(sheet, fields)),
        lines=lines,
        system=system,
    )


def _field(heading: str, system: System | None) -> str | None:
    """What a column holds; what its system says of it goes before what the word means anywhere."""
    if system is None or is_secret(heading):
        return field_of(heading)
    return system.columns.get(key_of(heading, remarks=True)) or system.columns.get(key_of(heading)) or field_of(heading)


def _left_out(sheet: Sheet, fields: tuple[str | None, ...]) -> Iterator[Remark]:
    for heading, name in zip(sheet.headings, fields, strict=True):
        if heading and (name is None or name == LEFT_OUT):
            why = why_left_out(heading) if name is None else "nothing of it is kept with a customer"
            yield Remark(line=sheet.headings_line, column=heading, sentence=f"the column is left out: {why}")


def write_customers(customers: Iterable[CustomerDraft], language: str = "fr") -> Iterator[bytes]:
    """The file, heading first, one piece for each customer: UTF-8 with its mark, `;`, CR LF, cells guarded."""
    for number, cells in enumerate(_written_rows(customers, language)):
        yield (b"" if number else BYTE_ORDER_MARK) + written(cells).encode("utf-8", "replace")


def write_workbook(customers: Iterable[CustomerDraft], language: str = "fr") -> bytes:
    """The same as a workbook."""
    return written_workbook(_written_rows(customers, language))


def _written_rows(customers: Iterable[CustomerDraft], language: str) -> Iterator[list[str]]:
    tongue = 1 if language == "en" else 0
    yield [names[tongue] for names in _HEADINGS.values()]
    for customer in customers:
        yield [_cell(customer, name, tongue) for name in _HEADINGS]


def _lines(
    sheet: Sheet, fields: tuple[str | None, ...], customs: Customs, system: System | None
) -> Iterator[DraftLine]:
    columns = {name: heading for name, heading in zip(reversed(fields), reversed(sheet.headings), strict=True) if name}
    for row in sheet.rows:
        if isinstance(row, BadLine):
            remark = Remark(line=row.line, column="", sentence=f"the line is skipped: {row.sentence}")
            yield DraftLine(line=row.line, draft=None, remarks=(remark,))
            continue
        unread = tuple(
            Remark(line=row.line, column=sheet.headings[at], sentence=UNREAD)
            for at in row.unread
            if fields[at] is not None and fields[at] != LEFT_OUT
        )
        cells, why = plain_cells(_cells(row, fields), system)
        if why:
            remark = Remark(line=row.line, column="", sentence=f"the line is skipped: {why}")
            yield DraftLine(line=row.line, draft=None, remarks=(remark,))
            continue
        draft, faults = draft_of(cells, customs, adds_only=system is not None and bool(system.adds_to))
        yield DraftLine(
            line=row.line,
            draft=draft,
            remarks=(
                *unread,
                *(Remark(line=row.line, column=columns.get(one.field, ""), sentence=one.sentence) for one in faults),
            ),
        )


def _cells(row: Row, fields: tuple[str | None, ...]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, cell in zip(fields, row.cells, strict=False):  # a short line lacks its last, blank cells
        if name is not None and name != LEFT_OUT and cell and name not in cells:
            cells[name] = unguarded(cell)
    return cells


def _cell(customer: CustomerDraft, name: str, tongue: int) -> str:
    value: object = customer
    for part in name.split("."):
        value = cast("dict[str, object]", value).get(part)
        if value is None:
            return ""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    text = str(value)
    return _WORDS[text][tongue] if name in _TRANSLATED and text in _WORDS else text
