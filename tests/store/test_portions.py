"""Rows as the hub reads them for whoever lacks them: runs of the table, of a scope, of some buckets."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.element import Key, bucket_of
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import SHAPES, Kind
from daemon.domain.portion import BEFORE_ALL, Part, Portion
from daemon.store import portions
from tests.store.small_chain import ANNE, BRUNO, EMAIL, SmallChain

ROW: Key = (ANNE, Kind.CUSTOMER, b"")


@pytest.fixture
def chain() -> SmallChain:
    made = SmallChain()
    made.one.create()
    made.one.create(BRUNO)
    made.one.commit(wish.add(Kind.TAG, ANNE, {1: "vip"}))
    made.sync()
    made.hub.commit(wish.add(Kind.RIGHT, b"account.", {1: 1, 2: 5, 5: (2, b"\x02" * 8)}))
    return made


def read(chain: SmallChain, after: Key = BEFORE_ALL, *buckets: int, scope: Scope = CHAIN) -> Portion:
    hub = chain.hub
    return hub.unit(lambda conn: portions.read_portion(conn, hub.replica, scope, after, frozenset(buckets)))


def test_a_small_table_is_one_portion_by_ascending_key(chain: SmallChain) -> None:
    found = read(chain)
    assert [(row.entity, row.kind) for row in found.rows] == [(ANNE, 1), (ANNE, 4), (BRUNO, 1)]
    assert (found.after, found.upto, found.cursor) == (BEFORE_ALL, None, chain.head())
    assert (found.level, found.unsure, found.total) == (max(SHAPES), (), 4)


def test_each_scope_has_its_own_rows(chain: SmallChain) -> None:
    (right,) = read(chain, scope=Scope(Reach.SITE, 2)).rows
    assert right.kind == Kind.RIGHT
    assert read(chain, scope=Scope(Reach.SITE, 3)).rows == ()


def test_portions_follow_one_another_without_gap_or_overlap(chain: SmallChain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PORTION_BYTES", 1)
    keys: list[Key] = []
    after = BEFORE_ALL
    while True:
        found = read(chain, after)
        keys += [row.key for row in found.rows]
        assert found.total == 4, "counted when it began"
        if found.upto is None:
            break
        after = found.upto
    monkeypatch.undo()
    assert keys == [row.key for row in read(chain).rows]


def test_of_some_buckets_only_their_rows_come_and_nobody_counts(
    chain: SmallChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(chain, BEFORE_ALL, bucket_of(ROW))
    assert [row.key for row in found.rows] == [ROW]
    assert (found.upto, found.total) == (None, 0)
    monkeypatch.setattr(portions, "SCAN_ROWS", 2)
    first = read(chain, BEFORE_ALL, bucket_of((BRUNO, Kind.CUSTOMER, b"")))
    assert first.rows == ()
    assert first.upto is not None, "so many keys are looked at for one portion"
    assert [row.entity for row in read(chain, first.upto, bucket_of((BRUNO, Kind.CUSTOMER, b""))).rows] == [BRUNO]


def test_of_a_damaged_row_the_hub_says_that_it_is_unsure(chain: SmallChain) -> None:
    chain.hub.conn.execute("UPDATE element SET body = x'00' WHERE entity = ? AND kind = 1", (ANNE,))
    found = read(chain)
    assert found.unsure == (ROW,)
    assert ROW not in {row.key for row in found.rows}


def test_each_part_has_its_own_rows_and_both_are_the_whole(chain: SmallChain, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(5):
        chain.one.commit(wish.add(Kind.SALE, b"account.", {1: "sale", 2: at, 3: 202511}))
    chain.sync()

    def rows(part: Part) -> list[Key]:
        keys: list[Key] = []
        after: Key | None = BEFORE_ALL
        while after is not None:
            one = chain.hub.unit(
                lambda conn, after=after: portions.read_portion(conn, chain.hub.replica, CHAIN, after, (), part)  # type: ignore[misc]  # bound now
            )
            assert (one.part, one.total) == (part, {Part.WHOLE: 9, Part.COUNTER: 4, Part.HISTORY: 5}[part])
            keys += [row.key for row in one.rows]
            after = one.upto
        return keys

    counter, history = rows(Part.COUNTER), rows(Part.HISTORY)
    assert {kind for _, kind, _ in history} == {Kind.SALE}
    assert sorted(counter + history) == rows(Part.WHOLE)
    monkeypatch.setattr(portions, "SKIPPED_ROWS", 2)
    monkeypatch.setattr(portions, "PORTION_BYTES", 1)
    assert (rows(Part.COUNTER), rows(Part.HISTORY)) == (counter, history), "what is passed over costs no row"


def test_losers_and_authors_come_along(chain: SmallChain) -> None:
    chain.one.edit({EMAIL: "one@b.fr"})
    chain.two.edit({EMAIL: "two@b.fr"})
    chain.sync()
    found = read(chain)
    assert [(loser.key, loser.number) for loser in found.losers] == [(ROW, EMAIL)]
    stamps = {stamp for row in found.rows for stamp in (row.base, *row.stamps.values())}
    assert {stamp for stamp, _ in found.authors} == stamps
    assert {who.id for _, who in found.authors} == {"op1"}
    assert read(chain, ROW).losers == (), "what lost on other rows"
