"""Ours: the daemon's own store, change, merge and wire, with a hub that orders between the tills; no broker.

What a till's exchange holds: sealing and encoding its records; decoding, merging, indexing for search, digesting and
committing (FULL) every frame of the feed, the echoes of its own edits included.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daemon.domain import authoring
from daemon.domain.change import Actor
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.store import authoring as author
from daemon.store import elements
from daemon.sync import wire
from daemon.version import VERSION
from tests.bench.peers.replay import Folder, Upload, await_word, customers, run_till, say
from tests.bench.peers.workload import DAY_MS
from tests.bench.replicas import Box

HUB, TILLS = 1, (2, 3)
UNIT = 500


class OurReplica:
    def __init__(self, where: Path, who: int) -> None:
        self.till = Box(where / f"{who}.db", who)
        self.waiting: list[dict[str, Any]] = []

    def edit(self, edit: dict[str, Any]) -> None:
        self.waiting.append(edit)
        if len(self.waiting) == UNIT:
            self.offline_day_ends()

    def offline_day_ends(self) -> None:
        """A record for each edit; the commits are shared, as this is not what is measured."""
        self.till.run(self._edit_all)
        self.waiting.clear()

    def _edit_all(self, conn: Any) -> None:
        for edit in self.waiting:
            here = elements.element(conn, (bytes.fromhex(edit["customer"]), int(Kind.CUSTOMER), b""))
            assert here is not None
            change = authoring.change(here, stored({edit["field"]: edit["value"]}))
            author.commit(conn, self.till.replica, Actor(), [change], now_ms=edit["at_ms"])

    def exchange(self, line: Upload) -> None:
        line.send([wire.encode(wire.Upload(batch)) for batch in self.till.batches()])
        for raw in line.receive("hub"):
            message = wire.decode(raw)
            assert isinstance(message, wire.Ordered)
            self.till.follow(message.frame)

    def states(self) -> Iterator[dict[str, Any]]:
        conn = self.till.conn
        rows = conn.execute("SELECT entity FROM element WHERE kind = ?", (int(Kind.CUSTOMER),)).fetchall()
        for (entity,) in rows:
            here = elements.element(conn, (entity, int(Kind.CUSTOMER), b""))
            assert here is not None
            conflicts: dict[str, list[Any]] = {}
            for loser in elements.losers_of(conn, entity):
                conflicts.setdefault(CUSTOMER.fields[loser.number].name, []).append(loser.value)
            fields = {CUSTOMER.fields[number].name: _plain(value) for number, value in here.fields.items()}
            yield {"customer": entity.hex(), "fields": fields, "conflicts": conflicts, "history": {}}

    def facts(self) -> dict[str, Any]:
        return {"version": VERSION, "root": self.till.replica.root(self.till.conn).hex()}


def stored(fields: dict[str, Any]) -> dict[int, Any]:
    """Fields as the daemon has them: numbers for names, bytes for an id's digits."""
    shapes = {name: CUSTOMER.fields[CUSTOMER.number(name)] for name in fields}
    return {
        shapes[name].number: bytes.fromhex(value)
        if shapes[name].type == "id"
        else tuple(value)
        if isinstance(value, list)
        else value
        for name, value in fields.items()
    }


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def seed(workload: Path, where: Path) -> None:
    """The hub and both tills with the same customers, made by the first till."""
    hub, tills = Box(where / "hub.db", HUB), [Box(where / f"{till}.db", till) for till in TILLS]
    first, part = tills[0], []
    for customer, fields in customers(workload):
        part.append(authoring.create(Kind.CUSTOMER, bytes.fromhex(customer), stored(fields)))
        if len(part) == UNIT:
            _create(first, part)
            part.clear()
    _create(first, part)
    for batch in first.batches():
        hub.order(batch)
    for till in tills:
        for frame in hub.frames(0):
            till.follow(frame)
    for box in (hub, *tills):
        box.close()


def _create(till: Box, operations: list[Any]) -> None:
    def unit(conn: Any) -> None:
        for operation in operations:
            author.commit(conn, till.replica, Actor(), [operation], now_ms=DAY_MS)

    till.run(unit)


def serve(where: Path) -> None:
    """Head office: takes in what both tills sent, in turn, and lays down the feed that follows."""
    hub = Box(where / "hub.db", HUB)
    frames = list(hub.frames(0))
    line = Folder(where, "hub")
    say("ready")
    await_word()
    uploads = [line.receive(str(till)) for till in TILLS]
    began = time.process_time()
    for at in range(max(map(len, uploads))):
        for batches in uploads:
            if at < len(batches):
                message = wire.decode(batches[at])
                assert isinstance(message, wire.Upload)
                hub.order(message.batch)
    line.send([wire.encode(wire.Ordered(frame)) for frame in hub.frames(frames[-1].last)])
    say("done", cpu_s=time.process_time() - began - line.own_cpu_s, sent_bytes=line.sent_bytes)


if __name__ == "__main__":
    step, workload, where = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if step == "seed":
        seed(workload, where)
    elif step == "hub":
        serve(where)
    else:
        who = int(sys.argv[4])
        run_till(OurReplica(where, who), workload, where, who)
