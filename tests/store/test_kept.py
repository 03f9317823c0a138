"""What a till has followed is kept, and what a restored hub has lost is given back piece by piece."""

from importlib import resources

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import Record
from daemon.domain.feed import CHAIN, Cursor, Frame
from daemon.domain.kinds import Kind
from daemon.store import changes, following, kept, ordering
from daemon.store.slots import unpack_slots
from tests.store.small_chain import ANNE, BIG, EMAIL, Site, SmallChain


def chain_of(records: int) -> SmallChain:
    """A chain whose tills have followed so many records."""
    chain = SmallChain()
    chain.one.create()
    for number in range(records - 1):
        chain.one.edit({EMAIL: f"a{number}@b.fr"})
    chain.sync()
    return chain


def offsets(site: Site) -> list[int]:
    """The places of the chain's feed whose records are kept."""
    rows: list[tuple[int, int]] = site.conn.execute("SELECT first, last FROM followed ORDER BY last").fetchall()
    return [at for first, last in rows for at in range(first, last + 1)]


def lost(site: Site) -> list[object]:
    return [row[0] for row in site.rows("SELECT feed_offset FROM lost ORDER BY feed_offset")]


def chain_in_frames(*frames: int) -> SmallChain:
    """A chain whose second till has followed frames of so many records."""
    chain = SmallChain()
    for records in frames:
        for number in range(records):
            if chain.one.row(ANNE) is None:
                chain.one.create()
            else:
                chain.one.edit({EMAIL: f"a{number}@b.fr"})
        chain.sync()
    return chain


def chain_after(chain: SmallChain, offset: int) -> object:
    return chain.hub.rows(f"SELECT chain FROM feed WHERE feed_offset = {offset}")[0][0]


def migrate_again(site: Site, name: str) -> None:
    """Run a step of the schema over what stands there."""
    site.conn.execute(f"DROP TABLE {name}")
    steps = resources.files("daemon.store").joinpath("schema").iterdir()
    (step,) = [one for one in steps if one.name.endswith(f"_{name}.sql")]
    site.conn.executescript(step.read_text("utf-8"))


def lose(site: Site, after: int, generation: int = 1) -> None:
    site.unit(lambda conn: kept.set_lost(conn, CHAIN, generation=generation, after=after))


def next_lost(site: Site, bytes_max: int = BIG) -> Frame | None:
    return kept.next_lost(site.conn, bytes_max=bytes_max)


def test_what_is_applied_is_kept_with_the_chain_after_it() -> None:
    chain = chain_of(3)
    assert offsets(chain.two) == [1, 2, 3]
    for offset, header, slots, after in chain.hub.rows("SELECT feed_offset, header, slots, chain FROM feed"):
        assert kept.record_at(chain.two.conn, CHAIN, offset) == Record(header, unpack_slots(slots))  # type: ignore[arg-type]  # as stored
        here = Cursor(1, offset + 1)  # type: ignore[operator]  # a number
        assert kept.trail(chain.two.conn, CHAIN, here, length=1) == ((offset, after),)
    assert kept.record_at(chain.two.conn, CHAIN, 4) is None


def test_a_trail_leads_back_in_doubling_steps_as_far_as_it_is_known() -> None:
    chain = chain_of(9)
    here = chain.two.replica.cursors[CHAIN]
    chains = dict(chain.hub.conn.execute("SELECT feed_offset, chain FROM feed"))
    found = kept.trail(chain.two.conn, CHAIN, here, length=10)
    assert found == tuple((offset, chains[offset]) for offset in (8, 7, 5, 1))
    assert kept.trail(chain.two.conn, CHAIN, here, length=2) == found[:2]
    chain.two.unit(lambda conn: kept.forget_backed_up(conn, CHAIN, 99))
    assert kept.trail(chain.two.conn, CHAIN, here, length=10) == found, "one frame brought them all, and is the last"
    assert kept.trail(chain.two.conn, CHAIN, Cursor(), length=10) == ()


