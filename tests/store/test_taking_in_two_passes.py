"""A fill in two passes: first all that a counter serves with, then sales and months, while the feed goes on."""

import pytest

from daemon.domain.canonical import pack
from daemon.domain.feed import CHAIN, Cursor
from daemon.domain.kinds import BOOK_MONTHS, Kind
from daemon.domain.portion import BEFORE_ALL, HISTORY_KINDS, Filling, Part
from daemon.store import elements, following, portions, replica, taking
from daemon.store.verify import verify
from tests.store.small_chain import ANNE, EMAIL, NOW, Site, SmallChain
from tests.store.small_takings import (
    ACCOUNT,
    balance,
    chain_with_history,
    entry,
    fill_in_two,
    fill_next,
    found,
    part_of,
    portion_of,
    sale,
)


@pytest.fixture
def one_row_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PORTION_BYTES", 1)


def kinds(site: Site) -> set[int]:
    return {kind for (kind,) in site.rows("SELECT DISTINCT kind FROM element") if isinstance(kind, int)}


def revenue(site: Site) -> dict[int, int]:
    sql = "SELECT book, amount FROM balance WHERE book > 1000000 AND book < 2000000 AND amount != 0"
    return {book - BOOK_MONTHS: amount for book, amount in site.rows(sql)}  # type: ignore[operator, misc]  # integers


def counter_pass(chain: SmallChain, site: Site) -> Filling:
    """The first pass, to its end."""
    while True:
        left = fill_next(chain, site)
        assert left is not None
        if left.part is Part.HISTORY:
            return left


def is_proved(chain: SmallChain, site: Site) -> following.Comparison:
    head, root = chain.head(), chain.hub.root()
    return site.unit(lambda conn: following.compare(conn, site.replica, CHAIN, head, root, now_ms=NOW))


def test_after_the_first_pass_a_till_serves_and_follows_without_any_sale() -> None:
    chain, new = chain_with_history(), Site(4)
    left = counter_pass(chain, new)
    assert left == Filling(chain.head(), part=Part.HISTORY, served=4)
    assert new.replica.cursors[CHAIN] == chain.head(), "the feed is followed from here on"
    assert not kinds(new) & HISTORY_KINDS
    assert (balance(new), found(new, "vip"), revenue(new)) == ([(10,)], [ANNE], {})
    assert not replica.is_filling(new.conn), "rights are spent"
    assert replica.is_filling(new.conn, CHAIN)
    assert verify(new.conn).is_sound


def test_the_second_pass_brings_sales_and_months_alone_and_makes_it_equal() -> None:
    chain, new = chain_with_history(), Site(4)
    counter_pass(chain, new)
    assert {row.kind for row in part_of(chain, Part.HISTORY).rows} == {Kind.SALE, Kind.MONTH}
    assert not is_proved(chain, new).comparable, "what is not here yet is no difference"
    assert fill_next(chain, new) is None
    assert new.root() == chain.hub.root()
    assert is_proved(chain, new).equal
    assert revenue(new) == {202511: 60, 202501: 500}
    assert taking.fillings(new.conn) == {}
    assert verify(new.conn).is_sound


@pytest.mark.usefixtures("one_row_each")
def test_a_kill_at_any_portion_and_between_the_passes_loses_no_row() -> None:
    chain = chain_with_history()
    steps = fill_in_two(chain, Site(4))
    assert [one.part for one in steps].count(Part.HISTORY) == len([one for one in steps if one.served == 4])
    assert {one.part for one in steps} == {Part.COUNTER, Part.HISTORY}
    for stop in range(len(steps) + 1):
        new = Site(4)
        for _ in range(stop):
            fill_next(chain, new)
        new.restart(b"again...")
        assert taking.fillings(new.conn).get(CHAIN) == (steps[stop - 1] if stop else None)
        assert fill_in_two(chain, new) == steps[stop:]
        assert new.root() == chain.hub.root()
        assert revenue(new) == {202511: 60, 202501: 500}
        assert verify(new.conn).is_sound


