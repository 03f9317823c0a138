"""Lines of a file on their way into the database: some customers to a record, some records to a unit of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from daemon.desk import import_matching as matching
from daemon.desk.import_groups import GroupsNamed
from daemon.desk.premises import author_of
from daemon.domain.account import account_of, derived_account
from daemon.domain.canonical import pack
from daemon.domain.change import OPERATIONS_MAX, RECORD_BYTES_MAX, Operation
from daemon.domain.customer_draft import CustomerDraft
from daemon.domain.customer_sheet import Remark
from daemon.domain.element import Element
from daemon.domain.hlc import NO_STAMP, Stamp
from daemon.domain.ids import EntityId
from daemon.domain.import_file import ReadLine
from daemon.domain.import_job import Job
from daemon.domain.import_line import (
    BAD_ADDRESS,
    NUMBER,
    Author,
    LinePlan,
    complete,
    create,
    mark_address,
    marks_address,
    meant,
)
from daemon.domain.import_traits import Traits
from daemon.domain.import_undo import Wrote, read_wrote
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.ledger import AMOUNT
from daemon.domain.namesakes import Namesakes
from daemon.domain.opening import Opening, book, openings
from daemon.store import authoring, customers, elements, imports
from daemon.store.database import Connection
from daemon.store.replica import Replica

RECORD_BYTES: Final = RECORD_BYTES_MAX - 8 * 1024
"""A record is closed when it has so much."""

RECORD_OPERATIONS: Final = OPERATIONS_MAX - 56
GENERATIONS_MAX: Final = 1000
_OPENED: Final = ("points", "points_added", "credits")
CODES_MIN: Final = 64


@dataclass(frozen=True, slots=True)
class _Pending:
    """A line whose operations wait for their record."""

    line: int
    draft: CustomerDraft
    traits: Traits
    plan: LinePlan
    entries: tuple[tuple[bytes, bytes], ...]
    first: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRead:
    """What holds for all lines of a file.

    `met`: whom lines turned out to speak of, by whom they would have created. `seen`: in a dry run, which line said
    what first. `names`: which names somebody may have where; None where the index is asked for each line.
    """

    adds_only: bool = False
    names: Namesakes | None = field(default=None, repr=False)
    met: MutableMapping[EntityId, EntityId] = field(default_factory=dict, repr=False)
    seen: MutableMapping[tuple[int | str, str], int] = field(default_factory=dict, repr=False)


def _size(operations: Sequence[Operation]) -> int:
    """About how long operations are on the wire, rather too much than too little."""
    return sum([64 + len(pack(operation.fields)) for operation in operations])


def _marked(line: imports.Line, stamp: Stamp) -> imports.Line:
    """What came of a line that marked an address as well."""
    wrote = read_wrote(line.wrote) if line.wrote else Wrote(created=False, stamp=stamp)
    before = wrote.before if BAD_ADDRESS in wrote.before else {**wrote.before, BAD_ADDRESS: None}
    outcome = "completed" if line.outcome == "unchanged" else line.outcome
    fields = ",".join(dict.fromkeys(filter(None, [*line.fields.split(","), "npai"])))
    wrote = replace(wrote, before=before, marked=stamp)
    return replace(line, outcome=outcome, fields=fields, wrote=wrote.packed())


class Batch:
    """Some lines of a job, within one unit of work; `written` says how far the job has come then."""

    def __init__(self, conn: Connection, replica: Replica, job: Job, file: FileRead, now_ms: int) -> None:
        self._conn, self._replica, self._job, self._file = conn, replica, job, file
        self._author = Author(by=author_of(job.actor), now_ms=now_ms)
        self._operations: list[Operation] = []
        self._bytes = 0
        self._pending: list[_Pending] = []
        self._waiting: set[tuple[int | str, str]] = set()
        """What lines are told by whose record is not written yet."""
        self._known = matching.Known(conn, (), file.met, file.names)
        self._groups = GroupsNamed(conn)
        self._codes: customers.CodesInTurn | None = None
        self._codes_wanted = 0
        self._lines: list[imports.Line] = []
        self._remarks: list[imports.Remark] = []

    def take(self, lines: Sequence[ReadLine]) -> None:
        """Go through some lines."""
        traits = [one.traits for one in lines if one.traits]
        self._known = matching.Known(self._conn, traits, self._file.met, self._file.names)
        self._codes_wanted = len(lines)
        for line in lines:
            for remark in line.remarks:
                self.tell(remark)
            if line.draft is None or line.traits is None or self._planned(line, line.draft, line.traits) is None:
                self._lines.append(imports.Line(line=line.line, entity=b"", outcome="skipped"))

    def tell(self, remark: Remark) -> None:
        """Put a sentence into the report."""
        self._remarks.append(imports.Remark(line=remark.line, place=remark.column, sentence=remark.sentence))

    def written(self, job: Job) -> Job:
        """Close the last record, keep what came of the lines; returns the job with its counts."""
        self._flush()
        if self._codes is not None:
            self._codes.close()
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
        """Who was here before and is not what they were."""
        return [line.entity for line in self._lines if line.outcome == "completed"]

    def _planned(self, read: ReadLine, told: CustomerDraft, traits: Traits) -> LinePlan | None:
        """What a line comes to, on its way; None when it is skipped. `told`: what it says."""
        number, draft = read.line, meant(told, self._job.options.npai)
        shared = traits.shared
        if not shared.isdisjoint(self._waiting):
            self._flush()
        match = matching.find(self._conn, self._replica, traits, self._known)
        if match.why or (match.entity is None and self._file.adds_only):
            why = match.why or "nobody has this id or e-mail: import the customers first"
            self.tell(Remark(line=number, column="", sentence=f"the line is skipped: {why}"))
            return None
        foreign = matching.foreign_cards(self._conn, traits, self._known, match.entity)
        if foreign:
            self.tell(Remark(line=number, column="cards", sentence="this card belongs to another customer"))
            draft = {**draft, "cards": [card for card in draft["cards"] if card not in foreign]}
        if draft.get("groups"):
            draft = self._grouped(number, draft)
        plan = self._completed(number, draft, match.entity) if match.entity else self._created(number, draft, traits)
        plan, entries = self._with_openings(read, told, plan)
        size = _size(plan.operations)
        if len(plan.operations) > RECORD_OPERATIONS or size > RECORD_BYTES:
            self.tell(Remark(line=number, column="", sentence="the line is skipped: it says more than can be sent"))
            return None
        pending = _Pending(number, told, traits, plan, entries, len(self._operations))
        if self._job.options.dry_run:
            self._rehearse(pending)
        else:
            self._put(pending, size)
            self._waiting |= shared
        return plan

    def _completed(self, number: int, draft: CustomerDraft, entity: EntityId) -> LinePlan:
        here = elements.elements_of(self._conn, entity)
        plan = complete(draft, here, self._author, self._groups.not_joined(here, draft))
        for name, why in plan.kept:
            self.tell(Remark(line=number, column=name, sentence=why))
        return plan

    def _created(self, number: int, draft: CustomerDraft, traits: Traits) -> LinePlan:
        for other in matching.likely(self._conn, traits, self._known):
            plan = complete(draft, elements.elements_of(self._conn, other.entity), self._author)
            if not plan.operations and not plan.kept and not self._job.options.key and "source_id" not in draft:
                return plan  # all that the line says is here: this is the very person
            who = self._code(other.entity)
            self.tell(Remark(line=number, column="", sentence=f"likely a duplicate of {who}: {other.why}"))
        groups = self._groups.named(draft)
        return create(draft, traits.made, self._new_code(number, draft), self._author, groups)

    def _grouped(self, number: int, draft: CustomerDraft) -> CustomerDraft:
        """The draft without the groups that are not there: their names are kept as tags, and told."""
        missing = self._groups.missing(draft)
        for name in missing:
            self.tell(Remark(line=number, column="groups", sentence=f"no group is called {name}: it is kept as a tag"))
        tags = [*draft.get("tags", []), *missing]
        return {**draft, "tags": tags} if missing else draft

    def _new_code(self, number: int, draft: CustomerDraft) -> str:
        code = draft.get("code", "")
        if code and customers.owners_of(self._conn, Claim.CODE, code):
            self.tell(Remark(line=number, column="code", sentence="somebody who was deleted had this code"))
            code = ""
        if self._job.options.dry_run:
            return code
        if code:
            return code
        if self._codes is None:
            self._codes = customers.CodesInTurn(self._conn, self._replica, many=max(CODES_MIN, self._codes_wanted))
        return self._codes.next()

    def _with_openings(
        self, read: ReadLine, told: CustomerDraft, plan: LinePlan
    ) -> tuple[LinePlan, tuple[tuple[bytes, bytes], ...]]:
        """The plan with what stands open; an amount that was booked before is not booked again."""
        if not any(name in told for name in _OPENED):
            return plan, ()
        is_new = plan.outcome == "created" and not self._known.has(plan.entity)
        account = derived_account(plan.entity) if is_new else self._account(plan.entity)
        operations, entries, names = list(plan.operations), [], list(plan.names)
        for opening in openings(told, read.key, account, self._job.digest):
            # On the account of somebody who was never here nothing was booked.
            generation = 0 if is_new and opening.account else self._generation(opening)
            before = None if is_new and opening.account else self._element(opening.key(generation))
            if before is None and opening.amount:
                entry, *others = book(opening, generation, plan.entity, self._author.now_ms)
                operations += [entry, *others]
                entries.append((entry.entity, entry.dot))
                names.append(opening.field)
            elif before is not None and before.fields.get(AMOUNT) != opening.amount:
                said = "the opening balance was booked before, with another amount: it stays"
                self.tell(Remark(line=read.line, column=opening.field, sentence=said))
        if not entries:
            return plan, ()
        outcome = "completed" if plan.outcome == "unchanged" else plan.outcome
        names = list(dict.fromkeys(names))
        return replace(plan, operations=operations, outcome=outcome, names=tuple(names)), tuple(entries)

    def _generation(self, one: Opening) -> int:
        """How often this amount was taken back."""
        generation = 0
        while generation < GENERATIONS_MAX and self._element(one.taken_back_key(generation)) is not None:
            generation += 1
        return generation

    def _put(self, pending: _Pending, size: int) -> None:
        """Let a line's operations wait for their record; a record that would become too long is closed first."""
        full = len(self._operations) + len(pending.plan.operations) > RECORD_OPERATIONS
        if self._operations and (full or self._bytes + size > RECORD_BYTES):
            self._flush()
            pending = replace(pending, first=0)
        self._operations += pending.plan.operations
        self._bytes += size
        self._pending.append(pending)

    def _flush(self) -> None:
        """Write what waits, as one record."""
        now_ms = self._author.now_ms
        if self._operations:
            saved = authoring.commit(self._conn, self._replica, self._job.actor, self._operations, now_ms=now_ms)
            for one in self._pending:
                self._keep(one, saved.stamp, saved.dots)
        else:
            for one in self._pending:
                self._keep(one, NO_STAMP, ())
        self._mark()
        for one in self._pending:
            self._known.learn(one.traits, one.plan.entity)
        self._operations, self._bytes, self._pending = [], 0, []
        self._waiting.clear()

    def _mark(self) -> None:
        """Mark the addresses that the file says are bad: a mark names the version of the address that stands now."""
        npai, operations, marked = self._job.options.npai, list[Operation](), set[EntityId]()
        for one in self._pending:
            row = self._element((one.plan.entity, Kind.CUSTOMER, b"")) if marks_address(one.draft, npai) else None
            mark = mark_address(row) if row is not None and one.plan.entity not in marked else None
            if mark is not None:
                operations.append(mark)
                marked.add(one.plan.entity)
        if operations:
            now_ms = self._author.now_ms
            saved = authoring.commit(self._conn, self._replica, self._job.actor, operations, now_ms=now_ms)
            for at, line in enumerate(self._lines):
                if line.entity in marked:
                    marked.discard(EntityId(line.entity))
                    self._lines[at] = _marked(line, saved.stamp)

    def _keep(self, one: _Pending, stamp: tuple[int, int, int], dots: Sequence[bytes]) -> None:
        plan = one.plan
        members = [
            (int(operation.kind), operation.dot or dots[one.first + at])
            for at, operation in enumerate(plan.operations)
            if operation.kind not in {Kind.CUSTOMER, Kind.ENTRY}
        ]
        wrote = Wrote(
            created=plan.outcome == "created", stamp=stamp, before=plan.before, members=members, entries=one.entries
        )
        self._lines.append(
            imports.Line(
                line=one.line,
                entity=plan.entity,
                outcome=plan.outcome,
                fields=",".join(plan.names),
                wrote=wrote.packed() if plan.operations else b"",
            )
        )

    def _rehearse(self, one: _Pending) -> None:
        """Say what would come of a line; whom an earlier line would have created is not created again."""
        seen, draft, plan, outcome = self._file.seen, one.draft, one.plan, one.plan.outcome
        earlier = min((line for trait in one.traits.proving if (line := seen.get(trait))), default=0)
        if earlier and outcome == "created":
            self.tell(Remark(line=one.line, column="", sentence=f"this is the customer of line {earlier} again"))
            outcome = "completed"
        for trait in one.traits.proving:
            seen.setdefault(trait, one.line)
        label = " ".join(filter(None, (draft.get("first_name"), draft.get("last_name"))))
        label = label or draft.get("company_name", "") or draft.get("email", "")
        names = list(plan.names)
        if marks_address(draft, self._job.options.npai):
            row = self._element((plan.entity, Kind.CUSTOMER, b""))
            names += ["npai"] if row is None or "address" in names or mark_address(row) is not None else []
            outcome = "completed" if outcome == "unchanged" and "npai" in names else outcome
        fields = ",".join(names)
        self._lines.append(imports.Line(line=one.line, entity=plan.entity, outcome=outcome, fields=fields, label=label))

    def _element(self, key: tuple[bytes, int, bytes]) -> Element | None:
        return elements.element(self._conn, key)

    def _account(self, entity: EntityId) -> EntityId:
        row = self._element((entity, Kind.CUSTOMER, b""))
        return derived_account(entity) if row is None else account_of(row)

    def _code(self, entity: EntityId) -> str:
        row = self._element((entity, Kind.CUSTOMER, b""))
        code = row.fields.get(NUMBER("code")) if row is not None else None
        return code if isinstance(code, str) else entity.hex()
