"""The life of the process under systemd: ready, alive, stopping; and the signals that end it.

The composition root says when it is ready and what alive means; here is only how that is told (sd_notify(3)).
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

from daemon.clock import Clock
from daemon.journal import event, failure

log = logging.getLogger(__name__)

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_FEEDS_PER_PERIOD: Final = 3
"""systemd asks for two at least; the third allows for one late check."""


class Supervisor:
    """Who started the process and wants to hear of it: systemd by its socket, or nobody. Telling never fails."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environ)
        """The silence after which systemd kills the process; 0 when nobody watches."""

    def ready(self, status: str = "") -> None:
        """All doors are open: units that wait for this one may start."""
        self._tell("READY=1", status)

    def status(self, status: str) -> None:
        """One line for `systemctl status`, without personal data."""
        self._tell("", status)

    def alive(self) -> None:
        """Feed the watchdog."""
        self._tell("WATCHDOG=1", "")

    def stopping(self) -> None:
        """The process is closing its doors."""
        self._tell("STOPPING=1", "")

    def _tell(self, state: str, status: str) -> None:
        if not self._address:
            return
        lines = [state] if state else []
        if status:
            lines.append(f"STATUS={' '.join(status.split())}")
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.setblocking(False)
            line.connect(self._address)
            line.send("\n".join(lines).encode())


@asynccontextmanager
async def until_stopped(supervisor: Supervisor) -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM or SIGINT sets; leaving the block tells the supervisor and gives the signals back.

    A second signal while the doors close has its usual effect: Ctrl-C twice ends the process at once.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked(number: signal.Signals) -> None:
        event(log, "stop-asked", signal=number.name)
        stop.set()
        for one in _SIGNALS:
            loop.remove_signal_handler(one)

    for number in _SIGNALS:
        loop.add_signal_handler(number, asked, number)
    try:
        yield stop
    finally:
        supervisor.stopping()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def feed_watchdog(supervisor: Supervisor, is_alive: Callable[[], Awaitable[bool]], clock: Clock) -> None:
    """Feed systemd's watchdog after each look at `is_alive`; runs for ever in the root's task group.

    A check that says no, fails, or does not answer within its share of the period is told and feeds nothing: when that
    lasts, systemd kills the process and starts it anew. Returns at once when nobody watches.
    """
    share_s = supervisor.watchdog_s / _FEEDS_PER_PERIOD
    while share_s:
        if await _answers(is_alive, share_s):
            supervisor.alive()
        await clock.sleep(share_s)


async def _answers(is_alive: Callable[[], Awaitable[bool]], within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            alive = await is_alive()
    except TimeoutError:
        event(log, "liveness-late", logging.WARNING, within_s=within_s)
        return False
    except Exception as broken:  # noqa: BLE001  whatever the check meets, it means: not alive
        failure(log, "liveness-failed", broken)
        return False
    if not alive:
        event(log, "liveness-denied", logging.WARNING)
    return alive


def _watchdog_s(environ: Mapping[str, str]) -> float:
    """WATCHDOG_USEC, unless WATCHDOG_PID names another process (sd_watchdog_enabled(3))."""
    pid, period_us = environ.get("WATCHDOG_PID", ""), environ.get("WATCHDOG_USEC", "")
    if (pid and pid != str(os.getpid())) or not period_us.isdecimal():
        return 0.0
    return int(period_us) / 1_000_000
