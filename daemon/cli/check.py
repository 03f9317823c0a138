"""One look of the doctor at one thing: what was found, and the gesture that mends it."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`name` is stable, for scripts; `gesture` is empty when nothing is to be done."""

    name: str
    state: State
    sentence: str
    gesture: str = ""


def ok(name: str, sentence: str) -> Check:
    """All is well."""
    return Check(name=name, state="ok", sentence=sentence)


def warning(name: str, sentence: str, gesture: str = "") -> Check:
    """It works, and somebody should look at it."""
    return Check(name=name, state="warning", sentence=sentence, gesture=gesture)


def failed(name: str, sentence: str, gesture: str = "") -> Check:
    """It does not work, or will not for long."""
    return Check(name=name, state="failed", sentence=sentence, gesture=gesture)


def skipped(name: str, sentence: str, gesture: str = "") -> Check:
    """It could not be looked at."""
    return Check(name=name, state="skipped", sentence=sentence, gesture=gesture)
