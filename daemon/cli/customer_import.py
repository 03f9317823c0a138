"""`comptoir customers import`: a CSV file into the running daemon, line by line; running it twice changes nothing."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from daemon.cli import customer_view as view
from daemon.cli.caller import Caller
from daemon.cli.exits import Exit
from daemon.cli.import_plan import Completion, completion, creation, question, words
from daemon.cli.invocation import Invocation
from daemon.cli.place import card_prefixes
from daemon.cli.progress import Progress, shown
from daemon.cli.terminal import Cell, Terminal
from daemon.cli.words import _, counted, sentence
from daemon.domain.customer_draft import CustomerDraft, Customs
from daemon.domain.customer_sheet import CustomerSheet, DraftLine, Remark, read_customers
from daemon.domain.folding import fold
from daemon.domain.spreadsheet import written
from daemon.errors import OperatorMistake, Refusal

Outcome = Literal["created", "completed", "unchanged", "skipped"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("created", "completed", "unchanged", "skipped")
CHUNK_BYTES: Final = 64 * 1024
ALIKE_MAX: Final = 20
"""Namesakes that are looked at."""
_FATAL: Final = frozenset({401, 403, 408, 429})
"""Refusals that every further line would get as well."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineReport:
    """What became of one line, or would become in a dry run."""

    line: int
    outcome: Outcome
    id: str | None = None
    fields: tuple[str, ...] = ()
    display_name: str = field(default="", repr=False)


