"""How this replica is: why it is not ready, and where replication stands. In figures; nobody's data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from daemon.desk import instant
from daemon.desk.premises import Premises
from daemon.desk.search_answer import CopyAge, copy_age
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.site_row import label_of, site_key
from daemon.store import changes, customers, elements, machine, only_here, salvage, taking
from daemon.store.ballast import Room
from daemon.store.buckets import SavedDigest
from daemon.store.database import Connection
from daemon.store.replica import fenced_ms, get_meta, saved_standing

COUNTED_S: Final = 300.0
COUNTED_AT_ONCE: Final = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedShown:
    """How far this replica follows a feed, and where it was last proved equal to head office."""

    reach: Literal["chain", "shop", "site"]
    number: int
    generation: int
    offset: int
    proved_offset: int
    proved_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PassShown:
    """How far a pass over head office's rows is: so many rows, of about so many."""

    rows: int
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FillShown:
    """How far a till is with taking everybody anew from head office: so many rows, of about so many.

    First all that a counter serves with; then the `history`, sales and what they come to by month, while the till
    follows head office again. It is null before it begins.
    """

    rows: int
    total: int
    history: PassShown | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlyHereShown:
    """What head office did not hold when its rows were taken in.

    `dropped`: rows by kind that are gone here now. `replaced`: rows by kind that head office held otherwise.
    `entries`: of the ledgers, said again by this till, and not proved to be at head office yet.
    """

    dropped: dict[str, int]
    replaced: dict[str, int]
    entries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RescueShown:
    """The database was found damaged and made anew: when, and how many own records came over.

    `unsent`: of those, the ones that head office may not have had. `holes`: places that could not be read.
    """

    at: str
    records: int
    unsent: int
    holes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkShown:
    """The line to head office (at head office: to the broker) as the session last knew it.

    `certificate_until`: when the first of this machine's certificates ends. `fill`: in steps of a hundredth.
    """

    online: bool
    since: str | None = None
    detail: str = ""
    certificate_until: str | None = None
    fill: FillShown | None = None
    behind: int = 0
    """Records that head office has and this till has not, as far as it has heard."""
    is_unequal: bool = False
    """A comparison came out wrong, and the repair is not through."""
    last_error: str = ""
    """Why the line was last lost, for support; empty where it never was since this process began."""
    last_error_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replication:
    """Where replication stands. `head_seq`: own records sealed; `applied_seq`: of those, applied by head office."""

    role: Literal["till", "hub"]
    chain: str
    site: int
    shop: int
    label: str
    """What head office calls this till; empty where it gave no name."""
    incarnation: int
    anchored: bool
    head_seq: int
    applied_seq: int
    open_records: int
    backed_up: int
    """Offset of the chain's feed up to which the hub's last verified backup holds everything; 0: there is none."""
    root: str
    copy: CopyAge
    feeds: tuple[FeedShown, ...]
    link: LinkShown | None = None
    fill: FillShown | None = None
    """Null where this till has everybody."""
    rescue: RescueShown | None = None
    """Null where the database was never found damaged."""
    only_here: OnlyHereShown | None = None
    """Null where head office holds all that this till holds, as far as was seen."""
    fenced_since: str | None = None
    """Since when head office has heard another box under this number; rights are not spent then."""
    moved_at: str | None = None
    """When this disk was first started in another machine than before: what it held was given up then."""


_REACHES: dict[int, Literal["chain", "shop", "site"]] = {
    Reach.CHAIN: "chain",
    Reach.SHOP: "shop",
    Reach.SITE: "site",
}


