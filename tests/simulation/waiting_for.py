"""What takes its time in the simulation: a till that is silent for a day, points that expire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.domain import authoring, expiry
from daemon.domain.change import Operation as Said
from daemon.domain.kinds import Kind
from daemon.domain.policy import VALUE, policy_key
from daemon.hub import expiring
from daemon.store import elements, rights
from daemon.store.changes import Saved
from daemon.store.database import Connection
from daemon.store.replica import RESTORED, get_meta
from tests.simulation import loyalty as people

if TYPE_CHECKING:
    from tests.simulation.world import World

MONTH_MS = 20_000
"""Of the simulation: points are over after so long, not after a twelfth of a year."""

DAY_MS = 150_000
"""A till that is silent for so long is not waited for: the day of the simulation."""


@dataclass(frozen=True, slots=True)
class StaySilent:
    """A till is cut off, head office starts again, and everybody else reports for a day; `heals`: then it is back."""

    at: int
    heals: bool


@dataclass(frozen=True, slots=True)
class SetExpiry:
    """Head office lets points expire after so many months; 0: never."""

    months: int


@dataclass(frozen=True, slots=True)
class Expire:
    """Head office looks at every account, as it does a few times a day."""


def stay_silent(world: World, operation: StaySilent) -> None:
    """Time passes for the others."""
    till, hub = world.till(operation.at), world.hub
    till.is_cut = True
    if till.is_on:
        till.unlink()
    hub.stop()
    hub.boot()
    world.run_for(DAY_MS + 70_000)
    if hub.is_on:
        conn, boot = hub.conn.plain, hub.replica.boot
        is_silent = any(site == till.site for (site,) in rights._unheard(conn, boot))
        if is_silent and rights.may_grant(conn, boot):
            world.faults.count("silent till not waited for")
        elif is_silent and get_meta(conn, RESTORED):
            world.faults.count("silent till waited for after a restore")
    if operation.heals:
        till.is_cut = False
        world.after(200, lambda: till.guarded(till.link) if till.is_on else None)
        world.run_for(1_000)


def set_expiry(world: World, operation: SetExpiry) -> None:
    """State the policy."""
    hub, (id_, kind, _) = world.hub, policy_key(expiry.EXPIRY)
    text = f'{{"months":{operation.months}}}'

    def unit(conn: Connection) -> tuple[list[Said], Saved | None]:
        row = elements.element(conn, (id_, kind, b""))
        if row is None:
            said = [authoring.create(Kind.POLICY, id_, {VALUE: text})]
        else:
            said = [authoring.change(row, {VALUE: text})]
        return said, people.commit_at(world, hub, conn, said)

    people.at_box(world, hub, lambda: people.note_saved(world, hub, *hub.unit(unit)))


def expire(world: World, _: Expire) -> None:
    """One round of head office, account by account."""
    hub = world.hub

    def unit(conn: Connection) -> None:
        after: bytes | None = b""
        while after is not None:
            after = expiring.expire_some(conn, hub.replica, after, now_ms=hub.wall_ms())

    def work() -> None:
        hub.unit(unit)
        hub.recorded()

    people.at_box(world, hub, work)
