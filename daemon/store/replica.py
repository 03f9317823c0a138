"""Who this replica is, and what it keeps in memory of its file.

All of it is read from the file and can be read again: after a failed unit `reload` makes memory say what the file says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from typing_extensions import override

from daemon.domain.canonical import pack, unpack
from daemon.domain.digest import Buckets
from daemon.domain.element import reach_of
from daemon.domain.feed import CHAIN, Cursor, Head, Scope, scopes_of
from daemon.domain.hlc import Timeline
from daemon.domain.ids import HUB_SITE
from daemon.domain.kinds import Kind
from daemon.domain.namesakes import Namesakes
from daemon.domain.portion import Part
from daemon.errors import StoreFault
from daemon.store.buckets import read_buckets
from daemon.store.database import Connection
from daemon.store.doubted_sums import DoubtedSums


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What was issued at enrolment, and what is drawn anew after install, restore, clone or rollback."""

    chain: str
    site: int
    shop: int
    incarnation: int
    lot: bytes

    @property
    def is_hub(self) -> bool:
        """Whether this replica orders what the others do."""
        return self.site == HUB_SITE


NEARBY_MAX = 8
"""Digests beside the chain's that are kept in memory, a mebibyte each: of a till all that it has."""

_FENCED = "fenced_ms"
_ERASED = f"SELECT entity FROM element WHERE kind = {Kind.ERASE:d}"
"""Written out, so that the index of the erased serves: the whole table is not read at each start."""


class Replica:
    """The state of one replica in memory: identity, time, positions, digest of the chain, tombstones."""

    def __init__(self, boot: bytes) -> None:
        self.boot = boot
        self.n = 0
        self.identity: Identity
        self.timeline = Timeline()
        self.head: Head
        self.applied_seq = 0
        self.buckets = Buckets()
        self.nearby: dict[Scope, Buckets] = {}
        """Digests of other scopes that were asked for lately; `digest_of` reads them."""
        self.tombstones: set[bytes] = set()
        self.erased: list[bytes] = []
        """Who was erased since it was last asked: whatever else holds them in memory is to forget them."""
        self.with_losers: set[bytes] = set()
        self.cursors: dict[Scope, Cursor] = {}
        self.namesakes: Namesakes | None = None
        """While a large file comes in: which names somebody may have, told of each customer's row that is written."""
        self.index_written = 0
        """Pages of the index by words that had been written when somebody last looked (`index_merging`)."""
        self.sums = DoubtedSums()
        """Which sums the looks through the file have found wrong."""
        self.audit_key = b""
        """Under which acts are linked (`domain.audit`); without one (a tool on a stopped machine) none is noted."""

    @override
    def __repr__(self) -> str:
        ident = self.identity
        where = self.cursors.get(CHAIN)
        return f"<Replica {ident.chain} site {ident.site} seq {self.head.seq} at {where.offset if where else 0}>"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The feeds that this replica follows; the hub orders them all and follows none."""
        return scopes_of(shop=self.identity.shop, site=self.identity.site)

    def scope_of_kind(self, kind: int) -> Scope:
        """The scope of this replica that holds a kind."""
        reach = reach_of(kind)
        return next(scope for scope in self.scopes if scope.reach == reach)

    def take_erased(self) -> list[bytes]:
        """Who was erased since the last call."""
        taken, self.erased = self.erased, []
        return taken

    @property
    def erased_sum(self) -> int:
        """Who has been erased, as one number: the same for the same ones, in whatever order."""
        return sum(int.from_bytes(tombstone, "big") for tombstone in self.tombstones) % (1 << 62)

    def reload(self, conn: Connection) -> None:
        """Read everything from the file; raises StoreFault on a file that was never set up."""
        saved = saved_standing(conn)
        self.identity, self.head, self.applied_seq = saved.identity, saved.head, saved.applied_seq
        # An anchor whose unit failed has sealed nothing: what is open must be sealed before anything that comes later.
        opened = conn.execute("SELECT 1 FROM change WHERE sealed = 0 LIMIT 1").fetchone() is not None
        anchored, offset_ms = self.timeline.anchored and not opened, self.timeline.offset_ms
        self.timeline = Timeline(last=int(get_meta(conn, "last_time", 0)), anchored=anchored, offset_ms=offset_ms)
        (last,) = conn.execute("SELECT max(n) FROM change WHERE boot = ?", (self.boot,)).fetchone()
        # A number that was tried is not given again in this process: the hub keeps no records of its own to look at.
        self.n = max(self.n, last or 0)
        self.buckets = read_buckets(conn, CHAIN)
        self.nearby.clear()
        self.tombstones = {row[0] for row in conn.execute(_ERASED)}
        self.with_losers = {row[0] for row in conn.execute("SELECT DISTINCT entity FROM loser")}
        self.cursors = dict(saved.cursors)

    def save_timeline(self, conn: Connection, timeline: Timeline) -> None:
        """Remember the last time given, so that no stamp is ever given twice."""
        self.timeline = timeline
        put_meta(conn, "last_time", timeline.last)

    def save_head(self, conn: Connection, head: Head) -> None:
        """Remember the last position given."""
        self.head = head
        put_meta(conn, "head", pack((head.seq, head.chain)))

    def save_cursor(self, conn: Connection, scope: Scope, cursor: Cursor) -> None:
        """Remember how far this replica stands in a feed."""
        self.cursors[scope] = cursor
        conn.execute(
            "INSERT INTO cursor (reach, number, generation, feed_offset, chain) VALUES (?,?,?,?,?)"
            " ON CONFLICT (reach) DO UPDATE SET number=excluded.number, generation=excluded.generation,"
            " feed_offset=excluded.feed_offset, chain=excluded.chain",
            (scope.reach, scope.number, cursor.generation, cursor.offset, cursor.chain),
        )

    def save_applied(self, conn: Connection, seq: int) -> None:
        """Remember up to which position of this incarnation the hub has said `applied`."""
        self.applied_seq = seq
        put_meta(conn, "applied_seq", seq)

    def renew(self, conn: Connection, *, incarnation: int, lot: bytes) -> None:
        """Become a new incarnation (and holder): positions start again at one."""
        write_identity(conn, replace(self.identity, incarnation=incarnation, lot=lot))
        put_meta(conn, "head", pack((0, bytes(16))))
        put_meta(conn, "applied_seq", 0)
        self.identity = replace(self.identity, incarnation=incarnation, lot=lot)
        self.head = Head(incarnation)
        self.applied_seq = 0

    def root(self, conn: Connection, scope: Scope = CHAIN) -> bytes:
        """The root of a scope's digest as it stands in this transaction."""
        return self.digest_of(conn, scope).root()

    def digest_of(self, conn: Connection, scope: Scope) -> Buckets:
        """The digest of a scope as it stands in this transaction; whoever changes it stores the change as well.

        A shop that has sold for years fills 65 536 rows, a tenth of a second to read: the last few stay in memory.
        """
        if scope == CHAIN:
            return self.buckets
        found = self.nearby.pop(scope, None) or read_buckets(conn, scope)
        while len(self.nearby) >= NEARBY_MAX:
            del self.nearby[next(iter(self.nearby))]
        self.nearby[scope] = found
        return found


