"""Which backups of the hub may be restored: the hub's own list, and what the marks say of it.

`backed_up` is the offset of the oldest backup that was not withdrawn. Tills drop what it holds, so a backup is
withdrawn first, and its file removed after that.
"""

from dataclasses import dataclass
from pathlib import Path

from daemon.domain.feed import Cursor
from daemon.store.database import Connection
from daemon.store.replica import get_meta, put_meta

KEEP = 7
"""So many backups may be restored, unless the configuration says another number: a week of nights."""

_BACKED_UP = "backed_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A verified backup; `at` is where the chain's feed stood in it."""

    path: Path
    taken_ms: int
    at: Cursor


def backed_up(conn: Connection) -> int:
    """What every backup holds that may be restored: the chain's feed up to this offset; 0 without a backup."""
    return int(get_meta(conn, _BACKED_UP, 0))


def restorable(conn: Connection) -> list[Listed]:
    """The backups that were not withdrawn, oldest first."""
    rows = conn.execute(
        "SELECT path, taken_ms, generation, feed_offset, chain FROM backup WHERE withdrawn_ms IS NULL"
        " ORDER BY feed_offset, taken_ms, path"
    )
    return [Listed(path=Path(path), taken_ms=taken_ms, at=Cursor(*at)) for path, taken_ms, *at in rows]


def enter(conn: Connection, backup: Listed) -> None:
    """List a backup that passed its check."""
    conn.execute(
        "INSERT OR REPLACE INTO backup (path, taken_ms, generation, feed_offset, chain) VALUES (?,?,?,?,?)",
        (str(backup.path), backup.taken_ms, backup.at.generation, backup.at.offset, backup.at.chain),
    )
    _settle(conn)


def withdraw_all_but(conn: Connection, keep: int, *, now_ms: int) -> list[Path]:
    """Withdraw all but the last `keep`; returns where all lie that were ever withdrawn, for their files to go."""
    assert keep >= 1, "a hub that keeps no backup has none"
    for old in restorable(conn)[:-keep]:
        conn.execute("UPDATE backup SET withdrawn_ms = ? WHERE path = ?", (now_ms, str(old.path)))
    _settle(conn)
    return [Path(path) for (path,) in conn.execute("SELECT path FROM backup WHERE withdrawn_ms IS NOT NULL")]


def withdraw_before(conn: Connection, offset: int, *, now_ms: int) -> None:
    """Withdraw what is older than a promise given to the tills."""
    conn.execute("UPDATE backup SET withdrawn_ms = ? WHERE withdrawn_ms IS NULL AND feed_offset < ?", (now_ms, offset))
    _settle(conn)


def forget(conn: Connection, path: Path) -> None:
    """A withdrawn backup whose files are gone needs no line any more."""
    conn.execute("DELETE FROM backup WHERE path = ? AND withdrawn_ms IS NOT NULL", (str(path),))


def _settle(conn: Connection) -> None:
    oldest = next(iter(restorable(conn)), None)
    put_meta(conn, _BACKED_UP, oldest.at.offset if oldest else 0)
