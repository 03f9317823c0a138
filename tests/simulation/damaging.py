"""Damages what is stored: bits of rows, pages of files. Nobody tells the program."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from daemon.domain.mending import read_sound
from daemon.store import damage
from daemon.store.page_image import PAGE_BYTES
from daemon.store.replica import Identity
from daemon.store.salvage import salvage
from tests.simulation import operations as op
from tests.simulation.record_book import held_records, ordered_records, own_records
from tests.simulation.restoring import is_alone_with_a_shops_part

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World


def _overwrite(path: Path, operation: op.DamageFile) -> None:
    """Put noise on some pages; copies of those of the schema lie beside the file."""
    chance = Random(operation.seed)
    raw = bytearray(path.read_bytes())
    count = len(raw) // PAGE_BYTES
    for _ in range(operation.pages):
        at = chance.randrange(count) * PAGE_BYTES
        raw[at : at + PAGE_BYTES] = chance.randbytes(PAGE_BYTES)
    path.write_bytes(bytes(raw))


_ROWS = "SELECT entity, kind, dot, body, hash FROM element ORDER BY entity, kind, dot"


def flip_bit(world: World, operation: op.FlipBit) -> None:
    """Between two units of work, in the file: what lies in memory stays as it was."""
    machine = world.till(operation.at) if operation.at else world.hub
    if not machine.is_on:
        return
    conn = machine.conn.plain
    rows = conn.execute(_ROWS).fetchall()
    if machine is world.hub:
        if world.faults.counts["log pruned"]:
            return  # the log reaches back for weeks, and damage is found within a day
        # What nobody else holds is lost with its disk; that is what backups are for.
        held = {row for till in world.tills if till.is_on for row in till.conn.plain.execute(_ROWS)}
        rows = [row for row in rows if row in held]
    if not rows:
        return
    entity, kind, dot, body, digest = rows[operation.row % len(rows)]
    columns = (("body", body), ("hash", digest), ("entity", entity))[: 3 if operation.at else 2]
    column, old = columns[operation.where % len(columns)]
    right = world.moved_keys.pop((machine.name, entity, kind, dot), entity)
    if read_sound((entity, kind, dot), body, digest) is None:
        world.hit_twice.add((machine.name, right, kind, dot))
    at = operation.where // 3 % (len(old) * 8)
    bits = 0b1011 if column != "entity" and operation.row % 2 else 1 << at % 8
    new = bytes(byte ^ (bits if place == at // 8 else 0) for place, byte in enumerate(old))
    conn.execute(f"UPDATE element SET {column} = ? WHERE entity = ? AND kind = ? AND dot = ?", (new, entity, kind, dot))
    world.faults.count("bit flipped" if operation.at else "bit flipped at the hub")
    if column == "entity":
        world.moved_keys[machine.name, new, kind, dot] = right
    world.faults.count("bit of a key flipped", int(column == "entity"))


def damage_file(world: World, operation: op.DamageFile) -> None:
    """What stood on the pages is gone: who held it alone has lost it, as with a disk that was swapped."""
    till = world.till(operation.at)
    if not till.is_on:
        return
    twins = {record for other in world.tills if other is not till for record in own_records(other)}
    held = {record for other in world.tills if other is not till for record in held_records(other)}
    going = own_records(till) - twins
    if (held_records(till) - own_records(till) - ordered_records(world).keys()) & world.ever_ordered - held:
        return  # a restored hub lost it, and this disk is the only one that gives it back
    if is_needed(world, till) or is_alone_with_a_shops_part(world, till):
        return
    till.stop()
    damage.keep_pages(till.disk.path, damage.pages_of(till.disk.path, None), None)
    _overwrite(till.disk.path, operation)
    who = Identity(
        chain="sim",
        site=till.site,
        shop=till.shop,
        incarnation=world.chance.getrandbits(32),
        lot=world.chance.randbytes(8),
    )
    salvage(till.disk.path, who, key=None, boot=world.chance.randbytes(8), now_ms=till.wall_ms())
    lost = going - own_records(till)
    world.book.destroyed |= lost - ordered_records(world).keys()
    world.orphans |= lost
    world.swapped_sites.add(till.site)
    till.boot()
    world.faults.count("file damaged")
    forgotten = bool(own_records(till) & world.ever_ordered - ordered_records(world).keys())
    world.faults.count("file damaged, head office has forgotten", int(forgotten))
    world.faults.count("file damaged, head office in the past", int(world.hub.off_ms < -86_400_000))


def is_hub_damaged(world: World) -> bool:
    """Whether a row of head office is damaged now."""
    with world.hub.reading() as conn:
        return any(read_sound(tuple(row[:3]), *row[3:]) is None for row in conn.execute(_ROWS).fetchall())


def is_needed(world: World, till: Machine) -> bool:
    """Whether a damaged row of head office stands, sound, at this till alone."""
    with world.hub.reading() as conn:
        rows = conn.execute(_ROWS).fetchall()
    missed = {tuple(row[:3]) for row in rows if read_sound(tuple(row[:3]), *row[3:]) is None}
    return bool(missed - {key for other in world.tills if other is not till for key in _sound(other)})


def _sound(machine: Machine) -> set[tuple[bytes, int, bytes]]:
    with machine.reading() as conn:
        rows = conn.execute(_ROWS).fetchall()
    return {tuple(row[:3]) for row in rows if read_sound(tuple(row[:3]), *row[3:]) is not None}
