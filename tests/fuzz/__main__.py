"""python -m tests.fuzz --inputs 1000000 [--jobs 2] [--seed N] [PARSER...] | --show PARSER NUMBER"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.fuzz.parser import input_of
from tests.fuzz.parsers import PARSERS
from tests.fuzz.portions import portions, run_portion
from tests.fuzz.running import Verdict


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 all well, 1 a parser failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Damaged input for every parser.")
    parser.add_argument("parsers", nargs="*", default=[], help=", ".join(PARSERS))
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for each parser")
    parser.add_argument("--jobs", type=int, default=2, help="processes beside each other")
    parser.add_argument("--seed", type=int, default=1, help="of all chance")
    parser.add_argument("--show", type=int, help="write one input to standard output and feed it")
    chosen = parser.parse_args(arguments)
    names = chosen.parsers or list(PARSERS)
    if chosen.show is not None:
        raw = input_of(PARSERS[names[0]], chosen.seed, chosen.show)
        sys.stdout.write(f"{raw!r}\n{PARSERS[names[0]].check(raw)}\n")
        return 0
    failed = False
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("forkserver")) as pool:
        for name in names:
            verdict = Verdict(name)
            inputs = chosen.inputs // (PARSERS[name].heavy if PARSERS[name].whole_sessions else 1)
            for part in pool.map(run_portion, portions(name, chosen.seed, inputs)):
                verdict.add(part)
                for failure in part.failures[:3]:
                    sys.stdout.write(f"{failure}\n\n")
                    sys.stdout.flush()
                verdict.seconds += part.seconds / chosen.jobs
            _tell(verdict)
            failed = failed or bool(verdict.failures)
    return 1 if failed else 0


def _tell(verdict: Verdict) -> None:
    refused = verdict.inputs - verdict.became["accepted"]
    sys.stdout.write(
        f"{verdict.parser:<12} {verdict.inputs:>9} inputs in {verdict.seconds:>5.0f} s: {verdict.became['accepted']}"
        f" accepted, {refused} refused for {len(verdict.became) - 1} reasons, {len(verdict.failures)} failed;"
        f" slowest {verdict.slowest_s * 1000:.0f} ms, {verdict.growth_mib:.0f} MiB more\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
