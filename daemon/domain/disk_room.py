"""How little room on the disk of a till is too little: the doctor there and the fleet at head office say the same."""

from typing import Final

FREE_BYTES_LOW: Final = 1024**3
"""An upgrade copies the database before it changes it, a rescue makes it anew beside the damaged one.

For the database of a large chain either takes some hundred megabytes, and the journal grows beside it: with less room
than this there are weeks left to look, not days.
"""

FREE_BYTES_MIN: Final = 200 * 1024**2
"""Neither fits any more; a day of merging and a log that grows come near to where writing is refused."""


def is_low(free_bytes: int | None) -> bool:
    """Whether somebody should make room soon; what was never told is not low."""
    return free_bytes is not None and free_bytes < FREE_BYTES_LOW
