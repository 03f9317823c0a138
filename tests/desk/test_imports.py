"""A file goes on where the disk let it stop."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.desk.import_shown import LinesShown
from daemon.domain.import_job import Options
from daemon.errors import StoreFault
from daemon.store.word_index import begin_reindex, reindex_some
from tests.fakes.counter import Counter, open_counter

LINES = 40


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


async def taken(counter: Counter, options: Options) -> LinesShown:
    """What came of a file whose last line says its first once more."""
    names = [f"client{at}" for at in range(LINES)]
    lines = [f"Durand;{name};{name}@example.org\r\n" for name in (*names, names[0])]
    file = "Nom;Prénom;E-mail\r\n" + "".join(lines)

    async def chunks() -> AsyncIterator[bytes]:
        yield file.encode()

    imports = counter.desks.imports
    job = await imports.receive(counter.call("k"), options, chunks())
    async with asyncio.timeout(30):
        while job.state == "running":
            await asyncio.sleep(0.01)
            job = await imports.job(bytes.fromhex(job.id))
    assert job.state == "done"
    return await imports.lines(bytes.fromhex(job.id), 0, limit=2 * LINES)


@pytest.mark.parametrize("is_dry", [True, False])
async def test_a_disk_that_refuses_in_the_middle_changes_nothing_of_what_is_said(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, is_dry: bool
) -> None:
    written, real = list[int](), counter.database.write_behind

    async def refuse_the_third(unit: Any) -> Any:
        written.append(1)
        if len(written) == 4:
            raise StoreFault("the disk refuses")
        return await real(unit)

    monkeypatch.setattr(counter.database, "write_behind", refuse_the_third)
    found = await taken(counter, Options(dry_run=is_dry))
    assert len(written) > 4, "it went on"
    assert [one.outcome for one in found.lines] == ["created"] * LINES + ["completed" if is_dry else "unchanged"]
    said = [one.sentence for one in found.remarks if "again" in one.sentence]
    assert said == (["this is the customer of line 2 again"] if is_dry else [])


async def test_a_file_waits_while_the_names_are_indexed_again(counter: Counter) -> None:
    await counter.database.write(begin_reindex)
    async with asyncio.TaskGroup() as tasks:
        taking = tasks.create_task(taken(counter, Options()), name="taking")
        async with asyncio.timeout(10):
            while True:
                if counter.desks.imports.waiting:
                    break
                await asyncio.sleep(0.01)
        (job,) = await counter.desks.imports.jobs()
        assert (job.state, job.rows) == ("running", 0)
        assert job.waiting == "the names are being indexed again: until then nobody can say who is here already"
        assert not taking.done()
        while await counter.database.write(lambda conn: reindex_some(conn, customers=100)):
            pass
    assert [one.outcome for one in taking.result().lines] == ["created"] * LINES + ["unchanged"]
