"""How long to wait before trying again: doubling, capped, spread."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """A retry policy; times in seconds."""

    first_s: float = 0.25
    max_s: float = 15.0

    def delay_s(self, failures: int, jitter: float) -> float:
        """Wait after `failures` failures in a row (1 is the first).

        `jitter` in [0, 1) takes off up to half, so that a shop's devices do not retry together.
        """
        full = min(self.max_s, self.first_s * 2.0 ** min(failures - 1, 32))
        return full * (1.0 - jitter / 2.0)
