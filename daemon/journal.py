"""What the rooms write to the journal: events with numbers and short names, and nothing about a person.

Where it goes, and in which form, is `daemon.log`'s business.
"""

import enum
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from daemon.errors import ComptoirError

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,39}")
_LONG_NUMBER: Final = re.compile(r"\d{6}")
"""No phone and no card number has fewer digits in a row."""

Fact: TypeAlias = int | float | bool | enum.Enum | str | None


def event(logger: logging.Logger, name: str, level: int = logging.INFO, /, **facts: Fact) -> None:
    """Log that `name` happened: `link-up site=12 waiting=3`.

    A text must be a short name (a reader, a kind, a state): one with a blank, an @, an accent or six digits in a row is
    written as `?`. Other types are a programmer's error and raise TypeError.
    """
    logger.log(level, "%s", _line(name, facts), extra={"event": name})


def failure(logger: logging.Logger, name: str, error: BaseException, /, **facts: Fact) -> None:
    """Log a warning that `name` happened, with what `describe` tells of the error: `backup-failed (StoreFault...)`."""
    logger.warning("%s", _line(name, facts), exc_info=error, extra={"event": name})


def _line(name: str, facts: Mapping[str, Fact]) -> str:
    assert _NAME.fullmatch(name), "an event's name is written in the source"
    return " ".join((name, *(f"{key}={_shown(key, fact)}" for key, fact in facts.items())))


def _shown(key: str, fact: Fact) -> str:
    match fact:
        case enum.Enum():
            return fact.name.lower()
        case bool():
            return "yes" if fact else "no"
        case int():
            return str(fact)
        case float():
            return f"{fact:.3g}"
        case None:
            return "-"
        case str():
            return fact if _NAME.fullmatch(fact) and not _LONG_NUMBER.search(fact) else "?"
        case _:
            raise TypeError(f"the fact {key} of a log line is neither a number nor a name")


def describe(error: BaseException) -> str:
    """What can be told of an exception: its type and where it rose; the sentence only of our own errors.

    Messages of others repeat values (`KeyError: 'Lefèvre'`), ours never do.
    """
    if isinstance(error, BaseExceptionGroup):
        return f"{type(error).__name__}: {'; '.join(describe(part) for part in error.exceptions[:5])}"
    place = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" at {Path(code.co_filename).name}:{trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next
    said = f": {error}" if isinstance(error, ComptoirError) else ""
    cause = f", from {describe(error.__cause__)}" if error.__cause__ is not None else ""
    return f"{type(error).__name__}{said}{place}{cause}"
