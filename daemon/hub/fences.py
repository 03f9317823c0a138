"""Which sites are fenced, as the hub keeps it: durable, until an operator lifts it."""

from daemon.domain.canonical import pack, unpack
from daemon.errors import NotFound
from daemon.hub.fencing import Boots, hear
from daemon.store.database import Connection


def greeted(conn: Connection, site: int, boot: bytes, greeting: int, *, now_ms: int) -> bool:
    """A process of a site has greeted; returns whether the site is fenced, from now on or since long."""
    row = conn.execute("SELECT boots, fenced_ms FROM roster WHERE site = ?", (site,)).fetchone()
    raw, fenced_ms = row or (b"", 0)
    before = _read(raw)
    after = hear(before, boot, greeting)
    if after != before:
        fenced_ms = fenced_ms or (now_ms if after.are_two else 0)
        conn.execute(
            "INSERT INTO roster (site, boots, fenced_ms) VALUES (?,?,?)"
            " ON CONFLICT (site) DO UPDATE SET boots = excluded.boots, fenced_ms = excluded.fenced_ms",
            (site, pack((after.returns, after.heard)), fenced_ms),
        )
    return bool(fenced_ms)


def lift(conn: Connection, site: int) -> bool:
    """An operator has taken one of the boxes away; whether the site was fenced. Raises NotFound."""
    row = conn.execute("SELECT fenced_ms FROM roster WHERE site = ?", (site,)).fetchone()
    if row is None and conn.execute("SELECT 1 FROM site WHERE site = ?", (site,)).fetchone() is None:
        raise NotFound(f"no till {site} was ever enrolled", field="site")
    conn.execute("UPDATE roster SET boots = x'', fenced_ms = 0 WHERE site = ?", (site,))
    return bool(row and row[0])


def _read(raw: bytes) -> Boots:
    if not raw:
        return Boots()
    returns, heard = unpack(raw)
    return Boots(tuple((boot, greeting) for boot, greeting in heard), returns)
