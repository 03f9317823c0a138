"""A till that dies within a badge, for real: another process is killed with signal 9 and started again."""

import asyncio
import os
import sys
import textwrap
from pathlib import Path

import pytest

from daemon.domain.ids import EntityId
from daemon.domain.print_job import JobState
from daemon.domain.print_kind import AT_MOST_ONCE, JobKind
from daemon.drivers.simulated_printer import SimulatedModel, SimulatedPrinter
from daemon.store.database import open_database
from daemon.store.print_jobs import StoredPrintJobs

ROOT = Path(__file__).parent.parent.parent

PROGRAM = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from daemon.clock import SystemClock
    from daemon.desk.print_desk import PrintDesk, PrintRequest
    from daemon.domain.ids import EntityId
    from daemon.domain.print_kind import JobKind
    from daemon.drivers.escpos import PAPERS, Escpos
    from daemon.drivers.printer import LinePrinter, PrinterSetup
    from daemon.drivers.printer_lines import TcpLine
    from daemon.store.database import open_database
    from daemon.store.print_jobs import StoredPrintJobs
    from daemon.typed import to_json
    from tests.fakes.badges import ORDER

    async def main(database, port):
        line = TcpLine(host="127.0.0.1", port=int(port))
        printer = LinePrinter(PrinterSetup(name="counter", line=line, language=Escpos(paper=PAPERS[80])), SystemClock())
        async with open_database(Path(database)) as opened:
            tell = lambda change: print(change.state.value, flush=True)
            desk = PrintDesk([printer], StoredPrintJobs(opened), tell, SystemClock())
            helene = EntityId(b"helene00")
            await desk.request(
                PrintRequest(
                    request_key="press", kind=JobKind.BADGE, customer=helene, content=to_json(ORDER), printer="counter"
                )
            )
            await desk.run()

    asyncio.run(main(*sys.argv[1:]))
""")


async def run_till(database: Path, port: int, last_word: str) -> list[str]:
    """Start the till, kill it at this word; returns what it told before."""
    till = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(database),
        str(port),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert till.stdout
    told: list[str] = []
    async with asyncio.timeout(20):
        while last_word not in told:
            told.append((await till.stdout.readline()).decode().strip())
    till.kill()
    await till.wait()
    return told


@pytest.mark.feature("D4.2")
@pytest.mark.parametrize("instant", ["sending", "sent"])
async def test_a_till_killed_within_a_badge_asks_and_prints_no_second_one(tmp_path: Path, instant: str) -> None:
    assert JobKind.BADGE in AT_MOST_ONCE
    async with SimulatedPrinter(SimulatedModel(rows_per_s=1500)).serving() as machine:
        assert (await run_till(tmp_path / "till.db", machine.port, instant))[-1] == instant
        # The same press comes again with the restart, as a page does that got no answer.
        assert await run_till(tmp_path / "till.db", machine.port, "unknown") == ["unknown"]
        await asyncio.sleep(0.8)
        assert len(machine.tickets) <= 1
    async with open_database(tmp_path / "till.db") as opened:
        (job,) = await StoredPrintJobs(opened).recent(10)
    assert (job.state, job.customer) == (JobState.UNKNOWN, EntityId(b"helene00"))


async def test_a_till_killed_before_the_first_byte_prints_after_its_restart(tmp_path: Path) -> None:
    async with SimulatedPrinter().serving() as machine:
        machine.take_paper_out()
        assert (await run_till(tmp_path / "till.db", machine.port, "held"))[-1] == "held"
        machine.refill()
        assert await run_till(tmp_path / "till.db", machine.port, "printed") == ["sending", "sent", "printed"]
        assert len(machine.tickets) == 1
