"""Makes each fault of a scenario happen to the boxes. A swap of bytes is only a swap of bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain.canonical import pack
from daemon.domain.change import Actor, Header, encode_header, leaf_of, link
from daemon.domain.feed import Head
from daemon.domain.ids import RecordId
from daemon.errors import StoreFault
from daemon.store import backup, backup_list, pruning, sealing
from daemon.store.database import Connection, open_connection
from daemon.store.slots import pack_slots
from tests.simulation import damaging, withdrawing
from tests.simulation import operations as op
from tests.simulation.disk import Disk, Image
from tests.simulation.record_book import archive, held_records, ordered_records, own_records
from tests.simulation.restoring import is_alone_with_a_shops_part, is_sent_again
from tests.simulation.till import Till

if TYPE_CHECKING:
    from tests.simulation.world import World


class Happenings:
    """Applies faults to a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.images: dict[str, tuple[Image, Mapping[str, bytes]]] = {}
        """What was copied of each disk, and the hardware that it ran in."""
        self.garbage = 0
        self.poisons = 0

    def apply(self, operation: op.Operation) -> None:
        """Let one operation of a scenario happen."""
        work = HAPPEN.get(type(operation))
        if work is not None:
            work(self, operation)
        else:
            action: Any = operation
            self.world.act(action)

    def wait(self, operation: op.Wait) -> None:
        self.world.run_for(operation.ms)

    def night(self, operation: op.Night) -> None:
        world = self.world
        for till in world.tills:
            till.stop()
        world.run_for(1_000)
        # Nothing talks at night: the hours need no events.
        world.skip(operation.hours * 3_600_000)
        for till in world.tills:
            till.boot()
        world.run_for(1_000)

    def cut(self, operation: op.Cut) -> None:
        machine = self.world.machine(operation.at)
        if not machine.is_cut:
            machine.is_cut = True
            if machine.is_on:
                machine.unlink()
            self.world.faults.count("partition")

    def heal(self, operation: op.Heal) -> None:
        machine = self.world.machine(operation.at)
        machine.is_cut = False
        self.world.after(200, lambda: machine.guarded(machine.link) if machine.is_on else None)

    def crash(self, operation: op.Crash) -> None:
        machine = self.world.machine(operation.at)
        if machine.is_on:
            machine.conn.crash_in(operation.statement, after=operation.after)

    def power_cut(self, operation: op.PowerCut) -> None:
        machine = self.world.machine(operation.at)
        if not machine.is_on:
            return
        left = machine.disk.after_power_cut()
        machine.stop()
        machine.disk.write(left)
        self.world.faults.count("power cut")
        self.world.after(5_000, machine.boot)

    def restart(self, operation: op.Restart) -> None:
        machine = self.world.machine(operation.at)
        machine.stop()
        self.world.faults.count("restart")
        self.world.after(operation.away_ms, machine.boot)

    def wrong_clock(self, operation: op.WrongClock) -> None:
        machine = self.world.machine(operation.at)
        machine.stop()
        machine.ahead_ms = operation.ahead_ms
        machine.boot()

    def trust_clock(self, operation: op.TrustClock) -> None:
        till = self.world.till(operation.at)
        shown_ms = till.shown_ms()
        if not till.is_on or not till.replica.timeline.trusts(shown_ms):
            return
        till.guarded(lambda: self._anchor(till, shown_ms))
        self.world.faults.count("trusted clock")

    @staticmethod
    def _anchor(till: Till, shown_ms: int) -> None:
        now_ms = till.wall_ms()
        till.unit(lambda conn: sealing.anchor(conn, till.replica, local_ms=now_ms, true_ms=shown_ms))

    def disk_full(self, operation: op.DiskFull) -> None:
        machine = self.world.machine(operation.at)
        if machine.is_on:
            refused = partial(self.world.faults.count, "disk full")
            machine.conn.refuse_in(operation.statement, times=operation.times, refused=refused)

    # Disks.

    def take_image(self, operation: op.TakeImage) -> None:
        till = self.world.till(operation.at)
        self.images[till.name] = (till.disk.read(), till.hardware)

    def put_image_back(self, operation: op.PutImageBack) -> None:
        world, till = self.world, self.world.till(operation.at)
        image, hardware = self.images.get(till.name, (None, till.hardware))
        if image is None:
            return
        twins = {record for other in world.tills if other is not till for record in own_records(other)}
        going = own_records(till) - records_in(image, world.folder / "image.db", till.site) - twins
        destroyed = going - ordered_records(world).keys()
        held = {record for other in world.tills if other is not till for record in held_records(other)}
        if (destroyed | (held_records(till) - ordered_records(world).keys())) & world.ever_ordered - held:
            # A restored hub lost it, others may have applied it, and this disk is the only one that gives it back.
            return
        if damaging.is_needed(world, till) or is_alone_with_a_shops_part(world, till):
            return
        world.book.destroyed |= destroyed
        world.orphans |= going
        world.swapped_sites.add(till.site)
        till.stop()
        till.disk.write(image)
        till.boot()
        if till.hardware == hardware:  # else the till knows, and spends nothing of it
            world.rights_put_back += rights_on(till)
        world.faults.count("old image put back")

    def clone(self, operation: op.Clone) -> None:
        world = self.world
        if len(world.tills) >= 4:
            return
        first = world.till(operation.at)
        copy = Till(world, f"{first.name}-copy", first.site, first.shop)
        copy.disk.write(first.disk.read())
        copy.ahead_ms, copy.is_newer = first.ahead_ms, first.is_newer
        if not operation.elsewhere:
            copy.hardware = first.hardware
            world.copied_sites.add(first.site)
        world.tills.append(copy)
        world.swapped_sites.add(first.site)
        copy.boot()
        world.faults.count("clone on other hardware" if operation.elsewhere else "clone")

    def backup(self, operation: op.Backup) -> None:
        world = self.world
        target = world.folder / "backups"
        stamp = f"{world.faults.counts['backup']:04d}"
        try:
            backup.take(world.hub.disk.path, target, key=None, stamp=stamp, now_ms=world.hub.wall_ms(), keep=2)
        except StoreFault as refused:
            # What is damaged is no backup: the next night makes one, once the rows are back.
            if "differ from their hashes" not in str(refused):
                raise
            return
        world.faults.count("backup")

    def restore_hub(self, operation: op.RestoreHub) -> None:
        world, hub = self.world, self.world.hub
        backups = self._restorable()
        path = backups[0 if operation.oldest else -1] if backups else None
        if path is None or not is_sent_again(world, path) or not withdrawing.knows_withdrawn(world, path):
            return
        world.ever_ordered |= ordered_records(world).keys()
        with hub.reading() as conn:
            world.rights_ever |= set(conn.execute("SELECT entity, dot FROM element WHERE kind = 17").fetchall())
        hub.stop()
        if operation.announced:
            boot = world.chance.randbytes(8)
            backup.restore(path, hub.disk.path, key=None, boot=boot, now_ms=hub.wall_ms())
        else:
            hub.disk.write(Image((path.read_bytes(), b"")))
        hub.boot()
        world.faults.count("hub restored, announced" if operation.announced else "hub restored, unannounced")

    def _restorable(self) -> list[Path]:
        """What the hub itself says may be restored."""
        conn = open_connection(self.world.hub.disk.path, read_only=True)
        try:
            return [one.path for one in backup_list.restorable(conn)]
        finally:
            conn.close()

    # The line.

    def wipe_broker(self, operation: op.WipeBroker) -> None:
        world = self.world
        world.broker.wipe()
        for machine in (*world.machines, *world.withdrawn):
            if machine.is_on:
                machine.unlink()
                machine.later(300, machine.link)
        world.faults.count("broker wiped")

    def storm(self, operation: op.Storm) -> None:
        world = self.world
        world.broker.weather = op.Weather(drop=operation.drop, reorder=operation.reorder, delay_ms=operation.delay_ms)
        world.faults.count("storm")

    def garbage_message(self, operation: op.Garbage) -> None:
        machine = self.world.machine(operation.at)
        raw = Random(operation.seed).randbytes(operation.seed % 50 + 1)
        if machine.is_on and machine.is_linked:
            self.garbage += 1
            machine.receive("up/2", raw)
            self.world.faults.count("garbage message")

    def poison(self, operation: op.Poison) -> None:
        till = self.world.till(operation.at)
        if till.is_on:
            till.guarded(lambda: self._poison(till))

    def _poison(self, till: Till) -> None:
        """A sealed record of a form that no hub takes, as a faulty version would have left it."""

        def unit(conn: Connection) -> bool:
            replica = till.replica
            if not replica.timeline.anchored:
                return False
            replica.n += 1
            time, timeline = replica.timeline.next(local_ms=till.wall_ms())
            identity = replica.identity
            header = encode_header(Header(identity.site, replica.boot, replica.n, time, identity.incarnation, Actor()))
            slot = pack({1: 99, 2: b"short", 3: 3})
            head = replica.head
            head = Head(head.incarnation, head.seq + 1, link(head.chain, header, [leaf_of(slot)]))
            replica.save_timeline(conn, timeline)
            replica.save_head(conn, head)
            conn.execute(
                "INSERT INTO change (boot, n, header, slots, saved_ms, sealed, incarnation, seq, chain, waiting)"
                " VALUES (?,?,?,?,?,1,?,?,?,1)",
                (replica.boot, replica.n, header, pack_slots((slot,)), till.wall_ms(), *_position(head)),
            )
            return True

        if till.unit(unit):
            self.poisons += 1
            self.world.faults.count("poison record")
            till.recorded()

    def prune(self, operation: op.Prune) -> None:
        hub = self.world.hub
        if not hub.is_on or damaging.is_hub_damaged(self.world):
            return
        archive(hub.conn.plain)
        hub.guarded(lambda: self._prune(operation.records))

    def _prune(self, records: int) -> None:
        hub = self.world.hub
        if hub.unit(lambda conn: pruning.prune_log(conn, before_ms=1 << 62, records_max=records)):
            self.world.faults.count("log pruned")

    def upgrade(self, operation: op.Upgrade) -> None:
        machine = self.world.machine(operation.at)
        machine.stop()
        machine.is_newer = True
        machine.boot()
        self.world.faults.count("upgrade")


