"""python -m tests.simulation.mutants: plants bugs one by one and says how soon the simulation finds each."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from dataclasses import dataclass

from tests.simulation.generating import scenario_of
from tests.simulation.planted import PLANTED
from tests.simulation.running import run_scenario
from tests.simulation.shrinking import Shrinking


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one planted bug; `seeds` 0: it survived."""

    name: str
    seeds: int
    steps: int
    complaint: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Hunt:
    """One bug to find."""

    number: int
    seeds_max: int
    is_shrunk: bool


def hunt(one: Hunt) -> Verdict:
    """Run seeds with a bug planted until one fails."""
    plant = PLANTED[one.number]
    name = plant.__name__.replace("_", " ")
    began = time.perf_counter()
    for seed in range(1, one.seeds_max + 1):
        scenario = scenario_of(seed)
        with plant():
            outcome = run_scenario(scenario)
            if not outcome.complaints:
                continue
            kind = outcome.kind
            steps = len(scenario.operations)
            if one.is_shrunk:
                shrinking = Shrinking(lambda smaller, k=kind: run_scenario(smaller).kind == k)  # type: ignore[misc]  # k is bound now
                steps = len(shrinking.shrink(scenario).operations)
            return Verdict(name, seed, steps, outcome.complaints[0], time.perf_counter() - began)
    return Verdict(name, 0, 0, "", time.perf_counter() - began)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 if a planted bug survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants")
    parser.add_argument("--seeds", type=int, default=200, help="seeds within which each bug must be found")
    parser.add_argument("--jobs", type=int, default=2, help="processes beside each other")
    parser.add_argument("--only", default="", help="bugs whose name contains this")
    parser.add_argument("--no-shrinking", action="store_true", help="do not look for the shortest scenario")
    chosen = parser.parse_args(arguments)
    wanted = [at for at, plant in enumerate(PLANTED) if chosen.only.replace(" ", "_") in plant.__name__]
    hunts = [Hunt(at, chosen.seeds, not chosen.no_shrinking) for at in wanted]
    caught = 0
    print(f"{'planted bug':<44} {'seeds':>5} {'steps':>5} {'s':>5}  first complaint")
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        for verdict in pool.imap(hunt, hunts):
            caught += verdict.seeds > 0
            found = f"{verdict.seeds:>5} {verdict.steps:>5}" if verdict.seeds else "    -     -"
            complaint = verdict.complaint if verdict.seeds else "SURVIVED"
            print(f"{verdict.name:<44} {found} {verdict.seconds:>5.0f}  {complaint[:90]}", flush=True)
    print(f"\n{caught} of {len(hunts)} caught")
    return 0 if caught == len(hunts) else 1


if __name__ == "__main__":
    sys.exit(main())
