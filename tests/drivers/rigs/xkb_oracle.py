"""What each key types, asked of libxkbcommon: the oracle of `daemon/drivers/key_layouts.json`, and what makes it.

Run as `python -m tests.drivers.rigs.xkb_oracle` to write that file again.
"""

import ctypes
import json
import sys
from pathlib import Path
from typing import Any, Final

TABLE: Final = Path(__file__).parents[3] / "daemon" / "drivers" / "key_layouts.json"
LIBRARY: Final = "libxkbcommon.so.0"
LAYOUTS: Final = ("us", "fr", "be")
KEYS: Final = (*range(2, 14), *range(16, 28), *range(30, 42), *range(43, 54), 55, 57, *range(71, 84), 86, 98)
"""Codes of linux/input-event-codes.h that type something; those of Enter, Tab and the modifiers are none of them."""

EVDEV_OFFSET: Final = 8
"""XKB counts from 8 (the X11 protocol)."""

LEFT_SHIFT, RIGHT_ALT, CAPS_LOCK, NUM_LOCK = 42, 100, 58, 69


class _Names(ctypes.Structure):
    _fields_ = (
        ("rules", ctypes.c_char_p),
        ("model", ctypes.c_char_p),
        ("layout", ctypes.c_char_p),
        ("variant", ctypes.c_char_p),
        ("options", ctypes.c_char_p),
    )


class Keyboard:
    """A keyboard of one layout, whose keys are pressed one after another."""

    def __init__(self, layout: str) -> None:
        self._xkb = library()
        context = self._xkb.xkb_context_new(0)
        names = _Names(b"evdev", b"pc105", layout.encode(), b"", b"")
        self._keymap = self._xkb.xkb_keymap_new_from_names(ctypes.c_void_p(context), ctypes.byref(names), 0)
        assert self._keymap, f"libxkbcommon knows no layout {layout}: is xkb-data installed?"

    def typed(self, code: int, *, shift: bool = False, altgr: bool = False, caps: bool = False) -> str:
        """What one key types with these modifiers, on a keyboard whose digits block is on."""
        state = ctypes.c_void_p(self._xkb.xkb_state_new(ctypes.c_void_p(self._keymap)))
        for lock, is_on in ((NUM_LOCK, True), (CAPS_LOCK, caps)):
            for direction in (1, 0) if is_on else ():
                self._xkb.xkb_state_update_key(state, lock + EVDEV_OFFSET, direction)
        for modifier, is_on in ((LEFT_SHIFT, shift), (RIGHT_ALT, altgr)):
            if is_on:
                self._xkb.xkb_state_update_key(state, modifier + EVDEV_OFFSET, 1)
        buffer = ctypes.create_string_buffer(16)
        self._xkb.xkb_state_key_get_utf8(state, code + EVDEV_OFFSET, buffer, 16)
        self._xkb.xkb_state_unref(state)
        return buffer.value.decode()


def library() -> Any:
    """libxkbcommon; raises OSError where it is not installed."""
    found = ctypes.CDLL(LIBRARY)
    for name in ("xkb_context_new", "xkb_keymap_new_from_names", "xkb_state_new"):
        getattr(found, name).restype = ctypes.c_void_p
    return found


def table() -> dict[str, dict[str, list[str]]]:
    """By layout and key code: what it types by shift + 2 × AltGr + 4 × Caps Lock; a dead key types nothing."""
    return {layout: _layout(Keyboard(layout)) for layout in LAYOUTS}


def _layout(keyboard: Keyboard) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code in KEYS:
        levels = [
            keyboard.typed(code, shift=bool(level & 1), altgr=bool(level & 2), caps=bool(level & 4))
            for level in range(8)
        ]
        if any(text.isprintable() and text for text in levels):
            found[str(code)] = [text if text.isprintable() else "" for text in levels]
    return found


def rendered() -> str:
    """The file's content: a line for each key."""
    layouts = [
        f' "{layout}": {{\n'
        + ",\n".join(f'  "{code}": {json.dumps(levels, ensure_ascii=False)}' for code, levels in keys.items())
        + "\n }"
        for layout, keys in table().items()
    ]
    return "{\n" + ",\n".join(layouts) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(rendered(), "utf-8")
    sys.stderr.write(f"{TABLE} written\n")
