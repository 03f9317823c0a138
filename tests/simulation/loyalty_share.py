"""python -m tests.simulation.loyalty_share --seeds 1000: how many spends a chain serves while its line is cut.

Three customers of one shop with three lanes, where they were entered, and a till in another shop. Customers come back
to their shop (6 visits of 7), to any lane, and earn 10 to 60 points a visit; at every other visit they spend 5 to 25 %
of what they have.
The lines of the shops are cut for half of the time, for several visits at a stretch; no other fault.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections import Counter
from random import Random

from daemon.desk.loyalty_party import BASKET_NEEDS
from daemon.domain.account import account_of
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.store import elements, rights
from tests.simulation import loyalty as do
from tests.simulation import operations as op
from tests.simulation import world as worlds
from tests.simulation.additions import plug_in
from tests.simulation.happenings import Happenings
from tests.simulation.loyalty_judges import JUDGES
from tests.simulation.planting import patched
from tests.simulation.running import folder
from tests.simulation.world import World

SHOPS = {1: 0, 2: 1, 3: 1, 4: 1, 5: 2}
LANES, ELSEWHERE = (1, 2, 3), 4
CUSTOMERS, VISITS = 3, 30


def run(seed: int) -> tuple[Counter[str], list[str]]:
    """One chain: how many spends were asked for and served, by where and how; and what did not hold."""
    plug_in()
    chance, counts = Random(f"share {seed}"), Counter[str]()
    with folder() as place, patched(worlds, "SHOPS", SHOPS):
        world = World(op.Scenario(seed), place)
        happen = Happenings(world)
        for at in range(CUSTOMERS):
            happen.apply(op.Create(LANES[at], at))
        happen.apply(op.Wait(12_000))
        for _ in range(VISITS):
            _line(happen, chance)
            _visit(world, happen, chance, counts)
            happen.apply(op.Wait(chance.choice((3_000, 8_000))))
        for lane in (*LANES, ELSEWHERE):
            happen.apply(op.Heal(lane))
        happen.apply(op.Wait(60_000))
        found = [complaint for judge in JUDGES for complaint in judge(world)]
        for machine in world.machines:
            machine.stop()
    return counts, found


def _line(happen: Happenings, chance: Random) -> None:
    """Each shop has one line for its lanes; it is cut and comes back now and then."""
    for lanes in (LANES, (ELSEWHERE,)):
        is_cut = happen.world.till(lanes[0]).is_cut
        if chance.random() < 0.15:
            for lane in lanes:
                happen.apply(op.Heal(lane) if is_cut else op.Cut(lane))
            happen.apply(op.Wait(4_000))


def _visit(world: World, happen: Happenings, chance: Random, counts: Counter[str]) -> None:
    who = chance.randrange(CUSTOMERS)
    at = chance.choice(LANES) if chance.random() < 6 / 7 else ELSEWHERE
    till = world.till(at)
    row = elements.element(till.connection, (world.people.ids[who], Kind.CUSTOMER, b""))
    assert row is not None, "every till knows every customer"
    balance = rights.balance(till.connection, account_of(row), BOOK_POINTS)
    do.serve(world, do.Serve(at))
    do.ask(world, do.Ask(at, 2 * who, balance * BASKET_NEEDS // 10))
    happen.apply(op.Wait(3_000))
    if chance.random() < 0.5 and balance >= 10:
        amount = balance * chance.choice((5, 10, 15, 20, 25)) // 100
        here = rights.purse(till.connection, till.replica, account_of(row), BOOK_POINTS).left
        where = "elsewhere" if at == ELSEWHERE else "usual shop"
        how = "offline" if till.is_cut else "online"
        counts[f"{where}, {how}, {'served' if here >= amount else 'refused'}"] += 1
        do.choose(world, do.Choose(at, 2 * who, amount))
    do.post_visit(world, do.PostVisit(at, 2 * who, chance.randrange(10, 61)))


def share(counts: Counter[str], where: str, how: str) -> float:
    """The part that was served, in per cent."""
    served, refused = counts[f"{where}, {how}, served"], counts[f"{where}, {how}, refused"]
    return 100 * served / max(served + refused, 1)


def main(arguments: list[str] | None = None) -> int:
    """Print the shares; exit code 1 if something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.loyalty_share")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes beside each other")
    chosen = parser.parse_args(arguments)
    counts, wrong = Counter[str](), 0
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        for seed, (more, found) in enumerate(pool.imap(run, range(1, chosen.seeds + 1)), start=1):
            counts += more
            wrong += bool(found)
            for complaint in found[:3]:
                print(f"seed {seed}: {complaint}")
    for where in ("usual shop", "elsewhere"):
        for how in ("offline", "online"):
            asked = counts[f"{where}, {how}, served"] + counts[f"{where}, {how}, refused"]
            print(f"{where:<11} {how:<8} {asked:>7} spends, {share(counts, where, how):5.1f} % served")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
