"""Imports as the API shows them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from daemon.desk import instant
from daemon.domain.import_job import Job, Subject
from daemon.store.imports import Line, Remark

StateShown = Literal["receiving", "running", "done", "failed", "undoing", "undone"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportShown:
    """One import. `rows` of `total` lines were gone through; `total` is about right until the end.

    `undone`, `kept`, `refused` count what an undoing made of the lines that had written something.
    """

    id: str
    state: StateShown
    subject: Subject
    dry_run: bool
    name: str = field(repr=False)
    system: str | None
    total: int
    rows: int
    created: int
    completed: int
    unchanged: int
    skipped: int
    remarks: int
    undone: int
    kept: int
    refused: int
    failure: str | None
    waiting: str | None
    """Why it stands still at present; it goes on by itself."""
    made_at: str
    ended_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportsShown:
    """The imports that are remembered, the newest first."""

    imports: tuple[ImportShown, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RemarkShown:
    """A sentence about a line: `column` as the file heads it, or the name of a field; empty for the whole line."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LineShown:
    """What came of a line, or would come in a dry run. `id` is of the customer; `fields` are what was written."""

    line: int
    outcome: Literal["created", "completed", "unchanged", "skipped"]
    id: str | None
    fields: tuple[str, ...]
    display_name: str = field(repr=False)
    taken_back: Literal["undone", "kept", "refused"] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LinesShown:
    """Lines and the remarks about them, in their order; `next` continues behind the last one, null at the end."""

    lines: tuple[LineShown, ...]
    remarks: tuple[RemarkShown, ...]
    next: int | None


def job_shown(job: Job, *, waiting: str = "") -> ImportShown:
    """A job; `waiting`: why it stands still."""
    return ImportShown(
        id=job.id.hex(),
        state=job.state.value,
        subject=job.options.subject,
        dry_run=job.options.dry_run,
        name=job.options.name,
        system=job.system or None,
        total=job.total,
        rows=job.rows,
        created=job.created,
        completed=job.completed,
        unchanged=job.unchanged,
        skipped=job.skipped,
        remarks=job.remarks,
        undone=job.undone,
        kept=job.kept,
        refused=job.refused,
        failure=job.failure or None,
        waiting=waiting or None,
        made_at=instant.shown(job.made_ms),
        ended_at=instant.shown(job.ended_ms) or None,
    )


def lines_shown(lines: Sequence[Line], remarks: Sequence[Remark], *, more: bool) -> LinesShown:
    """What came of some lines."""
    return LinesShown(
        lines=tuple(_line(line) for line in lines),
        remarks=tuple(RemarkShown(line=one.line, column=one.place, sentence=one.sentence) for one in remarks),
        next=lines[-1].line if more else None,
    )


def _line(line: Line) -> LineShown:
    return LineShown(
        line=line.line,
        outcome=line.outcome,  # type: ignore[arg-type]  # the store keeps the domain's own words
        id=line.entity.hex() or None,
        fields=tuple(filter(None, line.fields.split(","))),
        display_name=line.label,
        taken_back=line.taken_back or None,  # type: ignore[arg-type]  # likewise
    )