@dataclass(kw_only=True)
class Report:
    """What became of a file so far."""

    file: str
    dry_run: bool
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    remarks: list[Remark] = field(default_factory=list)
    lines: list[LineReport] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report under stable keys."""
        return {
            "file": self.file,
            "dry_run": self.dry_run,
            **{str(outcome): count for outcome, count in self.counts.items()},
            "lines": [asdict(line) for line in self.lines],
            "remarks": [asdict(remark) for remark in self.remarks],
        }


def run(at: Invocation) -> int:
    """Import a file, or say what importing it would do; ends with 1 when a line was skipped."""
    with _opened(at.given.file) as file, at.daemon() as daemon:
        total = _lines_in(file) if file.seekable() else 0
        sheet = read_customers(_chunks(file), Customs(card_prefixes=card_prefixes(at.place())))
        report = Report(file=str(at.given.file), dry_run=at.given.dry_run)
        with shown(at.terminal, _("Reading") if report.dry_run else _("Importing")) as bar:
            _Import(at, daemon, report, bar).all(sheet, total)
    if at.given.report:
        Path(at.given.report).write_bytes(b"\xef\xbb\xbf" + "".join(_csv(report)).encode())
    if at.terminal.as_json:
        at.terminal.answer(report.as_json())
    else:
        _sum_up(at.terminal, report)
    return Exit.FAILED if report.counts["skipped"] else Exit.OK


class _Import:
    """One file on its way."""

    def __init__(self, at: Invocation, daemon: Caller, report: Report, bar: Progress) -> None:
        self._at = at
        self._daemon = daemon
        self._report = report
        self._bar = bar
        self._tells_lines = report.dry_run or at.given.report or at.terminal.as_json

    def all(self, sheet: CustomerSheet, total: int) -> None:
        """Every line; raises what stops the whole."""
        for remark in sheet.remarks:
            self._tell(remark)
        for line in sheet.lines:
            for remark in line.remarks:
                self._tell(remark)
            done = self._one(line)
            self._report.counts[done.outcome] += 1
            if self._tells_lines:
                self._report.lines.append(done)
            if self._report.dry_run:
                self._tell_line(done)
            self._bar.to(line.line, total)

    def _one(self, line: DraftLine) -> LineReport:
        if line.draft is None:
            return LineReport(line=line.line, outcome="skipped")
        try:
            return self._imported(line.line, line.draft)
        except Refusal as refused:
            if refused.status in _FATAL or refused.status >= 500:
                done = sum(self._report.counts.values())
                self._bar.clear()
                self._at.terminal.note(
                    counted(
                        "{n} line was done; run the same command again.", "{n} lines were done; run it again.", done
                    )
                )
                raise
            name = str(refused.problem.get("field") or "")
            words = str(refused).removeprefix(f"{name}: ")
            self._tell(Remark(line=line.line, column=view.field_name(name), sentence=f"the line is skipped: {words}"))
            return LineReport(line=line.line, outcome="skipped", display_name=_name(line.draft))

    def _imported(self, number: int, draft: CustomerDraft) -> LineReport:
        here = self._known(number, draft)
        if here is not None:
            return self._complete(number, draft, here)
        name = _name(draft)
        fields = tuple(draft)
        if self._report.dry_run:
            return LineReport(line=number, outcome="created", fields=fields, display_name=name)
        made = self._daemon.post("/customers", creation(draft), key=key_of(draft))
        if made["identified"]:
            return self._complete(number, draft, made["customer"])
        return LineReport(line=number, outcome="created", id=made["customer"]["id"], fields=fields, display_name=name)

    def _known(self, number: int, draft: CustomerDraft) -> Any:
        """The customer who is here already, or None; raises Refusal when several fit."""
        asked = question(draft)
        if not asked:
            return self._alike(draft)
        found = self._daemon.post("/identify", asked)
        if found["outcome"] == "blocked" and len(asked) > 1:
            found = self._daemon.post("/identify", {name: text for name, text in asked.items() if name != "card"})
        match found["outcome"]:
            case "customer":
                return self._daemon.get(f"/customers/{found['customer']['id']}")
            case "choose":
                raise Refusal("several customers fit this line", status=409, problem={})
            case "blocked":
                raise Refusal("the card of this line is blocked", status=409, problem={"field": "cards"})
            case _:
                return None

    def _alike(self, draft: CustomerDraft) -> Any:
        """A customer who has all that the line says: nothing else tells that a line without a key is here already."""
        searched = words(draft)
        hits = self._daemon.get("/customers", q=searched, limit=ALIKE_MAX, almost=0)["hits"] if searched else []
        for hit in hits:
            if fold(hit["customer"]["display_name"]) == fold(_name(draft)):
                here = self._daemon.get(f"/customers/{hit['customer']['id']}")
                if not completion(draft, here).names:
                    return here
        return None

    def _complete(self, number: int, draft: CustomerDraft, here: Any) -> LineReport:
        planned = completion(draft, here)
        for name, why in planned.kept:
            self._tell(Remark(line=number, column=view.field_name(name), sentence=why))
        if planned.names and not self._report.dry_run:
            self._apply(here["id"], planned)
        outcome: Outcome = "completed" if planned.names else "unchanged"
        return LineReport(
            line=number, outcome=outcome, id=here["id"], fields=tuple(planned.names), display_name=here["display_name"]
        )

    def _apply(self, id_: str, planned: Completion) -> None:
        if planned.fields:
            version = self._daemon.fetch(f"/customers/{id_}").version
            self._daemon.patch(f"/customers/{id_}", planned.fields, version=version)
        for card in planned.cards:
            self._daemon.post(f"/customers/{id_}/cards", {"number": card})
        if planned.note:
            self._daemon.post(f"/customers/{id_}/notes", {"text": planned.note})

    def _tell(self, remark: Remark) -> None:
        self._report.remarks.append(remark)
        if not self._at.terminal.as_json:
            self._bar.clear()
            said = sentence(remark.sentence)
            if remark.column:
                said = _("{name}: {text}").format(name=remark.column, text=said)
            self._at.terminal.note(f"{_('line {line}').format(line=remark.line)}  {said}", "yellow")

    def _tell_line(self, done: LineReport) -> None:
        if self._at.terminal.as_json:
            return
        fields = ", ".join(view.field_name(name) for name in done.fields) if done.outcome == "completed" else ""
        self._at.terminal.write(
            f"{done.line:>6}  ", Cell(text=f"{would(done.outcome):<24}"), done.display_name, f"  {fields}"
        )


def would(outcome: Outcome) -> str:
    """What a dry run says of a line."""
    words = {
        "created": _("would be created"),
        "completed": _("would be completed"),
        "unchanged": _("is here already"),
        "skipped": _("would be skipped"),
    }
    return words[outcome]


def key_of(draft: CustomerDraft) -> str:
    """The Idempotency-Key of a line: the same content is created once, however often the file is imported."""
    content = json.dumps(draft, sort_keys=True, ensure_ascii=False).encode()
    return f"import-{hashlib.blake2b(content, digest_size=16).hexdigest()}"


def _sum_up(terminal: Terminal, report: Report) -> None:
    counts = report.counts
    said = [
        counted("{n} created", "{n} created", counts["created"]),
        counted("{n} completed", "{n} completed", counts["completed"]),
        counted("{n} unchanged", "{n} unchanged", counts["unchanged"]),
        counted("{n} skipped", "{n} skipped", counts["skipped"]),
        counted("{n} remark", "{n} remarks", len(report.remarks)),
    ]
    if report.dry_run:
        said.append(_("dry run: nothing was written"))
    terminal.note(" · ".join(said), "yellow" if counts["skipped"] else "green")


def _csv(report: Report) -> Iterator[str]:
    """The report for a spreadsheet: one row a line, one a remark."""
    yield written([_("Line"), _("Result"), _("Column"), _("Remark"), _("Customer")])
    for line in report.lines:
        yield written([str(line.line), line.outcome, ", ".join(line.fields), "", line.id or ""])
    for remark in report.remarks:
        yield written([str(remark.line), "", remark.column, sentence(remark.sentence), ""])


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  closed below; only opening it may fail so
    except OSError as failure:
        raise OperatorMistake(f"the file {name} cannot be read: {failure.strerror}") from failure
    with file:
        yield file


def _lines_in(file: BinaryIO) -> int:
    count = sum(chunk.count(b"\n") for chunk in _chunks(file))
    file.seek(0)
    return count


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _name(draft: CustomerDraft) -> str:
    names = (draft.get("first_name", ""), draft.get("last_name", ""))
    return " ".join(filter(None, names)) or draft.get("company_name", "") or draft.get("email", "")
