import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.lifecycle import Supervisor, feed_watchdog, until_stopped


class FakeClock:
    """Time that passes when somebody sleeps; stops the sleeper after some turns."""

    def __init__(self, turns: int) -> None:
        self.slept: list[float] = []
        self._turns = turns

    def now_ms(self) -> int:
        return 0

    def monotonic_s(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) >= self._turns:
            raise asyncio.CancelledError
        await asyncio.sleep(0)


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind(str(tmp_path / "notify"))
        found.setblocking(False)
        yield found


def heard(ear: socket.socket) -> list[str]:
    words = []
    while True:
        try:
            words.append(ear.recv(4096).decode())
        except BlockingIOError:
            return words


def supervisor(ear: socket.socket, **environ: str) -> Supervisor:
    return Supervisor({"NOTIFY_SOCKET": ear.getsockname(), **environ})


def test_each_state_is_told_in_systemds_words(ear: socket.socket) -> None:
    told = supervisor(ear)
    told.ready("2 000 customers")
    told.status("head office:\n3 waiting")
    told.alive()
    told.stopping()
    assert heard(ear) == [
        "READY=1\nSTATUS=2 000 customers",
        "STATUS=head office: 3 waiting",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_an_abstract_socket_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0comptoir-test-{os.getpid()}")
        Supervisor({"NOTIFY_SOCKET": f"@comptoir-test-{os.getpid()}"}).ready()
        assert ear.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    "environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/notify"}, {"NOTIFY_SOCKET": "x" * 300}]
)
def test_telling_nobody_is_no_failure(environ: dict[str, str]) -> None:
    told = Supervisor(environ)
    told.ready("x")
    told.stopping()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
    ],
)
def test_the_watchdog_is_for_this_process_only(environ: dict[str, str], seconds: float) -> None:
    assert Supervisor(environ).watchdog_s == seconds


async def test_nobody_watching_means_no_feeding() -> None:
    async def never() -> bool:
        raise AssertionError

    await feed_watchdog(Supervisor({}), never, FakeClock(turns=1))


async def test_a_live_process_feeds_three_times_a_period(ear: socket.socket) -> None:
    clock = FakeClock(turns=4)

    async def alive() -> bool:
        return True

    with pytest.raises(asyncio.CancelledError):
        await feed_watchdog(supervisor(ear, WATCHDOG_USEC="30000000"), alive, clock)
    assert heard(ear) == ["WATCHDOG=1"] * 4
    assert clock.slept == [10.0] * 4


async def test_a_check_that_denies_fails_or_hangs_feeds_nothing_and_the_next_may(
    ear: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter(["no", "raise", "hang", "yes"])

    async def alive() -> bool:
        match next(answers):
            case "no":
                return False
            case "raise":
                raise KeyError("Sophie")
            case "hang":
                await asyncio.sleep(60)
            case _:
                pass
        return True

    with pytest.raises(asyncio.CancelledError):
        await feed_watchdog(supervisor(ear, WATCHDOG_USEC="60000"), alive, FakeClock(turns=4))
    assert heard(ear) == ["WATCHDOG=1"]
    assert caplog.messages == ["liveness-denied", "liveness-failed", "liveness-late within_s=0.02"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_and_the_doors_close_aloud(ear: socket.socket, number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with until_stopped(supervisor(ear)) as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await stop.wait()
        assert heard(ear) == []
        # the second signal is nobody's any more
        assert signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}
    assert heard(ear) == ["STOPPING=1"]
    assert signal.getsignal(signal.SIGTERM) == before


async def test_a_failure_inside_gives_the_signals_back(ear: socket.socket) -> None:
    with pytest.raises(KeyError):
        async with until_stopped(supervisor(ear)):
            raise KeyError
    assert heard(ear) == ["STOPPING=1"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
