"""What was shown as saved, and what no program could have kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.domain.change import Header, Operation, Slot, decode_header, decode_operation
from daemon.domain.ids import RecordId
from daemon.store.changes import Saved
from daemon.store.database import Connection
from daemon.store.slots import unpack_records, unpack_slots

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Ordered:
    """One record as it stands in a feed of the hub."""

    offset: int
    header: Header
    slots: tuple[Slot, ...]

    def operations(self) -> Iterator[tuple[int, Operation]]:
        """What it carries whole, with the place of each."""
        for at, slot in enumerate(self.slots):
            if isinstance(slot, bytes):
                yield at, decode_operation(slot)


@dataclass(slots=True)
class RecordBook:
    """Every acknowledged action, and those of them that a swapped disk destroyed for good."""

    # Destroyed: something of it may still be under way and arrive. It may come, it need not.
    saved: dict[RecordId, tuple[str, tuple[Operation, ...]]] = field(default_factory=dict)
    destroyed: set[RecordId] = field(default_factory=set)

    def note(self, where: str, operations: list[Operation], saved: Saved) -> None:
        """An action was answered with success."""
        self.saved[saved.record] = (where, tuple(operations))

    def required(self) -> dict[RecordId, tuple[str, tuple[Operation, ...]]]:
        """What must be in the hub's feeds at the end."""
        return {ident: what for ident, what in self.saved.items() if ident not in self.destroyed}


def own_records(till: Machine) -> set[RecordId]:
    """The records of its own that a till holds."""
    with till.reading() as conn:
        return {RecordId(till.site, boot, n) for boot, n in conn.execute("SELECT boot, n FROM change")}


def held_records(till: Machine) -> set[RecordId]:
    """Whatever a till has followed and holds still, or waits to give back."""
    with till.reading() as conn:
        given_back = [header for (header,) in conn.execute("SELECT header FROM lost")]
        followed = [
            one.header for (raw,) in conn.execute("SELECT records FROM followed") for one in unpack_records(raw)
        ]
    return {decode_header(header).record for header in (*given_back, *followed)}


def ordered_records(world: World) -> dict[RecordId, dict[tuple[int, int], list[Ordered]]]:
    """What the hub has ordered: by record, then by feed."""
    found: dict[RecordId, dict[tuple[int, int], list[Ordered]]] = {}
    with world.hub.reading() as conn:
        rows = conn.execute(
            "SELECT reach, number, feed_offset, header, slots FROM feed ORDER BY reach, number, feed_offset"
        ).fetchall()
        rows = [*_archived(conn), *rows]
    for reach, number, offset, header_raw, slots in rows:
        header = decode_header(header_raw)
        feeds = found.setdefault(header.record, {})
        feeds.setdefault((reach, number), []).append(Ordered(offset, header, unpack_slots(slots)))
    return found


# The judges read the hub's log as history. What it prunes is put beside it in the hub's own file, so that backups and
# restores carry it along; veiled, because an erased person must not be found in a file.


def archive(conn: Connection) -> None:
    """Put what the log holds now beside it."""
    conn.execute(
        "CREATE TABLE IF NOT EXISTS simulated_archive (reach, number, feed_offset, header, slots,"
        " PRIMARY KEY (reach, number, feed_offset))"
    )
    rows = conn.execute("SELECT reach, number, feed_offset, header, slots FROM feed").fetchall()
    conn.executemany(
        "INSERT OR REPLACE INTO simulated_archive VALUES (?,?,?,?,?)",
        [(*where, header, _veiled(slots)) for *where, header, slots in rows],
    )


def _archived(conn: Connection) -> list[tuple[int, int, int, bytes, bytes]]:
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'simulated_archive'").fetchone() is None:
        return []
    rows = conn.execute(
        "SELECT reach, number, feed_offset, header, slots FROM simulated_archive AS a WHERE feed_offset <"
        " (SELECT min(feed_offset) FROM feed AS f WHERE f.reach = a.reach AND f.number = a.number)"
        " ORDER BY reach, number, feed_offset"
    ).fetchall()
    return [(reach, number, offset, header, _veiled(slots)) for reach, number, offset, header, slots in rows]


def _veiled(raw: bytes) -> bytes:
    return bytes(byte ^ 0x5A for byte in raw)
