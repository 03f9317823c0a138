"""Keeps every configured device open: one named task each, which opens, runs, waits and opens again.

No failure of a device, and no bug of a driver, ends the daemon or touches another device.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from daemon.backoff import Backoff
from daemon.cancellation import stop_if_cancelled
from daemon.clock import Clock, jitter
from daemon.drivers.device import (
    AnyReader,
    Candidate,
    CardRead,
    DeviceHealth,
    DeviceState,
    ReaderEvent,
    ReadRefused,
    Refusal,
)
from daemon.drivers.event_queue import EventQueue
from daemon.drivers.failure import place_of
from daemon.errors import ComptoirError, DeviceAbsent, OperatorMistake

STEADY_S: Final = 5.0
"""A session shorter than this counts as one more failure: a loose plug must not be opened four times a second."""

PATH_LOOK_S: Final = 0.25
"""How often a waiting device looks whether its path appeared, where udev tells nothing (a stat costs 2 µs)."""

REPEATS_TOLD_S: Final = 1.0
"""A tag that lies on its reader is repeated twenty times a second: counted each time, told once in a while."""

_NOT_DAMAGE: Final = frozenset({Refusal.PAYMENT_CARD, Refusal.ADD_ON, Refusal.NO_NUMBER, Refusal.RANDOM_NUMBER})
"""Refusals of what was read well."""


_Identity = tuple[int, int, int]


@dataclass(kw_only=True)
class _Tally:
    """What is known of one device since the daemon started."""

    state: DeviceState = DeviceState.CONNECTING
    detail: str = ""
    last_read_ms: int | None = None
    bad_frames: int = 0
    suppressed: int = 0
    sessions: int = 0
    refused_full: int = 0


@dataclass(kw_only=True)
class _Supervised:
    """One device, and what wakes its task."""

    reader: AnyReader
    tally: _Tally = field(default_factory=_Tally)
    plugged: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    repeats_told_s: float = 0.0
    """When its repetitions were told last (monotonic)."""

    def health(self) -> DeviceHealth:
        tally = self.tally
        return DeviceHealth(
            device=self.reader.device,
            state=tally.state,
            detail=tally.detail,
            last_read_ms=tally.last_read_ms,
            bad_frames=tally.bad_frames,
            suppressed=tally.suppressed,
            reconnects=max(0, tally.sessions - 1),
            refused_full=tally.refused_full,
        )


class Supervisor:
    """The readers of one daemon. `run` until cancelled; `wake` from hot-plug."""

    def __init__(
        self,
        readers: Sequence[AnyReader],
        events: EventQueue,
        clock: Clock,
        *,
        backoff: Backoff | None = None,
        chance: Callable[[], float] = jitter,
    ) -> None:
        """Raise OperatorMistake when two readers share a name. `chance` in [0, 1) spreads retries."""
        self._devices = {reader.device: _Supervised(reader=reader) for reader in readers}
        if len(self._devices) != len(readers):
            raise OperatorMistake("two devices have the same name", field="name")
        self._events = events
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._chance = chance

    @override
    def __repr__(self) -> str:
        states = ", ".join(f"{name}: {device.tally.state}" for name, device in self._devices.items())
        return f"Supervisor({states})"

    def healths(self) -> tuple[DeviceHealth, ...]:
        """How every device is now, in the order of the configuration."""
        return tuple(device.health() for device in self._devices.values())

    def wake(self, candidate: Candidate) -> None:
        """Something was plugged in: whoever may be meant tries at once, and is impatient again."""
        for device in self._devices.values():
            if _may_be(device.reader, candidate):
                device.plugged.set()

    async def run(self) -> None:
        """Serve all devices until cancelled; returns at once where none is configured."""
        async with asyncio.TaskGroup() as tasks:
            for name, device in self._devices.items():
                self._events.put(device.health())
                tasks.create_task(self._keep(device), name=f"device {name}")

    async def _keep(self, device: _Supervised) -> None:
        while True:
            device.plugged.clear()
            found = _identity(device.reader)
            started_s = self._clock.monotonic_s()
            await self._session(device)
            stop_if_cancelled()
            steady = self._clock.monotonic_s() - started_s >= STEADY_S
            device.failures = 1 if steady else device.failures + 1
            await self._wait(device, found)

    async def _session(self, device: _Supervised) -> None:
        """Open and run once; returns when it is over, with the reason in the device's health."""
        try:
            async with device.reader.open() as transport:
                device.tally.sessions += 1
                self._say(device, DeviceState.UP, "")
                await device.reader.run(transport, lambda event: self._take(device, event))
            self._say(device, DeviceState.CONNECTING, "the driver ended its session")
        except DeviceAbsent as absent:
            self._say(device, DeviceState.ABSENT, str(absent))
        except ComptoirError as fault:
            self._say(device, DeviceState.ERROR, str(fault))
        except Exception as bug:  # noqa: BLE001 - a driver, perhaps a third party's, must not end the daemon
            self._say(device, DeviceState.ERROR, place_of(bug))

    def _take(self, device: _Supervised, event: ReaderEvent) -> None:
        """Count, and pass on what concerns anybody else."""
        tally = device.tally
        if isinstance(event, CardRead):
            tally.last_read_ms = self._clock.now_ms()
            if self._events.put(event):
                return
            tally.refused_full += 1
        elif isinstance(event, ReadRefused):
            tally.bad_frames += event.reason not in _NOT_DAMAGE
            self._events.put(event)
        else:
            tally.suppressed += 1
            if not self._tells_repeats(device):
                return
        self._events.put(device.health())

    def _tells_repeats(self, device: _Supervised) -> bool:
        """Whether it is time again to say how often a device has repeated itself."""
        now_s = self._clock.monotonic_s()
        if device.tally.suppressed > 1 and now_s - device.repeats_told_s < REPEATS_TOLD_S:
            return False
        device.repeats_told_s = now_s
        return True

    def _say(self, device: _Supervised, state: DeviceState, detail: str) -> None:
        if (state, detail) != (device.tally.state, device.tally.detail):
            device.tally.state, device.tally.detail = state, detail
            self._events.put(device.health())

    async def _wait(self, device: _Supervised, found: _Identity | None) -> None:
        """Back off, unless it is plugged in meanwhile; `found` stood at its path before it was opened."""
        delay_s = self._backoff.delay_s(device.failures, self._chance())
        async with asyncio.TaskGroup() as race:
            patience = race.create_task(self._clock.sleep(delay_s), name="back-off")
            told = race.create_task(device.plugged.wait(), name="told by udev")
            seen = race.create_task(self._appears(device.reader, found), name="path appears")
            await asyncio.wait((patience, told, seen), return_when=asyncio.FIRST_COMPLETED)
            if told.done() or seen.done():
                device.failures = 0
            for task in (patience, told, seen):
                task.cancel()

    async def _appears(self, reader: AnyReader, known: _Identity | None) -> None:
        """Return once something new is at the path of `reader`."""
        while True:
            now = _identity(reader)
            if now not in (None, known):
                return
            known = now
            await self._clock.sleep(PATH_LOOK_S)


def _identity(reader: AnyReader) -> _Identity | None:
    """What stands at its path: a device that is plugged in again gets a new node, often under the old name."""
    try:
        path = reader.watched_path
        status = path.stat() if path else None
    except Exception:  # noqa: BLE001 - nothing is there, or a third party's bug: its path is then no news
        return None
    if status is None:
        return None
    return status.st_dev, status.st_ino, status.st_ctime_ns


def _may_be(reader: AnyReader, candidate: Candidate) -> bool:
    try:
        return reader.match(candidate) > 0
    except Exception:  # noqa: BLE001 - a third party's bug; to try in vain costs nothing
        return True
