"""Kills of till, hub and broker at random, under load, on lines that cut, delay, double and lose; then the audit."""

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from tests.blackbox.audit import audit, everybody
from tests.blackbox.clients import OWN_FIELDS, Client, Told
from tests.blackbox.money import audit_money, open_shops
from tests.blackbox.proxied import is_proved_equal, running_proxied
from tests.blackbox.proxy import FAIR, FOUL, Line, LineState, Proxy
from tests.fakes.chance import Random
from tests.system.processes import Chain, Daemon, until

BROKER = "broker"
SHOPS = (1, 1, 2)
EQUAL_S_MAX = 120.0


@dataclass
class Figures:
    """What a campaign comes to."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    customers: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    storm_s: float = 0.0
    equal_s: float = 0.0

    @property
    def unreached(self) -> list[str]:
        """Faults that the run was to meet and did not; it proves nothing about them."""
        wanted = ("sent again", "copied", "copied later", "lost though confirmed", "delayed", "line cut")
        return [name for name in wanted if not self.faults[name]] + [
            name for name in ("sold", "given", "spent") if not self.counts[name]
        ]

    @override
    def __str__(self) -> str:
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        counts = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
        return "\n".join(
            [
                f"seed                   {self.seed}",
                f"kills                  {sum(self.kills.values())}   ({kills}) in {self.storm_s:.0f} s",
                f"faults of the lines    {sum(self.faults.values())}   ({faults})",
                f"acknowledged changes   {self.acknowledged}   ({counts})",
                f"lost                   {len(self.lost)}",
                f"doubled                {len(self.doubled)}",
                f"equal, proved at marks {self.equal_s:.1f} s after the last fault, {self.customers} customers",
            ]
        )


@dataclass
class Storm:
    """A chain, its lines, its clients, and what happens to them."""

    chain: Chain
    proxy: Proxy
    lines: list[Line]
    chance: Random
    figures: Figures
    told: Told = field(default_factory=Told)
    down: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.daemons: dict[str, Daemon] = {f"till {at}": till for at, till in enumerate(self.chain.tills, 1)}
        self.daemons["hub"] = self.chain.hub
        self.clients = [
            Client(name.replace(" ", ""), daemon.api, own, self.told, Random(f"{self.figures.seed} {name}"))
            for (name, daemon), own in zip(self.daemons.items(), (*OWN_FIELDS, None), strict=True)
        ]

    def rage(self, kills: int, told: Callable[[int], None]) -> None:
        """So many kills while the clients work."""
        began = time.perf_counter()
        for line in self.lines:
            line.weather = FOUL
        for client in self.clients:
            client.start()
        try:
            for done in range(kills):
                time.sleep(self.chance.uniform(0.1, 1.0))
                self._disturb_a_line()
                self._kill(self._victim())
                told(done + 1)
                if len(self.down) > 1 or self.chance.random() < 0.8:
                    self._raise_all()
            self._raise_all()
            for line in self.lines:
                self.proxy.turn(line, LineState.OPEN)
            for client in self.clients:
                client.finish()
        finally:
            for client in self.clients:
                client.tell_to_stop()
        self.figures.storm_s = time.perf_counter() - began

    def _victim(self) -> str:
        up = [name for name in (*self.daemons, BROKER) if name not in self.down]
        return self.chance.choice(up)

    def _kill(self, name: str) -> None:
        self.figures.kills[name] += 1
        if name == BROKER:
            self.chain.broker.kill()
        else:
            self._note_own_end(name)
            self.daemons[name].kill()
        self.down.append(name)

    def _note_own_end(self, name: str) -> None:
        """A daemon that ended before anybody killed it."""
        daemon = self.daemons[name]
        if daemon.process is not None and daemon.process.poll() is not None:
            self.figures.oddities.append(f"{name} ended by itself: {daemon.log.read_text()[-1500:]}")

    def _raise_all(self) -> None:
        time.sleep(self.chance.uniform(0, 0.4))
        for name in self.down:
            if name == BROKER:
                self.chain.start_broker()
            elif self.chance.random() < 0.15:
                # Killed once more while it is starting.
                self.daemons[name].launch()
                time.sleep(self.chance.uniform(0.2, 1.2))
                self.daemons[name].kill()
                self.figures.faults["killed while starting"] += 1
                self.daemons[name].start()
            else:
                self.daemons[name].start()
        self.down.clear()

    def _disturb_a_line(self) -> None:
        for line in self.lines:
            if line.state is not LineState.OPEN and self.chance.random() < 0.6:
                self.proxy.turn(line, LineState.OPEN)
        if self.chance.random() < 0.4:
            line = self.chance.choice(self.lines)
            state = self.chance.choice((LineState.CUT, LineState.SILENT))
            self.proxy.turn(line, state)
            self.figures.faults[f"line {state}"] += 1

    def calm(self) -> None:
        """No more faults; wait until every till is proved equal at a mark."""
        began = time.perf_counter()
        for line in self.lines:
            line.weather = FAIR
            self.figures.faults.update(line.counts)
        try:
            until(lambda: is_proved_equal(self.chain), "equality proved at a mark on every till", EQUAL_S_MAX)
        except AssertionError as late:
            states = [box.replication() for box in (self.chain.hub, *self.chain.tills)]
            raise AssertionError(f"{late}\n{self.figures}\n{json.dumps(states, indent=1)}") from late
        self.figures.equal_s = time.perf_counter() - began

    def judge(self) -> None:
        """Compare what was told with what is there."""
        figures, told = self.figures, self.told
        figures.acknowledged, figures.counts, figures.oddities = told.acknowledged, told.counts, told.oddities
        first: list[Any] | None = None
        for name in self.daemons:
            self._note_own_end(name)
        for name, daemon in self.daemons.items():
            customers = everybody(daemon.api)
            found, books = audit(name, customers, told), audit_money(name, daemon.api, told.ledger)
            figures.lost += found.lost + books.lost
            figures.doubled += found.doubled + books.doubled
            figures.customers = len(customers)
            shown = [(one["id"], one["version"]) for one in customers]
            first = first or shown
            if shown != first:
                figures.oddities.append(f"{name} shows other customers than {next(iter(self.daemons))}")


@contextlib.contextmanager
def running_storm(directory: Path, seed: int) -> Iterator[Storm]:
    """A chain whose tills reach the broker through the proxy, while the block runs."""
    with running_proxied(directory, SHOPS, seed) as (chain, proxy, lines):
        open_shops(chain)
        yield Storm(chain, proxy, lines, Random(seed), Figures(seed))


def run(directory: Path, *, kills: int, seed: int, told: Callable[[int], None] = lambda _: None) -> Figures:
    """One whole campaign."""
    with running_storm(directory, seed) as storm:
        storm.rage(kills, told)
        storm.calm()
        storm.judge()
        return storm.figures
