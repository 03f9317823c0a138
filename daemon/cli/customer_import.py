"""`comptoir customers import`, `imports`, `undo-import`: files that the running daemon goes through beside the counter.

The file is handed over whole; from then on the import goes on whatever becomes of this command.
"""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from daemon.cli import customer_view as view
from daemon.cli.caller import Caller
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.moments import moment
from daemon.cli.progress import Progress, shown
from daemon.cli.terminal import Cell, Column, Terminal
from daemon.cli.words import _, counted, figure, sentence
from daemon.domain.spreadsheet import written
from daemon.errors import NotRunning, OperatorMistake, PeerFault

ASKED_EVERY_S: Final = 0.2
PATIENCE: Final = 50
"""Tries to reach a daemon that is being restarted: ten seconds."""

OUTCOMES: Final = ("created", "completed", "unchanged", "skipped")
_WORKING: Final = ("running", "undoing")

Job = dict[str, Any]


def run_products(at: Invocation) -> int:
    """The same of products, at head office."""
    return run(at, subject="products")


def run(at: Invocation, subject: str = "customers") -> int:
    """Import a file, or say what importing it would do; ends with 1 when a line was skipped."""
    raw = _read(at.given.file)
    with at.daemon() as daemon:
        name = "" if at.given.file == "-" else Path(at.given.file).name
        job = daemon.send(
            "/imports",
            raw,
            dry_run=int(at.given.dry_run),
            subject=subject,
            name=name,
            **_said_of_customers(at) if subject == "customers" else {},
        )
        if at.given.no_wait:
            _hand_over(at.terminal, job)
            return Exit.OK
        label = _("Reading") if at.given.dry_run else _("Importing")
        with shown(at.terminal, label) as bar:
            job = _followed(daemon, job, bar, at.terminal)
        lines, remarks = _report(daemon, job)
    _tell(at, job, lines, remarks)
    return Exit.FAILED if job["skipped"] else Exit.OK


def _said_of_customers(at: Invocation) -> dict[str, str]:
    """How a file of customers is to be read, as far as somebody said so."""
    said = {"source": at.given.source, "key": at.given.by, "npai": at.given.npai.replace("-", "_")}
    return {name: text for name, text in said.items() if text}


def list_imports(at: Invocation) -> int:
    """The imports that the daemon remembers."""
    with at.daemon() as daemon:
        found = daemon.get("/imports")["imports"][: at.given.limit]
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    columns = [
        Column(title=_("Import"), keep=3),
        Column(title=_("State")),
        Column(title=_("Since"), keep=2),
        Column(title=_("Lines"), right=True),
        Column(title=_("Created"), right=True),
        Column(title=_("Completed"), right=True),
        Column(title=_("Skipped"), right=True),
        Column(title=_("File")),
    ]
    at.terminal.table(columns, [_row(job) for job in found])
    return Exit.OK


def undo(at: Invocation) -> int:
    """Take an import back; ends with 1 when a customer was refused."""
    with at.daemon() as daemon:
        job = daemon.post(f"/imports/{at.given.id}/undo")
        with shown(at.terminal, _("Taking back")) as bar:
            job = _followed(daemon, job, bar, at.terminal)
        lines, remarks = _report(daemon, job)
    if at.terminal.as_json:
        at.terminal.answer({**job, "lines": lines, "remarks": remarks})
        return Exit.FAILED if job["refused"] else Exit.OK
    left = {line["line"] for line in lines if line["taken_back"] in {"kept", "refused"}}
    for remark in remarks:
        if remark["line"] in left:
            at.terminal.note(_said(remark), "yellow")
    said = [
        counted("{n} taken back", "{n} taken back", job["undone"]),
        counted("{n} kept", "{n} kept", job["kept"]),
        counted("{n} refused", "{n} refused", job["refused"]),
    ]
    at.terminal.note(" · ".join(said), "yellow" if job["refused"] else "green")
    return Exit.FAILED if job["refused"] else Exit.OK


def _followed(daemon: Caller, job: Job, bar: Progress, terminal: Terminal) -> Job:
    """The job once it has ended; a daemon that is restarted meanwhile goes on with it, and so do we."""
    pause, tries, told = threading.Event(), 0, None
    try:
        while job["state"] in _WORKING:
            pause.wait(ASKED_EVERY_S)
            try:
                job = daemon.get(f"/imports/{job['id']}")
                tries = 0
            except NotRunning:
                tries += 1
                if tries > PATIENCE:
                    raise
            if job["waiting"] != told and job["state"] in _WORKING:
                told = job["waiting"]
                bar.clear()
                terminal.note(sentence(told) if told else _("it goes on"), "yellow" if told else "green")
            bar.to(job["rows"], job["total"])
    except BaseException:
        bar.clear()
        terminal.note(_("the daemon goes on with it: `comptoir customers imports` says how far it is"), "yellow")
        raise
    if job["state"] == "failed":
        raise PeerFault(job["failure"])
    return job


