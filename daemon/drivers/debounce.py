"""Telling a repetition from a second reading. Pure; time is an argument.

Two rules, because two kinds of reader repeat for two reasons: a tag that lies in the field is sent every 50 ms for as
long as it lies there; a barcode scanner reads a label twice in one press.
"""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override


@dataclass(frozen=True, kw_only=True, slots=True)
class DebounceRule:
    """When the same text is the same reading."""

    window_ms: int
    renewed: bool
    """Whether each repetition starts the window again: presence counts from the last frame, a press from the first."""


PRESENCE: Final = DebounceRule(window_ms=500, renewed=True)
SCANNER: Final = DebounceRule(window_ms=400, renewed=False)


class Debounce:
    """Remembers the texts of one window; each text for itself, so that two tags in one field are each read once."""

    def __init__(self, rule: DebounceRule) -> None:
        self._rule = rule
        self._since_ms: dict[str, int] = {}

    @override
    def __repr__(self) -> str:
        return f"Debounce({len(self._since_ms)} texts within {self._rule.window_ms} ms)"

    def is_new(self, text: str, now_ms: int) -> bool:
        """Whether `text`, read at `now_ms` (monotonic milliseconds), is a reading of its own."""
        self._since_ms = {
            seen: since for seen, since in self._since_ms.items() if now_ms - since < self._rule.window_ms
        }
        repeated = text in self._since_ms
        if not repeated or self._rule.renewed:
            self._since_ms[text] = now_ms
        return not repeated
