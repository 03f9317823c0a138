"""How a till opens its database: as it is, or first made anew where it is damaged; never with a wrong key."""

import asyncio
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.domain.canonical import pack
from daemon.domain.feed import CHAIN, Cursor, Scope
from daemon.domain.ids import ShopId, SiteId
from daemon.domain.kind_shape import Reach
from daemon.errors import DamagedFile, StoreFault
from daemon.store import damage, leftovers
from daemon.store.database import Connection, DatabaseError, migrate, open_connection, run
from daemon.store.replica import Identity as Replicated
from daemon.store.replica import put_meta, write_identity
from daemon.sync.identity import Identity
from daemon.till import opening
from daemon.till.opening import forget_damaged, open_store

KEY = b"k" * 32


def identity(folder: Path) -> Identity:
    return Identity(
        site=SiteId(7),
        shop=ShopId(2),
        chain="c",
        broker_host="h",
        broker_port=1,
        folder=folder,
        pin_key=bytes(32),
    )


@pytest.fixture(params=[None, KEY], ids=["plain", "encrypted"])
def key(request: pytest.FixtureRequest) -> bytes | None:
    found: bytes | None = request.param
    return found


@pytest.fixture
def path(tmp_path: Path, key: bytes | None) -> Path:
    made = tmp_path / "till.db"
    conn = open_connection(made, key=key)
    migrate(conn)
    run(conn, lambda c: write_identity(c, Replicated(chain="c", site=7, shop=2, incarnation=70, lot=b"old-lot.")))
    conn.close()
    return made


def raw(path: Path) -> bytes:
    return path.read_bytes()


def harm_file(path: Path, harm: str) -> None:
    match harm:
        case "mark":
            damage.mark(path, "database disk image is malformed")
        case "header":
            path.write_bytes(bytes(4096) + raw(path)[4096:])
        case "tables":
            path.write_bytes(raw(path)[:4096] + b"\xff" * (len(raw(path)) - 4096))
        case "vanish":
            path.unlink()
        case _:
            path.write_bytes(b"")


async def incarnation(path: Path, key: bytes | None) -> int:
    async with open_store(path, key, identity(path.parent), SystemClock()) as (_, replica):
        return replica.identity.incarnation


async def test_a_sound_database_stays_who_it_is(path: Path, key: bytes | None) -> None:
    assert [await incarnation(path, key) for _ in range(2)] == [70, 70]
    assert not damage.is_left(path)


async def test_in_another_machine_it_is_another_holder_before_anybody_is_served(
    path: Path, key: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    holders: list[bytes] = []
    for board in (b"one", b"one", b"two", b"two"):
        async with open_store(path, key, identity(path.parent), SystemClock(), {"board": board}) as (_, replica):
            holders.append(replica.identity.lot)
    assert holders == [b"old-lot.", b"old-lot.", holders[2], holders[2]]
    assert holders[2] != b"old-lot."
    told = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert told == ["disk-ran-in-another-machine told_by=board"]


@pytest.mark.parametrize("harm", ["mark", "header", "tables", "vanish", "cut"])
async def test_a_damaged_database_is_made_anew_at_the_start(path: Path, key: bytes | None, harm: str) -> None:
    await incarnation(path, key)
    harm_file(path, harm)
    anew = await incarnation(path, key)
    assert anew != 70
    assert await incarnation(path, key) == anew
    assert not damage.is_marked(path)


async def test_a_wrong_key_is_no_damage(path: Path, key: bytes | None) -> None:
    await incarnation(path, key)
    before = raw(path)
    with pytest.raises(StoreFault, match="cannot be opened"):
        await incarnation(path, b"w" * 32)
    await asyncio.sleep(0.05)  # the thread of the connection that did not open says good-bye to this loop
    assert raw(path) == before
    assert not damage.is_left(path)


async def test_damage_that_a_unit_meets_is_told(path: Path, key: bytes | None) -> None:
    told: list[DamagedFile] = []

    def meet(_: object) -> None:
        raise DatabaseError("database disk image is malformed")

    async with open_store(path, key, identity(path.parent), SystemClock()) as (database, _):
        database.on_broken(told.append)
        with pytest.raises(DamagedFile, match="is damaged"):
            await database.read(meet)
    assert len(told) == 1


async def test_the_damaged_file_goes_once_the_new_one_is_proved_equal(
    path: Path, key: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LOOK_S", 0.01)
    await incarnation(path, key)
    damage.mark(path, "database disk image is malformed")
    clock = SystemClock()
    async with open_store(path, key, identity(path.parent), clock) as (database, replica):
        assert leftovers.found(path)
        assert not await database.read(opening._is_proved)

        shop = Scope(Reach.SHOP, 2)

        def equal(conn: Connection, *scopes: Scope) -> None:
            for scope in scopes:
                replica.save_cursor(conn, scope, Cursor(1, 5, bytes(16)))
                proved = (clock.now_ms() + 5, int(scope.reach))
                conn.execute("UPDATE cursor SET proved_ms = ? WHERE reach = ?", proved)

        await database.write_in_turn(lambda conn: equal(conn, CHAIN))
        assert not await database.read(opening._is_proved), (
            "the feeds of the shop and of the till are still being filled"
        )
        await database.write_in_turn(lambda conn: put_meta(conn, "filling", pack({})))
        await database.write_in_turn(lambda conn: replica.save_cursor(conn, shop, Cursor(1, 9, bytes(16))))
        assert not await database.read(opening._is_proved), "the shop's feed was not proved"
        await database.write_in_turn(lambda conn: equal(conn, CHAIN, shop))
        await forget_damaged(database, clock)
        assert not leftovers.found(path)
