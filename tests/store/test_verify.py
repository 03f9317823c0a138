from pathlib import Path

from daemon.domain import authoring
from daemon.domain.change import Actor
from daemon.domain.kinds import BOOK_POINTS, Kind
from daemon.store import authoring as author
from daemon.store.database import Connection, migrate, open_connection, run
from daemon.store.replica import Identity, Replica, write_identity
from daemon.store.verify import verify

WHO = b"customer"
ACCOUNT = b"account1"


def opened(where: Path) -> Connection:
    """A till's file with one customer and 10 points."""
    conn = open_connection(where / "till.db")
    migrate(conn)
    replica = Replica(b"bootboot")

    def fill(conn: Connection) -> None:
        write_identity(conn, Identity(chain="essai", site=2, shop=1, incarnation=7, lot=b"lotlotlo"))
        replica.reload(conn)
        created = authoring.create(Kind.CUSTOMER, WHO, {2: ("Hélène", "Lefèvre")})
        earned = authoring.add(Kind.ENTRY, ACCOUNT, {1: BOOK_POINTS, 2: 10})
        author.commit(conn, replica, Actor(), [created, earned], now_ms=1_800_000_000_000)

    run(conn, fill)
    return conn


def test_a_sound_file_has_no_faults(tmp_path: Path) -> None:
    conn = opened(tmp_path)
    verdict = verify(conn)
    assert (verdict.elements, verdict.faults) == (2, ())
    conn.close()


def test_a_flipped_bit_in_a_row_is_found_by_its_hash(tmp_path: Path) -> None:
    conn = opened(tmp_path)
    conn.execute("UPDATE element SET body = CAST(replace(body, 'Lef', 'Lez') AS BLOB) WHERE entity = ?", (WHO,))
    assert "1 stored rows differ from their hashes" in verify(conn).faults
    conn.close()


def test_a_row_that_went_missing_is_found_by_the_digest(tmp_path: Path) -> None:
    conn = opened(tmp_path)
    conn.execute("DELETE FROM element WHERE entity = ?", (WHO,))
    assert verify(conn).faults == ("the digest of scope 0/0 does not match the rows",)
    conn.close()


def test_a_balance_that_is_not_the_sum_of_its_entries_is_found(tmp_path: Path) -> None:
    conn = opened(tmp_path)
    conn.execute("UPDATE balance SET amount = 11")
    assert verify(conn).faults == ("1 balances are not the sum of their entries",)
    conn.close()


def test_a_damaged_row_that_claims_to_be_text_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    conn = opened(tmp_path)
    conn.execute("UPDATE element SET body = CAST(x'ff80fe' AS TEXT) WHERE entity = ?", (WHO,))
    assert "1 stored rows differ from their hashes" in verify(conn).faults
    conn.close()


def test_a_damaged_entry_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    conn = opened(tmp_path)
    conn.execute("UPDATE element SET body = substr(body, 1, length(body) - 1) WHERE kind = ?", (int(Kind.ENTRY),))
    (body,) = conn.execute("SELECT body FROM element WHERE kind = ?", (int(Kind.ENTRY),)).fetchone()
    assert "1 stored rows differ from their hashes" in verify(conn).faults
    conn.execute("UPDATE element SET body = ? WHERE kind = ?", (b"\x9f" + body[1:], int(Kind.ENTRY)))
    assert "1 stored rows differ from their hashes" in verify(conn).faults
