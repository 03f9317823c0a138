"""What a restore of the hub may take away for good, and what the program must bring back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.domain.change import decode_header, dot_of
from daemon.domain.element import Key
from daemon.domain.ids import HUB_SITE, RecordId
from daemon.domain.kind_shape import Reach, Rule
from daemon.domain.kinds import shape_of
from daemon.domain.merge import Change, key_of
from daemon.store.database import Connection, open_connection
from daemon.store.slots import unpack_records
from tests.simulation.record_book import Ordered, ordered_records, own_records

if TYPE_CHECKING:
    from tests.simulation.till import Till
    from tests.simulation.world import World

Part = tuple[RecordId, int]
"""A record, and the reach of one of its feeds."""


def is_sent_again(world: World, backup: Path) -> bool:
    """Whether nothing that the backup lacks is known to nobody through no fault of the program.

    What a till has written it must hold still, unless its disk was swapped; what the hub has, some till may have
    followed, or taken in as rows where it is of a ledger.
    """
    conn = open_connection(backup, read_only=True)
    kept = set(_records_in(conn))
    conn.close()
    held, elements = set(_followed(world.tills)), _elements(world)
    for ident, feeds in ordered_records(world).items():
        if ident in kept or not (ident.site == HUB_SITE or ident in world.orphans):
            continue
        for (reach, _), stands in feeds.items():
            if (ident, reach) not in held and not all(_is_ledger(record, elements) for record in stands):
                return False
    return True


def _records_in(conn: Connection) -> Iterator[RecordId]:
    for (header,) in conn.execute("SELECT header FROM feed"):
        yield decode_header(header).record


def is_alone_with_a_shops_part(world: World, till: Till) -> bool:
    """Whether this till alone has a part in the feed of a shop of which head office has lost the record."""
    lost = world.ever_ordered - ordered_records(world).keys()
    here = {(ident, reach) for ident, reach in _followed([till]) if reach == Reach.SHOP and ident in lost}
    here = {part for part in here if _has_shops_part(world, part[0])}
    return bool(here - set(_followed(other for other in world.tills if other is not till)))


def _has_shops_part(world: World, ident: RecordId) -> bool:
    _, operations = world.book.saved.get(ident, ("", ()))
    shapes = [shape_of(one.kind) for one in operations]
    return any(shape is not None and shape.reach is Reach.SHOP for shape in shapes)


def _followed(tills: Iterable[Till]) -> Iterator[Part]:
    """What tills have, by record and feed; their own they have whole."""
    for till in tills:
        for own in own_records(till):
            yield from ((own, reach) for reach in (0, 1, 2))
        with till.reading() as conn:
            lost = conn.execute("SELECT reach, header FROM lost").fetchall()
            followed = conn.execute("SELECT reach, records FROM followed").fetchall()
        heard = [(reach, one.header) for reach, raw in followed for one in unpack_records(raw)]
        for reach, header in (*lost, *heard):
            yield decode_header(header).record, reach


def _elements(world: World) -> set[Key]:
    found: set[Key] = set()
    for till in world.tills:
        with till.reading() as conn:
            found.update(tuple(row) for row in conn.execute("SELECT entity, kind, dot FROM element"))
    return found


def _is_ledger(record: Ordered, elements: set[Key]) -> bool:
    """Whether this part of a record is of entries that some till holds as rows."""
    said = list(record.operations())
    for at, operation in said:
        shape = shape_of(operation.kind)
        change = Change(operation, record.header.stamp, dot_of(record.header.record, at))
        if shape is None or shape.rule is not Rule.ENTRY or key_of(change) not in elements:
            return False
    return bool(said)
