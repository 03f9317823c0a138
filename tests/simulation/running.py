"""Runs one scenario to its end: the operations, then peace, then judgement."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from daemon.domain import expiry
from daemon.domain.closing import Bound
from daemon.domain.feed import CHAIN
from daemon.domain.mending import read_sound
from daemon.head_office import performer as hub_performer
from daemon.hub import closing, forgetting
from daemon.store import buckets, changes, ordering, portions, rebuilding, rights, scrubbing
from daemon.store.database import Connection
from daemon.store.word_index import reindexed_up_to
from daemon.sync import inbox, outbox, refetch
from daemon.till import performer as till_performer
from tests.simulation.additions import plug_in
from tests.simulation.faults import Faults
from tests.simulation.forgetting import MONTH_MS as KEPT_MONTH_MS
from tests.simulation.happenings import Happenings
from tests.simulation.judge import complaints
from tests.simulation.operations import During, Newer, Operation, Scenario, Weather
from tests.simulation.planting import patched
from tests.simulation.waiting_for import DAY_MS, MONTH_MS, StaySilent
from tests.simulation.world import World

SMALL = Bound(kept=2, most=3)
"""Sales of an account that the whole chain holds: a small chain would never have more than two dozen."""

TIGHT: tuple[tuple[ModuleType, str, int], ...] = (
    (till_performer, "BATCH_BYTES_MAX", 500),
    (hub_performer, "FRAME_RECORDS_BYTES_MAX", 700),
    (inbox, "HELD_FRAMES_MAX", 3),
    (inbox, "RANGE_FRAMES", 2),
    (outbox, "UNACKNOWLEDGED_MAX", 3),
    (buckets, "FOLD_AFTER_ROWS", 15),
    (portions, "PORTION_BYTES", 500),
    (portions, "SCAN_ROWS", 12),
    (portions, "SKIPPED_ROWS", 12),
    (scrubbing, "SCRUB_ROWS", 7),
    (refetch, "PORTIONS", 2),
    (refetch, "FILL_FROM", 10),
    (refetch, "GROUPS_MAX", 4),
)
"""Bounds of the daemon that a small chain would never reach."""

plug_in()

QUIET_STEP_MS = 15_000
QUIET_STEPS_MAX = 32
"""Eight minutes without faults are enough for everything to become equal, or it never will."""


@dataclass(slots=True)
class Outcome:
    """What became of a scenario."""

    complaints: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    virtual_ms: int = 0
    till_ms: int = 0
    records: int = 0

    @property
    def kind(self) -> str:
        """The first complaint without its particulars, by which shrinking knows its failure again."""
        if not self.complaints:
            return ""
        return " ".join(word for word in self.complaints[0].split()[:8] if not any(c.isdigit() for c in word))


@contextmanager
def folder() -> Iterator[Path]:
    """A place for the files, in memory where there is such a place."""
    shared = Path("/dev/shm")  # the files are gone after the run; power cuts are tested elsewhere
    made = Path(tempfile.mkdtemp(prefix="comptoir-", dir=shared if shared.is_dir() else None))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def bounds_of(scenario: Scenario) -> Iterator[None]:
    """Every other seed runs with bounds so small that batches, frames, ranges and logs fill up."""
    with (
        patched(closing, "BOUND", SMALL),
        patched(expiry, "MONTH_MS", MONTH_MS),
        _kept(),
        _day(scenario),
        _tight(scenario),
    ):
        yield


def _kept() -> AbstractContextManager[None]:
    """Tickets are kept for as many months as customers are; months are short."""
    return patched(forgetting, "MONTH_MS", KEPT_MONTH_MS)


@contextmanager
def _day(scenario: Scenario) -> Iterator[None]:
    """Where somebody stays silent for a day, a day is short."""
    if not any(isinstance(one, StaySilent) for one in scenario.operations):
        yield
        return
    with patched(rights, "SILENT_MS", DAY_MS):
        yield


@contextmanager
def _tight(scenario: Scenario) -> Iterator[None]:
    if scenario.seed % 2:
        yield
        return
    old = [getattr(module, name) for module, name, _ in TIGHT]
    for module, name, value in TIGHT:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(TIGHT, old, strict=True):
            setattr(module, name, value)


def run_scenario(scenario: Scenario) -> Outcome:
    """Run and judge; an exception of the program is a complaint like any other."""
    with folder() as place, bounds_of(scenario):
        world: World | None = None
        try:
            world = World(scenario, place)
            with patched(rebuilding, "are_wrong", _watched(world)):
                found = _run(world, scenario)
        except Exception as wrong:  # noqa: BLE001  # whatever the program raises is a finding
            last = traceback.extract_tb(wrong.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            found = [f"{type(wrong).__name__} at {where}: {wrong}", traceback.format_exc()]
        faults = world.faults if world is not None else Faults()
        outcome = Outcome(found, faults.counts, faults.remarks)
        if world is not None:
            outcome.virtual_ms = world.now_ms
            outcome.till_ms = world.now_ms * len(world.tills)
            outcome.records = len(world.book.saved)
            for machine in (*world.machines, *world.withdrawn):
                machine.stop()
        return outcome


def _watched(world: World) -> Callable[[Connection, bytes], bool]:
    """Sums that are not those of their entries are counted again; where no row was hit, that hides a bug."""
    real = rebuilding.are_wrong

    def are_wrong(conn: Connection, account: bytes) -> bool:
        is_wrong = real(conn, account)
        hit = ("bit flipped", "bit flipped at the hub", "file damaged")
        if is_wrong and not any(world.faults.counts[name] for name in hit):
            world.alarms.append("balances were not the sums of their entries")
        return is_wrong

    return are_wrong


def _run(world: World, scenario: Scenario) -> list[str]:
    happenings = Happenings(world)
    world.run_for(2_000)
    for operation in scenario.operations:
        happenings.apply(operation)
    _make_peace(world, scenario.operations)
    quiet = _wait_for_quiet(world)
    world.garbage = happenings.garbage
    _count_outcomes(world)
    found = complaints(world)
    if not quiet:
        found.append(f"no quiet after {QUIET_STEPS_MAX * QUIET_STEP_MS // 60_000} minutes: {_standing(world)}")
    return found


def _make_peace(world: World, operations: tuple[Operation, ...]) -> None:
    """Everything works again; whoever runs an old version is upgraded if somebody had a newer one."""
    world.broker.weather = Weather()
    for machine in world.machines:
        machine.boot()
        machine.conn.disarm()
        machine.is_cut = False
    newer = any(isinstance(one.action if isinstance(one, During) else one, Newer) for one in operations)
    world.run_for(3_000)
    for machine in world.machines:
        parked = machine.conn.plain.execute("SELECT count(*) FROM parked").fetchone()[0]
        world.faults.count("newer kind parked", parked)
        if newer and not machine.is_newer:
            machine.stop()
            machine.is_newer = True
            machine.boot()
        machine.guarded(machine.link)


def _wait_for_quiet(world: World) -> bool:
    for _ in range(QUIET_STEPS_MAX):
        world.run_for(QUIET_STEP_MS)
        everybody_told = rights.may_grant(world.hub.connection, world.hub.replica.boot)
        if everybody_told and all(_is_quiet(world, at) for at in range(len(world.tills))):
            return True
    return False


def _is_quiet(world: World, at: int) -> bool:
    """Whether a till has said everything, heard everything and proved it; head office then minds its rights."""
    till = world.tills[at]
    if not till.is_live or changes.waiting(till.connection).records:
        return False
    if world.faults.counts["bit flipped at the hub"] and not _is_whole(world.hub.connection):
        return False
    if world.faults.counts["bit flipped"] and not _is_whole(till.connection):
        return False
    proved = dict(till.conn.plain.execute("SELECT reach, proved_offset FROM cursor"))
    heads = ordering.feed_heads(world.hub.connection)
    return all(
        cursor == heads[scope] and proved.get(int(scope.reach)) == cursor.offset
        for scope, cursor in till.replica.cursors.items()
        if scope in heads
    )


def _is_whole(conn: Connection) -> bool:
    """Whether every row is what its hash and its key say, and is indexed: damage is found by and by."""
    if reindexed_up_to(conn) is not None:
        return False
    rows = conn.execute("SELECT entity, kind, dot, body, hash FROM element")
    return all(read_sound((entity, kind, dot), body, digest) for entity, kind, dot, body, digest in rows)


def _standing(world: World) -> str:
    head = ordering.feed_head(world.hub.connection, CHAIN)
    found = [f"hub at {head.generation}/{head.offset}"]
    for till in world.tills:
        cursor = till.replica.cursors[CHAIN]
        left = changes.waiting(till.connection).records
        found.append(f"{till.name} {till.session} at {cursor.generation}/{cursor.offset}, {left} waiting")
    return "; ".join(found)


def _count_outcomes(world: World) -> None:
    conn = world.hub.conn.plain
    (losers,) = conn.execute("SELECT count(*) FROM loser").fetchone()
    (awards,) = conn.execute("SELECT count(*) FROM element WHERE kind = 9").fetchone()
    counts = world.faults.counts
    is_hub_back = counts["hub restored, announced"] + counts["hub restored, unannounced"] > 0
    world.faults.count("head office and a till put back", int(is_hub_back and counts["old image put back"] > 0))
    world.faults.count("loser", losers)
    world.faults.count("award", awards)
