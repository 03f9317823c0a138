"""What tills have been: a box that holds rights under a number that another box has now, until somebody writes it off.

A till becomes another holder when its disk moves to another machine, is put back, or loses what it held. Only a person
knows whether the former box is gone, or lives and spends; so what it holds waits, and head office says that it does.
"""

from typing import Final

from daemon.domain.canonical import pack, unpack
from daemon.store.database import Connection
from daemon.store.replica import get_meta, put_meta

_FORMER: Final = "former_holders/"


def note_lot(conn: Connection, site: int, lot: bytes, *, now_ms: int) -> None:
    """A till has said under which lot it holds rights now; what it said before is a former box from here on."""
    row = conn.execute("SELECT lot FROM roster WHERE site = ?", (site,)).fetchone()
    before = bytes(row[0]) if row is not None else b""
    if before in (b"", lot):
        return
    found = {**former(conn, site), before: now_ms}
    found.pop(lot, None)
    put_meta(conn, f"{_FORMER}{site}", pack(tuple(sorted(found.items()))))


def former(conn: Connection, site: int) -> dict[bytes, int]:
    """The lots that a till has held rights under and does not any more, each with the moment since when."""
    raw = get_meta(conn, f"{_FORMER}{site}")
    return dict(unpack(raw)) if raw else {}


def former_since_ms(conn: Connection, site: int) -> int:
    """Since when the first of its former boxes may still hold rights; 0: none does."""
    return min(former(conn, site).values(), default=0)


def all_former(conn: Connection) -> dict[int, int]:
    """The tills with former boxes, by site, each with the moment since when."""
    rows = conn.execute("SELECT name FROM meta WHERE name >= ? AND name < ?", (_FORMER, f"{_FORMER}~")).fetchall()
    return {site: former_since_ms(conn, site) for site in sorted(int(name.removeprefix(_FORMER)) for (name,) in rows)}


def forget_former(conn: Connection, site: int) -> None:
    """What they held is written off."""
    conn.execute("DELETE FROM meta WHERE name = ?", (f"{_FORMER}{site}",))
