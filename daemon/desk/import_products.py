"""Lines of a file of products on their way into the database; and back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.domain import authoring as wish
from daemon.domain.change import Operation
from daemon.domain.customer_sheet import Remark
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.import_job import Job
from daemon.domain.import_undo import Undone, Wrote
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import SHAPES, Kind
from daemon.domain.product_sheet import ProductLine
from daemon.domain.products import WITHDRAWN, ProductDraft, code_of, codes_of, decide_product, product_key
from daemon.errors import OperatorMistake
from daemon.store import authoring, customers, elements, imports
from daemon.store.database import Connection
from daemon.store.replica import Replica

UNDONE: Final = "import taken back"
"""Why a product was withdrawn, when a file that brought it was taken back: read again, it is sold again."""

_NAMES: Final = {at: shape.name for at, shape in SHAPES[Kind.PRODUCT].fields.items()}
RECORD_PRODUCTS: Final = 64


@dataclass(frozen=True, slots=True)
class _Pending:
    line: int
    entity: bytes
    operation: Operation
    before: Element | None


class ProductBatch:
    """Some lines of a job, within one unit of work."""

    def __init__(self, conn: Connection, replica: Replica, job: Job, now_ms: int) -> None:
        self._conn, self._replica, self._job, self._now_ms = conn, replica, job, now_ms
        self._pending: list[_Pending] = []
        self._waiting: set[str] = set()
        """Codes of products whose record is not written yet."""
        self._lines: list[imports.Line] = []
        self._remarks: list[imports.Remark] = []

    def take(self, lines: Sequence[ProductLine]) -> None:
        """Go through some lines."""
        for line in lines:
            for remark in line.remarks:
                self.tell(remark)
            try:
                taken = line.draft is not None and self._take(line.line, line.draft)
            except OperatorMistake as wrong:
                sentence = str(wrong).removeprefix(f"{wrong.field}: ")
                self.tell(Remark(line=line.line, column=wrong.field, sentence=f"the line is skipped: {sentence}"))
                taken = False
            if not taken:
                self._lines.append(imports.Line(line=line.line, entity=b"", outcome="skipped"))

    def tell(self, remark: Remark) -> None:
        """Put a sentence into the report."""
        self._remarks.append(imports.Remark(line=remark.line, place=remark.column, sentence=remark.sentence))

    def written(self, job: Job) -> Job:
        """Close the last record, keep what came of the lines; returns the job with its counts."""
        self._flush()
        imports.put_lines(self._conn, job.id, self._lines, self._remarks)
        counts = Counter(line.outcome for line in self._lines)
        return replace(
            job,
            remarks=job.remarks + len(self._remarks),
            created=job.created + counts["created"],
            completed=job.completed + counts["completed"],
            unchanged=job.unchanged + counts["unchanged"],
            skipped=job.skipped + counts["skipped"],
        )

    def touched(self) -> list[bytes]:
        """No customer."""
        return []

    def _take(self, number: int, draft: ProductDraft) -> bool:
        code_of(draft.code)
        key = product_key(draft.code)
        codes = set(codes_of(draft))
        if codes & self._waiting:
            self._flush()
        here = elements.element(self._conn, key)
        operations = decide_product(here, self._own(number, draft, key[0], here))
        if self._job.options.dry_run or not operations:
            outcome = "created" if here is None else "completed" if operations else "unchanged"
            fields = _fields(operations[0]) if operations else ""
            self._lines.append(
                imports.Line(line=number, entity=key[0], outcome=outcome, fields=fields, label=draft.code)
            )
            return True
        assert len(operations) == 1, "a product is one row"
        self._waiting |= codes
        self._pending.append(_Pending(number, key[0], operations[0], here))
        if len(self._pending) >= RECORD_PRODUCTS:
            self._flush()
        return True

    def _own(self, number: int, draft: ProductDraft, entity: bytes, here: Element | None) -> ProductDraft:
        """The draft without barcodes that other products have; sold again if only an undoing withdrew it."""
        foreign = [
            code
            for code in draft.barcodes or ()
            if any(owner != entity for owner in customers.owners_of(self._conn, Claim.PRODUCT, code))
        ]
        if foreign:
            self.tell(Remark(line=number, column="barcodes", sentence="this barcode belongs to another product"))
            draft = replace(draft, barcodes=tuple(code for code in draft.barcodes or () if code not in foreign) or None)
        guard = here.fields.get(WITHDRAWN) if here is not None else None
        if draft.withdrawn is None and isinstance(guard, tuple) and guard[0] and guard[2:] == (UNDONE,):
            draft = replace(draft, withdrawn=False)
        return draft

    def _flush(self) -> None:
        if not self._pending:
            return
        operations = [one.operation for one in self._pending]
        saved = authoring.commit(self._conn, self._replica, self._job.actor, operations, now_ms=self._now_ms)
        for one in self._pending:
            before = {at: one.before.fields.get(at) if one.before else None for at in one.operation.fields}
            wrote = Wrote(created=one.before is None, stamp=saved.stamp, before=before)
            self._lines.append(
                imports.Line(
                    line=one.line,
                    entity=one.entity,
                    outcome="created" if one.before is None else "completed",
                    fields=_fields(one.operation),
                    wrote=wrote.packed(),
                )
            )
        self._pending = []
        self._waiting.clear()


def undo_product(conn: Connection, entity: EntityId, wrote: Wrote) -> Undone:
    """Take back what a line wrote of a product: one that it brought is withdrawn, unless it was changed since."""
    row = elements.element(conn, (entity, Kind.PRODUCT, b""))
    if row is None:
        return Undone(outcome="undone")
    if wrote.created:
        if any(stamp > wrote.stamp for stamp in (row.base, *row.stamps.values())):
            return Undone(outcome="kept", sentence="the product was changed since the import")
        return Undone(
            outcome="undone", operations=[wish.change(row, {WITHDRAWN: wish.guard(strong=True, details=(UNDONE,))})]
        )
    fields = {at: value for at, value in wrote.before.items() if row.stamp(at) == wrote.stamp}
    said = "what was changed since the import stays" if len(fields) < len(wrote.before) else ""
    return Undone(outcome="undone", operations=[wish.change(row, fields)] if fields else [], sentence=said)


def _fields(operation: Operation) -> str:
    return ",".join(_NAMES.get(at, str(at)) for at in operation.fields)
