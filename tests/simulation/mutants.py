"""python -m tests.simulation.mutants: plants bugs one by one and says how soon, and by what, each is found."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass

from tests.simulation.additions import ADDITIONS
from tests.simulation.hunting import STEPS_MAX, Found, hunt
from tests.simulation.planted import PLANTED
from tests.simulation.planting import Plant

ALL: tuple[Plant, ...] = (*PLANTED, *(plant for one in ADDITIONS for plant in one.planted))


@dataclass(frozen=True, slots=True)
class Hunt:
    """One bug to find; by its number, because functions do not travel between processes."""

    number: int
    seeds_max: int
    is_shrunk: bool


def find(one: Hunt) -> Found:
    """Hunt one bug, in a process beside others."""
    return hunt(ALL[one.number], seeds_max=one.seeds_max, is_shrunk=one.is_shrunk)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 if a planted bug survives, or takes too many steps to show."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants")
    parser.add_argument("--seeds", type=int, default=100, help="seeds within which each bug must be found")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes beside each other")
    parser.add_argument("--only", default="", help="bugs whose name contains this")
    parser.add_argument("--no-shrinking", action="store_true", help="do not look for the shortest scenario")
    chosen = parser.parse_args(arguments)
    wanted = [at for at, plant in enumerate(ALL) if chosen.only.replace(" ", "_") in plant.__name__]
    hunts = [Hunt(at, chosen.seeds, not chosen.no_shrinking) for at in wanted]
    began = time.perf_counter()
    left: list[str] = []
    odd: set[str] = set()
    print(f"{'planted bug':<50} {'found in':<12} {'steps':>5} {'s':>4}  first complaint")
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        for found in pool.imap(find, hunts):
            _tell(found)
            odd |= set(found.odd)
            if found.scenario is None or not (found.is_understood or chosen.no_shrinking):
                left.append(found.name)
    print(f"\n{len(hunts) - len(left)} of {len(hunts)} caught, each by at most {STEPS_MAX} steps, in", end=" ")
    print(f"{time.perf_counter() - began:.0f} s")
    if left:
        print(f"not so: {', '.join(left)}")
    if odd:
        print(f"fail without any planted bug: {', '.join(sorted(odd))}")
    return 1 if left or odd else 0


def _tell(found: Found) -> None:
    if found.scenario is None:
        print(f"{found.name:<50} {'-':<12} {'-':>5} {found.seconds:>4.0f}  SURVIVED", flush=True)
        return
    steps = found.scenario.operations
    print(f"{found.name:<50} {found.where:<12} {len(steps):>5} {found.seconds:>4.0f}  {found.complaint[:90]}")
    for step in steps:
        print(f"    {step}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
