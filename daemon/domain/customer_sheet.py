"""Spreadsheets of customers: read one line by line into drafts with a report, write one that reads back the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from daemon.domain.customer_draft import CustomerDraft, Customs, draft_of
from daemon.domain.headings import field_of, why_left_out
from daemon.domain.spreadsheet import BadLine, Row, Sheet, open_sheet, unguarded, written
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
}
_TRANSLATED: Final = frozenset(name for name in _HEADINGS if name == "kind" or name.startswith("consents."))
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


def read_customers(chunks: Iterable[bytes], customs: Customs | None = None) -> CustomerSheet:
    """Open a CSV file given as chunks of any size; raises OperatorMistake when no heading names a field.

    Of two columns with the same field the first that is not blank counts.
    """
    sheet = open_sheet(chunks, known=lambda heading: field_of(heading) is not None)
    fields = tuple(field_of(heading) for heading in sheet.headings)
    known = tuple(dict.fromkeys(name for name in fields if name is not None))
    if not known:
        raise OperatorMistake("the first line names no column of customers, such as Nom, Prénom, E-mail")
    remarks = tuple(
        Remark(line=sheet.headings_line, column=heading, sentence=f"the column is left out: {why_left_out(heading)}")
        for heading, name in zip(sheet.headings, fields, strict=True)
        if name is None and heading
    )
    lines = _lines(sheet, fields, customs or Customs())
    return CustomerSheet(separator=sheet.separator, fields=known, remarks=remarks, lines=lines)


def write_customers(customers: Iterable[CustomerDraft], language: str = "fr") -> Iterator[bytes]:
    """The file, heading first, one piece for each customer: UTF-8 with its mark, `;`, CR LF, cells guarded."""
    tongue = 1 if language == "en" else 0
    yield BYTE_ORDER_MARK + written([names[tongue] for names in _HEADINGS.values()]).encode()
    for customer in customers:
        cells = [_cell(customer, name, tongue) for name in _HEADINGS]
        yield written(cells).encode("utf-8", "replace")


def _lines(sheet: Sheet, fields: tuple[str | None, ...], customs: Customs) -> Iterator[DraftLine]:
    columns = {name: heading for name, heading in zip(reversed(fields), reversed(sheet.headings), strict=True) if name}
    for row in sheet.rows:
        if isinstance(row, BadLine):
            remark = Remark(line=row.line, column="", sentence=f"the line is skipped: {row.sentence}")
            yield DraftLine(line=row.line, draft=None, remarks=(remark,))
            continue
        draft, faults = draft_of(_cells(row, fields), customs)
        yield DraftLine(
            line=row.line,
            draft=draft,
            remarks=tuple(
                Remark(line=row.line, column=columns.get(fault.field, ""), sentence=fault.sentence) for fault in faults
            ),
        )


def _cells(row: Row, fields: tuple[str | None, ...]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, cell in zip(fields, row.cells, strict=False):  # a short line lacks its last, blank cells
        if name is not None and cell and name not in cells:
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
