"""An import at head office whose process is killed again and again: no line is lost, none is done twice."""

import asyncio
import sys
from pathlib import Path

from daemon.cli.caller import Caller
from daemon.desk.import_lines import BESIDE_BYTES_MIN
from daemon.errors import NotRunning, PeerFault
from tests.fakes.head_office import PATIENCE_S, Site, copied_chain, running

LINES = 1500
KILLS = 3
NOTE = "vient le samedi " * 12


def jobs(site: Site) -> list[dict[str, int]]:
    """The imports, where somebody answers."""
    caller = Caller(site.state / "comptoir.sock")
    try:
        found: list[dict[str, int]] = caller.get("/imports")["imports"]
    except (NotRunning, PeerFault):
        return []
    finally:
        caller.close()
    return found


async def rows_beyond(site: Site, rows: int) -> int:
    """How far the import is, once it is further than `rows`."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await asyncio.to_thread(jobs, site)
            if found and found[0]["rows"] > rows:
                return found[0]["rows"]
            await asyncio.sleep(0.02)


async def run_and_kill(site: Site, rows: int, file: Path | None) -> int:
    """Start head office, hand it the file if there is one, kill it once it is further than `rows`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "daemon", "hub", "--config", str(site.config)),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=site.comptoir.surroundings(),
    )
    try:
        if file is not None:
            command = ("customers", "import", file, "--no-wait", "--config", site.config)
            async with asyncio.timeout(PATIENCE_S):
                while (await site.comptoir(*command)).code != 0:
                    pass  # it is not listening yet
        return await rows_beyond(site, rows)
    finally:
        process.kill()
        await process.wait()
        (site.state / "comptoir.sock").unlink(missing_ok=True)


async def test_an_import_that_is_killed_again_and_again_ends_with_every_line_done_once(
    chain: Path, tmp_path: Path
) -> None:
    hub, _ = copied_chain(chain, tmp_path)
    file = tmp_path / "clients.csv"
    lines = (
        f"K{number};Nom{number};Prénom{number};n{number}@example.fr;{number};{NOTE}\n" for number in range(1, LINES + 1)
    )
    file.write_text("Code;Nom;Prénom;E-mail;Points;Note\n" + "".join(lines), "utf-8")
    assert file.stat().st_size > BESIDE_BYTES_MIN, "a process reads it, and goes with the one that is killed"
    rows = 0
    for kill in range(KILLS):
        rows = await run_and_kill(hub, rows, file if kill == 0 else None)
        assert rows < LINES, "it was killed too late to prove anything"
    async with running(hub, "hub"):
        await rows_beyond(hub, LINES - 1)
        (job,) = await asyncio.to_thread(jobs, hub)
        assert (job["created"], job["rows"], job["skipped"]) == (LINES, LINES, 0)
        again = (await hub.comptoir("customers", "import", file, "--json", "--config", hub.config)).json
        assert (again["created"], again["completed"], again["unchanged"]) == (0, 0, LINES)
        shown = (await hub.comptoir("customers", "held", "K77", "-", "--config", hub.config)).out
        assert shown.count('"cause": "opening"') == 1
