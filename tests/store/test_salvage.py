"""A damaged database is replaced by what can still be read of it: nothing that head office lacks is left behind."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.domain import authoring as wish
from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL
from daemon.store import changes, damage, leftovers, page_image, portions, salvage, taking
from daemon.store.database import Connection, migrate, open_connection, run
from daemon.store.remains import Remains
from daemon.store.replica import Identity, Replica, get_meta, put_meta, write_identity
from tests.store.small_chain import ACTOR, ANNE, EMAIL, NAME, NOW, Site

OLD = Identity(chain="c", site=7, shop=2, incarnation=70, lot=b"old-lot.")
NEW = Identity(chain="c", site=7, shop=2, incarnation=71, lot=b"new-lot.")
BOOT = b"bootboot"
PAGE = page_image.PAGE_BYTES


@dataclass
class Box:
    """A till's database as a file, closed."""

    path: Path
    key: bytes | None

    def work(self, unit: object) -> None:
        conn = open_connection(self.path, key=self.key)
        try:
            run(conn, unit)  # type: ignore[arg-type]  # any unit
        finally:
            conn.close()

    def salvage(self, who: Identity = NEW) -> salvage.Salvaged:
        return salvage.salvage(self.path, who, key=self.key, boot=b"laterbt.", now_ms=NOW + 9)

    def opened(self) -> Connection:
        return open_connection(self.path, key=self.key)


