"""Tries at PINs and refusals, found by their moment; what was spent lately, without reading what is older."""

from pathlib import Path

from daemon.domain import pin_tries, rights
from daemon.domain.change import Operation
from daemon.domain.claims import TRIED_AT
from daemon.domain.hlc import ms_of
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.store import loyalty, proofs
from daemon.store import rights as kept
from tests.store.small_chain import ANNE, BRUNO, NOW, Site, SmallChain

CLARA = b"clara..."
SCHEMA = Path(proofs.__file__).parent / "schema"


def earning(at: int) -> list[Operation]:
    return rights.earn(ANNE, BOOK_POINTS, 10 + at, sale=bytes([at]) * 8, holder=None)


def wrong(site: Site, customer: bytes, at_ms: int) -> None:
    own, holder = proofs.own(site.conn, site.replica, customer), kept.holder_of(site.replica)
    site.commit(*pin_tries.wrong(own, customer, holder, now_ms=at_ms))


def refused(site: Site, customer: bytes, at_ms: int) -> None:
    own, holder = proofs.own(site.conn, site.replica, customer), kept.holder_of(site.replica)
    site.commit(*pin_tries.refused(own, customer, holder, now_ms=at_ms))


def listed(site: Site, after: proofs.Place = proofs.LATEST, limit: int = 10) -> list[bytes]:
    return [whom for (_, whom), _ in proofs.told_latest(site.conn, after, limit)]


def test_whoever_was_told_of_last_comes_first_and_once_whatever_tills_have_said() -> None:
    chain = SmallChain()
    for customer in (ANNE, BRUNO, CLARA):
        chain.one.create(customer)
    chain.sync()
    wrong(chain.one, ANNE, NOW + 1_000)
    wrong(chain.two, ANNE, NOW + 9_000)
    wrong(chain.one, BRUNO, NOW + 5_000)
    refused(chain.two, CLARA, NOW + 7_000)
    chain.sync()
    assert listed(chain.hub) == listed(chain.two) == [ANNE, CLARA, BRUNO]
    wrong(chain.one, BRUNO, NOW + 99_000)
    assert listed(chain.one) == [BRUNO, ANNE, CLARA], "what is told anew leaves its old place"


def test_pages_of_one_meet_everybody_once_also_where_moments_are_the_same() -> None:
    site = Site(2)
    site.anchor()
    customers = [bytes([at]) * 8 for at in range(1, 150)]
    for at, customer in enumerate(customers):
        wrong(site, customer, NOW + at // 2)
    met, place = list[bytes](), proofs.LATEST
    while page := proofs.told_latest(site.conn, place, 1):
        ((place, told),) = page
        assert {one.entity for one in told} == {place[1]}
        met.append(place[1])
    assert (len(met), set(met)) == (len(customers), set(customers))
    assert listed(site, limit=200) == met


def test_nobody_is_looked_for_among_all_that_tills_have_told() -> None:
    site = Site(2)
    sql = f"EXPLAIN QUERY PLAN {proofs._LATEST}"
    plan = [str(row[3]) for row in site.conn.execute(sql, (TRIED_AT, "g", b"", b"", 10))]
    assert len(plan) == 1, plan
    assert "SEARCH lookup USING PRIMARY KEY" in plan[0], plan


def test_what_an_earlier_release_was_told_is_found_after_the_upgrade() -> None:
    site = Site(2)
    site.anchor()
    wrong(site, ANNE, NOW + 1_000)
    before = site.rows("SELECT * FROM lookup")
    site.conn.execute("DELETE FROM lookup")
    site.conn.execute("CREATE INDEX element_of_tries ON element (kind) WHERE kind = 14")
    site.conn.executescript((SCHEMA / "0029_tried_at.sql").read_text("utf-8"))
    assert site.rows("SELECT * FROM lookup") == before


def test_entries_before_a_moment_are_passed_over_where_they_lie() -> None:
    site = Site(2)
    site.anchor()
    for at in range(5):
        site.now = NOW + at * 60_000
        site.commit(*earning(at))
    since = NOW + 3 * 60_000
    found = loyalty.entries_since(site.conn, ANNE, since)
    assert [one.fields[2] for one in sorted(found, key=lambda one: one.base)] == [13, 14]
    assert len(loyalty.entries_since(site.conn, ANNE, -5)) == 5
    plan = [str(row[3]) for row in site.conn.execute(f"EXPLAIN QUERY PLAN {loyalty._SINCE}", (ANNE, b""))]
    assert plan == ["SEARCH element USING PRIMARY KEY (entity=? AND kind=?)"]


def test_the_stamp_of_an_entry_stands_where_it_is_looked_for() -> None:
    site = Site(2)
    site.anchor()
    site.commit(*earning(1))
    ((body,),) = site.rows(f"SELECT body FROM element WHERE kind = {Kind.ENTRY:d}")
    assert isinstance(body, bytes)
    assert body[20:22] == b"\x93\xcf"
    assert int.from_bytes(body[22:30], "big") >> 16 == ms_of(loyalty.entries(site.conn, ANNE)[0].base)
