"""A hub and tills in memory, joined by plain calls: for tests of the store that need somebody to talk to."""

from collections.abc import Callable
from typing import TypeVar

from daemon.domain import authoring as wish
from daemon.domain.change import Actor, ActorKind, Operation
from daemon.domain.element import Element
from daemon.domain.feed import CHAIN, Batch, Cursor, Scope
from daemon.domain.kinds import Kind
from daemon.store import authoring, changes, elements, following, ordering, sealing
from daemon.store.changes import Saved
from daemon.store.database import Connection, migrate, open_connection, run
from daemon.store.replica import Identity, Replica, write_identity

T = TypeVar("T")

NOW = 1_750_000_000_000
ACTOR = Actor(ActorKind.OPERATOR, "op1", "seller", 1)
ANNE, BRUNO = b"anne....", b"bruno..."
NAME, EMAIL, BLOCKED, ARCHIVED = 2, 8, 17, 16
BIG = 60_000


class Site:
    """One replica: its file in memory and what it holds of it."""

    def __init__(self, site: int, *, shop: int = 1, boot: bytes = b"") -> None:
        self.conn = open_connection(":memory:")
        migrate(self.conn)
        self.replica = Replica(boot or bytes([site]) * 8)
        who = Identity(chain="c", site=site, shop=shop, incarnation=site * 1000, lot=bytes([site]) * 8)
        self.unit(lambda conn: write_identity(conn, who))
        self.replica.reload(self.conn)
        self.now = NOW

    def unit(self, work: Callable[[Connection], T]) -> T:
        """One transaction; a failure makes memory say what the file says."""
        try:
            return run(self.conn, work)
        except BaseException:
            self.replica.reload(self.conn)
            raise

    def restart(self, boot: bytes) -> None:
        """A new process on the same file."""
        self.replica = Replica(boot)
        self.replica.reload(self.conn)

    def anchor(self, *, true_ms: int = 0) -> int:
        """The hub's time has come."""
        return self.unit(
            lambda conn: sealing.anchor(conn, self.replica, local_ms=self.now, true_ms=true_ms or self.now)
        )

    def commit(self, *operations: Operation, after_ms: int = 1000) -> Saved:
        """Somebody acts, a second later."""
        self.now += after_ms
        return self.unit(lambda conn: authoring.commit(conn, self.replica, ACTOR, operations, now_ms=self.now))

    def create(self, customer: bytes = ANNE, **more: object) -> Saved:
        """A customer with an e-mail."""
        return self.commit(wish.create(Kind.CUSTOMER, customer, {NAME: ("A", "B"), EMAIL: "a@b.fr"}))

    def edit(self, fields: dict[int, object], customer: bytes = ANNE) -> Saved:
        """Change fields as they are seen here."""
        row = self.row(customer)
        assert row is not None
        return self.commit(wish.change(row, fields))

    def row(self, customer: bytes = ANNE) -> Element | None:
        """A customer's row."""
        return elements.element(self.conn, (customer, Kind.CUSTOMER, b""))

    def value(self, number: int, customer: bytes = ANNE) -> object:
        """A field of a customer."""
        row = self.row(customer)
        return None if row is None else row.fields.get(number)

    def members(self, kind: int, customer: bytes = ANNE) -> list[Element]:
        """The members of a customer that are to be seen."""
        return [one for one in elements.elements_of(self.conn, customer) if one.kind == kind]

    def batch(self, after: int | None = None) -> Batch | None:
        """What is to be sent next."""
        seq = self.replica.applied_seq if after is None else after
        return changes.pending_batch(self.conn, self.replica, after=seq, bytes_max=BIG)

    def root(self, scope: Scope = CHAIN) -> bytes:
        """The root of a scope."""
        return self.replica.root(self.conn, scope)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What a query gives."""
        return [tuple(row) for row in self.conn.execute(sql)]


class SmallChain:
    """A hub and two tills, anchored."""

    def __init__(self) -> None:
        self.hub, self.one, self.two = Site(1, shop=0), Site(2), Site(3)
        self.hub.replica.timeline = self.hub.replica.timeline.anchor(local_ms=NOW, true_ms=NOW)
        for till in (self.one, self.two):
            till.anchor()

    def upload(self, till: Site) -> None:
        """Everything that a till has to say reaches the hub, which says so."""
        while (batch := till.batch()) is not None:
            taken = self.order(batch)
            assert taken.head is not None
            assert not taken.misplaced
            seq = taken.head.seq
            till.unit(lambda conn, seq=seq: changes.settle(conn, till.replica, seq=seq, backed_up=0))  # type: ignore[misc]  # bound now

    def order(self, batch: Batch) -> ordering.Ordered:
        """The hub takes a batch in."""
        hub = self.hub
        return hub.unit(lambda conn: ordering.order_batch(conn, hub.replica, batch, now_ms=hub.now + 3_600_000))

    def download(self, till: Site, *, bytes_max: int = BIG) -> None:
        """A till hears all its feeds to their heads."""
        for scope in till.replica.scopes:
            while True:
                after = till.replica.cursors[scope].offset
                frame = ordering.frame_after(self.hub.conn, scope, after, bytes_max=bytes_max)
                if frame is None:
                    break
                till.unit(lambda conn, frame=frame: following.apply_frame(conn, till.replica, frame))  # type: ignore[misc]  # bound now

    def sync(self) -> None:
        """Everybody hears everything."""
        for till in (self.one, self.two):
            self.upload(till)
        for till in (self.one, self.two):
            self.download(till)

    def roots(self) -> set[bytes]:
        """The roots of all: one, if they are equal."""
        return {site.root() for site in (self.hub, self.one, self.two)}

    def head(self) -> Cursor:
        """Where the chain's feed ends."""
        return ordering.feed_head(self.hub.conn, CHAIN)
