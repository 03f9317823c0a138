"""The doctor says when a till's copy was proved equal, and whether it is being filled or was made anew."""

from pathlib import Path

from daemon.cli.check_copy import PROVED_AGE_MS_MAX, examine_copy
from daemon.domain.feed import CHAIN, Cursor
from daemon.domain.portion import Portion
from daemon.store import leftovers, salvage, taking
from daemon.store.database import migrate, open_connection, run
from daemon.store.replica import Identity
from tests.store.small_chain import Site

NOW_MS = 1_763_756_050_000
NOWHERE = Path("/nowhere/till.db")


def said(site: Site, database: Path = NOWHERE) -> list[tuple[str, str]]:
    return [(one.state, one.sentence) for one in examine_copy(site.conn, database, NOW_MS)]


def proved(site: Site, age_ms: int) -> None:
    def unit(conn: object) -> None:
        site.replica.save_cursor(site.conn, CHAIN, Cursor(1, 48_213, bytes(16)))
        site.conn.execute("UPDATE cursor SET proved_ms = ?, proved_offset = 48210", (NOW_MS - age_ms,))

    site.unit(unit)


def test_a_till_that_was_never_compared_is_told_to_be_connected() -> None:
    ((state, sentence),) = said(Site(3))
    assert (state, sentence.startswith("never proved equal")) == ("warning", True)


def test_equality_is_told_with_its_moment_its_place_and_with_whom() -> None:
    site = Site(3)
    proved(site, 10_000)
    assert said(site) == [("ok", "proved equal to head office (till 3 of c) 10 s ago, at position 48,210")]
    proved(site, PROVED_AGE_MS_MAX + 1)
    assert said(site)[0][0] == "warning"


def test_a_filling_is_told_with_how_far_it_is() -> None:
    site = Site(3)
    portion = Portion(CHAIN, Cursor(1, 9, bytes(16)), (b"", 0, b""), (b"a" * 8, 1, b""), (), 70, total=1_000_000)
    site.unit(lambda conn: taking.fill(conn, site.replica, portion))
    assert said(site)[0] == ("warning", "being filled from head office: 0 %  0 of 1,000,000 rows")


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
