"""python -m tests.simulation --seeds 2000 [--first N] [--jobs 2] | --replay FILE"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.simulation.campaign import DAY_MS, KEPT, Tally, read_scenario, run_seeds, shrink, write_scenario
from tests.simulation.faults import MUST_BE_REACHED
from tests.simulation.generating import scenario_of
from tests.simulation.running import run_scenario

SHRUNK_MAX = 3
"""Failures of different kinds that are shrunk; the others are named by their seed."""


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 all well, 1 something failed, 2 void: a fault was never reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Seeded faults in virtual time.")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes beside each other")
    parser.add_argument("--replay", type=Path, help="run one scenario that was kept")
    chosen = parser.parse_args(arguments)
    if chosen.replay is not None:
        return replay(chosen.replay)
    began = time.perf_counter()
    tally = run_seeds(range(chosen.first, chosen.first + chosen.seeds), jobs=chosen.jobs, told=_tell)
    sys.stderr.write("\r" + " " * 60 + "\r")
    report(tally, time.perf_counter() - began)
    if tally.failures:
        tell_failures(tally)
        return 1
    if tally.unreached:
        print(f"\nvoid: never reached: {', '.join(tally.unreached)}")
        return 2
    print("\nall invariants held")
    return 0


def _tell(tally: Tally) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{tally.seeds} seeds, {len(tally.failures)} failed ")
        sys.stderr.flush()


def report(tally: Tally, seconds: float) -> None:
    """The figures of a campaign."""
    print(f"seeds            {tally.seeds:>10}   in {seconds:.0f} s, {tally.seeds / max(seconds, 0.001):.1f} a second")
    print(f"operations       {tally.operations:>10}")
    print(f"actions saved    {tally.records:>10}")
    print(f"till-days        {tally.till_ms / DAY_MS:>10.0f}   of virtual time")
    print("\nreached")
    for name in MUST_BE_REACHED:
        print(f"  {name:<28} {tally.counts[name]:>8}")


def tell_failures(tally: Tally) -> None:
    """Name every failing seed; then shrink the first of each kind, which takes long, and keep it."""
    print(f"\n{len(tally.failures)} of {tally.seeds} seeds failed")
    for seed, complaints in sorted(tally.failures):
        print(f"\nseed {seed}")
        for complaint in complaints[:5]:
            print(f"  {complaint}")
    sys.stdout.flush()
    kinds: set[str] = set()
    for seed, complaints in sorted(tally.failures):
        kind = run_scenario(scenario_of(seed)).kind
        if kind in kinds or len(kinds) >= SHRUNK_MAX:
            continue
        kinds.add(kind)
        small = shrink(scenario_of(seed), kind)
        path = KEPT / f"seed-{seed}.json"
        write_scenario(path, small, complaints[0])
        print(f"\nseed {seed} shrunk to {len(small.operations)} operations:")
        for operation in small.operations:
            print(f"    {operation}")
        print(f"  replay: python -m tests.simulation --replay {path.relative_to(Path.cwd())}")


def replay(path: Path) -> int:
    """Run one kept scenario and say what it comes to."""
    outcome = run_scenario(read_scenario(path))
    for complaint in outcome.complaints:
        print(complaint)
    for remark in outcome.remarks:
        print(f"  ({remark})")
    print("failed" if outcome.complaints else "all invariants held")
    return 1 if outcome.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
