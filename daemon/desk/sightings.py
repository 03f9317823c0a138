"""Cards that a reader of this till has just read, until a visit takes them up: in memory, for two minutes."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Final

KEPT_MS: Final = 2 * 60_000
"""From the scan to the visit that it begins."""
MOST: Final = 32


class Sightings:
    """Whose card was just read. Written by who hears the readers, read in transactions on their thread."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, int] = OrderedDict()
        self._turn = Lock()

    def seen(self, customer: bytes, now_ms: int) -> None:
        """A card of this customer was read."""
        with self._turn:
            self._seen.pop(customer, None)
            self._seen[customer] = now_ms
            while len(self._seen) > MOST:
                self._seen.popitem(last=False)

    def take(self, customers: Iterable[bytes], now_ms: int) -> bool:
        """Whether a card of one of these was read just now; it serves one visit."""
        with self._turn:
            found = [self._seen.pop(one) for one in customers if one in self._seen]
        return any(0 <= now_ms - at_ms < KEPT_MS for at_ms in found)
