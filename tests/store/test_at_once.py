"""Many rows in one step are the rows that one by one would be."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.kinds import Kind
from daemon.errors import DamagedRow
from daemon.store import at_once, customers, elements
from tests.store.small_chain import NAME, Site

MANY = [at.to_bytes(8, "big") for at in range(1, at_once.AT_ONCE + 40)]


@pytest.fixture(scope="module")
def here() -> Site:
    site = Site(2)
    site.anchor()
    for one in MANY:
        site.commit(wish.create(Kind.CUSTOMER, one, {NAME: ("Anne", "x" * one[-1])}))
    return site


def one_by_one(site: Site, entity: bytes) -> tuple[bytes, bytes, bytes]:
    sql = "SELECT entity, body, hash FROM element WHERE entity = ? AND kind = 1"
    (row,) = site.conn.execute(sql, (entity,)).fetchall()
    return (row[0], row[1], row[2])


@pytest.mark.parametrize("many", [0, 1, at_once.AT_ONCE, at_once.AT_ONCE + 1, len(MANY)])
def test_rows_come_as_they_are_stored_and_who_is_not_there_does_not(here: Site, many: int) -> None:
    asked = [b"nobody__", *MANY[:many]]
    assert sorted(at_once.rows(here.conn, Kind.CUSTOMER, asked)) == [one_by_one(here, one) for one in MANY[:many]]


@pytest.mark.parametrize("damage", ["body = NULL", "body = x''", "hash = x'00'", "hash = NULL"])
def test_a_damaged_row_is_told_from_the_sound_ones_beside_it(here: Site, damage: str) -> None:
    here.conn.execute("SAVEPOINT damage")
    here.conn.execute("PRAGMA ignore_check_constraints = ON")
    try:
        here.conn.execute(f"UPDATE OR IGNORE element SET {damage} WHERE entity = ?", (MANY[3],))
        damaged = [one for one in at_once.rows(here.conn, Kind.CUSTOMER, MANY[:20]) if one[0] == MANY[3]]
        assert damaged == [one_by_one(here, MANY[3])]
        assert sorted(at_once.rows(here.conn, Kind.CUSTOMER, MANY[:3])) == [one_by_one(here, one) for one in MANY[:3]]
    finally:
        here.conn.execute("ROLLBACK TO damage")
        here.conn.execute("RELEASE damage")


def test_a_row_that_cannot_be_mended_is_not_shown(here: Site) -> None:
    here.conn.execute("SAVEPOINT damage")
    try:
        here.conn.execute("UPDATE element SET body = CAST(x'00' || body AS BLOB) WHERE entity = ?", (MANY[3],))
        with pytest.raises(DamagedRow):
            customers.rows(here.conn, MANY[:20])  # type: ignore[arg-type]  # ids of customers are bytes
    finally:
        here.conn.execute("ROLLBACK TO damage")
        here.conn.execute("RELEASE damage")


def test_what_one_column_answers_keeps_its_order(here: Site) -> None:
    numbers = "WITH t(found) AS (VALUES (3), (-9223372036854775808), (1)) SELECT found FROM t WHERE found < ?"
    assert at_once.numbers(here.conn, numbers, (5,)) == [3, -(2**63), 1]
    assert at_once.numbers(here.conn, numbers, (-(2**63),)) == []
    ids = "SELECT entity AS found FROM element WHERE kind = 1 AND entity <= ? ORDER BY entity DESC"
    assert at_once.ids(here.conn, ids, (MANY[2],)) == MANY[2::-1]
    assert at_once.ids(here.conn, ids, (b"",)) == []
    assert len(at_once.distinct_ids(here.conn, f"{ids} LIMIT 9", (MANY[2],))) == 3
    assert at_once.distinct_ids(here.conn, ids, (b"",)) == set()


def test_an_id_of_another_length_does_not_shift_the_others(here: Site) -> None:
    odd = "WITH t(found) AS (VALUES (x'0102'), (x'0102030405060708')) SELECT found FROM t WHERE ?"
    assert at_once.ids(here.conn, odd, (1,)) == [b"\x01\x02", b"\x01\x02\x03\x04\x05\x06\x07\x08"]


def test_few_rows_and_many_are_read_alike(here: Site) -> None:
    few = [row for one in MANY[:9] for row in customers.rows(here.conn, [one])]  # type: ignore[list-item]  # bytes
    assert len(MANY[:9]) > elements.FEW
    assert customers.rows(here.conn, MANY[:9]) == few  # type: ignore[arg-type]  # ids of customers are bytes
