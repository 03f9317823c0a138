"""While a large file comes in, who is there and who comes meanwhile are known by name and postal code."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.desk.import_namesakes import CUSTOMERS_PER_LINE_MAX, LINES_MIN, READ_AT_ONCE, namesakes_known
from daemon.domain import authoring as operations
from daemon.domain.change import OPERATIONS_MAX, Operation
from daemon.domain.ids import EntityId
from daemon.domain.import_job import Options
from daemon.domain.import_line import NUMBER
from daemon.domain.kinds import Kind
from daemon.store import authoring
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Counter, open_counter


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


def anne(at: int) -> Operation:
    fields = {
        NUMBER("name"): (f"Anne{at}", "Durand"),
        NUMBER("address"): ("", "", "44000", "Nantes", "FR"),
        NUMBER("code"): f"K{at}",
    }
    return operations.create(Kind.CUSTOMER, EntityId(at.to_bytes(8, "big")), fields)


async def write(counter: Counter, told: list[Operation]) -> None:
    def unit(conn: Connection) -> None:
        for start in range(0, len(told), OPERATIONS_MAX):
            some = told[start : start + OPERATIONS_MAX]
            authoring.commit(conn, counter.replica, OWNER, some, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


async def test_who_is_there_and_who_comes_meanwhile_are_known(counter: Counter) -> None:
    many = READ_AT_ONCE * 2 + 3
    await write(counter, [anne(at) for at in range(many)])
    async with namesakes_known(counter.premises, LINES_MIN) as names:
        assert names is not None
        assert all(names.may_have(f"anne{at} durand", "44000") for at in range(many))
        assert not names.may_have("bruno", "44000")
        moved = {NUMBER("name"): ("Bruno", "")}
        await write(counter, [Operation(Kind.CUSTOMER, EntityId(bytes(8)), 2, moved)])
        assert names.may_have("bruno", "44000")
    assert counter.replica.namesakes is None


async def test_for_a_short_file_or_among_very_many_the_index_is_asked(counter: Counter) -> None:
    async with namesakes_known(counter.premises, LINES_MIN - 1) as names:
        assert names is None
    await write(counter, [anne(at) for at in range(CUSTOMERS_PER_LINE_MAX * LINES_MIN + 1)])
    async with namesakes_known(counter.premises, LINES_MIN) as names:
        assert names is None


async def test_a_large_file_tells_of_those_who_are_there_under_the_same_name(counter: Counter) -> None:
    """As a short file does: somebody from before, and somebody of the file itself."""
    await write(counter, [anne(at) for at in range(3)])
    names = ["Anne1", "Zoe", *(f"Paul{at}" for at in range(LINES_MIN)), "Zoe", "Anne2"]
    file = "Nom;Prénom;Code postal;Mobile\r\n" + "".join(
        f"Durand;{name};44000;06 39 98 {at // 100:02d} {at % 100:02d}\r\n" for at, name in enumerate(names)
    )

    async def chunks() -> AsyncIterator[bytes]:
        yield file.encode()

    job = await counter.desks.imports.receive(counter.call("k"), Options(), chunks())
    async with asyncio.timeout(60):
        while job.state == "running":
            await asyncio.sleep(0.02)
            job = await counter.desks.imports.job(bytes.fromhex(job.id))
    lines = await counter.desks.imports.lines(bytes.fromhex(job.id), 0, limit=2 * LINES_MIN)
    said = [(one.line, one.sentence) for one in lines.remarks]
    assert [line for line, sentence in said if "likely a duplicate" in sentence] == [2, len(names), len(names) + 1]
