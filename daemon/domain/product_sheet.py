"""Spreadsheets of products: each line a draft, what cannot be read is left out and told."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeVar

from daemon.domain.amount import parse_cents
from daemon.domain.cell_words import NO, YES
from daemon.domain.customer_sheet import Remark
from daemon.domain.folding import fold
from daemon.domain.headings import key_of
from daemon.domain.products import VAT_MAX, ProductDraft
from daemon.domain.spreadsheet import UNREAD, BadLine, Row, unguarded
from daemon.domain.workbook import open_table
from daemon.errors import OperatorMistake

T = TypeVar("T")

_SYNONYMS: Final = {
    "code": "code|référence|réf|ref|sku|code article|code produit|référence produit|reference|product code|item code"
    "|article|handle|internal reference|référence interne|id produit|product id",
    "barcodes": "code-barres|codes-barres|code barre|codes barres|ean|ean13|ean 13|gtin|upc|barcode|barcodes",
    "label": "libellé|désignation|designation|nom|name|label|title|titre|intitulé|product name|nom du produit|produit"
    "|product|description courte",
    "price": "prix|prix ttc|prix de vente|prix de vente ttc|pv ttc|tarif|tarif ttc|price|price tax incl|retail price"
    "|sales price|variant price|regular price|prix unitaire ttc",
    "vat": "tva|taux tva|taux de tva|tva %|vat|vat rate|tax rate|taxe|tax",
    "discountable": "remisable|remise autorisée|remise possible|discountable|discount allowed",
    "labour": "main-d'œuvre|main d'oeuvre|mo|labour|labor|prestation|service",
    "family": "famille|catégorie|catégories|rayon|family|category|product category|product type|type de produit",
    "withdrawn": "retiré|arrêté|withdrawn|discontinued",
    "active": "actif|active|en vente|published|enabled|activé",
}
_LEFT_OUT: Final = {
    "prix ht|prix de vente ht|pv ht|price tax excl|prix unitaire ht": "prices are kept with taxes",
}
_UNKNOWN: Final = "no field of a product has this heading"
_LIST: Final = re.compile(r"[,;|\s]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductLine:
    """One product of the file, or None when its line is of no use."""

    line: int
    draft: ProductDraft | None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductSheet:
    """An opened file of products, its lines to be gone through once."""

    fields: tuple[str, ...]
    remarks: tuple[Remark, ...]
    lines: Iterator[ProductLine] = field(repr=False)


def product_field(heading: str) -> str | None:
    """What a column holds, or None."""
    return _FIELDS.get(key_of(heading, remarks=True)) or _FIELDS.get(key_of(heading))


def read_products(chunks: Iterable[bytes], *, skipped: int = 0) -> ProductSheet:
    """Open a file, CSV or XLSX; raises OperatorMistake when it has no column of codes.

    The first `skipped` lines under the headings are gone over without being read.
    """
    sheet = open_table(b"".join(chunks), known=lambda heading: product_field(heading) is not None)
    fields = [product_field(heading) for heading in sheet.headings]
    if not {"code", "barcodes"} & set(fields):
        raise OperatorMistake("the first line names no column of product codes, such as Code, Référence, EAN")
    remarks = [
        Remark(
            line=sheet.headings_line,
            column=heading,
            sentence=f"the column is left out: {_REASONS.get(key_of(heading), _UNKNOWN)}",
        )
        for heading, name in zip(sheet.headings, fields, strict=True)
        if name is None and heading
    ]
    columns = {name: heading for name, heading in zip(fields, sheet.headings, strict=True) if name}
    lines = _lines(sheet.rows, fields, columns)
    for _ in range(skipped):
        next(sheet.rows, None)
    return ProductSheet(fields=tuple(columns), remarks=tuple(remarks), lines=lines)


def _lines(
    rows: Iterable[Row | BadLine], fields: list[str | None], columns: Mapping[str, str]
) -> Iterator[ProductLine]:
    for row in rows:
        if isinstance(row, BadLine):
            remark = Remark(line=row.line, column="", sentence=f"the line is skipped: {row.sentence}")
            yield ProductLine(line=row.line, draft=None, remarks=(remark,))
            continue
        cells: dict[str, str] = {}
        for name, cell in zip(fields, row.cells, strict=False):
            if name is not None and cell and name not in cells:
                cells[name] = unguarded(cell)
        reading = _Reading(row.line, cells, columns)
        for name in dict.fromkeys(fields[at] for at in row.unread):
            if name is not None:
                reading.remarks.append(Remark(line=row.line, column=columns[name], sentence=UNREAD))
        draft = reading.draft()
        yield ProductLine(line=row.line, draft=draft, remarks=tuple(reading.remarks))


@dataclass
class _Reading:
    """The cells of one line on their way."""

    line: int
    cells: dict[str, str]
    columns: Mapping[str, str]
    remarks: list[Remark] = field(default_factory=list)

    def draft(self) -> ProductDraft | None:
        barcodes = tuple(dict.fromkeys(filter(None, _LIST.split(self.cells.get("barcodes", "")))))
        code = " ".join(self.cells.get("code", "").split()) or (barcodes[0] if barcodes else "")
        if not code:
            self.remarks.append(
                Remark(line=self.line, column="", sentence="the line is skipped: the product has no code")
            )
            return None
        active = self.take("active", _yes)
        withdrawn = self.take("withdrawn", _yes)
        return ProductDraft(
            code=code,
            label=self.take("label", str),
            price_cents=self.take("price", _price),
            vat=self.take("vat", _vat),
            discountable=self.take("discountable", _yes),
            labour=self.take("labour", _yes),
            family=self.take("family", str),
            barcodes=tuple(one for one in barcodes if one != code) or None,
            withdrawn=withdrawn if active is None else not active,
        )

    def take(self, name: str, read: Callable[[str], T]) -> T | None:
        """The value of a cell, or None when it is blank or wrong; a wrong one is told."""
        text = self.cells.get(name)
        if text is None:
            return None
        try:
            return read(text)
        except OperatorMistake as wrong:
            self.remarks.append(Remark(line=self.line, column=self.columns.get(name, ""), sentence=str(wrong)))
            return None


def _price(text: str) -> int:
    cents = parse_cents(text)
    if cents < 0:
        raise OperatorMistake("a price is not negative")
    return cents


def _vat(text: str) -> int:
    """`20 %`, `5,5`: hundredths of a percent."""
    plain = text.replace("%", "").replace("\u00a0", " ").replace("\u202f", " ").strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", plain):
        raise OperatorMistake("write the VAT rate in percent, as 20 or 5,5")
    rate = Decimal(plain) * 100
    if rate != int(rate) or rate > VAT_MAX:
        raise OperatorMistake("write the VAT rate in percent, as 20 or 5,5")
    return int(rate)


def _yes(text: str) -> bool:
    said = fold(text)
    if said in YES:
        return True
    if said in NO:
        return False
    raise OperatorMistake("write yes or no")


_FIELDS: Final = {key_of(word, remarks=True): name for name, words in _SYNONYMS.items() for word in words.split("|")}
_REASONS: Final = {key_of(word): reason for words, reason in _LEFT_OUT.items() for word in words.split("|")}
