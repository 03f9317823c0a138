"""A till is withdrawn, as one that was stolen is, and the broker has not heard of it: what it says then is not taken.

The box goes on in the hands of whoever has it. It is no machine of the chain any more: nobody judges what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from daemon.domain.ids import RecordId, SiteId
from daemon.hub.relay import Relay
from daemon.store import enrolments
from daemon.store.database import Connection, open_connection
from tests.simulation import damaging
from tests.simulation import operations as op
from tests.simulation.addition import Addition
from tests.simulation.planting import Plant, everywhere, patched
from tests.simulation.record_book import held_records, ordered_records, own_records

if TYPE_CHECKING:
    from tests.simulation.till import Till
    from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Withdraw:
    """An operator at head office withdraws a till; nothing makes the broker read its files."""

    at: int


@dataclass(frozen=True, slots=True)
class SayWithdrawn:
    """Whoever has a withdrawn till goes on with it, line and all."""

    value: int


def withdraw(world: World, operation: Withdraw) -> None:
    """The site and all its boxes are out, from the moment at which this is durable."""
    first, hub = world.till(operation.at), world.hub
    gone = [till for till in world.tills if till.site == first.site]
    if len(gone) == len(world.tills) or not hub.is_on or any(_is_needed(world, till) for till in gone):
        return
    site, before = SiteId(first.site), set(ordered_records(world)) | world.ever_ordered
    hub.guarded(lambda: hub.unit(lambda conn: enrolments.revoke_site(conn, site, hub.wall_ms())))
    with hub.reading() as conn:
        if site not in _withdrawn(conn):
            return  # it crashed, or its disk was full: the operator was told nothing, and looks again
    world.withdrawn += gone
    world.tills = [till for till in world.tills if till.site != site]
    own = {record for till in gone for record in own_records(till)} - before
    world.book.destroyed |= own
    world.orphans |= {record for till in gone for record in own_records(till)}
    world.heard_of_withdrawn |= {record for record in before if record.site == site}
    world.faults.count("withdrawn")
    if hub.is_on:
        hub.guarded(hub.recorded)


def _withdrawn(conn: Connection) -> set[int]:
    return {int(row.site) for row in enrolments.sites(conn) if row.revoked_ms is not None}


def _is_needed(world: World, till: Till) -> bool:
    """Whether something of the chain is with this box alone, by another fault: an operator would wait."""
    others = [other for other in world.tills if other.site != till.site]
    held = {record for other in others for record in held_records(other)}
    lost = {one for one in (held_records(till) | own_records(till)) if one not in ordered_records(world)}
    return bool(lost & world.ever_ordered - held) or damaging.is_needed(world, till)


def say_withdrawn(world: World, operation: SayWithdrawn) -> None:
    """Save something there: it is no record of the chain's."""
    saved = world.book.saved.copy()
    till = next((one for one in world.withdrawn if one.is_on), None)
    if till is not None:
        till.guarded(lambda: world.act_at(till, op.Create(till.site, operation.value)))
    world.faults.count("said by a withdrawn till", len(world.book.saved) - len(saved))
    world.book.saved = saved


def knows_withdrawn(world: World, backup: Path) -> bool:
    """Whether a backup knows who is withdrawn: an older one lets them in again, until somebody says it anew."""
    conn = open_connection(backup, read_only=True)
    try:
        return {till.site for till in world.withdrawn} <= _withdrawn(conn)
    finally:
        conn.close()


def _not_taken(world: World) -> Iterator[str]:
    """What a withdrawn site said after it was withdrawn is not ordered; (what it said before stays: see `_records`)."""
    sites = {till.site for till in world.withdrawn}
    late = [one for one in ordered_records(world) if one.site in sites and one not in world.heard_of_withdrawn]
    if late:
        yield f"{len(late)} records of a withdrawn till are ordered that were not when it was withdrawn"
    for till in world.withdrawn:
        own: set[RecordId] = own_records(till)
        world.faults.count("withdrawn before all was said", int(bool(own & world.book.destroyed)))


def stolen(chance: Random) -> list[Any]:
    """A till is withdrawn with things to say, goes on, and head office starts again meanwhile."""
    at = chance.choice((1, 2, 3))
    said = [op.Create(at, chance.randrange(50)), Withdraw(at), SayWithdrawn(chance.randrange(50))]
    again = [op.Restart(0, 2_000)] if chance.randrange(2) else []
    return [op.Wait(6_000), *said, op.Wait(4_000), *again, op.Wait(8_000), SayWithdrawn(chance.randrange(50))]


def withdrawn_is_known_to_the_broker_alone() -> AbstractContextManager[None]:
    """Head office does not look whether somebody is withdrawn."""
    return everywhere(enrolments.withdrawn_sites, lambda _: frozenset())


def withdrawn_hears_answers() -> AbstractContextManager[None]:
    """What a withdrawn site says is not ordered, and answered all the same."""
    return patched(Relay, "listens_to", lambda _, __: True)


PLANTED: Sequence[Plant] = (withdrawn_is_known_to_the_broker_alone, withdrawn_hears_answers)

ADDITION = Addition(
    happenings={Withdraw: withdraw, SayWithdrawn: say_withdrawn},
    recipes=(stolen,),
    judges=(_not_taken,),
    must_be_reached=("withdrawn", "said by a withdrawn till", "withdrawn before all was said"),
    planted=PLANTED,
    looked_for_in={one.__name__: (stolen,) for one in PLANTED},
)
