"""The door to iotcore: an MQTT 5 broker (rumqttd in a wheel) for the demo and for tests without mosquitto.

It keeps nothing on disk, checks no certificate and knows no access list: never for a shop. It runs as a process of its
own, so that the demo can kill it like any broker: `python -P -m daemon.demo.broker PORT`.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from daemon.cancellation import waited_for
from daemon.errors import ComptoirError, OperatorMistake, PeerFault

READY_S = 10.0
STOP_S = 3.0
POLL_S = 0.02

# `[v5.…]` alone: rumqttd's other sections speak MQTT 3.1.1, which cannot refuse a publish. Without `listen` it would
# serve the whole network.
_CONFIGURATION = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 10485760
max_segment_count = 10

[v5.1]
name = "demo"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = 131072
max_inflight_count = 200
dynamic_filters = true
"""


class EmbeddedBroker:
    """The broker's process, seen from its parent."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self._process = process

    def freeze(self) -> None:
        """Stop answering without closing anything; returns once it stands still, which takes time."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    async def kill(self) -> None:
        """End as in a power cut."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """End, by force if it does not listen; harmless when it has ended."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            await waited_for(self._process.wait(), STOP_S)
        await self.kill()

    async def ready(self) -> None:
        """Wait until it listens; raises PeerFault when it ends before, or takes too long."""
        try:
            async with asyncio.timeout(READY_S):
                while not await _listens(self.port):
                    if self._process.returncode is not None:
                        raise PeerFault(f"the embedded broker ended at once; is port {self.port} in use?")
                    await asyncio.sleep(POLL_S)
        except TimeoutError as late:
            raise PeerFault(f"the embedded broker does not listen on port {self.port}") from late


@asynccontextmanager
async def running_broker(port: int) -> AsyncIterator[EmbeddedBroker]:
    """Run the broker on 127.0.0.1:`port` in a process that ends with this block, or with us if we are killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "daemon.demo.broker", str(port), "--with-parent"), stdin=asyncio.subprocess.PIPE
    )
    broker = EmbeddedBroker(process, port)
    try:
        await broker.ready()
        yield broker
    finally:
        await broker.stop()


def main(arguments: Sequence[str]) -> int:
    """Serve until killed; 2 with one sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -P -m daemon.demo.broker", description=__doc__)
    parser.add_argument("port", type=int, help="port on 127.0.0.1")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    wanted = parser.parse_args(arguments)
    if wanted.with_parent:
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    # Ctrl-C reaches the whole group: a parent ends its broker last, after those who use it. Alone, we end at once;
    # Python's own handler would wait for a bytecode that never runs while Rust serves.
    signal.signal(signal.SIGINT, signal.SIG_IGN if wanted.with_parent else signal.SIG_DFL)
    try:
        _serve(wanted.port)
    except ComptoirError as mistake:
        sys.stderr.write(f"{mistake}\n")
        return 2
    return 0


def _serve(port: int) -> None:
    try:
        from iotcore import IotCoreBroker
    except ImportError as absent:
        raise OperatorMistake("the embedded broker is not installed: install comptoir[demo]") from absent
    # rumqttd reports every packet as an error span.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "broker.toml"
        file.write_text(_CONFIGURATION.format(port=port))
        broker = IotCoreBroker(config_path=str(file))
    try:
        broker.check_ports()
    except OSError as taken:
        raise OperatorMistake(f"port {port} is in use") from taken
    broker.run_forever()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
