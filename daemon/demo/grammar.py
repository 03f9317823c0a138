"""What may be typed after `comptoir demo`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from daemon.demo.mistyped import Parser, teach_argparse
from daemon.demo.words import Speech

CUSTOMERS: Final = 2_000
CUSTOMERS_MIN: Final = 100
"""Fewer, and those on whom things are tried are not among them."""
DIRECTORY: Final = Path(".demo")

_WITH_A_CARD: Final = ("tap", "badge")
_WITH_A_TILL: Final = ("tap", "badge", "cut", "heal", "paper-out", "paper-in", "cover-open", "cover-close")
_WITH_A_NAME: Final = ("kill", "start")
_ALONE: Final = ("conflict", "status")


def read(arguments: Sequence[str], speech: Speech) -> argparse.Namespace:
    """What was typed; `do` is empty where the demo itself is to run. Ends the process for --help and for mistakes."""
    teach_argparse(speech)
    parser = Parser(prog="comptoir demo", description=speech("help_demo"))
    options = _options(parser, speech)
    options.add_argument(
        "--customers",
        type=int,
        default=CUSTOMERS,
        metavar="N",
        help=speech("help_customers", default=speech.figure(CUSTOMERS)),
    )
    options.add_argument("--fresh", action="store_true", help=speech("help_fresh"))
    commands = parser.add_subparsers(
        dest="do",
        title=parser.titled(speech("help_commands")),
        metavar=speech("command"),
        parser_class=Parser,
        prog=parser.prog,
    )
    for word in (*_WITH_A_TILL, *_WITH_A_NAME, *_ALONE):
        text = speech(f"help_{word}")
        one = commands.add_parser(word, help=text, description=text)
        options = _options(one, speech)
        if word not in _ALONE:
            options.add_argument("name", metavar=speech("till" if word in _WITH_A_TILL else "name"))
        if word in _WITH_A_CARD:
            options.add_argument("code", nargs="?", default="", metavar="CODE")
        if word == "cut":
            options.add_argument("--silent", action="store_true", help=speech("help_silent"))
    given = parser.parse_args(arguments, argparse.Namespace(directory=DIRECTORY, json=False))
    if given.customers < CUSTOMERS_MIN:
        parser.error(speech("too_few", count=CUSTOMERS_MIN))
    return given


def _options(parser: Parser, speech: Speech) -> argparse._ArgumentGroup:
    """A group with what may stand before or after a command; argparse's own would speak English only."""
    parser.speech = speech
    group = parser.add_argument_group(parser.titled(speech("options")))
    group.add_argument("-h", "--help", action="help", help=speech("help_help"))
    group.add_argument(
        "--directory",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="PATH",
        help=speech("help_directory", default=str(DIRECTORY)),
    )
    group.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=speech("help_json"))
    return group