@pytest.mark.usefixtures("one_row_each")
def test_what_is_sold_and_said_between_two_portions_of_history_is_followed_and_counted_once() -> None:
    chain, new = chain_with_history(), Site(4)
    new.anchor()
    counter_pass(chain, new)
    fill_next(chain, new)
    chain.one.commit(sale(40))
    chain.one.commit(entry(5))
    chain.one.edit({EMAIL: "late@b.fr"})
    new.commit(sale(7))
    chain.sync()
    chain.download(new)
    assert new.value(EMAIL) == "late@b.fr", "the feed is not held up by the history"
    chain.upload(new)
    chain.download(new)
    fill_in_two(chain, new)
    chain.download(new)
    assert new.root() == chain.hub.root()
    assert revenue(new) == {202511: 107, 202501: 500}
    assert balance(new)[0] == (15,)
    assert verify(new.conn).is_sound


def test_a_sale_of_its_own_that_waits_stands_through_both_passes() -> None:
    chain, new = chain_with_history(), Site(4)
    new.commit(sale(7))
    counter_pass(chain, new)
    assert revenue(new) == {202511: 7}
    fill_in_two(chain, new)
    assert revenue(new) == {202511: 67, 202501: 500}


def test_each_pass_takes_out_only_what_is_of_it() -> None:
    chain, new = chain_with_history(), Site(4)
    fill_in_two(chain, new)
    (head,) = new.rows("SELECT entity, kind, dot FROM element WHERE kind = 73")
    key = (ACCOUNT, int(Kind.MONTH), b"")
    assert head == key
    chain.hub.unit(lambda conn: conn.execute("DELETE FROM element WHERE kind = 73"))
    new.unit(lambda conn: taking.take_portion(conn, new.replica, part_of(chain, Part.COUNTER), ()))
    assert elements.element(new.conn, key) is not None, "the first pass says nothing of months"
    new.unit(lambda conn: taking.take_portion(conn, new.replica, part_of(chain, Part.HISTORY), ()))
    assert elements.element(new.conn, key) is None


# One version apart.


@pytest.mark.usefixtures("one_row_each")
def test_a_till_upgraded_in_the_middle_of_one_pass_goes_on_with_it() -> None:
    chain, new = chain_with_history(), Site(4)
    first = portion_of(chain)
    new.unit(lambda conn: taking.fill(conn, new.replica, first))
    (start, after) = (first.cursor, first.upto)
    old = {0: (0, (start.generation, start.offset, start.chain), after, 1, 8)}
    new.unit(lambda conn: replica.put_meta(conn, "filling", pack(old)))
    assert taking.fillings(new.conn) == {CHAIN: Filling(start, after or BEFORE_ALL, 1, 8)}
    assert replica.is_filling(new.conn)
    fill_in_two(chain, new)
    assert new.root() == chain.hub.root()


def test_of_a_part_nobody_asked_for_nothing_is_begun_or_continued() -> None:
    chain, new = chain_with_history(), Site(4)
    assert not taking.is_begun(new.conn, part_of(chain, Part.HISTORY))
    counter_pass(chain, new)
    assert taking.is_begun(new.conn, part_of(chain, Part.HISTORY))
    assert not taking.is_begun(new.conn, part_of(chain, Part.COUNTER, (ANNE, 1, b"")))
    assert taking.is_begun(new.conn, part_of(chain, Part.COUNTER)), "all of it, anew"
    assert taking.is_begun(new.conn, portion_of(chain))


def test_how_far_both_passes_are_is_known_apart() -> None:
    chain, new = chain_with_history(), Site(4)
    assert taking.progress(new.conn) is None
    left = counter_pass(chain, new)
    told = taking.progress(new.conn)
    assert told is not None
    assert (told.rows, told.total, told.past_rows, told.past_total) == (left.served, 4, 0, 0)
    assert (told.has_history, told.is_serving) == (True, True)
    assert left.start != Cursor()
