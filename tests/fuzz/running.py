"""Runs a parser on many inputs and watches: what it raises, how long one input takes, how much memory is gone after."""

import resource
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from tests.fuzz.parser import Parser, input_of

GROWTH_MIB_MAX = 200
FAILURES_MAX = 5


@dataclass
class Verdict:
    """What became of the inputs."""

    parser: str
    inputs: int = 0
    became: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    growth_mib: float = 0.0
    seconds: float = 0.0

    def add(self, other: "Verdict") -> None:
        """What another process found."""
        self.inputs += other.inputs
        self.became += other.became
        self.failures += other.failures
        self.slowest_s = max(self.slowest_s, other.slowest_s)
        self.growth_mib = max(self.growth_mib, other.growth_mib)


def run(parser: Parser, seed: int, numbers: range) -> Verdict:
    """Feed these inputs of a seed."""
    verdict = Verdict(parser.name)
    _fed(parser, input_of(parser, seed, 0), "", Verdict(""))  # what is loaded at first use is no growth
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    for number in numbers:
        raw = input_of(parser, seed, number)
        start = time.process_time()  # not the clock on the wall: the machine does other things as well
        became = _fed(parser, raw, f"seed {seed} input {number}", verdict)
        taken = time.process_time() - start
        verdict.slowest_s = max(verdict.slowest_s, taken)
        verdict.inputs += 1
        verdict.became[became] += 1
        if taken > parser.slow_s:
            verdict.failures.append(f"{parser.name}: seed {seed} input {number} took {taken:.1f} s")
        if len(verdict.failures) >= FAILURES_MAX:
            break
    verdict.seconds = time.perf_counter() - began
    verdict.growth_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    if verdict.growth_mib > GROWTH_MIB_MAX:
        verdict.failures.append(f"{parser.name}: {verdict.growth_mib:.0f} MiB more after {verdict.inputs} inputs")
    return verdict


def _fed(parser: Parser, raw: bytes, which: str, verdict: Verdict) -> str:
    try:
        return parser.check(raw)
    except Exception as wrong:  # noqa: BLE001 - whatever it is, it is what we look for
        where = "".join(traceback.format_tb(wrong.__traceback__)[-2:])
        shown = raw[:400].hex() + ("…" if len(raw) > 400 else "")
        verdict.failures.append(f"{parser.name}: {which}: {type(wrong).__name__}: {wrong}\n{where}{shown}")
        return "failed"
