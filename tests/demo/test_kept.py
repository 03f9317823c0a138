"""Processes kept as systemd keeps them: ready when they say so, back after they are killed, gone with the demo."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.demo import kept
from daemon.demo.kept import KeptProcess, ProcessState
from daemon.errors import PeerFault
from tests.fakes.mosquitto import free_port, listens

NOTIFIER = "tests.fakes.notifier"


@asynccontextmanager
async def keeping(process: KeptProcess) -> AsyncIterator[KeptProcess]:
    async with asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(process.run(), name=process.name)
        try:
            async with asyncio.timeout(20):
                await process.ready()
                yield process
        finally:
            keeper.cancel()


def notifier(tmp_path: Path, *how: str) -> KeptProcess:
    return KeptProcess("caisse-1", (NOTIFIER, *how), tmp_path / "journal", SystemClock())


async def killed(process: KeptProcess) -> None:
    """Kill it, and wait until the keeper has seen it."""
    ended = asyncio.Event()
    process.tell(lambda one: ended.set() if one.state is ProcessState.ENDED else None)
    assert process.kill()
    await ended.wait()
    assert not process.kill()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_is_ready_when_it_says_so_and_ends_with_the_block(tmp_path: Path) -> None:
    states: list[ProcessState] = []
    process = notifier(tmp_path)
    process.tell(lambda one: states.append(one.state))
    async with keeping(process):
        pid = process.pid
        assert pid is not None
        assert "caisse-1, ready" in repr(process)
        assert process.ready_after_s > 0
    assert states == [ProcessState.STARTING, ProcessState.READY, ProcessState.STOPPED]
    assert not is_alive(pid)
    assert process.last_words() == "here"


async def test_killed_it_comes_back_after_its_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "RESTART_S", 0.1)
    async with keeping(notifier(tmp_path)) as process:
        before = process.pid
        await killed(process)
        await process.ready()
        assert process.pid not in (None, before)


async def test_it_can_be_started_before_its_pause_is_over(tmp_path: Path) -> None:
    async with keeping(notifier(tmp_path)) as process:
        await killed(process)
        clock = SystemClock()
        begun_s = clock.monotonic_s()
        process.start()
        await process.ready()
        assert clock.monotonic_s() - begun_s < kept.RESTART_S


async def test_one_that_does_not_listen_to_reason_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "STOP_S_MAX", 0.2)
    async with keeping(notifier(tmp_path, "deaf")) as process:
        pid = process.pid
    assert pid is not None
    assert not is_alive(pid)


async def test_one_that_never_starts_is_a_fault_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as group:
        async with keeping(notifier(tmp_path, "doomed")):
            pass
    assert group.group_contains(PeerFault, match="caisse-1 does not start: the port is taken")


async def test_one_that_is_not_ready_in_time_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "READY_S_MAX", 0.01)
    with pytest.raises(PeerFault, match="not ready after 0 s: it said nothing"):
        await notifier(tmp_path).ready()


async def test_a_program_without_sd_notify_is_ready_when_it_listens(tmp_path: Path) -> None:
    port = free_port()
    program = ("http.server", str(port), "--bind", "127.0.0.1")
    async with keeping(KeptProcess("broker", program, tmp_path / "journal", SystemClock(), port=port)):
        assert listens(port)
    assert not listens(port)


async def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from daemon.clock import SystemClock\n"
        "from daemon.demo.kept import KeptProcess\n"
        "async def main():\n"
        f"    process = KeptProcess('caisse-1', ({NOTIFIER!r},), pathlib.Path(sys.argv[1]), SystemClock())\n"
        "    async with asyncio.TaskGroup() as tasks:\n"
        "        tasks.create_task(process.run())\n"
        "        await process.ready()\n"
        "        print(process.pid, flush=True)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", script, tmp_path / "journal"), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    await parent.communicate()
    async with asyncio.timeout(5):
        while is_alive(pid):  # noqa: ASYNC110 - the end of a grandchild is no event of this loop
            await asyncio.sleep(0.02)
