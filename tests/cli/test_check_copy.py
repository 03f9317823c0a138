"""The doctor says when a till's copy was proved equal, and whether it is being filled or was made anew."""

from dataclasses import replace
from pathlib import Path

import pytest

from daemon.cli.check_copy import PROVED_AGE_MS_MAX, examine_copy
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.portion import BEFORE_ALL, Part, Portion
from daemon.store import leftovers, machine, salvage, taking
from daemon.store.database import migrate, open_connection, run
from daemon.store.replica import Identity
from tests.store.small_chain import Site

NOW_MS = 1_763_756_050_000
NOWHERE = Path("/nowhere/till.db")


def said(site: Site, database: Path = NOWHERE) -> list[tuple[str, str]]:
    return [(one.state, one.sentence) for one in examine_copy(site.conn, database, NOW_MS)]


SHOP, SITE = Scope(Reach.SHOP, 1), Scope(Reach.SITE, 3)


def proved(site: Site, age_ms: int, *scopes: Scope) -> None:
    def unit(conn: object) -> None:
        for scope in scopes or (CHAIN, SHOP, SITE):
            site.replica.save_cursor(site.conn, scope, Cursor(1, 48_213, bytes(16)))
            sql = "UPDATE cursor SET proved_ms = ?, proved_offset = 48210 WHERE reach = ?"
            site.conn.execute(sql, (NOW_MS - age_ms, int(scope.reach)))

    site.unit(unit)


def test_a_till_that_was_never_compared_is_told_to_be_connected() -> None:
    ((state, sentence),) = said(Site(3))
    assert (state, sentence.startswith("never proved equal")) == ("warning", True)


def test_equality_is_told_with_its_moment_its_place_and_with_whom() -> None:
    site = Site(3)
    proved(site, 10_000)
    assert said(site)[0] == ("ok", "proved equal to head office (till 3 of c) 10 s ago, at position 48,210")
    proved(site, PROVED_AGE_MS_MAX + 1)
    assert [state for state, _ in said(site)] == ["warning", "ok", "ok"], "they are away together: one is told"


@pytest.mark.feature("E5.1")
def test_each_feed_is_told_and_one_that_stays_behind_the_chains_is_a_warning() -> None:
    site = Site(3)
    proved(site, 10_000)
    assert said(site)[1:] == [
        ("ok", "feed of shop 1: proved equal to head office 10 s ago, at position 48,210"),
        ("ok", "feed of this till: proved equal to head office 10 s ago, at position 48,210"),
    ]
    proved(site, 601_000, SHOP)
    proved(site, 0, CHAIN)
    site.unit(lambda conn: conn.execute("UPDATE cursor SET proved_ms = 0 WHERE reach = 2"))
    assert said(site)[1:] == [
        ("warning", "feed of shop 1: proved equal to head office 10 min ago, at position 48,210"),
        ("warning", "feed of this till: never proved equal to head office"),
    ]


def test_a_feed_may_miss_some_marks() -> None:
    site = Site(3)
    proved(site, 500_000, SHOP, SITE)
    proved(site, 0, CHAIN)
    assert {state for state, _ in said(site)} == {"ok"}


def test_a_disk_that_ran_in_another_machine_is_told_until_head_office_knows() -> None:
    site = Site(3)
    fresh = {"incarnation": 9, "lot": b"new lot.", "now_ms": NOW_MS - 60_000}
    for board in (b"one", b"two"):
        site.unit(lambda conn, board=board: machine.settle_in(conn, site.replica, {"board": board}, **fresh))  # type: ignore[misc,arg-type]  # bound now
    state, sentence = said(site)[0]
    assert state == "warning"
    assert sentence.startswith("this disk ran in another machine before, until ")
    proved(site, 10_000)
    assert said(site)[0] == ("ok", sentence)


def test_a_filling_is_told_with_how_far_it_is() -> None:
    site = Site(3)
    portion = Portion(CHAIN, Cursor(1, 9, bytes(16)), (b"", 0, b""), (b"a" * 8, 1, b""), (), 70, total=1_000_000)
    site.unit(lambda conn: taking.fill(conn, site.replica, portion))
    assert said(site)[0] == ("warning", "being filled from head office: 0 %  0 of 1,000,000 rows")


def test_the_history_is_told_apart_once_all_else_is_here() -> None:
    site = Site(3)
    nothing = Portion(CHAIN, Cursor(1, 9, bytes(16)), BEFORE_ALL, None, (), 70, total=1, part=Part.COUNTER)
    site.unit(lambda conn: taking.fill(conn, site.replica, nothing))
    past = replace(nothing, upto=(b"a" * 8, 1, b""), total=900_000, part=Part.HISTORY)
    site.unit(lambda conn: taking.fill(conn, site.replica, past))
    assert said(site)[0] == ("warning", "history of sales, after all else: 0 %  0 of 900,000 rows")


def test_a_database_that_was_made_anew_is_told_until_the_damaged_one_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    conn = open_connection(path)
    migrate(conn)
    conn.close()
    who = Identity(chain="c", site=3, shop=1, incarnation=5, lot=b"lotlotlo")
    salvage.salvage(path, who, key=None, boot=b"bootboot", now_ms=NOW_MS - 60_000)
    site = Site(3)
    site.conn = open_connection(path)
    assert said(site, path)[0][1].startswith("the database was damaged and made anew")
    run(site.conn, lambda _: leftovers.remove(path))
    assert not any(sentence.startswith("the database was damaged") for _, sentence in said(site, path))
    site.conn.close()
