"""The simulated chain: boxes, a broker, virtual time and chance from one seed."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from daemon.domain.change import Actor, ActorKind
from daemon.domain.ids import RecordId
from daemon.errors import DamagedRow, OperatorMistake
from daemon.store import authoring, ordering
from daemon.store.database import Connection, run
from daemon.store.replica import Identity, write_identity
from tests.simulation import operations as op
from tests.simulation.acting import People, Scene, operations_of
from tests.simulation.broker import Broker
from tests.simulation.disk import EngineError
from tests.simulation.faults import Faults
from tests.simulation.head_office import HeadOffice
from tests.simulation.history import History
from tests.simulation.machine import Machine
from tests.simulation.record_book import RecordBook
from tests.simulation.till import Till

SHOPS = {1: 0, 2: 1, 3: 1, 4: 2}
"""Site → shop: the hub, two tills of one shop, one of another."""

EVENTS_MAX = 400_000


class World:
    """One run."""

    def __init__(self, scenario: op.Scenario, folder: Path) -> None:
        self.folder = folder
        self.scenario = scenario
        self.chance = Random(scenario.seed)
        self.now_ms = 0
        self.faults = Faults()
        self.book = RecordBook()
        self.people = People(scenario.seed, [])
        self.broker = Broker(self, scenario.weather, Random(scenario.seed + 1))
        self.ever_ordered: set[RecordId] = set()
        self.orphans: set[RecordId] = set()
        self.swapped_sites: set[int] = set()
        self.copied_sites: set[int] = set()
        """Of those, the ones that run in two boxes which nothing tells from one another."""
        self.moved_keys: dict[tuple[str, bytes, int, bytes], bytes] = {}
        self.hit_twice: set[tuple[str, bytes, int, bytes]] = set()
        """(box, entity, kind, dot) of rows that were damaged twice; and whose a row was before its key flipped."""
        self.rights_ever: set[tuple[bytes, bytes]] = set()
        self.rights_put_back: Counter[tuple[bytes, int, object]] = Counter()
        self.history: History | None = None
        self.garbage = 0
        self.alarms: list[str] = []
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._serial = 0
        self.hub = HeadOffice(self, "hub", 1, 0)
        self.withdrawn: list[Till] = []
        self.heard_of_withdrawn: set[RecordId] = set()
        """Boxes of withdrawn sites, and what they had said before that: nobody judges more of them."""
        self.tills = [Till(self, f"till{site}", site, shop) for site, shop in SHOPS.items() if site > 1]
        for machine in self.machines:
            self._enrol(machine)
        run(self.hub.conn.plain, self._list_tills)
        self.hub.recorded()

    @property
    def machines(self) -> list[Machine]:
        """All boxes of the chain: the hub, then the tills, then clones."""
        return [self.hub, *self.tills]

    def machine(self, at: int) -> Machine:
        """The box that a scenario names."""
        return self.machines[at % len(self.machines)]

    def till(self, at: int) -> Till:
        """The till that a scenario names."""
        return self.tills[(at - 1) % len(self.tills)]

    def _enrol(self, machine: Machine) -> None:
        machine.disk.format()
        conn = machine.disk.open()
        identity = Identity(
            chain="sim",
            site=machine.site,
            shop=machine.shop,
            incarnation=self.chance.getrandbits(32),
            lot=self.chance.randbytes(8),
        )
        run(conn.plain, lambda c: write_identity(c, identity))
        conn.close()
        machine.first_lot = identity.lot
        machine.boot()

    def _list_tills(self, conn: Connection) -> None:
        """Head office knows which tills there are."""
        for shop in sorted({till.shop for till in self.tills}):
            conn.execute("INSERT INTO shop (shop, name) VALUES (?, '')", (shop,))
        for till in self.tills:
            conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (?,?,0)", (till.site, till.shop))
        ordering.begin_feeds(conn)

    # Time.

    def at(self, ms: int, work: Callable[[], None]) -> None:
        """Do something at a moment."""
        self._serial += 1
        heapq.heappush(self._events, (max(ms, self.now_ms), self._serial, work))

    def after(self, ms: int, work: Callable[[], None]) -> None:
        """Do something after a while."""
        self.at(self.now_ms + ms, work)

    def run_for(self, ms: int) -> None:
        """Let time pass."""
        until = self.now_ms + ms
        while self._events and self._events[0][0] <= until:
            at, _, work = heapq.heappop(self._events)
            self.now_ms = at
            work()
            assert self._serial < EVENTS_MAX, "the boxes talk without end"
        self.now_ms = until

    def skip(self, ms: int) -> None:
        """Let time pass in which nothing happens: what is due waits as long."""
        self.now_ms += ms
        self._events = [(at + ms, serial, work) for at, serial, work in self._events]

    # People.

    def act(self, action: op.Action) -> None:
        """Somebody acts at a box; what is answered with success is noted."""
        machine = self.hub if isinstance(action, op.Endow) else self.machine(getattr(action, "at", 0))
        if isinstance(action, op.During):
            inner = action.action
            self.machine(getattr(inner, "at", 0)).armed.append(inner)
            return
        if machine.is_on and (machine.is_newer or not isinstance(action, op.Newer)):
            machine.guarded(lambda: self.act_at(machine, action))

    def act_at(self, machine: Machine, action: op.Action) -> None:
        """Somebody acts at this very box."""
        try:
            self._try(machine, action)
        except DamagedRow as hit:
            machine.damaged(hit)  # the person is told, and tries again later

    def _try(self, machine: Machine, action: op.Action) -> None:
        holders = [(till.site, till.replica.identity.lot) for till in self.tills[:3] if hasattr(till, "replica")]
        mine = (machine.site, machine.replica.identity.lot)
        scene = Scene(machine.connection, self.people, mine, holders, machine is self.hub, machine.replica)
        operations = operations_of(scene, action)
        if not operations:
            return
        actor = Actor(ActorKind.OPERATOR, "op1", "seller", machine.shop)
        try:
            saved = machine.unit(
                lambda conn: authoring.commit(conn, machine.replica, actor, operations, now_ms=machine.wall_ms())
            )
        except EngineError:
            return  # a full disk: the person is told
        except OperatorMistake:
            return
        self.book.note(machine.name, operations, saved)
        if isinstance(action, op.Erase):
            self.faults.count("erasure")
        machine.recorded()
