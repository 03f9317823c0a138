"""Head office's screens of imports: which there were, how far one is, its report, the way to take it back."""

from dataclasses import dataclass, replace
from typing import Final

from daemon.desk.import_shown import ImportShown, LineShown, RemarkShown
from daemon.domain.import_job import Npai, Options, Subject
from daemon.domain.role import Right
from daemon.errors import StoreFault
from daemon.web.http import Response, RouteDef
from daemon.web.page_problem import sentence_of
from daemon.web.report_words import report_sentence
from daemon.web.surface import PageCall, Surface

NPAI: Final[tuple[Npai, ...]] = ("", "address", "no_information", "both")
LINES_SHOWN: Final = 300
"""Remarks and lines on the screen; the command line writes the whole report to a file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """An import with the beginning of its report."""

    job: ImportShown
    remarks: tuple[RemarkShown, ...]
    lines: tuple[LineShown, ...]
    more: bool

    @property
    def is_working(self) -> bool:
        """Whether it goes on."""
        return self.job.state in {"running", "undoing"}

    @property
    def may_be_undone(self) -> bool:
        """Whether there is something to take back."""
        return (
            self.job.state in {"done", "failed"}
            and not self.job.dry_run
            and bool(self.job.created + self.job.completed)
        )


class ImportPages:
    """The screens of imports."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        return [
            self._surface.get("/imports", self._all, Right.IMPORT),
            self._surface.upload("/imports/fichier", self._receive, Right.IMPORT),
            self._surface.get("/imports/{id}", self._one, Right.IMPORT),
            self._surface.post("/imports/{id}/annuler", self._undo, Right.IMPORT),
        ]

    async def _all(self, call: PageCall) -> Response:
        return await self._surface.show(call, "imports.html.j2", imports=await self._surface.desks.imports.jobs())

    async def _receive(self, call: PageCall) -> Response:
        """Take the file that was chosen in."""
        assert call.chunks is not None, "live.js sends a file as the body"
        subject: Subject = "products" if call.form.get("subject") == "products" else "customers"
        npai: Npai = next((one for one in NPAI if one == call.form.get("npai")), "")
        options = Options(
            subject=subject, dry_run=bool(call.form.get("dry_run")), name=call.form.get("file", ""), npai=npai
        )
        begun = await self._surface.desks.imports.receive(self._surface.change(call), options, call.chunks)
        return self._surface.go(f"{self._surface.root}/imports/{begun.id}")

    async def _one(self, call: PageCall) -> Response:
        desk = self._surface.desks.imports
        job = await desk.job(call.id())
        found = await desk.lines(call.id(), 0, limit=LINES_SHOWN)
        left = tuple(line for line in found.lines if job.dry_run or line.taken_back in {"kept", "refused"})
        remarks = tuple(replace(one, sentence=report_sentence(one.sentence, call.words)) for one in found.remarks)
        if job.failure:
            job = replace(job, failure=report_sentence(job.failure, call.words))
        if job.waiting:
            job = replace(job, waiting=sentence_of(StoreFault(job.waiting), call.words))
        report = Report(job=job, remarks=remarks, lines=left, more=found.next is not None)
        return await self._surface.show(call, "import.html.j2", report=report)

    async def _undo(self, call: PageCall) -> Response:
        await self._surface.desks.imports.undo(call.id())
        return self._surface.go(f"{self._surface.root}/imports/{call.path['id']}")
