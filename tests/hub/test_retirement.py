"""The rights of a till that was withdrawn, or of its former box, are written off once, and nobody else's."""

from pathlib import Path

import pytest

from daemon import certificates
from daemon.domain import authoring
from daemon.domain.change import Actor
from daemon.domain.ids import ShopId, SiteId
from daemon.domain.kinds import BOOK_CREDIT, BOOK_POINTS, Kind
from daemon.errors import Conflicting, NotFound
from daemon.hub.enrolment import EnrolmentOffice, Terms
from daemon.hub.retirement import retire
from daemon.store import authoring as author
from daemon.store import holders, rights
from daemon.store.database import Connection, Database, open_database
from daemon.store.replica import Identity, Replica, write_identity
from daemon.sync.enrol_wire import read_code
from tests.fakes.counter import START_MS

ACCOUNT = b"account1"
GONE, OLD_LOT, OTHER = (2, b"lot-two."), (2, b"lot-old."), (3, b"lot-thre")


def grant(conn: Connection, replica: Replica, book: int, amount: int, holder: tuple[int, bytes]) -> None:
    right = authoring.add(Kind.RIGHT, ACCOUNT, {1: book, 2: amount, 5: holder})
    author.commit(conn, replica, Actor(), [right], now_ms=START_MS)


def left(conn: Connection) -> dict[tuple[int, bytes], int]:
    rows = conn.execute("SELECT book, holder, amount FROM balance WHERE holder != x''")
    return {(book, holder): amount for book, holder, amount in rows if amount}


async def office_with_a_till(database: Database) -> tuple[EnrolmentOffice, Replica]:
    authority = certificates.create_authority("test", START_MS)
    server = certificates.issue_server(authority, ("localhost",), START_MS)
    terms = Terms(chain="test", broker_host="localhost", broker_port=8883, pin_key=bytes(32))
    office = EnrolmentOffice(database=database, authority=authority, server=server, terms=terms, access=None)
    replica = Replica(b"boot-hub")

    def found(conn: Connection) -> None:
        write_identity(conn, Identity(chain="test", site=1, shop=0, incarnation=1, lot=b"l" * 8))
        replica.reload(conn)
        for book, amount, holder in (
            (BOOK_POINTS, 30, GONE), (BOOK_POINTS, -10, GONE), (BOOK_CREDIT, 500, OLD_LOT), (BOOK_POINTS, 7, OTHER),
        ):  # fmt: skip
            grant(conn, replica, book, amount, holder)

    await database.write(found)
    code = read_code(await office.add_till(ShopId(1), START_MS))
    await office.accept(certificates.signing_request(certificates.new_key(), "till"), code.secret, START_MS)
    return office, replica


async def test_what_a_withdrawn_till_held_is_written_off_once_under_every_holder_it_was(tmp_path: Path) -> None:
    async with open_database(tmp_path / "hub.db") as database:
        office, replica = await office_with_a_till(database)
        with pytest.raises(Conflicting, match="withdraw it first"):
            await database.write(lambda conn: retire(conn, replica, Actor(), SiteId(2), now_ms=START_MS))
        with pytest.raises(NotFound, match="no till 9"):
            await database.write(lambda conn: retire(conn, replica, Actor(), SiteId(9), now_ms=START_MS))
        await office.revoke(SiteId(2), START_MS)
        assert await database.write(lambda conn: retire(conn, replica, Actor(), SiteId(2), now_ms=START_MS)) == 2
        assert list((await database.read(left)).values()) == [7]
        assert await database.write(lambda conn: retire(conn, replica, Actor(), SiteId(2), now_ms=START_MS)) == 0


async def test_of_a_till_that_lives_only_what_its_former_box_held_is_written_off(tmp_path: Path) -> None:
    async with open_database(tmp_path / "hub.db") as database:
        _, replica = await office_with_a_till(database)

        def told(conn: Connection) -> None:
            for lot in (OLD_LOT[1], GONE[1]):
                holders.note_lot(conn, 2, lot, now_ms=START_MS)
                rights.has_told(conn, 2, boot=replica.boot, lot=lot)

        await database.write(told)
        await database.write(lambda conn: conn.execute("UPDATE roster SET fenced_ms = 5 WHERE site = 2"))
        with pytest.raises(Conflicting, match="take one away first"):
            await database.write(lambda conn: retire(conn, replica, Actor(), SiteId(2), now_ms=START_MS))
        await database.write(lambda conn: conn.execute("UPDATE roster SET fenced_ms = 0 WHERE site = 2"))
        assert await database.write(lambda conn: retire(conn, replica, Actor(), SiteId(2), now_ms=START_MS)) == 1
        assert sorted((await database.read(left)).values()) == [7, 20], "what the till holds as it is now stays its own"
        with pytest.raises(Conflicting, match="withdraw it first"):
            await database.write(lambda conn: retire(conn, replica, Actor(), SiteId(2), now_ms=START_MS))
