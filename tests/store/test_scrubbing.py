"""Rows are held against their hashes by and by: one flipped bit is mended here, more is fetched from head office."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.element import Key, bucket_of, read_body
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL
from daemon.store import rebuilding, scrubbing, search, word_index
from daemon.store.verify import verify
from tests.store.small_chain import ANNE, BRUNO, Site

ROW: Key = (ANNE, Kind.CUSTOMER, b"")
Scrubbed = tuple[Key | None, dict[Scope, frozenset[int]]]


@pytest.fixture
def here() -> Site:
    site = Site(2)
    site.anchor()
    site.create()
    site.create(BRUNO)
    site.commit(wish.add(Kind.TAG, ANNE, {1: "vip"}))
    site.commit(wish.add(Kind.RIGHT, b"account.", {1: 1, 2: 5, 5: (2, b"\x02" * 8)}))
    return site


def scrub(site: Site, after: Key = BEFORE_ALL) -> Scrubbed:
    return site.unit(lambda conn: scrubbing.scrub(conn, site.replica, after))


def flip(site: Site, key: Key, column: str, bits: int) -> None:
    sql = f"SELECT {column} FROM element WHERE entity = ? AND kind = ? AND dot = ?"
    (raw,) = site.conn.execute(sql, key).fetchone()
    site.conn.execute(
        f"UPDATE element SET {column} = ? WHERE entity = ? AND kind = ? AND dot = ?",
        (bytes([raw[0] ^ bits, *raw[1:]]), *key),
    )


def reindex(site: Site) -> int:
    count = 0
    while site.unit(lambda conn: word_index.reindex_some(conn, customers=1)):
        count += 1
    return count


@pytest.mark.parametrize("kind", [Kind.TAG, Kind.EDGE])
def test_who_was_erased_while_a_row_stood_elsewhere_does_not_come_back_with_it(here: Site, kind: Kind) -> None:
    if kind is Kind.EDGE:
        here.commit(wish.add(Kind.EDGE, BRUNO, {1: ANNE, 2: "friend"}))
    ((entity, dot),) = here.rows(f"SELECT entity, dot FROM element WHERE kind = {kind:d}")
    assert isinstance(entity, bytes)
    assert isinstance(dot, bytes)
    flip(here, (entity, kind, dot), "entity", 0b100)
    here.conn.execute("DELETE FROM lookup WHERE dot = ?", (dot,))
    here.commit(wish.erase(Kind.ERASE, ANNE))
    scrub(here)
    reindex(here)
    assert here.rows(f"SELECT * FROM element WHERE kind = {kind:d}") == []
    assert here.rows("SELECT * FROM lookup WHERE entity = x'616e6e652e2e2e2e'") == []
    assert verify(here.conn).is_sound


def test_a_sound_table_is_through_and_nothing_is_damaged(here: Site) -> None:
    assert scrub(here) == (None, {})


def test_the_table_is_read_some_rows_at_a_time(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "SCRUB_ROWS", 2)
    seen: list[Key | None] = []
    after: Key | None = BEFORE_ALL
    while after is not None:
        after, _ = scrub(here, after)
        seen.append(after)
    assert len(seen) == 3
    assert seen[-1] is None


@pytest.mark.parametrize("column", ["body", "hash", "entity"])
def test_one_bit_is_mended_on_the_spot(here: Site, column: str) -> None:
    root = here.root()
    flip(here, ROW, column, 1)
    assert scrub(here) == (None, {})
    assert here.row() is not None
    assert here.root() == root
    reindex(here)
    assert verify(here.conn).is_sound
    assert search.find(here.conn, ["a"], limit=9) == [ANNE, BRUNO]


@pytest.mark.parametrize(
    "tampered",
    [
        "UPDATE balance SET amount = amount + 900",
        "DELETE FROM balance",
        "INSERT INTO balance (account, book, holder, amount, entries) VALUES (x'0000000000000009', 1, x'', 70, 1)",
    ],
)
def test_sums_that_are_not_those_of_their_entries_are_made_again(
    here: Site, tampered: str, caplog: pytest.LogCaptureFixture
) -> None:
    scrub(here)
    assert not caplog.records, "there was nothing to be put right"
    here.conn.execute(tampered)
    assert verify(here.conn).faults == ("1 balances are not the sum of their entries",)
    scrub(here)
    assert not verify(here.conn).is_sound, "a row of it may stand elsewhere"
    assert not caplog.records
    scrub(here)
    assert verify(here.conn).is_sound
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_sums_are_held_against_their_entries_stretch_by_stretch(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "SCRUB_ROWS", 1)
    for amount in (3, 4):
        here.commit(wish.add(Kind.ENTRY, b"account.", {1: 1, 2: amount, 3: "sale"}))
    here.conn.execute("UPDATE balance SET amount = amount + 900")
    for _ in range(2):
        upto: Key | None = BEFORE_ALL
        while upto is not None:
            upto, _ = scrub(here, upto)
    assert verify(here.conn).is_sound


def test_sums_are_left_alone_while_one_of_their_entries_cannot_be_read(here: Site) -> None:
    right: Key = (b"account.", Kind.RIGHT, here.rows("SELECT dot FROM element WHERE kind = 17")[0][0])  # type: ignore[assignment]  # bytes
    flip(here, right, "hash", 0b1011)
    before = here.rows("SELECT * FROM balance")
    scrub(here)
    assert here.rows("SELECT * FROM balance") == before


@pytest.mark.parametrize("bits", [0b100, 0b1000_0000], ids=["before it in the file", "behind it"])
def test_what_a_holder_has_passed_on_stays_passed_on_while_that_row_stands_elsewhere(
    here: Site, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = (2, b"\x02" * 8)
    here.commit(wish.add(Kind.RIGHT, b"account.", {1: 1, 2: -4, 5: holder}))
    passed_on = next(
        (entity, kind, dot)
        for entity, kind, dot, body in here.conn.execute("SELECT entity, kind, dot, body FROM element WHERE kind = 17")
        if read_body(body).fields[2] == -4
    )
    flip(here, passed_on, "entity", bits)
    monkeypatch.setattr(scrubbing, "SCRUB_ROWS", 1)
    upto: Key | None = BEFORE_ALL
    for _ in range(20):
        assert here.rows("SELECT amount FROM balance WHERE book = 1 AND holder <> x''") == [(1,)]
        upto, _damaged = scrub(here, upto or BEFORE_ALL)
    assert verify(here.conn).is_sound


def test_an_account_of_more_entries_than_one_unit_reads_is_left_to_the_doctor(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "RECOUNTED_MAX", 1)
    here.commit(wish.add(Kind.ENTRY, b"account.", {1: 1, 2: 3, 3: "sale"}))
    here.conn.execute("UPDATE balance SET amount = amount + 900 WHERE holder = x''")
    scrub(here)
    assert not verify(here.conn).is_sound


def test_more_than_a_bit_is_told_by_scope_and_bucket(here: Site) -> None:
    right: Key = (b"account.", Kind.RIGHT, here.rows("SELECT dot FROM element WHERE kind = 17")[0][0])  # type: ignore[assignment]  # bytes
    flip(here, ROW, "body", 0b11)
    flip(here, right, "hash", 0b1011)
    upto, damaged = scrub(here)
    assert upto is None
    assert damaged == {
        CHAIN: frozenset({bucket_of(ROW)}),
        Scope(Reach.SITE, 2): frozenset({bucket_of(right)}),
    }


def test_a_row_whose_place_is_taken_is_told_with_the_place_where_it_belongs(here: Site) -> None:
    moved = bytes([ANNE[0] ^ 1, *ANNE[1:]])
    flip(here, ROW, "entity", 1)
    here.conn.execute(
        "INSERT INTO element SELECT ?, kind, dot, body, hash FROM element WHERE entity = ? AND kind = 1", (ANNE, BRUNO)
    )
    (damaged,) = scrub(here)[1].values()
    assert bucket_of((moved, Kind.CUSTOMER, b"")) in damaged
    assert bucket_of(ROW) in damaged


def test_a_key_that_was_put_right_has_the_index_made_again(here: Site) -> None:
    flip(here, ROW, "entity", 1)
    scrub(here)
    assert word_index.reindexed_up_to(here.conn) == b""
    assert reindex(here) > 0
    assert word_index.reindexed_up_to(here.conn) is None


def test_a_body_that_was_put_right_has_it_made_again_only_if_it_was_left_out(here: Site) -> None:
    flip(here, ROW, "body", 1)
    scrub(here)
    assert word_index.reindexed_up_to(here.conn) is None
    flip(here, ROW, "body", 1)
    here.unit(word_index.begin_reindex)
    reindex(here)
    assert search.find(here.conn, ["a"], limit=9) == [BRUNO], "she cannot be read"
    scrub(here)
    assert word_index.reindexed_up_to(here.conn) == b""
    reindex(here)
    assert sorted(search.find(here.conn, ["a"], limit=9)) == [ANNE, BRUNO]


def test_damage_that_is_no_bytes_at_all_is_told(here: Site) -> None:
    here.conn.execute("UPDATE element SET body = 'text' WHERE entity = ? AND kind = 1", (ANNE,))
    assert scrub(here)[1] == {CHAIN: frozenset({bucket_of(ROW)})}
