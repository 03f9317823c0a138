"""Backups of a hub on its disk: what the marks say, what is refused, and what comes back with a restore."""

import shutil
from pathlib import Path

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import Operation
from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.errors import OperatorMistake, StoreFault
from daemon.store import authoring, backup_list, leftovers, ordering
from daemon.store.backup import Backup, Restored, forget_withdrawn, restore, take
from daemon.store.database import Connection, migrate, open_connection, run
from daemon.store.replica import Identity, Replica, write_identity
from tests.store.small_chain import ACTOR, ANNE, BRUNO, NAME, NOW

BOOT = b"restored"


class Hub:
    """A hub's database in a folder; each act opens it, as a process would."""

    def __init__(self, folder: Path) -> None:
        self.path, self.backups = folder / "hub.db", folder / "backups"
        self.count = 0
        conn = open_connection(self.path)
        migrate(conn)
        who = Identity(chain="c", site=1, shop=0, incarnation=1, lot=b"h" * 8)
        run(conn, lambda c: write_identity(c, who))
        conn.close()

    def open(self) -> Connection:
        return open_connection(self.path)

    def create(self, customer: bytes) -> None:
        self._commit(wish.create(Kind.CUSTOMER, customer, {NAME: ("A", "B")}))

    def erase(self, customer: bytes) -> None:
        self._commit(wish.erase(Kind.ERASE, customer))

    def _commit(self, operation: Operation) -> None:
        self.count += 1
        conn = self.open()
        replica = Replica(bytes([self.count]) * 8)
        replica.reload(conn)
        run(conn, lambda c: authoring.commit(c, replica, ACTOR, [operation], now_ms=NOW + self.count))
        conn.close()

    def backup(self, keep: int = 7) -> Backup:
        self.count += 1
        return take(self.path, self.backups, key=None, stamp=f"{self.count:04d}", now_ms=NOW + self.count, keep=keep)

    def restore(self, path: Path, *, accept_loss: bool = False) -> Restored:
        return restore(path, self.path, key=None, boot=BOOT, now_ms=NOW, accept_loss=accept_loss)

    def generation(self) -> int:
        conn = self.open()
        try:
            return ordering.feed_head(conn, CHAIN).generation
        finally:
            conn.close()

    def backed_up(self) -> int:
        conn = self.open()
        try:
            return backup_list.backed_up(conn)
        finally:
            conn.close()

    def has(self, customer: bytes) -> bool:
        conn = self.open()
        try:
            return conn.execute("SELECT 1 FROM element WHERE entity = ?", (customer,)).fetchone() is not None
        finally:
            conn.close()


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def customers(number: int) -> bytes:
    return b"customer"[:-1] + bytes([number])


@pytest.mark.feature("E3.1")
def test_tills_keep_their_records_until_every_backup_that_may_be_restored_holds_them(hub: Hub) -> None:
    made = []
    for number in range(1, 4):
        hub.create(customers(number))
        made.append(hub.backup(keep=2))
    assert [(one.offset, one.backed_up) for one in made] == [(1, 1), (2, 1), (3, 2)]
    assert made[2].withdrawn == (made[0].path.absolute(),)
    assert hub.backed_up() == 2


def test_a_backup_that_lacks_what_tills_may_have_dropped_is_refused(hub: Hub) -> None:
    for number in range(1, 4):
        hub.create(customers(number))
        hub.backup(keep=2)
    first = hub.backups / "hub-0002.db"
    with pytest.raises(OperatorMistake, match="was withdrawn: tills may have dropped records up to position 2"):
        hub.restore(first)
    assert hub.has(customers(3)), "nothing was touched"
    second = hub.backups / "hub-0004.db"
    hub.restore(second)
    assert (hub.has(customers(3)), hub.backed_up(), hub.generation()) == (False, 2, 2)


def test_who_accepts_the_loss_gets_the_old_backup_and_the_hub_starts_its_list_with_it(hub: Hub) -> None:
    for number in range(1, 4):
        hub.create(customers(number))
        hub.backup(keep=1)
    hub.restore(hub.backups / "hub-0002.db", accept_loss=True)
    assert (hub.has(customers(1)), hub.has(customers(2)), hub.backed_up()) == (True, False, 1)


def test_without_the_former_database_its_later_backups_say_what_tills_may_have_dropped(hub: Hub) -> None:
    for number in range(1, 4):
        hub.create(customers(number))
        hub.backup(keep=1)
    hub.path.unlink()
    with pytest.raises(OperatorMistake, match="up to position 2 "):
        hub.restore(hub.backups / "hub-0002.db")
    assert not hub.restore(hub.backups / "hub-0006.db").erasures_known


