"""Imports: files of customers taken in, gone through line by line beside the counter, taken back. A task of the daemon.

What a unit of work wrote and how far the file was gone through are one transaction: after a power cut the next line is
the next line. Units stay short (`_Pace`), and whoever waits at the counter goes first.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import Any, Final

from daemon.backoff import Backoff
from daemon.clock import jitter, random_id
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.import_back import take_back
from daemon.desk.import_batch import Batch, FileRead
from daemon.desk.import_lines import Lines, LinesHere, customer_lines
from daemon.desk.import_namesakes import namesakes_known
from daemon.desk.import_products import ProductBatch
from daemon.desk.import_shown import ImportShown, LinesShown, job_shown, lines_shown
from daemon.desk.premises import Call, Premises
from daemon.domain.customer_draft import Customs
from daemon.domain.customer_sheet import Remark
from daemon.domain.import_file import Opened, Order, lines_in
from daemon.domain.import_job import NEXT, WORKING, Job, Options, State
from daemon.domain.import_line import KEYS
from daemon.domain.product_sheet import read_products
from daemon.errors import ComptoirError, Conflicting, DamagedFile, Forbidden, NotFound, OperatorMistake, StoreFault
from daemon.journal import failure
from daemon.store import imports
from daemon.store.database import Connection
from daemon.store.word_index import require_whole

logger = logging.getLogger(__name__)

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
PART_BYTES: Final = 256 * 1024
LINES_MIN, LINES_FIRST = 4, 8
TOLD_EVERY_S: Final = 0.25
AGAIN: Final = Backoff(first_s=5.0, max_s=120.0)
"""A disk that refuses may take something again; each try starts a reader and reads what is left of the file."""

LOOK_S: Final = 5.0
"""How often it is seen whether a full disk has room, which costs nothing."""

LISTED_MAX: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pace:
    """How long a unit of work is aimed to take, and how many lines it has at the most."""

    unit_s: float
    lines_max: int


BESIDE_A_COUNTER: Final = _Pace(unit_s=0.014, lines_max=64)
"""Anybody at the counter waits at most 20 ms for it, and for the disk."""

WITHOUT_A_COUNTER: Final = _Pace(unit_s=0.1, lines_max=512)
"""At head office nobody pays: a screen may wait for a blink, and a commit costs as much as ten lines."""


class ImportDesk:
    """Where files come in."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._wake = asyncio.Event()
        self._told_s = 0.0
        self._refused = 0
        """How often in a row the disk has refused."""
        self._waiting: tuple[bytes, str] = (b"", "")
        """The import that stands still, and why."""
        self._unit_s = 0.0
        """How long the last unit took, without its commit: what the disk takes does not grow with the lines."""

    async def receive(self, call: Call, options: Options, chunks: AsyncIterator[bytes]) -> ImportShown:
        """Take a file in, and begin; the same key is one import. Raises OperatorMistake, Conflicting."""
        check(options, is_hub=self._premises.replica.identity.is_hub)
        now_ms = self._premises.clock.now_ms()
        job = Job(id=random_id(), state=State.RECEIVING, options=options, actor=call.actor, made_ms=now_ms)
        before = await self._premises.database.write(lambda conn: _open(conn, job, call.key))
        if before is not None:
            return await self._same(before, await _digest(chunks))
        try:
            begun = await self._take_in(job, chunks)
        except BaseException:
            await self._premises.database.write(lambda conn: imports.drop(conn, job.id))
            raise
        self._wake.set()
        return job_shown(begun)

    async def _take_in(self, job: Job, chunks: AsyncIterator[bytes]) -> Job:
        """Keep the file, part by part, then let the job begin."""
        state, size, part = blake2b(digest_size=16), 0, 0
        async for content in _parts(chunks):
            size += len(content)
            if size > FILE_BYTES_MAX:
                raise OperatorMistake(f"the file has more than {FILE_BYTES_MAX >> 20} MiB: cut it into several")
            state.update(content)
            await self._put_part(job.id, part, content)
            part += 1
        if not size:
            raise OperatorMistake("the file is empty")
        begun = replace(job, state=State.RUNNING, digest=state.digest(), bytes_=size)

        def unit(conn: Connection) -> None:
            if imports.job(conn, job.id) is None:
                raise Conflicting("the same import was asked for again meanwhile: that one goes on")
            imports.save(conn, begun)

        await self._premises.database.write(unit)
        return begun

    async def job(self, id_: bytes) -> ImportShown:
        """One import; raises NotFound."""
        return self._shown(await self._premises.database.read(lambda conn: _job(conn, id_)))

    async def jobs(self) -> Sequence[ImportShown]:
        """The imports that are remembered, the newest first."""
        found = await self._premises.database.read(lambda conn: imports.jobs(conn, limit=LISTED_MAX))
        return tuple(self._shown(job) for job in found if job.state is not State.RECEIVING)

    @property
    def waiting(self) -> str:
        """Why an import stands still, in one sentence; empty where none does."""
        return self._waiting[1]

    def _shown(self, job: Job) -> ImportShown:
        which, why = self._waiting
        return job_shown(job, waiting=why if which == job.id else "")

    async def lines(self, id_: bytes, after: int, *, limit: int) -> LinesShown:
        """What came of the lines behind one, with the remarks about them; raises NotFound."""

        def unit(conn: Connection) -> LinesShown:
            _job(conn, id_)
            lines = imports.lines_after(conn, id_, after, limit=limit)
            more = len(lines) == limit
            upto = lines[-1].line if more else 1 << 62
            return lines_shown(lines, imports.remarks_after(conn, id_, after, upto), more=more)

        return await self._premises.database.read(unit)

    async def undo(self, id_: bytes) -> ImportShown:
        """Begin to take an import back; one that is, or was, taken back stays so. Raises NotFound, Conflicting."""

        def unit(conn: Connection) -> Job:
            job = _job(conn, id_)
            if job.state in {State.UNDOING, State.UNDONE}:
                return job
            if job.options.dry_run:
                raise Conflicting("a dry run wrote nothing: there is nothing to take back")
            if State.UNDOING not in NEXT[job.state]:
                raise Conflicting("the import is still going on: wait until it is done")
            begun = replace(job, state=State.UNDOING, line=0, ended_ms=0, failure="")
            imports.save(conn, begun)
            return begun

        job = await self._premises.database.write(unit)
        self._wake.set()
        return job_shown(job)

    async def run(self) -> None:
        """Work at what there is to do, for ever."""
        await self._premises.database.write_in_turn(_restart)
        while True:
            self._wake.clear()
            job = await self._premises.database.read(imports.next_to_do)
            if job is None:
                await self._wake.wait()
                continue
            try:
                if self._refused:  # who comes twice in a file is known from its first line on only
                    await self._premises.database.write_in_turn(_restart)
                    job = await self._premises.database.read(imports.next_to_do) or job
                await (self._go_through(job) if job.state is State.RUNNING else self._take_back(job))
            except DamagedFile:
                raise
            except StoreFault as refused:
                await self._wait(job, refused)
            except ComptoirError as wrong:
                await self._fail(job.id, str(wrong))

    async def _wait(self, job: Job, refused: StoreFault) -> None:
        """Stand still, and say why, until it is worth a reader to try again."""
        self._refused += 1
        if self._waiting != (job.id, str(refused)):
            self._waiting = (job.id, str(refused))
            failure(logger, "import-waits", refused)
            self._premises.announce(Event.IMPORT, self._shown(job))
        clock, room = self._premises.clock, self._premises.database
        await clock.sleep(AGAIN.delay_s(self._refused, jitter()))
        while room.room.is_full:
            await clock.sleep(LOOK_S)

    def _goes_on(self) -> None:
        """The disk has taken something."""
        self._refused, self._waiting = 0, (b"", "")

    async def _go_through(self, job: Job) -> None:
        """Every line that is left; what is read wrong is told and skipped."""
        is_of_products = job.options.subject == "products"
        if not is_of_products:
            await self._premises.database.read(require_whole)
        async with (
            self._lines_of(job) as lines,
            namesakes_known(self._premises, 0 if is_of_products else lines.opened.total - job.rows) as names,
        ):
            opened, size = lines.opened, LINES_FIRST
            file = None if is_of_products else FileRead(adds_only=opened.adds_only, names=names)
            job = replace(job, system=opened.system, total=opened.total)
            remarks = opened.remarks if not job.rows else ()
            while True:
                some = await lines.take(size)
                unit = partial(self._write, job=job, lines=some, file=(file, remarks))
                job, touched = await self._premises.database.write_behind(unit)
                remarks = ()
                self._goes_on()
                self._tell(job, touched)
                if job.state is not State.RUNNING:
                    return
                size = _next_size(size, self._unit_s, self._pace)

    @asynccontextmanager
    async def _lines_of(self, job: Job) -> AsyncIterator[Lines]:
        """What is left of a job's file."""

        async def parts() -> Sequence[bytes]:
            return await self._premises.database.read(lambda conn: imports.parts(conn, job.id))

        if job.options.subject == "products":
            yield await _products(b"".join(await parts()), job)
            return
        options, customs = job.options, Customs(card_prefixes=self._premises.customs.card_prefixes)
        order = Order(customs=customs, source=options.source, key=options.key, npai=options.npai, skipped=job.rows)
        async with customer_lines(order, parts, size=job.bytes_) as lines:
            yield lines

    @property
    def _pace(self) -> _Pace:
        return WITHOUT_A_COUNTER if self._premises.replica.identity.is_hub else BESIDE_A_COUNTER

    def _write(
        self,
        conn: Connection,
        job: Job,
        lines: Sequence[Any],
        file: tuple[FileRead | None, Sequence[Remark]],
    ) -> tuple[Job, Sequence[bytes]]:
        """Lines, report and position in one transaction; without lines the import is done."""
        clock, replica = self._premises.clock, self._premises.replica
        now_ms, began_s = clock.now_ms(), clock.monotonic_s()
        batch = (
            ProductBatch(conn, replica, job, now_ms) if file[0] is None else Batch(conn, replica, job, file[0], now_ms)
        )
        for remark in file[1]:
            batch.tell(remark)
        batch.take(lines)
        job = batch.written(job)
        if lines:
            job = replace(job, rows=job.rows + len(lines), line=lines[-1].line)
            job = replace(job, total=max(job.total, job.rows) if job.total else 0)
        else:
            job = replace(job, state=State.DONE, total=job.rows, ended_ms=now_ms)
            imports.drop_parts(conn, job.id)
            imports.forget_old(conn, now_ms)
        imports.save(conn, job)
        self._unit_s = clock.monotonic_s() - began_s
        return job, batch.touched()

    async def _take_back(self, job: Job) -> None:
        """Every line that wrote something, the last first."""
        while job.state is State.UNDOING:

            def unit(conn: Connection, job: Job = job) -> tuple[Job, list[bytes]]:
                now_ms = self._premises.clock.now_ms()
                job, touched = take_back(conn, self._premises.replica, job, now_ms=now_ms)
                if not job.line:
                    job = replace(job, state=State.UNDONE, rows=0, ended_ms=now_ms)
                imports.save(conn, job)
                return job, touched

            job, touched = await self._premises.database.write_behind(unit)
            self._goes_on()
            self._tell(job, touched)

    async def _fail(self, id_: bytes, sentence: str) -> None:
        """End a job that cannot go on; what was done stays."""

        def unit(conn: Connection) -> Job:
            job = replace(_job(conn, id_), state=State.FAILED, failure=sentence)
            job = replace(job, ended_ms=self._premises.clock.now_ms())
            imports.drop_parts(conn, id_)
            imports.save(conn, job)
            return job

        failed = await self._premises.database.write(unit)
        self._goes_on()
        self._tell(failed, ())

    async def _put_part(self, id_: bytes, part: int, content: bytes) -> None:
        await self._premises.database.write_behind(lambda conn: imports.put_part(conn, id_, part, content))

    async def _same(self, before: Job, digest: bytes) -> ImportShown:
        """The import that this key asked for already; raises OperatorMistake when it was another file."""
        if before.digest != digest:
            raise OperatorMistake(
                "this Idempotency-Key was used for another request: take a new key for a new request",
                field="Idempotency-Key",
            )
        return await self.job(before.id)

    def _tell(self, job: Job, touched: Sequence[bytes]) -> None:
        """Progress, now and then; the end, always; and who is not what they were."""
        for entity in touched:
            self._premises.announce(Event.CUSTOMER, CustomerChanged(id=entity.hex()))
        now_s = self._premises.clock.monotonic_s()
        if job.state not in WORKING or now_s - self._told_s >= TOLD_EVERY_S:
            self._told_s = now_s
            self._premises.announce(Event.IMPORT, job_shown(job))


