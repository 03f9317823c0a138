"""What earlier releases wrote can be read: their messages mean the same, their databases open, also after a kill."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.canonical import pack
from daemon.store.database import Connection, migrate, open_connection, run
from daemon.store.replica import Replica
from daemon.store.word_index import reindex_some
from daemon.sync import wire
from tests.captures.releases import releases
from tests.captures.releases.standing import standing
from tests.store.small_chain import NOW, Site, SmallChain

VERSIONS = releases.versions(releases.DATABASES)
ROLES = ("hub", "till")
MESSAGES = [
    pytest.param(entry, id=f"{version}-{entry['type']}-{at}")
    for version in releases.versions(releases.MESSAGES)
    for at, entry in enumerate(releases.messages(version))
]


def test_the_first_release_left_something() -> None:
    assert MESSAGES
    assert VERSIONS


@pytest.mark.parametrize("entry", MESSAGES)
def test_a_message_of_an_earlier_release_means_what_it_meant(entry: dict[str, Any]) -> None:
    message = wire.decode(bytes.fromhex(entry["bytes"]))
    assert type(message).__name__ == entry["type"]
    assert releases.means_at_least(releases.meaning(message), entry["means"])
    assert releases.chain_behind(message).hex() == entry.get("chain_behind", "")
    assert wire.decode(wire.encode(message)) == message


@pytest.mark.parametrize("entry", MESSAGES)
def test_a_message_of_a_later_version_may_have_one_part_more(entry: dict[str, Any]) -> None:
    message = wire.decode(bytes.fromhex(entry["bytes"]))
    number, to_plain, _ = wire._BY_TYPE[type(message)]
    longer = pack((*to_plain(message), "a part of a later version"))
    assert wire.decode(bytes((wire.VERSION, number, 0)) + longer) == message


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    with closing(open_connection(path)) as conn:
        migrate(conn)
        while reindex_some(conn, customers=50):
            pass
        yield conn


def same(now: dict[str, Any], recorded: dict[str, Any]) -> bool:
    rest = {name: part for name, part in recorded.items() if name not in ("schema", "customers")}
    return releases.means_at_least(now, rest) and stands(now["customers"], recorded["customers"])


def stands(now: Any, recorded: Any) -> bool:
    """Whether all that was shown of a customer is shown still; of a merged person later versions show all records."""
    if isinstance(recorded, dict):
        return isinstance(now, dict) and all(stands(now.get(name), part) for name, part in recorded.items())
    if isinstance(recorded, list):
        return isinstance(now, list) and all(any(stands(one, part) for one in now) for part in recorded)
    return bool(now == recorded)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_of_an_earlier_release_opens_and_holds_what_it_held(tmp_path: Path, version: str, role: str) -> None:
    path = releases.unpack_database(version, role, tmp_path / "old.db")
    with opened(path) as conn:
        found = standing(conn)
    recorded = releases.facts(version)[role]
    assert found["sound"] == []
    assert (found["root"], found["roots"]) == (recorded["root"], recorded["roots"])
    assert same(found, recorded)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_an_old_till_had_not_sent_reaches_an_old_hub_after_both_were_upgraded(
    tmp_path: Path, version: str
) -> None:
    sites = [OldSite(releases.unpack_database(version, role, tmp_path / f"{role}.db")) for role in ROLES]
    with closing(sites[0].conn), closing(sites[1].conn):
        chain = SmallChain.__new__(SmallChain)
        chain.hub, chain.one = sites
        before = releases.facts(version)["till"]["waiting"]
        assert chain.one.replica.root(chain.one.conn) != chain.hub.replica.root(chain.hub.conn)
        chain.hub.anchor()
        chain.one.anchor()
        chain.upload(chain.one)
        chain.download(chain.one)
        assert chain.one.root() == chain.hub.root()
        assert before > 0
        assert standing(chain.one.conn)["waiting"] == 0
        notes = [note for one in standing(chain.hub.conn)["customers"].values() for note in one.get("notes", [])]
        assert sorted(note["text"] for note in notes if "unsent" in note["text"]) == [
            "unsent 0",
            "unsent 1",
            "unsent 2",
        ]


class OldSite(Site):
    """A replica on a file of an earlier release."""

    def __init__(self, path: Path) -> None:
        self.conn = open_connection(path)
        migrate(self.conn)
        self.replica = Replica(b"upgraded")
        self.replica.reload(self.conn)
        self.now = NOW + 10 * 365 * 24 * 3_600_000


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """A connection whose process is killed before statement `fatal`: the files stay as they are at that moment."""

    def __init__(self, conn: Connection, path: Path, grave: Path, fatal: int) -> None:
        self._conn, self._path, self._grave = conn, path, grave
        self.left = fatal

    def execute(self, *statement: Any) -> Any:
        if self.left == 0:
            for end in ("", "-wal"):
                if (file := self._path.with_name(self._path.name + end)).exists():
                    shutil.copy(file, self._grave.with_name(self._grave.name + end))
            self.left = -1
            raise Killed
        self.left -= 1
        return self._conn.execute(*statement)


def killed_while_migrating(path: Path, scratch: Path) -> Iterator[Path]:
    """The file as it stands after a kill before each statement of its migration in turn."""
    for fatal in range(10_000):
        work, grave = scratch / f"work{fatal}.db", scratch / f"grave{fatal}.db"
        shutil.copy(path, work)
        with closing(open_connection(work)) as conn:
            try:
                migrate(Dying(conn, work, grave, fatal))  # type: ignore[arg-type]  # all of a connection that is asked for
            except Killed:
                yield grave
                continue
        return


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_killed_at_any_statement_goes_on_at_the_next_start(tmp_path: Path, version: str, role: str) -> None:
    path = releases.unpack_database(version, role, tmp_path / "old.db")
    for killed in killed_while_migrating(path, tmp_path):
        with opened(killed) as conn:
            found = standing(conn)
        assert found["sound"] == []
        assert same(found, releases.facts(version)[role])


@pytest.mark.parametrize("schema", [0, 1, 2, 3])
def test_a_migration_killed_at_any_statement_ends_in_the_same_schema(tmp_path: Path, schema: int) -> None:
    old, whole = tmp_path / "old.db", tmp_path / "whole.db"
    with closing(open_connection(old)) as conn:
        _migrate_to(conn, schema)
        run(conn, lambda c: c.execute("CREATE TABLE kept AS SELECT 'Lefèvre' AS name"))
        conn.execute("PRAGMA journal_mode=DELETE")
    shutil.copy(old, whole)
    with opened(whole) as conn:
        wanted = _schema(conn)
    kills = 0
    for killed in killed_while_migrating(old, tmp_path):
        kills += 1
        with opened(killed) as conn:
            assert _schema(conn) == wanted
            assert conn.execute("SELECT name FROM kept").fetchone() == ("Lefèvre",)
    assert kills > 4


def _migrate_to(conn: Connection, schema: int) -> None:
    """As the version did that knew so many steps."""

    class Enough(Exception):
        """So far and no further."""

    class Counting:
        def execute(self, *statement: Any) -> Any:
            if str(statement[0]).startswith("BEGIN") and conn.execute("PRAGMA user_version").fetchone()[0] == schema:
                raise Enough
            return conn.execute(*statement)

        def create_function(self, *function: Any, **how: Any) -> None:
            conn.create_function(*function, **how)

    with pytest.raises(Enough):
        migrate(Counting())  # type: ignore[arg-type]  # all of a connection that is asked for


def _schema(conn: Connection) -> list[Any]:
    return [
        conn.execute("PRAGMA user_version").fetchone(),
        *conn.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall(),
    ]
