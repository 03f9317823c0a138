"""One call of the command line: what was typed, where the answer goes, what surrounds it."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from daemon.cli.caller import Caller
from daemon.cli.place import Place, Role, place_of
from daemon.cli.terminal import Terminal
from daemon.errors import OperatorMistake


@dataclass(frozen=True, kw_only=True, slots=True)
class Invocation:
    """What a command works with."""

    given: Namespace
    terminal: Terminal
    environ: Mapping[str, str]

    def place(self, role: Role | None = None) -> Place:
        """The daemon that is meant; raises OperatorMistake."""
        return place_of(self.given, self.environ, role=role)

    @contextmanager
    def daemon(self, role: Role | None = None) -> Iterator[Caller]:
        """A line to the running daemon; raises NotRunning at the first call where there is none."""
        place = self.place(role)
        if role is not None and place.role not in (role, None):
            wanted = "head office" if role == "hub" else "a till"
            raise OperatorMistake(
                f"this command speaks to {wanted}, {place.config} configures none: give --config FILE"
            )
        caller = place.caller(self.environ)
        try:
            yield caller
        finally:
            caller.close()
