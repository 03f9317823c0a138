"""python -m tests.blackbox.badges --badges 200 [--seed N]: a real till killed with -9 at random while it prints badges.

Every press is repeated after the restart, as a page does that got no answer. Counted are pieces of paper: never two of
one press unless somebody asked for another, and none that is called printed and is not there.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from daemon.domain.code import gtin_check_digit
from daemon.drivers.simulated_printer import SimulatedModel
from tests.fakes.badges import codes_on
from tests.fakes.chance import Random
from tests.fakes.printer_thread import PrinterThread
from tests.programs import find_program
from tests.system.processes import Api, Daemon, running_chain, until

ROWS_PER_S = 1500.0
"""190 mm/s: a badge takes half a second, in which most kills fall."""

OPEN = {"queued", "held", "sending", "sent"}


@dataclass
class Figures:
    """What a campaign comes to."""

    seed: int
    badges: int = 0
    kills: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    asked: int = 0
    came_out: int = 0
    reprinted: int = 0
    took_s: float = 0.0

    @override
    def __str__(self) -> str:
        fates = ", ".join(f"{name} {count}" for name, count in sorted(self.fates.items()))
        return "\n".join(
            [
                f"seed             {self.seed}",
                f"badges           {self.badges}   ({fates} when the till was up again)",
                f"kills            {self.kills} in {self.took_s:.0f} s",
                f"two of one press {len(self.doubled)}",
                f"lost silently    {len(self.lost)}",
                f"operator asked   {self.asked}   ({self.came_out} had come out, {self.reprinted} printed again)",
            ]
        )


def run(directory: Path, *, badges: int, seed: int, told: Callable[[int], None] = lambda _: None) -> Figures:
    """One whole campaign."""
    figures, chance = Figures(seed, badges=badges), Random(seed)
    began = time.perf_counter()
    with PrinterThread(SimulatedModel(rows_per_s=ROWS_PER_S)).running() as machine:
        printer = f'[[printer]]\nname = "counter"\naddress = "tcp://127.0.0.1:{machine.port}"\n'
        with running_chain(directory, (1,), printer) as chain:
            counter = _Counter(chain.tills[0], machine, chance, figures)
            for number in range(badges):
                counter.print_one(number)
                told(number + 1)
    figures.took_s = time.perf_counter() - began
    return figures


class _Counter:
    """One till, its printer, and somebody who presses."""

    def __init__(self, till: Daemon, machine: PrinterThread, chance: Random, figures: Figures) -> None:
        self._till = till
        self._machine = machine
        self._chance = chance
        self._figures = figures

    @property
    def _api(self) -> Api:
        return self._till.api

    def print_one(self, number: int) -> None:
        """Press, kill, start again, press again; then look at the paper."""
        body = f"29{number:010d}"
        card = body + gtin_check_digit(body)
        made = self._api.post("/customers", {"last_name": f"Badge {number}", "cards": [card]})["customer"]
        where, key = f"/customers/{made['id']}/badge", f"press-{self._figures.seed}-{number}"
        self._api.ask("POST", where, {}, key=key)
        time.sleep(self._chance.uniform(0.0, 1.6))
        self._kill()
        job = self._api.post(where, {}, key=key)
        job = self._settled(job["id"])
        self._figures.fates[job["state"]] += 1
        paper = self._paper(card)
        if job["state"] == "unknown":
            paper += self._answered(job, paper, card)
        elif not paper:
            self._figures.lost.append(f"badge {number} is {job['state']} and did not come out")
        if paper > 1:
            self._figures.doubled.append(f"badge {number} came out {paper} times")

    def _kill(self) -> None:
        self._till.kill()
        self._figures.kills += 1
        if self._chance.random() < 0.15:
            self._till.launch()
            time.sleep(self._chance.uniform(0.3, 1.5))
            self._till.kill()
            self._figures.kills += 1
        self._till.start()

    def _settled(self, id_: str) -> Any:
        def settled() -> Any:
            found = next(job for job in self._api.get("/print-jobs") if job["id"] == id_)
            return found if found["state"] not in OPEN else None

        return until(settled, "the badge to be printed or asked about", 30)

    def _answered(self, job: Any, paper: int, card: str) -> int:
        """The operator looks: it came out, or another one is wanted. Returns how many came out on that order."""
        self._figures.asked += 1
        if paper:
            self._figures.came_out += 1
            self._api.post(f"/print-jobs/{job['id']}/answer", {"answer": "came_out"})
            return 0
        self._figures.reprinted += 1
        self._api.post(f"/print-jobs/{job['id']}/answer", {"answer": "again"})
        again = self._settled(job["id"])
        found = self._paper(card)
        if again["state"] != "printed" or not found:
            self._figures.lost.append(f"the copy of {job['id']} is {again['state']} and came out {found} times")
        return found

    def _paper(self, card: str) -> int:
        """Whole badges with this number that came out since somebody last looked; the machine has time to finish."""
        time.sleep(0.3)
        return sum(("EAN13", card) in codes_on(png) for png in self._machine.tickets())


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 all well, 1 a badge was doubled or lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.blackbox.badges", description=__doc__)
    parser.add_argument("--badges", type=int, default=200, help="how many")
    parser.add_argument("--seed", type=int, default=int(time.perf_counter() * 1000) % 100_000, help="of all chance")
    chosen = parser.parse_args(arguments)
    if find_program("mosquitto") is None:
        sys.stderr.write("mosquitto is not installed: sudo apt-get install mosquitto\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="badges-") as name:
        figures = run(Path(name), badges=chosen.badges, seed=chosen.seed, told=_tell)
    sys.stdout.write(f"{figures}\n")
    for line in (*figures.doubled, *figures.lost):
        sys.stdout.write(f"  {line}\n")
    return 1 if figures.doubled or figures.lost else 0


def _tell(done: int) -> None:
    if not done % 20:
        sys.stderr.write(f"{done} badges\n")


if __name__ == "__main__":
    sys.exit(main())