def get_meta(conn: Connection, name: str, default: Any = None) -> Any:
    """One remembered value."""
    row = conn.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return default if row is None else row[0]


def put_meta(conn: Connection, name: str, value: Any) -> None:
    """Remember one value."""
    conn.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value=excluded.value",
        (name, value),
    )


def note_fence(conn: Connection, *, fenced: bool, now_ms: int) -> None:
    """Remember what head office says: that another box lives under this site, since when it has said so."""
    known = fenced_ms(conn)
    if bool(known) != fenced:
        put_meta(conn, _FENCED, now_ms if fenced else 0)


RESTORED = "restored_unheard"
"""Of head office: it was restored, and not every till has reported since."""


def is_filling(conn: Connection, scope: Scope | None = None) -> bool:
    """Whether some scope of this replica is being taken anew, as rows (`taking`), or the one that is named.

    Of one that is named its history counts too; else whoever has all but the history is not being filled: they serve.
    """
    found: dict[int, tuple[Any, ...]] = unpack(get_meta(conn, "filling", pack({})))
    if scope is not None:
        return scope.reach in found
    return any(more[:1] != [Part.HISTORY] for _, _, _, _, _, *more in found.values())


def fenced_ms(conn: Connection) -> int:
    """Since when this till knows that another box lives under its site; 0: none does. It spends no rights then."""
    return int(get_meta(conn, _FENCED, 0))


def read_identity(conn: Connection) -> Identity | None:
    """The identity in the file, or None in a file that was never set up."""
    raw = get_meta(conn, "identity")
    if raw is None:
        return None
    chain, site, shop, incarnation, lot = unpack(raw)
    return Identity(chain=chain, site=site, shop=shop, incarnation=incarnation, lot=lot)


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedStanding:
    """Where a replica stands as a file says it."""

    identity: Identity
    head: Head
    applied_seq: int
    cursors: Mapping[Scope, Cursor]


def saved_standing(conn: Connection) -> SavedStanding:
    """Where the replica stands as `conn` sees it: for a reader, what is durable; memory runs ahead while a unit runs.

    Raises StoreFault on a file that was never set up.
    """
    identity = read_identity(conn)
    if identity is None:
        raise StoreFault("this database belongs to no site yet: enrol the till or set up the hub first")
    seq, chain = unpack(get_meta(conn, "head", pack((0, bytes(16)))))
    return SavedStanding(
        identity=identity,
        head=Head(identity.incarnation, seq, chain),
        applied_seq=int(get_meta(conn, "applied_seq", 0)),
        cursors=_read_cursors(conn, scopes_of(shop=identity.shop, site=identity.site)),
    )


def write_identity(conn: Connection, identity: Identity) -> None:
    """Set up a file for a site, or renew it."""
    who = identity
    put_meta(conn, "identity", pack((who.chain, who.site, who.shop, who.incarnation, who.lot)))


def _read_cursors(conn: Connection, scopes: tuple[Scope, ...]) -> dict[Scope, Cursor]:
    cursors = {scope: Cursor() for scope in scopes}
    for reach, number, generation, offset, chain in conn.execute(
        "SELECT reach, number, generation, feed_offset, chain FROM cursor"
    ):
        cursors[Scope(reach, number)] = Cursor(generation, offset, chain)
    return cursors