class ConditionDesk:
    """Where this replica says how it is."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._digest = SavedDigest(CHAIN)
        self._counted: tuple[float, int] | None = None

    def room(self) -> Room:
        """What is free on the disk of this machine."""
        return self._premises.database.room

    def trouble(self) -> tuple[str, ...]:
        """One sentence for each thing that goes wrong though people are served."""
        return tuple(filter(None, (self._premises.database.trouble,)))

    async def customers(self) -> int:
        """How many customers this copy holds, as counted within the last minutes: each has a code.

        Counted a portion at a time, so that nobody who types waits for it (a million takes 0.2 s).
        """
        now_s = self._premises.clock.monotonic_s()
        if self._counted is None or now_s - self._counted[0] > COUNTED_S:
            total, last = 0, ""
            while True:
                unit = partial(customers.codes_after, after=last, limit=COUNTED_AT_ONCE)
                count, last = await self._premises.database.read(unit)
                total += count
                if count < COUNTED_AT_ONCE:
                    break
            self._counted = (now_s, total)
        return self._counted[1]

    async def why_not_ready(self) -> tuple[str, ...]:
        """One sentence for each thing that is missing; empty when the counter can serve."""
        identity = self._premises.replica.identity
        if identity.is_hub:
            await self._premises.database.read(customers.proved_ms)
            return ()
        chosen = await self._premises.database.read(lambda conn: customers.walk_in(conn, identity.shop))
        if chosen is None:
            return ("No walk-in customer was chosen for this shop: run `comptoir setup`.",)
        return ()

    async def replication(self, link: LinkShown | None = None) -> Replication:
        """Where replication stands now, as far as it is durable: memory is ahead of the file while a unit runs."""
        return await self._premises.database.read(lambda conn: self._replication(conn, link))

    def _replication(self, conn: Connection, link: LinkShown | None) -> Replication:
        saved, waiting, copied = saved_standing(conn), changes.waiting(conn), customers.copy_state(conn)
        identity = saved.identity
        return Replication(
            role="hub" if identity.is_hub else "till",
            chain=identity.chain,
            site=identity.site,
            shop=identity.shop,
            label=label_of(elements.element(conn, site_key(identity.site))),
            incarnation=identity.incarnation,
            anchored=self._premises.replica.timeline.anchored and not waiting.open,
            head_seq=saved.head.seq,
            applied_seq=saved.applied_seq,
            open_records=waiting.open,
            backed_up=int(get_meta(conn, "backed_up", 0)),
            root=self._digest.root(conn).hex(),
            copy=copy_age(
                proved_ms=copied.proved_ms,
                indexed=copied.indexed,
                waiting=waiting.records,
                since_ms=waiting.since_ms,
                now_ms=self._premises.clock.now_ms(),
                is_hub=identity.is_hub,
            ),
            feeds=() if identity.is_hub else _feeds(conn, saved.cursors),
            link=link,
            fill=_fill(conn),
            rescue=_rescue(conn),
            only_here=_only_here(conn),
            fenced_since=instant.shown(fenced_ms(conn)) or None,
            moved_at=instant.shown(machine.moved_ms(conn)) or None,
        )


def _fill(conn: Connection) -> FillShown | None:
    found = taking.progress(conn)
    if found is None:
        return None
    history = PassShown(rows=found.past_rows, total=found.past_total) if found.has_history else None
    return FillShown(rows=found.rows, total=found.total, history=history)


def _only_here(conn: Connection) -> OnlyHereShown | None:
    found = only_here.told(conn)
    if not found.dropped and not found.replaced and not found.entries:
        return None
    return OnlyHereShown(dropped=_named(found.dropped), replaced=_named(found.replaced), entries=found.entries)


def _named(counts: Mapping[int, int]) -> dict[str, int]:
    names = {int(kind): kind.name.lower() for kind in Kind}
    return {names.get(kind, str(kind)): count for kind, count in counts.items()}


def _rescue(conn: Connection) -> RescueShown | None:
    found = salvage.salvaged(conn)
    if found is None:
        return None
    return RescueShown(at=instant.shown(found.at_ms), records=found.records, unsent=found.unsent, holes=found.holes)


def _feeds(conn: Connection, cursors: Mapping[Scope, Cursor]) -> tuple[FeedShown, ...]:
    """Every feed that this till follows, also one of which it has heard nothing yet."""
    proved = {
        reach: (offset, at_ms)
        for reach, offset, at_ms in conn.execute("SELECT reach, proved_offset, proved_ms FROM cursor")
    }
    found: list[FeedShown] = []
    for scope, cursor in sorted(cursors.items(), key=lambda one: one[0].reach):
        proved_offset, proved_ms = proved.get(int(scope.reach), (0, 0))
        found.append(
            FeedShown(
                reach=_REACHES[scope.reach],
                number=scope.number,
                generation=cursor.generation,
                offset=cursor.offset,
                proved_offset=proved_offset,
                proved_at=instant.shown(proved_ms) or None,
            )
        )
    return tuple(found)