def test_what_every_backup_holds_is_forgotten_but_the_last_says_the_chain() -> None:
    chain = chain_in_frames(2, 1, 2)
    assert offsets(chain.two) == [1, 2, 3, 4, 5]
    chain.two.unit(lambda conn: kept.forget_backed_up(conn, CHAIN, 3))
    assert offsets(chain.two) == [4, 5]
    assert kept.trail(chain.two.conn, CHAIN, Cursor(1, 5), length=9) == ((4, chain_after(chain, 4)),)
    chain.two.unit(lambda conn: changes.settle(conn, chain.two.replica, seq=0, backed_up=99))
    assert offsets(chain.two) == [4, 5]
    chain.two.unit(lambda conn: kept.forget_all(conn, CHAIN))
    chain.two.unit(lambda conn: kept.forget_backed_up(conn, CHAIN, 99))
    assert offsets(chain.two) == []


def test_no_more_is_kept_than_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "RECORDS_MAX", 2)
    monkeypatch.setattr(kept, "PRUNE_EVERY", 4)
    chain = chain_in_frames(1, 2, 1, 1)
    assert offsets(chain.two) == [2, 3, 4, 5], "a frame stays until all of it may go"


def test_what_the_hub_has_lost_waits_to_be_given_back_as_it_was() -> None:
    chain = chain_of(5)
    lose(chain.two, 2)
    assert (offsets(chain.two), lost(chain.two)) == ([1, 2], [3, 4, 5])
    assert kept.trail(chain.two.conn, CHAIN, Cursor(1, 3), length=1) == ((2, chain_after(chain, 2)),)
    frame = next_lost(chain.two)
    assert frame is not None
    assert (frame.scope, frame.generation, frame.first, frame.last) == (CHAIN, 1, 3, 5)
    whole = ordering.frame_after(chain.hub.conn, CHAIN, 2, bytes_max=BIG)
    assert whole is not None
    assert frame.records == whole.records
    lose(chain.two, 2)
    assert lost(chain.two) == [3, 4, 5], "said twice it is lost once"


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
    assert lost(site) == []
    site.unit(lambda conn: following.rewind(conn, site.replica, CHAIN, there))
    assert lost(site) == [4]
    frame = next_lost(site)
    assert frame is not None
    assert frame.generation == 2


def test_what_comes_again_after_a_rewind_is_kept_once() -> None:
    chain = chain_of(4)
    site = chain.two
    before = site.replica.cursors[CHAIN]
    frame = ordering.frame_after(chain.hub.conn, CHAIN, 1, bytes_max=BIG)
    assert frame is not None
    site.unit(lambda conn: site.replica.save_cursor(conn, CHAIN, Cursor(1, 1, frame.chain)))
    site.unit(lambda conn: following.apply_frame(conn, site.replica, frame))
    assert site.replica.cursors[CHAIN] == before
    assert offsets(site) == [1, 2, 3, 4]


def test_what_an_earlier_release_kept_record_by_record_is_kept_on() -> None:
    chain = chain_of(4)
    old = chain.hub
    here = chain.two.replica.cursors[CHAIN]
    old.conn.execute("DELETE FROM feed_head")  # a till has none
    old.conn.execute("DELETE FROM feed WHERE feed_offset = 1")
    trail = kept.trail(chain.two.conn, CHAIN, here, length=2)
    migrate_again(old, "followed")
    assert offsets(old) == [2, 3, 4]
    assert old.rows("SELECT * FROM feed") == []
    assert kept.trail(old.conn, CHAIN, here, length=2) == trail
    assert kept.record_at(old.conn, CHAIN, 2) == kept.record_at(chain.two.conn, CHAIN, 2)
    lose(old, 2)
    assert (offsets(old), lost(old)) == ([2], [3, 4])


def test_who_is_erased_later_is_cut_out_of_what_is_kept_and_what_is_lost() -> None:
    chain = chain_of(3)
    lose(chain.two, 1)
    chain.two.commit(wish.erase(Kind.ERASE, ANNE))
    sql = "SELECT count(*) FROM (SELECT records AS r FROM followed UNION ALL SELECT slots FROM lost) WHERE instr(r, ?)"
    assert chain.two.conn.execute(sql, (ANNE,)).fetchone()[0] == 0
    frame = next_lost(chain.two)
    assert frame is not None
    assert all(isinstance(slot, tuple) for record in frame.records for slot in record.slots)
