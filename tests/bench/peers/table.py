"""The figures as Markdown."""

from collections.abc import Sequence

from tests.bench.peers.race import Outcome
from tests.bench.peers.workload import Size

HEAD = (
    "",
    "CPU s per till",
    "uploaded by both, MB",
    "… deflated",
    "peak RSS, MB",
    "edits lost",
    "newer edit won",
    "tills equal",
)


def markdown(outcomes: Sequence[Outcome], full: Size) -> str:
    """A row for each library, ours first as it comes."""
    rows = [HEAD, ("---", *("---:" for _ in HEAD[1:])), *(_row(outcome, full) for outcome in outcomes)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def notes(outcomes: Sequence[Outcome], full: Size) -> str:
    """A sentence for each that could not take the full size."""
    return "".join(
        f"- {one.title} ran with {_thousands(one.size.customers)} customers: with {_thousands(full.customers)}, "
        f"{one.too_much}.\n"
        for one in outcomes
        if one.size != full
    )


def _row(outcome: Outcome, full: Size) -> tuple[str, ...]:
    fates = outcome.fates
    smaller = "" if outcome.size == full else f" (at {_thousands(outcome.size.customers)} customers)"
    return (
        f"{outcome.title} {outcome.version}{smaller}",
        f"{outcome.cpu_s:.2f}",
        f"{outcome.sent_mb:.2f}",
        f"{outcome.deflated_mb:.2f}",
        f"{outcome.rss_mb:.0f}",
        _lost(outcome),
        f"{fates.newer_won / fates.clashes:.0%}" if fates.clashes else "–",
        "yes" if fates.equal else "no",
    )


def _lost(outcome: Outcome) -> str:
    fates = outcome.fates
    history = f" (+ {_thousands(fates.in_history)} in history only)" if fates.in_history else ""
    return f"{_thousands(fates.gone)}{history}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")
