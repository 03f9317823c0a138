"""`comptoir demo`: runs the whole chain until Ctrl-C; with a command, has a running one do something."""

import os
import sys
from collections.abc import Sequence

from daemon.demo import grammar
from daemon.demo.words import Speech, language_of
from daemon.errors import ComptoirError


def main(arguments: Sequence[str]) -> int:
    """Do what was typed after `comptoir demo`; raises ComptoirError in one sentence when it cannot be done."""
    speech = Speech(language_of(os.environ))
    given = grammar.read(arguments, speech)
    if given.do:
        from daemon.demo.control import command

        return command(given, sys.stdout, speech)
    import asyncio

    from daemon.clock import SystemClock
    from daemon.demo.living import live
    from daemon.demo.screen import Screen

    clock = SystemClock()
    try:
        asyncio.run(live(given, Screen(sys.stdout, sys.stderr, speech=speech, clock=clock), clock))
    except BaseExceptionGroup as group:
        raise known_in(group) from group
    return 0


def known_in(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error that is for the operator; what else fell with it follows from it."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        known = [one for one in found.exceptions if isinstance(one, ComptoirError | BaseExceptionGroup)]
        found = (known or list(found.exceptions))[0]
    return found


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except ComptoirError as mistake:
        sys.exit(f"comptoir demo: {mistake}")
