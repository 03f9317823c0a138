"""Reads the command line, carries the command out, and turns whatever goes wrong into one sentence and an exit code."""

import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeAlias

from daemon.cli.exits import Exit, exit_of
from daemon.cli.grammar import parser_of
from daemon.cli.terminal import Terminal
from daemon.cli.words import _, language_of, sentence, speak
from daemon.errors import ComptoirError, Refusal
from daemon.version import VERSION

if TYPE_CHECKING:
    from daemon.cli.invocation import Invocation

_SHARED: Final = {"config": None, "socket": None, "json": False, "debug": False}
CONFIG_VARIABLE: Final = "COMPTOIR_CONFIG"


Act: TypeAlias = "Callable[[Invocation], int]"
Door: TypeAlias = Callable[[Sequence[str]], int]


def run(arguments: Sequence[str], doors: Mapping[str, Door], environ: Mapping[str, str] = os.environ) -> int:
    """Carry out one command; returns the exit code. Nothing is ever raised but SystemExit of `--help`.

    `doors` are commands of rooms that this one may not see: they are handed what was typed behind their name.
    """
    _prepare_streams()
    speak(language_of(environ, lambda: _configured(arguments)))
    door = doors.get(arguments[0]) if arguments else None
    given = _given(arguments) if door is None else Namespace(**{**_SHARED, "json": "--json" in arguments})
    terminal = Terminal(sys.stdout, sys.stderr, environ=environ, as_json=given.json)
    try:
        if door is not None:
            return int(door(arguments[1:]))
        code = _command(given.run)(_invocation(given, terminal, environ))
        sys.stdout.flush()
    except KeyboardInterrupt:
        terminal.note("")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our answer has gone (`| head`): nothing is wrong, and nobody is left to be told.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except ComptoirError as known:
        _complain(terminal, known, debug=given.debug)
        return exit_of(known)
    except Exception as fault:  # noqa: BLE001  the rim: no traceback ever reaches a shop
        _confess(terminal, fault, debug=given.debug)
        return Exit.FAILED
    return int(code)


def _given(arguments: Sequence[str]) -> Namespace:
    return parser_of(VERSION).parse_args(arguments, Namespace(**_SHARED))


def _command(name: str) -> Act:
    module, _colon, function = name.partition(":")
    found: Act = getattr(importlib.import_module(module), function)
    return found


def _invocation(given: Namespace, terminal: Terminal, environ: Mapping[str, str]) -> "Invocation":
    from daemon.cli.invocation import Invocation

    return Invocation(given=given, terminal=terminal, environ=environ)


def _complain(terminal: Terminal, error: ComptoirError, *, debug: bool) -> None:
    """One sentence on standard error; with --json the same for a script on standard output."""
    said = sentence(str(error))
    if terminal.as_json:
        problem = dict(error.problem) if isinstance(error, Refusal) else {}
        field = problem.get("field") or getattr(error, "field", "") or None
        owners = problem.get("owners") or getattr(error, "owners", None)
        terminal.answer({"error": {"sentence": said, "field": field, "owners": owners, "exit": int(exit_of(error))}})
    terminal.note(f"comptoir: {said}", "red")
    if debug:
        _trace(terminal, error)


def _confess(terminal: Terminal, fault: Exception, *, debug: bool) -> None:
    """A fault of ours: what kind, never its message, which may quote a person."""
    kind = type(fault).__name__
    said = _("a fault of the program ({kind}): repeat with --debug and send us what it says").format(kind=kind)
    if terminal.as_json:
        terminal.answer({"error": {"sentence": said, "field": None, "owners": None, "exit": int(Exit.FAILED)}})
    terminal.note(f"comptoir: {said}", "red")
    if debug:
        _trace(terminal, fault)


def _trace(terminal: Terminal, error: BaseException) -> None:
    """Where it rose: the places and lines of source, without any value."""
    import traceback

    from daemon.journal import describe

    for line in traceback.format_tb(error.__traceback__):
        terminal.err.write(line)
    terminal.note(describe(error))


def _configured(arguments: Sequence[str]) -> str:
    """The language of the configuration, for machines whose locale says nothing (C, POSIX, none)."""
    from daemon.cli.place import CONFIGS, configured_language

    named = [after for option, after in pairwise(arguments) if option == "--config"]
    named += [one.partition("=")[2] for one in arguments if one.startswith("--config=")]
    paths = [*map(_path, named), *CONFIGS.values()]
    return next((configured_language(path) for path in paths if path.exists()), "")


def _path(text: str) -> Any:
    from pathlib import Path

    return Path(text)


def _prepare_streams() -> None:
    """A terminal of another encoding shows a question mark rather than ending the command."""
    _soften(sys.stdout)
    _soften(sys.stderr)
    with suppress(Exception):
        # What the system says of files (`strerror`) comes in the language of the locale too.
        import locale

        locale.setlocale(locale.LC_MESSAGES, "")


def _soften(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
