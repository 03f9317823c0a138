"""What a till has followed is kept, and what a restored hub has lost is given back piece by piece."""

import pytest

from daemon.domain import authoring as wish
from daemon.domain.feed import CHAIN, Cursor, Frame
from daemon.domain.kinds import Kind
from daemon.store import changes, following, kept, ordering
from tests.store.small_chain import ANNE, BIG, EMAIL, Site, SmallChain


def chain_of(records: int) -> SmallChain:
    """A chain whose tills have followed so many records."""
    chain = SmallChain()
    chain.one.create()
    for number in range(records - 1):
        chain.one.edit({EMAIL: f"a{number}@b.fr"})
    chain.sync()
    return chain


def offsets(site: Site, table: str = "feed") -> list[object]:
    return [row[0] for row in site.rows(f"SELECT feed_offset FROM {table} ORDER BY feed_offset")]


def lose(site: Site, after: int, generation: int = 1) -> None:
    site.unit(lambda conn: kept.set_lost(conn, CHAIN, generation=generation, after=after))


def next_lost(site: Site, bytes_max: int = BIG) -> Frame | None:
    return kept.next_lost(site.conn, bytes_max=bytes_max)


def test_what_is_applied_is_kept_with_the_chain_after_it() -> None:
    chain = chain_of(3)
    assert offsets(chain.two) == [1, 2, 3]
    sql = "SELECT feed_offset, header, slots, chain FROM feed ORDER BY feed_offset"
    assert chain.two.rows(sql) == chain.hub.rows(sql)


def test_a_trail_leads_back_in_doubling_steps_as_far_as_it_is_known() -> None:
    chain = chain_of(9)
    here = chain.two.replica.cursors[CHAIN]
    chains = dict(chain.hub.conn.execute("SELECT feed_offset, chain FROM feed"))
    found = kept.trail(chain.two.conn, CHAIN, here, length=10)
    assert found == tuple((offset, chains[offset]) for offset in (8, 7, 5, 1))
    assert kept.trail(chain.two.conn, CHAIN, here, length=2) == found[:2]
    chain.two.conn.execute("DELETE FROM feed WHERE feed_offset = 7")
    assert kept.trail(chain.two.conn, CHAIN, here, length=10) == found[:1]
    assert kept.trail(chain.two.conn, CHAIN, Cursor(), length=10) == ()


def test_what_every_backup_holds_is_forgotten_but_the_last_says_the_chain() -> None:
    chain = chain_of(5)
    chain.two.unit(lambda conn: kept.forget_backed_up(conn, CHAIN, 3))
    assert offsets(chain.two) == [4, 5]
    chain.two.unit(lambda conn: changes.settle(conn, chain.two.replica, seq=0, backed_up=99))
    assert offsets(chain.two) == [5]
    chain.two.unit(lambda conn: kept.forget_all(conn, CHAIN))
    chain.two.unit(lambda conn: kept.forget_backed_up(conn, CHAIN, 99))
    assert offsets(chain.two) == []


def test_no_more_is_kept_than_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "RECORDS_MAX", 2)
    monkeypatch.setattr(kept, "PRUNE_EVERY", 4)
    chain = chain_of(3)
    assert offsets(chain.two) == [2, 3]
    chain.one.edit({EMAIL: "x"})
    chain.sync()
    assert offsets(chain.two) == [2, 3, 4] or offsets(chain.two) == [3, 4]


def test_what_the_hub_has_lost_waits_to_be_given_back_as_it_was() -> None:
    chain = chain_of(5)
    lose(chain.two, 2)
    assert (offsets(chain.two), offsets(chain.two, "lost")) == ([1, 2], [3, 4, 5])
    frame = next_lost(chain.two)
    assert frame is not None
    assert (frame.scope, frame.generation, frame.first, frame.last) == (CHAIN, 1, 3, 5)
    whole = ordering.frame_after(chain.hub.conn, CHAIN, 2, bytes_max=BIG)
    assert whole is not None
    assert frame.records == whole.records
    lose(chain.two, 2)
    assert offsets(chain.two, "lost") == [3, 4, 5], "said twice it is lost once"


def test_it_is_given_back_in_pieces_that_fit_and_do_not_skip_a_gap() -> None:
    chain = chain_of(6)
    lose(chain.two, 1)
    one = next_lost(chain.two, bytes_max=1)
    assert one is not None
    assert (one.first, one.last) == (2, 2)
    chain.two.conn.execute("DELETE FROM lost WHERE feed_offset = 4")
    before = next_lost(chain.two)
    assert before is not None
    assert (before.first, before.last) == (2, 3)
    chain.two.unit(lambda conn: kept.forget_lost(conn, CHAIN, generation=1, last=before.last))
    after = next_lost(chain.two)
    assert after is not None
    assert (after.first, after.last) == (5, 6)
    chain.two.unit(lambda conn: kept.forget_lost(conn, CHAIN, generation=2, last=6))
    assert next_lost(chain.two) == after, "of another generation"
    chain.two.unit(lambda conn: kept.forget_lost(conn, CHAIN, generation=1, last=6))
    assert next_lost(chain.two) is None


def test_what_was_lost_of_the_older_generation_goes_first() -> None:
    chain = chain_of(4)
    lose(chain.two, 3, generation=2)
    lose(chain.two, 1, generation=1)
    first = next_lost(chain.two)
    assert first is not None
    assert (first.generation, first.first, first.last) == (1, 2, 3)


def test_a_rewind_sets_apart_what_the_hub_has_lost_and_a_step_forward_nothing() -> None:
    chain = chain_of(4)
    site = chain.two
    there = Cursor(2, 3, site.replica.cursors[CHAIN].chain)
    site.unit(lambda conn: following.rewind(conn, site.replica, CHAIN, Cursor(2, 4)))
    assert offsets(site, "lost") == []
    site.unit(lambda conn: following.rewind(conn, site.replica, CHAIN, there))
    assert offsets(site, "lost") == [4]
    lost = next_lost(site)
    assert lost is not None
    assert lost.generation == 2


def test_who_is_erased_later_is_cut_out_of_what_is_kept_and_what_is_lost() -> None:
    chain = chain_of(3)
    lose(chain.two, 1)
    chain.two.commit(wish.erase(Kind.ERASE, ANNE))
    sql = "SELECT count(*) FROM (SELECT slots FROM feed UNION ALL SELECT slots FROM lost) WHERE instr(slots, ?)"
    assert chain.two.conn.execute(sql, (ANNE,)).fetchone()[0] == 0
    frame = next_lost(chain.two)
    assert frame is not None
    assert all(isinstance(slot, tuple) for record in frame.records for slot in record.slots)
