"""The audit trail as it is kept: each act in the transaction of what it tells of."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from daemon.domain.audit import NO_LINK, Act, Place, Verdict, Witness, after_telling, examine, link_of, told_places
from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Actor
from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta

KEPT_MS: Final = 400 * 86_400_000
"""A year and a month: whoever looks into a year's accounts finds who acted."""

_START, _END = "audit_start", "audit_end"
_ACTS: Final = "SELECT n, at_ms, actor_kind, actor, role, shop, what, about, boot, record, link FROM audit"


NOBODY: Final = (b"", None)


def note(
    conn: Connection,
    replica: Replica,
    actor: Actor,
    what: str,
    *,
    now_ms: int,
    of: tuple[bytes, tuple[bytes, int] | None] = NOBODY,
) -> None:
    """Add an act; `of` is whom it is about (a hash, or nothing) and the record saved with it."""
    if not replica.audit_key:
        return
    last, (about, record) = end(conn), of
    act = Act(n=last.n + 1, at_ms=now_ms, actor=actor, what=what, about=about, record=record)
    link = link_of(replica.audit_key, last.link, act)
    boot, number = record or (None, None)
    who = (int(actor.kind), actor.id, actor.role, actor.shop)
    conn.execute(
        "INSERT INTO audit (n, at_ms, actor_kind, actor, role, shop, what, about, boot, record, link)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        (act.n, now_ms, *who, what, about, boot, number, link),
    )
    _put_place(conn, _END, Place(act.n, link))


def end(conn: Connection) -> Place:
    """Where the trail ends."""
    return _place(conn, _END)


def verdict(conn: Connection, key: bytes) -> Verdict:
    """Hold the whole trail against its links: about 10 µs an act."""
    return examine(key, _place(conn, _START), _acts(conn, f"{_ACTS} ORDER BY n", ()), end(conn))


def acts_before(conn: Connection, before: int, *, limit: int) -> list[Act]:
    """The newest acts before a number, newest first."""
    found = _acts(conn, f"{_ACTS} WHERE n < ? ORDER BY n DESC LIMIT ?", (before, limit))
    return [act for act, _ in found]


def forget_old(conn: Connection, now_ms: int, *, limit: int = 2_000) -> int:
    """Let go of acts that are older than `KEPT_MS`; the trail then starts after the last of them."""
    row = conn.execute(
        "SELECT max(n) FROM (SELECT n FROM audit WHERE at_ms < ? ORDER BY n LIMIT ?)", (now_ms - KEPT_MS, limit)
    ).fetchone()
    if row[0] is None:
        return 0
    (link,) = conn.execute("SELECT link FROM audit WHERE n = ?", row).fetchone()
    _put_place(conn, _START, Place(row[0], link))
    return conn.execute("DELETE FROM audit WHERE n <= ?", row).rowcount


def places_to_tell(conn: Connection) -> tuple[Place, ...]:
    """The places of the trail that head office is told."""
    last = end(conn)
    marks = ",".join("?" * len(told_places(last.n)))
    rows = conn.execute(f"SELECT n, link FROM audit WHERE n IN ({marks}) ORDER BY n", told_places(last.n))
    return tuple(Place(n, link) for n, link in rows)


def hear(conn: Connection, site: int, told: Sequence[Place]) -> Witness:
    """Head office hears where the trail of a till stands."""
    witness = after_telling(witness_of(conn, site), told)
    conn.execute(
        "INSERT INTO audit_witness (site, known, changed_at) VALUES (?,?,?)"
        " ON CONFLICT (site) DO UPDATE SET known = excluded.known, changed_at = excluded.changed_at",
        (site, pack(dict(sorted(witness.known.items()))), witness.changed_at),
    )
    return witness


def witness_of(conn: Connection, site: int) -> Witness:
    """What head office knows of the trail of a till."""
    row = conn.execute("SELECT known, changed_at FROM audit_witness WHERE site = ?", (site,)).fetchone()
    return Witness(known=unpack(row[0]), changed_at=row[1]) if row else Witness(known={})


def accept(conn: Connection, site: int) -> bool:
    """An operator has looked at a trail that was changed: what is told from now on counts. False: it was not."""
    return conn.execute("DELETE FROM audit_witness WHERE site = ? AND changed_at IS NOT NULL", (site,)).rowcount > 0


def _acts(conn: Connection, question: str, given: tuple[Any, ...]) -> Iterator[tuple[Act, bytes]]:
    for n, at_ms, kind, actor, role, shop, what, about, boot, record, link in conn.execute(question, given):
        saved = None if boot is None else (boot, record)
        yield Act(n=n, at_ms=at_ms, actor=Actor(kind, actor, role, shop), what=what, about=about, record=saved), link


def _place(conn: Connection, name: str) -> Place:
    raw = get_meta(conn, name)
    return Place(*unpack(raw)) if raw else Place(0, NO_LINK)


def _put_place(conn: Connection, name: str, place: Place) -> None:
    put_meta(conn, name, pack((place.n, place.link)))
