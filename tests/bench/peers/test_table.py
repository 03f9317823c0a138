"""The table says what was measured, and at what size."""

from dataclasses import replace

from tests.bench.peers.race import Outcome
from tests.bench.peers.table import markdown, notes
from tests.bench.peers.verdict import Fates
from tests.bench.peers.workload import FULL

OURS = Outcome(
    title="Comptoir",
    version="0.1.0",
    size=FULL,
    cpu_s=1.234,
    edit_cpu_s=9.0,
    sent_mb=0.5,
    deflated_mb=0.5,
    rss_mb=73.6,
    fates=Fates(clashes=2000, newer_won=2000, named=2000, in_history=0, gone=0, equal=True),
)
OTHER = replace(
    OURS,
    title="Other",
    version="1.2",
    size=FULL.part(4),
    fates=Fates(clashes=500, newer_won=371, named=0, in_history=20, gone=1480, equal=False),
    too_much="till 2 took over 8 GB",
)


def test_a_row_holds_what_its_columns_say() -> None:
    head, rule, ours, other = markdown([OURS, OTHER], FULL).splitlines()
    assert head.count("|") == rule.count("|") == ours.count("|") == other.count("|")
    assert ours == "| Comptoir 0.1.0 | 1.23 | 0.50 | 0.50 | 74 | 0 | 100% | yes |"


def test_a_library_that_ran_smaller_says_so_in_its_row_and_why_below() -> None:
    other = markdown([OURS, OTHER], FULL).splitlines()[-1]
    assert "Other 1.2 (at 5 000 customers)" in other
    assert "| 1 480 (+ 20 in history only) | 74% | no |" in other
    assert notes([OURS, OTHER], FULL) == ("- Other ran with 5 000 customers: with 20 000, till 2 took over 8 GB.\n")
