"""Replicas on real files for benchmarks: the hub and tills without a network between them."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from daemon.cli.daemons import settle_memory
from daemon.domain.feed import CHAIN, Batch, Frame
from daemon.store import changes, following, ordering, sealing
from daemon.store.checkpoints import Checkpoints
from daemon.store.database import Connection, DatabaseError, migrate, open_connection, run
from daemon.store.replica import Identity, Replica, write_identity

T = TypeVar("T")
NOW_MS = 1_800_000_000_000
BYTES = 60_000


class Box:
    """One replica: its open file and its memory."""

    def __init__(self, path: Path, site: int) -> None:
        self.path = path
        self.conn = open_connection(path)
        migrate(self.conn)
        self._checkpoints = Checkpoints(lambda: open_connection(path), DatabaseError)
        self._checkpoints.leave_to_us(self.conn)
        self.replica = Replica(os.urandom(8))
        self.run(lambda conn: _set_up(conn, self.replica, site))

    def run(self, unit: Callable[[Connection], T]) -> T:
        """One durable unit; the log is folded beside it, as daemons do."""
        if self._checkpoints.is_long:
            self._checkpoints.begin().result()
        answer = run(self.conn, unit)
        self._checkpoints.look(self.conn)
        return answer

    def batches(self) -> Iterator[Batch]:
        """What waits, batch after batch, each settled when the next is asked for."""
        while batch := self.run(
            lambda conn: changes.pending_batch(conn, self.replica, after=self.replica.applied_seq, bytes_max=BYTES)
        ):
            yield batch
            last = batch.first + len(batch.records) - 1
            self.run(lambda conn, last=last: changes.settle(conn, self.replica, seq=last, backed_up=0))  # type: ignore[misc]  # bound now

    def order(self, batch: Batch) -> None:
        """At the hub: take a batch in."""
        done = self.run(lambda conn: ordering.order_batch(conn, self.replica, batch, now_ms=NOW_MS + 10**7))
        assert (done.misplaced, done.reseal, done.reason) == (False, False, ""), done

    def frames(self, after: int) -> Iterator[Frame]:
        """At the hub: the chain's feed after an offset."""
        while frame := self.frame(after):
            yield frame
            after = frame.last

    def frame(self, after: int) -> Frame | None:
        """At the hub: the next frame of the chain's feed."""
        return self.run(lambda conn: ordering.frame_after(conn, CHAIN, after, bytes_max=BYTES))

    def follow(self, frame: Frame) -> None:
        """At a till: apply a frame."""
        self.run(lambda conn: following.apply_frame(conn, self.replica, frame))

    def close(self) -> None:
        """Checkpoint and close."""
        self._checkpoints.close()
        self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.conn.close()


def as_daemons_do() -> None:
    """The settings that a daemon's process runs with (`cli.daemons`; the composition roots, which are large)."""
    settle_memory()
    sys.setswitchinterval(0.0001)


def memory_mb(line: str = "VmRSS") -> float:
    """Resident memory of this process; `VmHWM`: at most, since it began (`getrusage` counts its parent's as well)."""
    (found,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(f"{line}:"))
    return int(found.split()[1]) / 1024


def _set_up(conn: Connection, replica: Replica, site: int) -> None:
    lot = os.urandom(8)
    write_identity(conn, Identity(chain="bench", site=site, shop=1, incarnation=site * 7, lot=lot))
    replica.reload(conn)
    sealing.anchor(conn, replica, local_ms=NOW_MS, true_ms=NOW_MS)