def _report(daemon: Caller, job: Job) -> tuple[list[Any], list[Any]]:
    lines: list[Any] = []
    remarks: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = daemon.get(f"/imports/{job['id']}/lines", after=after)
        lines += page["lines"]
        remarks += page["remarks"]
        after = page["next"]
    return lines, remarks


def _tell(at: Invocation, job: Job, lines: list[Any], remarks: list[Any]) -> None:
    if at.given.report:
        Path(at.given.report).write_bytes(b"\xef\xbb\xbf" + "".join(_csv(job, lines, remarks)).encode())
    if at.terminal.as_json:
        at.terminal.answer({**job, "file": str(at.given.file), "lines": lines, "remarks": remarks})
        return
    for remark in remarks:
        at.terminal.note(_said(remark), "yellow")
    if job["dry_run"]:
        for line in lines:
            _tell_line(at.terminal, line)
    _sum_up(at.terminal, job)


def _said(remark: Any) -> str:
    said = sentence(remark["sentence"])
    if remark["column"]:
        said = _("{name}: {text}").format(name=view.field_name(remark["column"]), text=said)
    return f"{_('line {line}').format(line=remark['line'])}  {said}"


def _tell_line(terminal: Terminal, line: Any) -> None:
    fields = ", ".join(view.field_name(name) for name in line["fields"]) if line["outcome"] == "completed" else ""
    terminal.write(
        f"{line['line']:>6}  ", Cell(text=f"{would(line['outcome']):<24}"), line["display_name"], f"  {fields}"
    )


def would(outcome: str) -> str:
    """What a dry run says of a line."""
    words = {
        "created": _("would be created"),
        "completed": _("would be completed"),
        "unchanged": _("is here already"),
        "skipped": _("would be skipped"),
    }
    return words[outcome]


def _sum_up(terminal: Terminal, job: Job) -> None:
    said = [
        counted("{n} created", "{n} created", job["created"]),
        counted("{n} completed", "{n} completed", job["completed"]),
        counted("{n} unchanged", "{n} unchanged", job["unchanged"]),
        counted("{n} skipped", "{n} skipped", job["skipped"]),
        counted("{n} remark", "{n} remarks", job["remarks"]),
    ]
    if job["dry_run"]:
        said.append(_("dry run: nothing was written"))
    terminal.note(" · ".join(said), "yellow" if job["skipped"] else "green")
    if not job["dry_run"] and (job["created"] or job["completed"]):
        command = f"comptoir {job['subject']} undo-import {job['id']}"
        terminal.note(_("to take it back: {command}").format(command=command))


def _hand_over(terminal: Terminal, job: Job) -> None:
    if terminal.as_json:
        terminal.answer(job)
    else:
        terminal.note(_("the daemon goes on with it: `comptoir customers imports` says how far it is"), "green")


def _row(job: Job) -> list[str | Cell]:
    states = {
        "running": _("going on"),
        "done": _("done"),
        "failed": _("failed"),
        "undoing": _("being taken back"),
        "undone": _("taken back"),
    }
    state = _("dry run") if job["dry_run"] and job["state"] == "done" else states.get(job["state"], job["state"])
    rows = figure(job["rows"]) if job["state"] != "running" else f"{figure(job['rows'])} / {figure(job['total'])}"
    counts = [figure(job[name]) for name in ("created", "completed", "skipped")]
    return [job["id"], state, moment(job["made_at"]), rows, *counts, job["name"]]


def _csv(job: Job, lines: list[Any], remarks: list[Any]) -> Iterator[str]:
    """The report for a spreadsheet: one row a line, one a remark."""
    yield written([_("Line"), _("Result"), _("Column"), _("Remark"), _("Customer")])
    for line in lines:
        result = would(line["outcome"]) if job["dry_run"] else _was(line["outcome"])
        fields = ", ".join(dict.fromkeys(map(view.field_name, line["fields"])))
        yield written([str(line["line"]), result, fields, "", line["id"] or ""])
    for remark in remarks:
        column = view.field_name(remark["column"])
        yield written([str(remark["line"]), "", column, sentence(remark["sentence"]), ""])


def _was(outcome: str) -> str:
    """What came of a line."""
    words = {
        "created": _("was created"),
        "completed": _("was completed"),
        "unchanged": _("is here already"),
        "skipped": _("was skipped"),
    }
    return words[outcome]


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as failure:
        raise OperatorMistake(f"the file {name} cannot be read: {failure.strerror}") from failure
