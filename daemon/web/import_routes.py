"""Routes of imports: send a file, follow it, read its report, take it back."""

from typing import Final, cast

from daemon.desk.import_shown import ImportShown, ImportsShown, LinesShown
from daemon.domain.ids import parse_entity
from daemon.domain.import_job import Npai, Options, Subject
from daemon.domain.role import Right
from daemon.errors import NotFound, OperatorMistake
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route

LINES_AT_ONCE: Final = 500
LINE_MAX: Final = 999_999_999
_SUBJECTS: Final = ("customers", "products")
_NPAI: Final = ("address", "no_information", "both")


async def _import(parts: WebParts, asked: Asked) -> Answer:
    assert asked.chunks is not None, "this route takes an upload"
    begun = await parts.desks.imports.receive(asked.call, options_of(asked), asked.chunks)
    return Answer(body=begun, headers={"Location": f"/api/v1/imports/{begun.id}"})


async def _imports(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=ImportsShown(imports=tuple(await parts.desks.imports.jobs())))


async def _one(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.imports.job(_id(asked)))


async def _lines(parts: WebParts, asked: Asked) -> Answer:
    limit = max(1, min(asked.number("limit", LINES_AT_ONCE), LINES_AT_ONCE))
    return Answer(body=await parts.desks.imports.lines(_id(asked), asked.number("after", 0), limit=limit))


async def _undo(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.imports.undo(_id(asked)))


def options_of(asked: Asked) -> Options:
    """How the file is to be read, from the query; raises OperatorMistake."""
    subject = asked.query.get("subject", "customers")
    if subject not in _SUBJECTS:
        raise OperatorMistake("subject: customers or products", field="subject")
    npai = asked.query.get("npai", "")
    if npai not in ("", *_NPAI):
        raise OperatorMistake("npai: address, no_information or both", field="npai")
    return Options(
        subject=cast("Subject", subject),
        dry_run=bool(asked.number("dry_run", 0)),
        source=asked.query.get("source", ""),
        key=asked.query.get("key", ""),
        npai=cast("Npai", npai),
        name=asked.query.get("name", ""),
    )


def _id(asked: Asked) -> bytes:
    found = parse_entity(asked.path["id"])
    if found is None:
        raise NotFound("id: an id is 16 hexadecimal digits", field="id")
    return found


ROUTES: Final = (
    Route(
        method="POST",
        path="/imports",
        summary="Send a CSV or XLSX file as the body; it is gone through behind the counter's back.",
        right=Right.IMPORT,
        answer=ImportShown,
        act=_import,
        status=202,
        once=True,
        upload=True,
        query=(
            Param(name="subject", text="customers (if nothing is said) or products (at head office)."),
            Param(
                name="dry_run", text="1: say line by line what would happen, write nothing.", type="integer", maximum=1
            ),
            Param(
                name="source", text="Whose ids the lines have; the system that the headings tell if nothing is said."
            ),
            Param(
                name="key",
                text="The field that lines are known by again: source_id, code, email, card, mobile or member_number.",
            ),
            Param(
                name="npai",
                text="What a column NPAI says: address (it is bad), no_information (none is wanted), or both.",
            ),
            Param(name="name", text="The file's name, for the list of imports."),
        ),
    ),
    Route(
        method="GET",
        path="/imports",
        summary="The imports of the last 90 days, the newest first.",
        right=Right.IMPORT,
        answer=ImportsShown,
        act=_imports,
    ),
    Route(
        method="GET",
        path="/imports/{id}",
        summary="One import: how far it is, what came of its lines.",
        right=Right.IMPORT,
        answer=ImportShown,
        act=_one,
    ),
    Route(
        method="GET",
        path="/imports/{id}/lines",
        summary="The report line by line, with the remarks about each.",
        right=Right.IMPORT,
        answer=LinesShown,
        act=_lines,
        query=(
            Param(
                name="after",
                text="The `next` of the page before; absent at the beginning.",
                type="integer",
                maximum=LINE_MAX,
            ),
            Param(name="limit", text="How many lines at most.", type="integer", minimum=1, maximum=LINES_AT_ONCE),
        ),
    ),
    Route(
        method="POST",
        path="/imports/{id}/undo",
        summary="Take back what an import wrote, where nothing newer stands; refused for customers who spent since.",
        right=Right.IMPORT,
        answer=ImportShown,
        act=_undo,
        status=202,
        once=True,
    ),
)
