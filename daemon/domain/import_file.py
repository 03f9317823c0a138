"""A file of customers as an import goes through it: what it is, and its lines, each with what it is known and told by.

Pure. The shapes cross from the process that reads to the one that writes, as JSON.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from daemon.domain.customer_draft import CustomerDraft, Customs
from daemon.domain.customer_sheet import CustomerSheet, DraftLine, Remark, read_customers
from daemon.domain.foreign_systems import SYSTEMS
from daemon.domain.import_job import Npai
from daemon.domain.import_line import entity_of, key_of
from daemon.domain.import_traits import Traits, traits_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """How a file is to be read: the options of its import, and how many lines were gone through before."""

    customs: Customs
    source: str = ""
    key: str = ""
    npai: Npai = ""
    skipped: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What a file is: who wrote it, about how many lines it has (0: unknown), what is to be said of its headings."""

    system: str = ""
    adds_only: bool = False
    total: int = 0
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadLine:
    """A line, or why it is of no use; one that names somebody has a draft, and what it is known and told by."""

    line: int
    draft: CustomerDraft | None = field(default=None, repr=False)
    remarks: tuple[Remark, ...] = ()
    key: bytes = b""
    traits: Traits | None = None


def open_customers(raw: bytes, order: Order) -> tuple[Opened, Iterator[ReadLine]]:
    """Open a file; its lines can be gone through once, those behind the skipped ones. Raises OperatorMistake."""
    named = next((system for system in SYSTEMS if system.name == order.source), None)
    sheet = read_customers([raw], order.customs, skipped=order.skipped, system=named)
    source = order.source or (sheet.system.source if sheet.system else "")
    if named is not None:
        source = named.source
    opened = Opened(
        system=sheet.system.name if sheet.system else "",
        adds_only=sheet.system is not None and bool(sheet.system.adds_to),
        total=lines_in(raw),
        remarks=(*sheet.remarks, *_which_npai(sheet, order.npai)),
    )
    return opened, (read_line(line, source, order.key) for line in sheet.lines)


def read_line(line: DraftLine, source: str, stated: str) -> ReadLine:
    """A line with what it is known by (`stated` names a field of `import_line.KEYS`) and told by."""
    if line.draft is None:
        return ReadLine(line=line.line, remarks=line.remarks)
    key = key_of(line.draft, source, stated)
    traits = traits_of(line.draft, entity_of(key))
    return ReadLine(line=line.line, draft=line.draft, remarks=line.remarks, key=key, traits=traits)


def lines_in(raw: bytes) -> int:
    """About how many lines there are to go through; known exactly at the end."""
    return max(0, raw.count(b"\n") - 1) if not raw.startswith(b"PK") else 0


def _which_npai(sheet: CustomerSheet, npai: Npai) -> list[Remark]:
    """A column NPAI says one of two things, or both: which, somebody has to say."""
    if "npai" not in sheet.fields or npai:
        return []
    sentence = "the column is left out: say with npai whether the address is bad, or no information is wanted"
    return [Remark(line=1, column="NPAI", sentence=sentence)]
