"""Imports in the database: the job, its file in parts, what came of each line. Also what erasure cuts of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from daemon.domain.change import Actor
from daemon.domain.import_job import WORKING, Job, Options, State
from daemon.store.database import Connection
from daemon.typed import parse_json, to_json

KEPT_MS = 90 * 24 * 3_600_000
"""So long an import can be taken back, and its report be read."""

RECEIVING_MS_MAX = 3_600_000
"""A file that did not come whole in an hour will not."""

_COUNTS = (
    *("digest", "bytes", "system", "total", "rows", "line"),
    *("created", "completed", "unchanged", "skipped", "remarks", "undone", "kept", "refused"),
    *("failure", "made_ms", "ended_ms"),
)
_COLUMNS = ("id", "state", "options", "actor_kind", "actor", "role", "shop", *_COUNTS)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM import_job"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What came of a line; `taken_back` says what an undoing made of it, empty before."""

    line: int
    entity: bytes
    outcome: str
    fields: str = ""
    label: str = field(default="", repr=False)
    wrote: bytes = field(default=b"", repr=False)
    taken_back: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A sentence about a line, and where in it: a column of the file."""

    line: int
    place: str
    sentence: str


def open_job(conn: Connection, job: Job, key: str) -> None:
    """Keep a new job."""
    who = job.actor
    conn.execute(
        "INSERT INTO import_job (id, state, options, actor_kind, actor, role, shop, key, made_ms)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        (job.id, job.state, to_json(job.options), int(who.kind), who.id, who.role, who.shop, key, job.made_ms),
    )


def save(conn: Connection, job: Job) -> None:
    """Keep how far a job has come."""
    told = [getattr(job, "bytes_" if name == "bytes" else name) for name in _COUNTS]
    sets = ", ".join(f"{name} = ?" for name in _COUNTS)
    conn.execute(f"UPDATE import_job SET state = ?, {sets} WHERE id = ?", (job.state, *told, job.id))


def job(conn: Connection, id_: bytes) -> Job | None:
    """One job."""
    return next(_jobs(conn.execute(f"{_SELECT} WHERE id = ?", (id_,))), None)


def job_of_key(conn: Connection, actor: Actor, key: str) -> Job | None:
    """The job that this actor asked for under this key."""
    rows = conn.execute(f"{_SELECT} WHERE actor_kind = ? AND actor = ? AND key = ?", (int(actor.kind), actor.id, key))
    return next(_jobs(rows), None)


def jobs(conn: Connection, *, limit: int) -> list[Job]:
    """The newest jobs first."""
    return list(_jobs(conn.execute(f"{_SELECT} ORDER BY made_ms DESC LIMIT ?", (limit,))))


def next_to_do(conn: Connection) -> Job | None:
    """The oldest job that is to be worked at."""
    states = sorted(WORKING)
    marks = ",".join("?" * len(states))
    return next(_jobs(conn.execute(f"{_SELECT} WHERE state IN ({marks}) ORDER BY made_ms LIMIT 1", states)), None)


def _jobs(rows: Iterable[Sequence[Any]]) -> Iterator[Job]:
    for id_, state, options, kind, actor, role, shop, *counts in rows:
        told = dict(zip(_COUNTS, counts, strict=True))
        yield Job(
            id=id_,
            state=State(state),
            options=parse_json(options, Options),
            actor=Actor(kind, actor, role, shop),
            bytes_=told.pop("bytes"),
            **told,
        )


def put_part(conn: Connection, id_: bytes, part: int, content: bytes) -> None:
    """Keep a part of the file."""
    conn.execute("INSERT INTO import_part (job, part, content) VALUES (?,?,?)", (id_, part, content))


def parts(conn: Connection, id_: bytes) -> list[bytes]:
    """The file, part by part."""
    rows = conn.execute("SELECT content FROM import_part WHERE job = ? ORDER BY part", (id_,))
    return [content for (content,) in rows]


def drop_parts(conn: Connection, id_: bytes) -> None:
    """Forget the file: its last line was gone through."""
    conn.execute("DELETE FROM import_part WHERE job = ?", (id_,))


def drop(conn: Connection, id_: bytes) -> None:
    """Forget a job and all that came of it; customers stay as they are."""
    for table in ("import_part", "import_line", "import_remark"):
        conn.execute(f"DELETE FROM {table} WHERE job = ?", (id_,))
    conn.execute("DELETE FROM import_job WHERE id = ?", (id_,))


def forget_old(conn: Connection, now_ms: int) -> None:
    """Forget a job that is too old to be taken back, and files that never came whole."""
    rows = conn.execute(
        "SELECT id FROM import_job WHERE ended_ms BETWEEN 1 AND ? OR (state = ? AND made_ms < ?) LIMIT 1",
        (now_ms - KEPT_MS, State.RECEIVING, now_ms - RECEIVING_MS_MAX),
    )
    for (id_,) in rows.fetchall():
        drop(conn, id_)


def begin_again(conn: Connection, id_: bytes) -> None:
    """A dry run that was cut short starts from its first line: nothing of it was written."""
    for table in ("import_line", "import_remark"):
        conn.execute(f"DELETE FROM {table} WHERE job = ?", (id_,))


def put_lines(conn: Connection, id_: bytes, lines: Iterable[Line], remarks: Iterable[Remark]) -> None:
    """Keep what came of some lines."""
    conn.executemany(
        "INSERT OR REPLACE INTO import_line (job, line, entity, outcome, fields, label, wrote) VALUES (?,?,?,?,?,?,?)",
        [(id_, one.line, one.entity, one.outcome, one.fields, one.label, one.wrote) for one in lines],
    )
    conn.executemany(
        "INSERT INTO import_remark (job, line, at, place, sentence) VALUES"
        " (?,?,(SELECT count(*) FROM import_remark WHERE job = ? AND line = ?),?,?)",
        [(id_, one.line, id_, one.line, one.place, one.sentence) for one in remarks],
    )


_LINE = "line, entity, outcome, fields, label, wrote, taken_back"


def lines_after(conn: Connection, id_: bytes, line: int, *, limit: int) -> list[Line]:
    """What came of the lines behind one, in their order."""
    return _lines(
        conn.execute(
            f"SELECT {_LINE} FROM import_line WHERE job = ? AND line > ? ORDER BY line LIMIT ?", (id_, line, limit)
        )
    )


def lines_before(conn: Connection, id_: bytes, line: int, *, limit: int) -> list[Line]:
    """What came of the lines before one, the last first: the order in which they are taken back."""
    return _lines(
        conn.execute(
            f"SELECT {_LINE} FROM import_line WHERE job = ? AND line < ? ORDER BY line DESC LIMIT ?", (id_, line, limit)
        )
    )


def _lines(rows: Iterable[Sequence[Any]]) -> list[Line]:
    return [
        Line(line=line, entity=entity, outcome=outcome, fields=fields, label=label, wrote=wrote, taken_back=back)
        for line, entity, outcome, fields, label, wrote, back in rows
    ]


def remarks_after(conn: Connection, id_: bytes, line: int, upto: int) -> list[Remark]:
    """The remarks about the lines behind one, up to and with another."""
    rows = conn.execute(
        "SELECT line, place, sentence FROM import_remark WHERE job = ? AND line > ? AND line <= ? ORDER BY line, at",
        (id_, line, upto),
    )
    return [Remark(line=line_, place=place, sentence=sentence) for line_, place, sentence in rows]


def lines_of(conn: Connection, entity: bytes) -> list[tuple[bytes, int, str, int]]:
    """(import, line, outcome, when) of the lines that spoke of somebody."""
    rows = conn.execute(
        "SELECT l.job, l.line, l.outcome, j.made_ms FROM import_line l JOIN import_job j ON j.id = l.job"
        " WHERE l.entity = ? ORDER BY j.made_ms, l.line",
        (entity,),
    )
    return [(job, line, outcome, made_ms) for job, line, outcome, made_ms in rows]


def mark_taken_back(conn: Connection, id_: bytes, line: int, outcome: str) -> None:
    """What an undoing made of a line; what it would take to do so again goes."""
    conn.execute("UPDATE import_line SET taken_back = ?, wrote = x'' WHERE job = ? AND line = ?", (outcome, id_, line))


def cut_lines(conn: Connection, entity: bytes) -> None:
    """What came of somebody's lines, and the values that those replaced."""
    conn.execute(
        "DELETE FROM import_remark WHERE (job, line) IN (SELECT job, line FROM import_line WHERE entity = ?)", (entity,)
    )
    conn.execute("DELETE FROM import_line WHERE entity = ?", (entity,))


def cut_remarks(conn: Connection, entity: bytes) -> None:
    """They go with their lines."""


def cut_parts(conn: Connection, entity: bytes) -> None:
    """A file is a text of others and goes with its last line, minutes later; who is erased is not created again."""


def cut_jobs(conn: Connection, entity: bytes) -> None:
    """The name of a file may be that of a person: it goes where they had a line."""
    for (id_,) in conn.execute("SELECT DISTINCT job FROM import_line WHERE entity = ?", (entity,)).fetchall():
        found = job(conn, id_)
        if found is not None and found.options.name:
            options = to_json(replace(found.options, name=""))
            conn.execute("UPDATE import_job SET options = ? WHERE id = ?", (options, id_))
