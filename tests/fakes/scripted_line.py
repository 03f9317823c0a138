"""A line of bytes that plays a script: chunks, pauses, and an unplug at the end."""

from collections.abc import Iterable

from daemon.errors import DeviceAbsent
from tests.fakes.stepped_clock import SteppedClock


class ScriptedLine:
    """Implements `daemon.drivers.device.ByteTransport`. A number in the script is a pause in milliseconds."""

    def __init__(self, script: Iterable[bytes | int], clock: SteppedClock) -> None:
        self._script = iter(script)
        self._clock = clock
        self.written = b""

    async def read(self) -> bytes:
        for step in self._script:
            if isinstance(step, bytes):
                return step
            self._clock.jump(step / 1000)
        raise DeviceAbsent("the scripted line was unplugged")

    async def write(self, data: bytes) -> None:
        self.written += data
