"""The options that every command has, and how a command is added to the parser."""

import argparse
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from daemon.cli.exits import Exit
from daemon.cli.words import _, spoken

if TYPE_CHECKING:
    from typing_extensions import override
else:

    def override(method):
        """Stand-in: typing_extensions costs 7 ms, a tenth of what `--help` may take."""
        return method


Parsers: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001  it has no public name


class Parser(argparse.ArgumentParser):
    """A parser that keeps the lines of its texts, and points at the help when a command is mistyped."""

    def __init__(self, prog: str | None = None, description: str = "", epilog: str = "", help: str = "") -> None:  # noqa: A002  argparse's own name
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=_Lines,
            allow_abbrev=False,
            add_help=False,
        )
        self.shared = self.add_argument_group(_("everywhere"))
        add_shared(self.shared)

    @override
    def error(self, message: str) -> NoReturn:
        """End with one line about what was mistyped and where to read more."""
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n" + _("see: {command} --help").format(command=self.prog) + "\n")

    @override
    def format_help(self) -> str:
        """The help; what is common to all commands is read last."""
        self._action_groups.sort(key=lambda group: group is self.shared)
        return super().format_help()


class _Lines(argparse.HelpFormatter):
    """Keeps the line breaks of descriptions and examples, wraps prose; the usage line names what must be given."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)

    @override
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        needed = [action for action in actions if action.required or not action.option_strings]
        super().add_usage(usage, needed, groups, prefix)

    @override
    def start_section(self, heading: str | None) -> None:
        """A colon follows the heading, which French sets apart."""
        super().start_section(f"{heading}\u00a0" if heading and spoken() == "fr" else heading)

    @override
    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            line
            if line.startswith(" ")
            else textwrap.fill(line, width, initial_indent=indent, subsequent_indent=indent)
            for line in text.splitlines()
        )


def command(parsers: Parsers, name: str, help_: str, *, run: str = "", examples: str = "", more: str = "") -> Parser:
    """Add a command; `run` is `module:function` in this room, imported when called."""
    described = f"{help_[:1].upper()}{help_[1:]}." + (f"\n\n{more}" if more else "")
    epilog = _("Examples:") + "\n" + textwrap.indent(examples.strip("\n"), "  ") if examples else ""
    parser = parsers.add_parser(name, help=help_, description=described, epilog=epilog)
    if run:
        parser.set_defaults(run=f"daemon.cli.{run}")
    return parser


def add_shared(group: argparse._ArgumentGroup) -> None:
    """The options of every command; given before or after it, the last one counts."""
    hidden = argparse.SUPPRESS
    group.add_argument(
        "--config", metavar=_("FILE"), default=hidden, help=_("configuration of the daemon (/etc/comptoir/…)")
    )
    group.add_argument(
        "--socket", metavar=_("PATH"), default=hidden, help=_("socket of the daemon (or COMPTOIR_SOCKET)")
    )
    group.add_argument("--json", action="store_true", default=hidden, help=_("answer as JSON, for scripts"))
    group.add_argument("--debug", action="store_true", default=hidden, help=_("say where an error rose"))
    group.add_argument("-h", "--help", action="help", help=_("show this help and end"))


def subcommands(parser: Parser, *, title: str, required: bool = True) -> Parsers:
    """Room for commands of a command."""
    return parser.add_subparsers(
        title=title, metavar=_("COMMAND"), required=required, dest="command", parser_class=Parser, prog=parser.prog
    )