@pytest.fixture(params=[None, b"k" * 32], ids=["plain", "encrypted"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    made = Box(tmp_path / "till.db", request.param)
    conn = made.opened()
    migrate(conn)
    run(conn, fill)
    conn.close()
    damage.keep_pages(made.path, damage.pages_of(made.path, made.key), made.key)
    return made


def customer(number: int) -> bytes:
    return b"cust" + number.to_bytes(4, "big")


def fill(conn: Connection, *, customers: int = 400) -> None:
    """Customers that head office has, an operator, a program that may call, three records of this till that wait."""
    write_identity(conn, OLD)
    replica = Replica(BOOT)
    replica.reload(conn)
    replica.timeline = replica.timeline.anchor(local_ms=NOW, true_ms=NOW)
    changes.save(conn, replica, ACTOR, [wish.create(Kind.OPERATOR, b"operator", {1: "Zoé"})], now_ms=NOW)
    for number in range(customers):
        made = wish.create(Kind.CUSTOMER, customer(number), {NAME: ("A" * 40, "B" * 40), EMAIL: f"{number}@b.fr"})
        changes.save(conn, replica, ACTOR, [made], now_ms=NOW)
    conn.execute("UPDATE change SET waiting = 0, feed_offset = ordinal")
    for number in range(3):
        made = wish.create(Kind.CUSTOMER, customer(1000 + number), {NAME: ("Un", "Sent"), EMAIL: f"u{number}@b.fr"})
        changes.save(conn, replica, ACTOR, [made], now_ms=NOW + number)
    conn.execute("INSERT INTO application VALUES ('pos', ?, 'counter', 1)", (b"t" * 32,))
    for name in ("customer_code", "credit_note_code", "account_number", "code_of_block"):
        put_meta(conn, name, 41)


def overwrite(path: Path, first: int, pages: int) -> None:
    with path.open("r+b") as file:
        file.seek(first * PAGE)
        file.write(os.urandom(pages * PAGE))


def waiting(conn: Connection) -> list[int]:
    sql = "SELECT n FROM change WHERE waiting != 0 AND feed_offset = 0 ORDER BY ordinal"
    return [n for (n,) in conn.execute(sql)]


def test_a_database_that_was_overwritten_in_the_middle_gives_back_every_record_that_waits(box: Box) -> None:
    pages = box.path.stat().st_size // PAGE
    overwrite(box.path, 3 * pages // 5, pages // 5)  # behind the root of the own records
    found = box.salvage()
    assert (found.at_ms, found.unsent) == (NOW + 9, 3)
    assert found.holes
    conn = box.opened()
    replica = Replica(b"nextboot")
    replica.reload(conn)
    assert replica.identity == NEW
    assert waiting(conn) == [402, 403, 404]
    batch = changes.pending_batch(conn, replica, after=0, bytes_max=60_000)
    assert batch is not None
    assert (batch.incarnation, batch.first, len(batch.records)) == (71, 1, found.records), (
        "what head office had said to hold goes as well: it may have been restored since"
    )
    assert salvage.salvaged(conn) == found
    assert get_meta(conn, "last_time") >= max(time for (time,) in conn.execute("SELECT time FROM author")), (
        "no stamp is given twice"
    )
    conn.close()


def test_what_waits_is_seen_at_once_and_so_are_the_things_of_the_chain(box: Box) -> None:
    overwrite(box.path, box.path.stat().st_size // PAGE // 2, 3)
    box.salvage()
    conn = box.opened()
    shown = {entity for (entity,) in conn.execute("SELECT entity FROM element WHERE kind = ?", (int(Kind.CUSTOMER),))}
    assert {customer(1000), customer(1001), customer(1002)} <= shown
    assert conn.execute("SELECT entity FROM element WHERE kind = ?", (int(Kind.OPERATOR),)).fetchall() == [
        (b"operator",)
    ]
    assert conn.execute("SELECT name, role FROM application").fetchall() == [("pos", "counter")]
    assert get_meta(conn, "customer_code") >= 41
    conn.close()


def test_a_lost_first_page_is_put_back_from_the_copy_that_is_kept(box: Box) -> None:
    overwrite(box.path, 0, 1)
    assert box.salvage().unsent == 3
    conn = box.opened()
    assert waiting(conn) == [402, 403, 404]
    conn.close()


def test_any_page_of_the_schema_is_put_back_from_the_copies_that_are_kept(box: Box) -> None:
    numbers = sorted(damage.pages_of(box.path, box.key))
    assert len(numbers) > 3, "one page holds some twenty tables"
    whole = {end: leftovers.beside(box.path, end).read_bytes() for end in ("", damage.FIRST)}
    for number in numbers:
        for end, raw in whole.items():
            leftovers.beside(box.path, end).write_bytes(raw)
        overwrite(box.path, number - 1, 1)
        assert (box.salvage().unsent, number) == (3, number)
        conn = box.opened()
        assert waiting(conn) == [402, 403, 404]
        conn.close()


def test_a_file_that_has_grown_since_its_pages_were_kept_is_read_to_its_end(box: Box) -> None:
    def grow(conn: Connection) -> None:
        replica = Replica(b"growing.")
        replica.reload(conn)
        for number in range(3_000, 3_400):
            made = wish.create(Kind.CUSTOMER, customer(number), {NAME: ("C" * 400, "D" * 400)})
            changes.save(conn, replica, ACTOR, [made], now_ms=NOW + number)

    box.work(grow)
    overwrite(box.path, 0, 1)
    assert box.salvage().unsent == 403


def test_what_an_earlier_version_kept_is_the_first_page(box: Box) -> None:
    kept = leftovers.beside(box.path, damage.FIRST)
    raw = kept.read_bytes()
    kept.write_bytes(raw[:16] + raw[20 : 20 + PAGE])
    overwrite(box.path, 0, 1)
    assert box.salvage().unsent == 3


def test_of_a_file_whose_schema_does_not_hang_together_nothing_is_kept(box: Box) -> None:
    numbers = sorted(damage.pages_of(box.path, box.key))
    overwrite(box.path, numbers[2] - 1, 1)
    assert damage.pages_of(box.path, box.key) == {}
    kept = leftovers.beside(box.path, damage.FIRST).read_bytes()
    damage.keep_pages(box.path, damage.pages_of(box.path, box.key), box.key)
    assert leftovers.beside(box.path, damage.FIRST).read_bytes() == kept


def test_a_file_of_which_nothing_is_left_is_replaced_by_an_empty_one_of_the_same_site(box: Box) -> None:
    overwrite(box.path, 0, box.path.stat().st_size // PAGE)
    found = box.salvage()
    assert (found.records, found.unsent) == (0, 0)
    conn = box.opened()
    replica = Replica(BOOT)
    replica.reload(conn)
    assert (replica.identity, replica.head.seq) == (NEW, 0)
    conn.close()


def test_a_file_that_vanished_is_replaced_too_and_its_old_log_does_not_come_over_the_new_one(box: Box) -> None:
    box.path.unlink()
    leftovers.beside(box.path, "-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(500))
    box.salvage()
    conn = box.opened()
    assert conn.execute("PRAGMA quick_check").fetchone() == ("ok",)
    conn.close()


def test_a_rescue_that_was_killed_anywhere_is_done_again(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(box.path, box.path.stat().st_size // PAGE // 2, 3)
    damage.mark(box.path, "database disk image is malformed")

    class Killed(BaseException):
        """The power goes."""

    for name, at in (("migrate", salvage), ("sync_directory", salvage), ("_carry_over", salvage)):
        with monkeypatch.context() as patch:

            def dies(*_: object, **__: object) -> None:
                raise Killed

            patch.setattr(at, name, dies)
            with pytest.raises(Killed):
                box.salvage()
        assert damage.is_marked(box.path), name
    assert box.salvage().unsent == 3
    assert not damage.is_marked(box.path)
    assert damage.is_left(box.path)


def test_a_record_that_head_office_would_refuse_is_not_carried_over(box: Box) -> None:
    remains = Remains(box.path, box.key)
    row = remains.one(f"SELECT {','.join(salvage._RECORD)} FROM change WHERE n = 404")
    remains.close()
    assert row is not None
    assert salvage.readable(row, 7) is not None
    assert salvage.readable(row, 8) is None, "of another site"
    assert salvage.readable((row[0], row[1] + 1, *row[2:]), 7) is None, "under another number"
    assert salvage.readable((*row[:3], row[3][:-3], *row[4:]), 7) is None, "cut"
    assert salvage.readable((*row[:2], "text", *row[3:]), 7) is None
    assert salvage.readable((*row[:5], None, *row[6:]), 7) is None


def test_a_second_damage_replaces_the_first_ones_remains(box: Box) -> None:
    overwrite(box.path, box.path.stat().st_size // PAGE // 2, 3)
    box.salvage()
    first = leftovers.beside(box.path, leftovers.DAMAGED).stat().st_size
    assert box.salvage(Identity(chain="c", site=7, shop=2, incarnation=72, lot=b"third-lt")).unsent == 3
    assert leftovers.beside(box.path, leftovers.DAMAGED).stat().st_size != first
    leftovers.remove(box.path)
    assert not damage.is_left(box.path)


def test_jobs_of_the_printer_and_numbers_of_codes_come_over(box: Box) -> None:
    def job(conn: Connection) -> None:
        conn.execute(
            "INSERT INTO print_job"
            " (id, request_key, kind, printer, state, duplicata, attempts, requested_ms, changed_ms)"
            " VALUES (?, 'k', 'badge', 'p', 'queued', 0, 0, 1, 1)",
            (b"job.....",),
        )

    box.work(job)
    box.salvage()
    conn = box.opened()
    assert conn.execute("SELECT id, request_key FROM print_job").fetchall() == [(b"job.....", "k")]
    for name in ("customer_code", "credit_note_code", "account_number", "code_of_block"):
        assert get_meta(conn, name) == 41, name
    conn.close()


def test_who_was_erased_while_the_database_was_damaged_is_cut_out_of_what_came_over() -> None:
    hub, till = Site(1, shop=0), Site(7)
    hub.replica.timeline = hub.replica.timeline.anchor(local_ms=NOW, true_ms=NOW)
    hub.create(ANNE)
    hub.commit(wish.erase(Kind.ERASE, ANNE))
    till.unit(
        lambda conn: conn.execute(
            "INSERT INTO visit VALUES (?, 'l', 'closed', ?, ?, ?, 's', 1, 1)", (b"visit...", ANNE, b"walk-in.", b"Anne")
        )
    )
    portion = portions.read_portion(hub.conn, hub.replica, CHAIN, BEFORE_ALL, ())
    till.unit(lambda conn: taking.fill(conn, till.replica, portion))
    assert till.rows("SELECT customer, basket FROM visit") == [(b"walk-in.", b"")]
    assert till.root() == hub.root()
