"""How a till opens its database: as it is, or first made anew where it is damaged; never with a wrong key."""

import asyncio
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.domain.feed import CHAIN, Cursor
from daemon.domain.ids import ShopId, SiteId
from daemon.errors import DamagedFile, StoreFault
from daemon.store import damage, leftovers
from daemon.store.database import DatabaseError, migrate, open_connection, run
from daemon.store.replica import Identity as Replicated
from daemon.store.replica import write_identity
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

        def equal(conn: object) -> None:
            replica.save_cursor(database_conn := conn, CHAIN, Cursor(1, 5, bytes(16)))  # type: ignore[arg-type]  # a connection
            database_conn.execute("UPDATE cursor SET proved_ms = ?", (clock.now_ms() + 5,))  # type: ignore[attr-defined]  # as above

        await database.write_in_turn(equal)
        await forget_damaged(database, clock)
        assert not leftovers.found(path)
