"""Visits as they are kept."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.domain.ids import EntityId
from daemon.domain.visit import Attach, Fill, Post, Visit, apply, open_visit
from daemon.store import visits
from daemon.store.database import Connection, migrate, open_connection

WALK_IN, PAUL = EntityId(b"walk-in!"), EntityId(b"paulpaul")


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    found = open_connection(tmp_path / "x.db")
    migrate(found)
    yield found
    found.close()


def visit(at: int, lane: str) -> Visit:
    return open_visit(id_=EntityId(bytes([at] * 8)), lane=lane, walk_in=WALK_IN, site=12, now_ms=at)


def test_a_visit_comes_back_as_it_was_saved(conn: Connection) -> None:
    one = apply(apply(visit(1, "1"), Attach(PAUL), now_ms=5), Fill(b"[1]"), now_ms=6)
    visits.save(conn, one)
    assert visits.load(conn, one.id) == one
    assert visits.load(conn, EntityId(b"x" * 8)) is None
    after = apply(one, Post(), now_ms=7)
    visits.save(conn, after)
    assert visits.load(conn, one.id) == after
    assert visits.open_ones(conn) == []


def test_a_lane_holds_one_open_visit_even_against_a_mistake_of_ours(conn: Connection) -> None:
    visits.save(conn, visit(1, "1"))
    visits.save(conn, visit(2, "2"))
    assert [one.lane for one in visits.open_ones(conn)] == ["1", "2"]
    assert [one.id for one in visits.open_ones(conn, "2")] == [b"\x02" * 8]
    with pytest.raises(Exception, match="UNIQUE constraint failed"):
        visits.save(conn, visit(3, "1"))


def test_an_erased_customer_is_cut_out(conn: Connection) -> None:
    open_one = replace(visit(1, "1"), customer=PAUL, basket=b"open")
    closed = apply(replace(visit(2, "2"), customer=PAUL, basket=b"closed"), Post(), now_ms=9)
    other = replace(visit(3, "3"), customer=EntityId(b"somebody"), basket=b"other")
    for one in (open_one, closed, other):
        visits.save(conn, one)
    visits.cut(conn, PAUL)
    assert visits.load(conn, open_one.id) == replace(open_one, customer=WALK_IN)
    assert visits.load(conn, closed.id) == replace(closed, customer=WALK_IN, basket=b"")
    assert visits.load(conn, other.id) == other


def test_closed_visits_are_forgotten_by_age_a_few_at_a_time(conn: Connection) -> None:
    for at in range(1, 8):
        visits.save(conn, apply(visit(at, str(at)), Post(), now_ms=at))
    visits.save(conn, visit(0, "open since ever"))
    assert [visits.forget_closed(conn, 6, limit=3) for _ in range(3)] == [3, 2, 0]
    assert [at for at in range(8) if visits.load(conn, EntityId(bytes([at] * 8)))] == [0, 6, 7]
    plan = conn.execute(
        "EXPLAIN QUERY PLAN SELECT id FROM visit WHERE state != 'open' AND changed_ms < 9 ORDER BY changed_ms"
    ).fetchall()
    assert "visit_age" in str(plan), "baskets are not read through"


def test_what_a_visit_carries_is_forgotten_with_it(conn: Connection) -> None:
    visits.save(conn, visit(1, "1"))
    for carrier in (visit(1, "1").id, visit(2, "2").id):
        visits.carry(conn, carrier, b"ticket..")
        visits.carry(conn, carrier, b"ticket..")
    visits.carry(conn, visit(1, "1").id, b"another.")
    visits.drop(conn, visit(1, "1").id, b"another.")
    visits.forget_carried(conn)
    assert visits.carried(conn, visit(1, "1").id) == {b"ticket.."}
    assert visits.carried(conn, visit(2, "2").id) == frozenset()


def test_an_open_visit_of_an_earlier_release_carries_what_it_had_taken_over(conn: Connection) -> None:
    full, empty, done = replace(visit(1, "1"), basket=b"{}"), visit(2, "2"), replace(visit(3, "3"), basket=b"{}")
    for one in (full, empty, apply(done, Post(), now_ms=9)):
        visits.save(conn, one)
        step = "INSERT INTO ticket_step (ticket, owner, dot, sale) VALUES (?, x'00', ?, ?)"
        conn.execute(step, (b"t" + one.lane.encode(), one.id, one.sale_id))
    conn.execute("DROP TABLE visit_ticket")
    conn.executescript((Path(visits.__file__).parent / "schema" / "0030_visit_ticket.sql").read_text("utf-8"))
    assert [visits.carried(conn, one.id) for one in (full, empty, done)] == [{b"t1"}, frozenset(), frozenset()]
