"""Which sums are to be counted again: those that were found wrong twice, while every row of the file could be read.

A row whose key has flipped is not among those of its account. Counted without it, a holder has what it has spent or
passed on, and spends it once more; head office would take what is missing for a debt. The row is met somewhere in the
same look through the file, or in the next. Pure.
"""


class DoubtedSums:
    """What the looks through the file have found; begun anew with each process."""

    def __init__(self) -> None:
        self._before: frozenset[bytes] = frozenset()
        self._now: set[bytes] = set()
        self._is_sound = True

    def damaged(self) -> None:
        """A row of this look was damaged, whether it could be mended or not."""
        self._is_sound = False

    def wrong(self, account: bytes) -> bool:
        """The sums of an account are not those of its rows; answers whether they are to be counted again."""
        self._now.add(account)
        return self._is_sound and account in self._before

    def through(self) -> None:
        """The look is at its end, the next one begins."""
        self._before = frozenset(self._now) if self._is_sound else frozenset()
        self._now, self._is_sound = set(), True
