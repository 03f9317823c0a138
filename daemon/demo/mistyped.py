"""A parser that says what was mistyped in the language of the demo, in one line, as the other commands do."""

import argparse
from collections.abc import Mapping
from typing import Final, NoReturn

from typing_extensions import override

from daemon.demo.words import Speech

USAGE: Final = 2

_FRENCH: Final[Mapping[str, str]] = {
    "usage: ": "usage\u00a0: ",
    "the following arguments are required: %s": "il manque\u00a0: %s",
    "unrecognized arguments: %s": "non reconnu\u00a0: %s",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s\u00a0: %(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "choix inconnu\u00a0: %(value)r (parmi %(choices)s)",
    "expected one argument": "une valeur est attendue",
    "invalid %(type)s value: %(value)r": "%(value)r n’est pas un nombre",
    "ignored explicit argument %r": "la valeur %r est de trop",
}
"""argparse's own sentences, as far as this grammar can make it say them."""


class Parser(argparse.ArgumentParser):
    """A parser that speaks one language, English until it is told another."""

    def __init__(self, prog: str | None = None, description: str = "") -> None:
        self.speech = Speech("en")
        super().__init__(prog=prog, description=description, allow_abbrev=False, add_help=False)

    @override
    def error(self, message: str) -> NoReturn:
        """End with one line about what was mistyped and where to read more."""
        self.exit(USAGE, f"{self.prog}: {message}\n{self.speech('see', command=self.prog)}\n")

    def titled(self, title: str) -> str:
        """A heading of the help: a colon follows it, which French sets apart."""
        return f"{title}\u00a0" if self.speech.language == "fr" else title


def teach_argparse(speech: Speech) -> None:
    """argparse takes its words from gettext's global domain, which reads compiled catalogues only."""
    french = _FRENCH if speech.language == "fr" else {}
    vars(argparse)["_"] = lambda text: french.get(text, text)
