"""The embedded broker as a process: starts, speaks MQTT 5 on loopback alone, dies when told or orphaned."""

import asyncio
import os
import signal
import socket
import sys

import pytest

from daemon.clock import SystemClock
from daemon.demo.broker import main, running_broker
from daemon.errors import PeerFault
from daemon.sync.link import LinkSettings
from daemon.sync.mqtt import connect
from tests.fakes.mosquitto import free_port, listens


def settings(port: int) -> LinkSettings:
    return LinkSettings(host="127.0.0.1", port=port, client_id="7", subscriptions=("t",))


async def test_it_is_ready_when_the_block_begins_and_gone_when_it_ends() -> None:
    port = free_port()
    async with running_broker(port), connect(settings(port)) as link:
        await link.publish("t", bytes(100_000), expiry_s=60)
        assert len((await anext(link.incoming)).payload) == 100_000
    assert not listens(port)


async def test_killed_it_comes_back_on_the_same_port() -> None:
    port = free_port()
    async with running_broker(port) as broker:
        await broker.kill()
        assert not listens(port)
        async with running_broker(port), connect(settings(port)) as link:
            await link.publish("t", b"", expiry_s=60)


async def test_a_frozen_one_is_stopped_all_the_same() -> None:
    clock = SystemClock()
    async with running_broker(free_port()) as broker:
        broker.freeze()
        before_s = clock.monotonic_s()
    assert clock.monotonic_s() - before_s < 2.0


async def test_it_serves_this_machine_alone() -> None:
    port = free_port()
    async with running_broker(port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            outside = probe.getsockname()[0]
        if outside.startswith("127."):
            pytest.skip("this machine has no address but loopback")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(outside, port)


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "daemon.demo.broker", str(port)), stderr=asyncio.subprocess.PIPE
        )
        _, complaint = await process.communicate()
    assert (process.returncode, complaint.decode()) == (2, f"port {port} is in use\n")


async def test_a_broker_that_cannot_start_is_a_peers_fault() -> None:
    with socket.socket() as taken:
        # Bound but not listening: nobody answers, and nobody else may listen.
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(PeerFault, match="the embedded broker ended at once"):
            async with running_broker(taken.getsockname()[1]):
                pass


async def test_it_ends_with_its_parent() -> None:
    port = free_port()
    script = (
        "import asyncio\n"
        "from daemon.demo.broker import running_broker\n"
        "async def main():\n"
        f"    async with running_broker({port}):\n"
        "        print('ready', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"ready\n"
    os.kill(parent.pid, signal.SIGKILL)
    await parent.communicate()
    async with asyncio.timeout(5):
        while listens(port):  # noqa: ASYNC110 - the end of a grandchild is no event of this loop
            await asyncio.sleep(0.02)


def test_without_the_wheel_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "iotcore", None)
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        assert main([str(free_port())]) == 2
    finally:
        signal.signal(signal.SIGINT, interrupt)
    assert capsys.readouterr().err == "the embedded broker is not installed: install comptoir[demo]\n"