async def _products(raw: bytes, job: Job) -> LinesHere:
    """A file of products: a list of goods is short, and is read here."""
    products = await asyncio.to_thread(read_products, [raw], skipped=job.rows)
    opened = Opened(total=lines_in(raw), remarks=tuple(products.remarks))
    return LinesHere(opened, products.lines)


def _next_size(size: int, took_s: float, pace: _Pace) -> int:
    """How many lines to take next, after so many took so long."""
    if took_s > pace.unit_s:
        return max(LINES_MIN, int(size * pace.unit_s / took_s))
    return min(pace.lines_max, size + max(2, size // 8)) if took_s < pace.unit_s * 0.75 else size


def check(options: Options, *, is_hub: bool) -> None:
    """Raise OperatorMistake for options that mean nothing."""
    if options.key and options.key not in KEYS:
        raise OperatorMistake(f"key: one of {', '.join(KEYS)}", field="key")
    if len(options.source) > 32 or not (options.source or "a").replace("-", "").isalnum():
        raise OperatorMistake("source: letters, digits and hyphens, at most 32", field="source")
    if len(options.name) > 200:
        raise OperatorMistake("name: the text has more than 200 characters", field="name")
    if options.subject == "products" and not is_hub:
        raise Forbidden("products are imported at head office")


def _open(conn: Connection, job: Job, key: str) -> Job | None:
    """Keep a new job; returns the one that was asked for under this key before, if there is one."""
    before = imports.job_of_key(conn, job.actor, key)
    if before is not None and before.state is not State.RECEIVING:
        return before
    if before is not None:
        imports.drop(conn, before.id)
    imports.forget_old(conn, job.made_ms)
    imports.open_job(conn, job, key)
    return None


def _restart(conn: Connection) -> None:
    """After a start, or a disk that refused: a dry run begins at its first line again, a real one behind its last."""
    job = imports.next_to_do(conn)
    if job is not None and job.options.dry_run:
        imports.begin_again(conn, job.id)
        again = replace(job, rows=0, line=0, created=0, completed=0, unchanged=0, skipped=0, remarks=0)
        imports.save(conn, again)


def _job(conn: Connection, id_: bytes) -> Job:
    found = imports.job(conn, id_)
    if found is None or found.state is State.RECEIVING:
        raise NotFound("no import has this id", field="id")
    return found


async def _digest(chunks: AsyncIterator[bytes]) -> bytes:
    state = blake2b(digest_size=16)
    async for chunk in chunks:
        state.update(chunk)
    return state.digest()


async def _parts(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks in parts of one size."""
    pending = bytearray()
    async for chunk in chunks:
        pending += chunk
        while len(pending) >= PART_BYTES:
            yield bytes(pending[:PART_BYTES])
            del pending[:PART_BYTES]
    if pending:
        yield bytes(pending)
