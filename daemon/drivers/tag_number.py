"""The number inside a 125 kHz tag (EM4100), and the three ways in which shops see it printed. Pure.

One tag, three numbers: `010063E9AE` is what the tag holds, `0006547886` its last four bytes in decimal digits,
`099,59822` its last three as Wiegand-26 sends them. The same tag must give the same text on every reader of a chain, so
each driver is told which of the three to give.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

Rendering = Literal["tag", "label", "facility"]

TAG_BYTES: Final = 5


def rendered(number: bytes, rendering: Rendering) -> str:
    """The text of a tag whose last bytes are `number`; as many of them as the rendering needs, or more."""
    assert len(number) >= BYTES_NEEDED[rendering]
    return _RENDERINGS[rendering](number)


def _label(number: bytes) -> str:
    return f"{int.from_bytes(number[-4:], 'big'):010d}"


def _facility(number: bytes) -> str:
    return f"{number[-3]:03d},{int.from_bytes(number[-2:], 'big'):05d}"


_RENDERINGS: Final[Mapping[Rendering, Callable[[bytes], str]]] = {
    "tag": lambda number: number[-TAG_BYTES:].hex().upper(),
    "label": _label,
    "facility": _facility,
}

BYTES_NEEDED: Final[Mapping[Rendering, int]] = {"tag": 5, "label": 4, "facility": 3}