def test_a_backup_of_a_history_that_was_given_up_is_refused_once_tills_dropped_what_differs(hub: Hub) -> None:
    hub.create(customers(1))
    first = hub.backup().path
    hub.create(customers(2))
    abandoned = hub.backup().path
    hub.restore(first)
    hub.create(customers(3))
    assert hub.backed_up() == 1
    aside = hub.path.parent / "aside.db"
    shutil.move(abandoned, aside)
    hub.create(customers(4))
    hub.backup(keep=1)
    with pytest.raises(OperatorMistake, match="was withdrawn"):
        hub.restore(aside)


def test_what_was_promised_to_the_tills_holds_after_a_restore(hub: Hub) -> None:
    """The restored file was written when an older backup was still good."""
    for number in range(1, 4):
        hub.create(customers(number))
        hub.backup()
    hub.create(customers(4))
    hub.backup(keep=2)
    assert hub.backed_up() == 3
    hub.restore(hub.backups / "hub-0006.db")
    assert hub.backed_up() == 3
    with pytest.raises(OperatorMistake, match="was withdrawn"):
        hub.restore(hub.backups / "hub-0002.db")


def test_a_backup_restored_twice_begins_a_generation_each_time(hub: Hub) -> None:
    hub.create(customers(1))
    path = hub.backup().path
    generations = []
    for number in range(2, 5):
        hub.create(customers(number))
        hub.restore(path)
        generations.append(hub.generation())
    assert generations == [2, 3, 4]
    conn = hub.open()
    assert conn.execute("SELECT generation, feed_offset FROM fork").fetchall() == [(4, 1)]
    conn.close()


def test_a_history_that_does_not_begin_with_the_backup_differs_from_nobody_knows_where(hub: Hub) -> None:
    hub.create(customers(1))
    first = hub.backup().path
    hub.create(customers(2))
    second = hub.backup().path
    hub.restore(first)
    hub.create(customers(3))
    hub.create(customers(4))
    hub.restore(second)
    conn = hub.open()
    assert conn.execute("SELECT generation, feed_offset FROM fork").fetchall() == [(3, 0)]
    conn.close()


def test_whoever_was_erased_since_the_backup_is_erased_again(hub: Hub) -> None:
    hub.create(ANNE)
    hub.create(BRUNO)
    path = hub.backup().path
    hub.erase(ANNE)
    done = hub.restore(path)
    assert (hub.has(ANNE), hub.has(BRUNO), done.erasures_known) == (False, True, True)


def test_erasures_are_unknown_when_the_former_database_cannot_be_read(hub: Hub) -> None:
    hub.create(ANNE)
    path = hub.backup().path
    hub.erase(ANNE)
    hub.path.write_bytes(b"\0" * 65536)
    for ending in ("-wal", "-shm"):
        leftovers.beside(hub.path, ending).unlink(missing_ok=True)
    assert not hub.restore(path).erasures_known
    assert hub.has(ANNE)


def test_a_later_backup_tells_of_erasures_that_the_damaged_database_cannot_tell(hub: Hub) -> None:
    hub.create(ANNE)
    path = hub.backup().path
    hub.erase(ANNE)
    hub.backup()
    hub.path.unlink()
    assert not hub.restore(path).erasures_known
    assert not hub.has(ANNE)


def test_the_replaced_database_stays_until_the_next_verified_backup(hub: Hub) -> None:
    hub.create(ANNE)
    path = hub.backup().path
    hub.restore(path)
    assert leftovers.found(hub.path) == [leftovers.beside(hub.path, leftovers.REPLACED)]
    hub.backup()
    assert leftovers.found(hub.path) == []


def test_the_replaced_database_goes_when_somebody_is_erased(hub: Hub) -> None:
    hub.create(ANNE)
    hub.restore(hub.backup().path)
    hub.erase(ANNE)
    assert leftovers.found(hub.path) == []


def test_what_a_killed_backup_left_goes_with_the_next_one(hub: Hub) -> None:
    hub.backups.mkdir()
    draft = hub.backups / ".hub-0000.draft"
    draft.write_bytes(b"half of somebody")
    hub.backup()
    assert not draft.exists()


def test_a_backup_whose_end_cannot_be_read_is_refused_in_a_sentence(hub: Hub) -> None:
    for number in range(40):
        hub.create(customers(number))
    path = hub.backup().path
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(StoreFault, match=r"hub-0041\.db"):
        hub.restore(path)


def test_withdrawn_backups_whose_files_are_gone_are_forgotten(hub: Hub) -> None:
    hub.create(customers(1))
    hub.backup(keep=1)
    hub.create(customers(2))
    made = hub.backup(keep=1)
    forget_withdrawn(hub.path, made.withdrawn, key=None)
    assert hub.backup(keep=1).withdrawn == (made.path.absolute(),)
