"""What may be typed: every command with its options, and where it is carried out. Imports nothing heavy."""

import argparse

from daemon.cli import grammar_care, grammar_customers, grammar_running, grammar_terms, grammar_tickets
from daemon.cli.shared_options import Parser, subcommands
from daemon.cli.words import _


def parser_of(version: str) -> Parser:
    """The whole command line in the language spoken."""
    _teach_argparse()
    parser = Parser(
        prog="comptoir",
        description=_(
            "Customers, cards and loyalty of your shops: every till knows all of them, with or without network."
        ),
        epilog=_(
            "More about a command: comptoir COMMAND --help. Exit codes: 0 done, 1 refused or failed, 2 mistyped, "
            "3 daemon not running, 4 not found, 5 in conflict."
        ),
    )
    shown = _("show the version and end")
    parser.shared.add_argument("--version", action="version", version=f"comptoir {version}", help=shown)
    parsers = subcommands(parser, title=_("commands"))
    grammar_running.add(parsers)
    grammar_care.add(parsers)
    grammar_customers.add(parsers)
    grammar_terms.add(parsers)
    grammar_tickets.add(parsers)
    return parser


def _teach_argparse() -> None:
    """argparse takes its own words from gettext's global domain, which reads compiled catalogues only."""
    words = vars(argparse)
    words["_"] = _
    words["ngettext"] = _numbered


def _numbered(one: str, several: str, number: int) -> str:
    return _(one) if number == 1 else _(several)
