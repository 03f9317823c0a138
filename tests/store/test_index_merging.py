"""The index by words: its parts become one by and by, and of the erased nothing stays in it."""

from collections.abc import Callable

import pytest

from daemon.domain import authoring as wish
from daemon.domain.kinds import Kind
from daemon.store import index_merging, search, word_index
from daemon.store.index_merging import merge_some, parts_of
from tests.store.small_chain import NAME, Site

PEOPLE = [bytes([200 - number]) * 8 for number in range(40)]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with so many commits that its index has several parts, each step as small as can be."""
    monkeypatch.setattr(index_merging, "SMALL_PAGES", 2)
    monkeypatch.setattr(word_index, "SMALL_PAGES", 2)
    monkeypatch.setattr(index_merging, "PAGES_AT_ONCE", 1)
    monkeypatch.setattr(index_merging, "WORDS_AT_ONCE", 3)
    found = Site(2)
    found.anchor()
    for number, customer in enumerate(PEOPLE):
        add(found, number, customer)
    return found


def add(here: Site, number: int, customer: bytes) -> None:
    here.commit(wish.create(Kind.CUSTOMER, customer, {NAME: ("Anne", family(number))}))


def family(number: int) -> str:
    return f"{chr(97 + number % 26)}zq{chr(97 + number // 26)}x"


def rounds(here: Site, between: Callable[[int], object] = lambda _: None) -> int:
    """Look until there is nothing to do any more; how often there was."""
    for number in range(500):
        if not here.unit(lambda conn: merge_some(conn, here.replica)):
            return number
        between(number)
    raise AssertionError("it never ends")


def is_in_file(here: Site, number: int) -> bool:
    marker = family(number).encode()
    return any(marker in block for (block,) in here.conn.execute("SELECT block FROM search_data"))


def count_parts(here: Site) -> int:
    return sum(map(len, parts_of(here.conn).pages))


def test_parts_become_one_once_nobody_writes_any_more(here: Site) -> None:
    assert count_parts(here) > 2
    here.replica.index_written = -index_merging.QUIET_PAGES
    assert rounds(here) == 0, "much was written since the last look"
    assert rounds(here) >= 1
    assert count_parts(here) == 1
    assert search.count(here.conn, ["anne"]) == len(PEOPLE)
    here.conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    assert rounds(here) == 0, "one part needs no merging"


def test_a_short_index_and_an_even_one_are_left_alone(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_merging, "SMALL_PAGES", 1_000)
    assert (rounds(here), rounds(here)) == (0, 0)
    even = index_merging.Parts(pages=((25,), (75,)), is_merging=False, written=9)
    assert not even.are_uneven
    assert index_merging.Parts(pages=((26,), (74,)), is_merging=False, written=9).are_uneven


def test_of_the_erased_nothing_stays_though_others_are_written_meanwhile(here: Site) -> None:
    here.commit(wish.erase(Kind.ERASE, PEOPLE[7]))
    assert search.count(here.conn, [family(7)]) == 0, "not found from this moment"
    assert here.conn.execute("SELECT 1 FROM word WHERE text = ?", (family(7),)).fetchone(), "the rest is done later"

    def another(number: int) -> None:
        if number < 5:
            add(here, 100 + number, bytes([number + 1]) * 8)

    assert rounds(here, another) > 5
    assert not is_in_file(here, 7)
    assert here.conn.execute("SELECT 1 FROM word WHERE text = ?", (family(7),)).fetchone() is None
    assert here.conn.execute("SELECT 1 FROM word WHERE text = ?", (family(8),)).fetchone()
    assert search.count(here.conn, ["anne"]) == len(PEOPLE) - 1 + 5
    here.conn.execute("INSERT INTO search (search) VALUES ('integrity-check')")


def test_an_erasure_in_the_midst_of_merging_is_merged_as_well(here: Site) -> None:
    here.commit(wish.erase(Kind.ERASE, PEOPLE[7]))

    def erase(number: int) -> None:
        if number == 3:
            here.commit(wish.erase(Kind.ERASE, PEOPLE[30]))

    rounds(here, erase)
    assert not is_in_file(here, 7)
    assert not is_in_file(here, 30)
    assert search.count(here.conn, ["anne"]) == len(PEOPLE) - 2


def test_two_small_commits_do_not_stop_a_merging(here: Site) -> None:
    rounds(here)
    assert count_parts(here) == 1
    here.commit(wish.erase(Kind.ERASE, PEOPLE[7]))
    here.unit(lambda conn: merge_some(conn, here.replica))
    for number in (0, 1):
        add(here, 100 + number, bytes([number + 1]) * 8)
    rounds(here)
    assert not is_in_file(here, 7)


def test_what_was_begun_goes_on_after_a_restart(here: Site) -> None:
    here.commit(wish.erase(Kind.ERASE, PEOPLE[7]))

    def restart(_: int) -> None:
        here.replica.index_written = 0
        here.replica.reload(here.conn)

    rounds(here, restart)
    assert not is_in_file(here, 7)


def test_an_index_that_is_made_again_meanwhile_ends_what_was_under_way(here: Site) -> None:
    here.commit(wish.erase(Kind.ERASE, PEOPLE[7]))
    here.unit(word_index.begin_reindex)
    while here.unit(lambda conn: word_index.reindex_some(conn, customers=5)):
        pass
    rounds(here)
    assert not is_in_file(here, 7)
    assert search.count(here.conn, ["anne"]) == len(PEOPLE) - 1
