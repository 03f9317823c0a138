"""Erasure walks every table that can hold a person; a table that nobody has thought of fails here."""

from daemon.domain import authoring as wish
from daemon.domain.change import Operation, Verb
from daemon.domain.kinds import Kind
from daemon.errors import PeerFault
from daemon.store import ordering, personal, quarantine
from daemon.sync import commands as do
from daemon.till.performer import set_frame_aside
from tests.store.small_chain import ANNE, BIG, BRUNO, EMAIL, NAME, NOW, Site, SmallChain

SECRET = "Zanzibar"


def tables(site: Site) -> set[str]:
    """The tables of the schema, without what SQLite keeps behind the virtual ones."""
    names = {str(name) for (name,) in site.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    behind = {
        f"{virtual}_{part}" for virtual in personal.INDEXED for part in ("data", "idx", "content", "docsize", "config")
    }
    return {name for name in names if name not in behind and not name.startswith("sqlite_")}


def test_every_table_either_can_hold_a_person_or_cannot() -> None:
    known = personal.PERSONAL.keys() | personal.INDEXED | personal.IMPERSONAL
    assert tables(Site(2)) <= known
    assert not personal.PERSONAL.keys() & personal.IMPERSONAL


def spread(chain: SmallChain) -> None:
    """A person in every corner: rows, members, losers, records, a frame set aside, an operation parked."""
    chain.one.commit(
        wish.create(Kind.CUSTOMER, ANNE, {NAME: (SECRET, SECRET), EMAIL: f"{SECRET}@example.org"}),
        wish.add(Kind.NOTE, ANNE, {1: SECRET}),
        wish.add(Kind.CARD, ANNE, {1: SECRET}),
    )
    chain.one.create(BRUNO)
    chain.one.commit(wish.add(Kind.EDGE, BRUNO, {1: ANNE}))
    chain.sync()
    for site in (chain.one, chain.two):
        site.edit({EMAIL: f"{SECRET}{site.replica.identity.site}@example.org"})
    chain.one.commit(Operation(90, ANNE, Verb.ADD, {1: SECRET}))
    chain.sync()
    chain.sync()
    frame = ordering.frame_after(chain.hub.conn, chain.two.replica.scopes[0], 0, bytes_max=BIG)
    assert frame is not None
    fault = PeerFault("it did not fit")
    chain.two.unit(lambda conn: set_frame_aside(conn, do.Apply(frame), fault, now_ms=NOW))
    chain.two.unit(
        lambda conn: quarantine.set_aside(conn, source="line", reason="unreadable", payload=b"?" * 50, now_ms=NOW)
    )


def whole(site: Site) -> bytes:
    """Every value of every table."""
    found = b""
    for name in sorted(tables(site) - personal.INDEXED - {"search_words"}):
        for row in site.conn.execute(f"SELECT * FROM {name}"):
            found += b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    return found


def test_an_erased_person_is_in_no_table_any_more() -> None:
    chain = SmallChain()
    spread(chain)
    assert all(SECRET.encode() in whole(site) for site in (chain.hub, chain.one, chain.two))
    chain.two.commit(wish.erase(Kind.ERASE, ANNE))
    chain.sync()
    chain.sync()
    for site in (chain.hub, chain.one, chain.two):
        assert SECRET.encode() not in whole(site)
        assert site.rows("SELECT count(*) FROM word WHERE text LIKE 'zanz%'") == [(0,)]
    assert len(chain.roots()) == 1


def test_the_id_of_an_erased_person_stands_in_the_erasure_alone() -> None:
    chain = SmallChain()
    spread(chain)
    chain.two.commit(wish.erase(Kind.ERASE, ANNE))
    chain.sync()
    chain.sync()
    for site in (chain.hub, chain.one, chain.two):
        in_erasure = sum(site.rows("SELECT count(*) FROM feed WHERE instr(slots, x'08') AND length(slots) < 40")[0])  # type: ignore[arg-type]  # a count
        assert whole(site).count(ANNE) <= in_erasure + len(site.rows("SELECT 1 FROM change"))
        assert site.rows(f"SELECT * FROM lookup WHERE value = '{ANNE.hex()}'") == []


def test_what_others_said_in_the_same_record_stays() -> None:
    chain = SmallChain()
    chain.one.commit(
        wish.create(Kind.CUSTOMER, ANNE, {NAME: (SECRET, SECRET)}),
        wish.create(Kind.CUSTOMER, BRUNO, {NAME: ("B", "C")}),
    )
    chain.one.commit(wish.erase(Kind.ERASE, ANNE))
    chain.sync()
    assert chain.two.value(NAME, BRUNO) == ("B", "C")
    assert len(chain.roots()) == 1


def test_the_chain_of_a_record_that_was_cut_is_the_same() -> None:
    chain = SmallChain()
    chain.one.create()
    chain.sync()
    head = chain.head()
    chain.hub.commit(wish.erase(Kind.ERASE, ANNE))
    fresh = Site(4)
    chain.one = fresh
    chain.download(fresh)
    assert fresh.replica.cursors[fresh.replica.scopes[0]] == chain.head()
    assert chain.head().offset == head.offset + 1
    assert fresh.root() == chain.hub.root()
