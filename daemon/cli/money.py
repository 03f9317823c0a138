"""Amounts and rates on the command line: `12,50 €` and `10 %` in French, typed with a comma or a point."""

import argparse

from daemon.cli.words import _, spoken
from daemon.errors import OperatorMistake

PERCENT_MAX = 100


def cents_text(cents: int | None) -> str:
    """An amount as it is read; empty for none."""
    if cents is None:
        return ""
    whole, part = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    if spoken() == "fr":
        return f"{sign}{whole:,}".replace(",", "\u202f") + f",{part:02d}\u00a0€"
    return f"{sign}€{whole:,}.{part:02d}"


def rate_text(rate: int | None) -> str:
    """Hundredths of a percent as they are read; empty for none."""
    if rate is None:
        return ""
    whole, part = divmod(rate, 100)
    digits = f"{part:02d}".rstrip("0")
    comma, space = (",", "\u00a0") if spoken() == "fr" else (".", "")
    return f"{whole}{comma + digits if digits else ''}{space}%"


def cents_typed(text: str) -> int:
    """An amount that was typed."""
    return _read(text)


def rate_typed(text: str) -> int:
    """A rate that was typed: `10`, `5,5`, `20 %`."""
    rate = _read(text.replace("%", ""))
    if not 0 <= rate <= PERCENT_MAX * 100:
        raise argparse.ArgumentTypeError(_("a percentage from 0 to 100"))
    return rate


def _read(text: str) -> int:
    from daemon.domain.amount import parse_cents  # not before it is needed: `--help` is quick

    try:
        return parse_cents(text)
    except OperatorMistake as wrong:
        raise argparse.ArgumentTypeError(_("this is no amount: write it as 12.50")) from wrong