def rights_on(till: Till) -> Counter[tuple[bytes, int, object]]:
    """What this box believes to hold: (account, book, holder) → amount."""
    mine = (till.site, till.replica.identity.lot)
    found: Counter[tuple[bytes, int, object]] = Counter()
    for account, book, amount in till.conn.plain.execute(
        "SELECT account, book, amount FROM balance WHERE holder = ? AND amount > 0", (pack(mine),)
    ):
        found[account, book, mine] += amount
    return found


def records_in(image: Image, path: Path, site: int) -> set[RecordId]:
    """The own records in a copy of a till's disk."""
    disk = Disk(path.parent, path.stem)
    disk.write(image)
    conn = disk.open().plain
    try:
        return {RecordId(site, boot, n) for boot, n in conn.execute("SELECT boot, n FROM change")}
    finally:
        conn.close()


def _position(head: Head) -> tuple[int, int, bytes]:
    return (head.incarnation, head.seq, head.chain)


HAPPEN: dict[type, Callable[..., None]] = {
    op.Wait: Happenings.wait,
    op.Night: Happenings.night,
    op.Cut: Happenings.cut,
    op.Heal: Happenings.heal,
    op.Crash: Happenings.crash,
    op.PowerCut: Happenings.power_cut,
    op.Restart: Happenings.restart,
    op.WrongClock: Happenings.wrong_clock,
    op.TrustClock: Happenings.trust_clock,
    op.DiskFull: Happenings.disk_full,
    op.TakeImage: Happenings.take_image,
    op.PutImageBack: Happenings.put_image_back,
    op.Clone: Happenings.clone,
    op.Backup: Happenings.backup,
    op.RestoreHub: Happenings.restore_hub,
    op.WipeBroker: Happenings.wipe_broker,
    op.Storm: Happenings.storm,
    op.Poison: Happenings.poison,
    op.Garbage: Happenings.garbage_message,
    op.Prune: Happenings.prune,
    op.FlipBit: lambda self, operation: damaging.flip_bit(self.world, operation),
    op.DamageFile: lambda self, operation: damaging.damage_file(self.world, operation),
    op.Upgrade: Happenings.upgrade,
}
