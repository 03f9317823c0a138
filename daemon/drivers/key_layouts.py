"""What the keys of a scanner's keyboard type, by layout. The table is made by libxkbcommon, and tested against it.

`python -m tests.drivers.rigs.xkb_oracle` makes `key_layouts.json` again. A scanner that types as on a French keyboard
must be read as one, whatever the layout of this machine is.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

LayoutName = Literal["us", "fr", "be"]
LAYOUTS: Final[tuple[LayoutName, ...]] = ("us", "fr", "be")

SET_UP_CODE: Final = "AZ-019"
"""Typed by other keys in each layout: whoever sees its keys knows the layout."""

Layout: TypeAlias = Mapping[int, tuple[str, ...]]
"""By key code: what it types by shift + 2 x AltGr + 4 x Caps Lock; nothing for a dead key."""

WITH_CONTROL: Final = 8
"""Instead of a level: Control was held. Scanners send the separator of GS1 codes as Control and the key of `]`."""

_GROUP_SEPARATOR: Final = "\x1d"
_TABLE: Final = Path(__file__).with_name("key_layouts.json")


def layout(name: LayoutName) -> Layout:
    """The layout of this name."""
    table = json.loads(_TABLE.read_text("utf-8"))[name]
    return {int(code): tuple(levels) for code, levels in table.items()}


def text_of(keys: bytes, typed: Layout) -> str | None:
    """What `keys` type: code and level of each, one after another. None when one of them types nothing."""
    parts = [_one(code, level, typed) for code, level in zip(keys[::2], keys[1::2], strict=True)]
    return "".join(parts) if all(parts) else None


def _one(code: int, level: int, typed: Layout) -> str:
    levels = typed.get(code)
    if levels is None:
        return ""
    if level == WITH_CONTROL:
        return _GROUP_SEPARATOR if "]" in levels else ""
    return levels[level]


def layouts_typing(keys: bytes, text: str = SET_UP_CODE) -> list[LayoutName]:
    """The layouts in which `keys` type `text`; none for a scanner of another layout, or set to send other keys."""
    return [name for name in LAYOUTS if text_of(keys, layout(name)) == text]
