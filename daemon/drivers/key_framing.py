"""From the events of an input device to the keys of one scan. Sans-IO; time is an argument.

An event is 24 bytes on 64-bit machines: time (16), type (2), code (2), value (4) (linux/input.h); codes are those of
linux/input-event-codes.h. Enter or Tab ends a scan.
"""

import struct
from typing import Final

from typing_extensions import override

from daemon.drivers.device import Refusal
from daemon.drivers.framing import SETTLE_MS, BadFrame, Frame
from daemon.drivers.key_layouts import WITH_CONTROL

EVENT: Final = struct.Struct("@qqHHi")
KEYS_MAX: Final = 512

_SYNCHRONISATION, _KEY = 0, 1
_DROPPED: Final = 3
"""Of a synchronisation: the kernel's buffer was full, and events are missing."""

_RELEASED, _PRESSED = 0, 1
_ENDS: Final = frozenset({28, 96, 15})
"""Enter, the Enter of the digits, Tab."""
_SHIFTS: Final = frozenset({42, 54})
_ALTGR: Final = frozenset({100})
_CONTROLS: Final = frozenset({29, 97})
_OTHERS: Final = frozenset({56, 125, 126})
"""Alt and the logo keys: no code is typed with them."""
_CAPS_LOCK: Final = 58
_SILENT: Final = frozenset({69, 70})
"""Num Lock and Scroll Lock type nothing."""


class KeyFramer:
    """Bytes in, frames out: of each key its code and its level (`daemon.drivers.key_layouts`), one after another."""

    def __init__(self, idle_ms: int) -> None:
        self._idle_ms = idle_ms
        self._event = bytearray()
        self._keys = bytearray(2 * KEYS_MAX)
        self._length = 0
        self._held: set[int] = set()
        self._is_caps = False
        self._fault: Refusal | None = None
        self._last_byte_ms = 0
        self._settles_ms = -1

    @override
    def __repr__(self) -> str:
        return f"KeyFramer({'discarding' if self._fault else f'holding {self._length // 2} keys'})"

    @property
    def due_ms(self) -> int | None:
        """When silence ends what was begun; None while nothing is."""
        return self._last_byte_ms + self._idle_ms if self._length or self._fault or self._event else None

    def opened(self, now_ms: int) -> None:
        """The device was opened just now; keys that come at once are the rest of a scan."""
        self._settles_ms = now_ms + SETTLE_MS

    def feed(self, data: bytes, now_ms: int) -> list[Frame | BadFrame]:
        """Take bytes that arrived at `now_ms` (monotonic), or none, and give what they complete."""
        due_ms = self.due_ms
        found: list[Frame | BadFrame] = [*self.close()] if due_ms is not None and now_ms >= due_ms else []
        if data:
            self._last_byte_ms = now_ms
        for byte in data:
            self._event.append(byte)
            if len(self._event) == EVENT.size:
                _, _, kind, code, value = EVENT.unpack(self._event)
                self._event.clear()
                found += self._take(kind, code, value)
        return found

    def close(self) -> list[BadFrame]:
        """The device is gone, or silent: give up what was begun."""
        is_cut = bool(self._length) or self._fault is not None
        bad = BadFrame(reason=self._fault or Refusal.CUT, length=self._length // 2)
        self._event.clear()
        self._wipe()
        return [bad] if is_cut else []

    def _take(self, kind: int, code: int, value: int) -> list[Frame | BadFrame]:
        if kind == _SYNCHRONISATION and code == _DROPPED:
            self._held.clear()
            self._fault = Refusal.CUT
        if kind != _KEY:
            return []
        if value == _RELEASED:
            self._held.discard(code)
        elif value == _PRESSED:
            return self._press(code)
        return []

    def _press(self, code: int) -> list[Frame | BadFrame]:
        if code in _SHIFTS | _ALTGR | _CONTROLS | _OTHERS:
            self._held.add(code)
        elif code == _CAPS_LOCK:
            self._is_caps = not self._is_caps
        elif code in _ENDS:
            return self._complete()
        elif code not in _SILENT and self._fault is None:
            self._keep(code)
        return []

    def _keep(self, code: int) -> None:
        level = self._level()
        if self._length == 0 and self._last_byte_ms < self._settles_ms:
            self._fault = Refusal.CUT
        elif level is None or code > 0xFF:
            self._fault = Refusal.CONTROL_BYTE
        elif self._length == len(self._keys):
            self._fault = Refusal.OVERLONG
        else:
            self._keys[self._length : self._length + 2] = bytes([code, level])
            self._length += 2

    def _level(self) -> int | None:
        """Of the modifiers that are held; None where they type nothing together."""
        if self._held & _OTHERS:
            return None
        if self._held & _CONTROLS:
            return WITH_CONTROL
        return bool(self._held & _SHIFTS) + 2 * bool(self._held & _ALTGR) + 4 * self._is_caps

    def _complete(self) -> list[Frame | BadFrame]:
        if self._fault is not None:
            return [*self.close()]
        keys = bytes(self._keys[: self._length])
        self._wipe()
        return [Frame(data=keys)] if keys else []

    def _wipe(self) -> None:
        self._keys[:] = bytes(len(self._keys))
        self._length = 0
        self._fault = None
