"""Held tickets: which are here, found by their id, shop, customer or the sale that took one over.

The elements are the truth; what is looked up derives from them in the transaction that brings them.
"""

from collections.abc import Callable, Iterable

from daemon.domain import ticket as rules
from daemon.domain.element import Element, Key, shop_in
from daemon.domain.hlc import NO_STAMP
from daemon.domain.kinds import SHOP_NUMBER, Kind
from daemon.domain.ticket import Ticket
from daemon.errors import DamagedRow
from daemon.store import elements
from daemon.store.database import Connection

TICKETS = frozenset({Kind.HELD_TICKET, Kind.TICKET_STEP})

FOUND_MAX = 200
"""Tickets of one answer."""

Written = tuple[int, bytes, bytes]
"""(when it was written, ticket, owner)"""

OLDEST: Written = (-1 << 62, b"", b"")
"""Ahead of every ticket."""

Load = Callable[[Connection, Key], Element | None]

_PUT = (
    "INSERT INTO held_ticket (ticket, owner, shop, live, written_ms) VALUES (?,?,?,?,?)"
    " ON CONFLICT (ticket, owner) DO UPDATE SET shop=excluded.shop, live=excluded.live, written_ms=excluded.written_ms"
)


def write(conn: Connection, pairs: Iterable[tuple[Key, Element | None, Element | None]]) -> None:
    """Follow tickets and steps that come, change or go; the elements are written already."""
    touched: set[tuple[bytes, bytes]] = set()
    for (owner, kind, dot), before, after in pairs:
        if kind == Kind.HELD_TICKET:
            touched.add((owner, dot))
            continue
        for one, learn in ((before, False), (after, True)):
            if one is not None:
                _note_step(conn, one, learn=learn)
                touched.add((owner, rules.ticket_of(one)))
    for owner, ticket in sorted(touched):
        _derive(conn, owner, ticket)


def derive_again(conn: Connection, owner: bytes) -> None:
    """Derive one owner's tickets anew, from those of its elements that can be read."""
    cut(conn, owner)
    sql = "SELECT kind, dot FROM element WHERE entity = ? AND kind IN (?,?)"
    keys = [(owner, kind, dot) for kind, dot in conn.execute(sql, (owner, *sorted(TICKETS))).fetchall()]
    sound = [one for key in keys if (one := _readable(conn, key)) is not None]
    write(conn, [(one.key, None, one) for one in sound])


def cut(conn: Connection, owner: bytes) -> None:
    """Nobody finds the tickets of an erased customer."""
    conn.execute("DELETE FROM ticket_step WHERE owner = ?", (owner,))
    conn.execute("DELETE FROM held_ticket WHERE owner = ?", (owner,))


def _note_step(conn: Connection, step: Element, *, learn: bool) -> None:
    where = (rules.ticket_of(step), step.entity, step.dot)
    if learn:
        sql = "INSERT OR REPLACE INTO ticket_step (ticket, owner, dot, sale) VALUES (?,?,?,?)"
        conn.execute(sql, (*where, rules.sale_taking(step)))
    else:
        conn.execute("DELETE FROM ticket_step WHERE ticket = ? AND owner = ? AND dot = ?", where)


def _derive(conn: Connection, owner: bytes, ticket: bytes) -> None:
    found = _read(conn, owner, ticket, _readable)
    if found is None:
        conn.execute("DELETE FROM held_ticket WHERE ticket = ? AND owner = ?", (ticket, owner))
    else:
        conn.execute(_PUT, (ticket, owner, found.shop, int(rules.is_live(found)), found.written_ms))


def of_owner(conn: Connection, owner: bytes, ticket: bytes) -> Ticket | None:
    """One ticket of an owner as it stands, or None. Raises DamagedRow."""
    return _read(conn, owner, ticket, elements.element)


def _read(conn: Connection, owner: bytes, ticket: bytes, load: Load, instead: Element | None = None) -> Ticket | None:
    row = load(conn, (owner, Kind.HELD_TICKET, ticket)) or instead
    if row is None:
        return None
    dots = conn.execute("SELECT dot FROM ticket_step WHERE ticket = ? AND owner = ?", (ticket, owner)).fetchall()
    steps = [load(conn, (owner, Kind.TICKET_STEP, dot)) for (dot,) in dots]
    return rules.read(row, [step for step in steps if step is not None])


def _readable(conn: Connection, key: Key) -> Element | None:
    """An element that can be read: a damaged one keeps no others from being followed, and waits for its mending."""
    try:
        return elements.element(conn, key)
    except DamagedRow:
        return None


def element_of(conn: Connection, ticket: Ticket) -> Element | None:
    """The element that says what is in a ticket; None while it is on its way."""
    return elements.element(conn, (ticket.owner, Kind.HELD_TICKET, ticket.id))


def remarks(conn: Connection, ticket: Ticket) -> list[Element]:
    """What people have typed about steps of a ticket. Raises DamagedRow."""
    dots = [step.id for step in ticket.steps if step.what in rules.WITH_REMARK]
    found = [elements.element(conn, (ticket.owner, Kind.REMARK, dot)) for dot in dots]
    return [one for one in found if one is not None and one.is_here]


def ticket(conn: Connection, id_: bytes) -> Ticket | None:
    """One ticket by its id, or None."""
    row = conn.execute("SELECT owner FROM held_ticket WHERE ticket = ? ORDER BY owner", (id_,)).fetchone()
    return of_owner(conn, row[0], id_) if row else None


def of_sale(conn: Connection, sale: bytes) -> list[Ticket]:
    """The tickets that posting a sale sells; of one that is still on its way nothing is known but its steps."""
    sql = "SELECT owner, ticket, min(dot) FROM ticket_step WHERE sale = ? AND sale != x'' GROUP BY owner, ticket"
    found = []
    for owner, ticket, dot in conn.execute(sql, (sale,)).fetchall():
        step = elements.element(conn, (owner, Kind.TICKET_STEP, dot))
        place = {SHOP_NUMBER: shop_in(step.fields)} if step is not None else {}
        found.append(
            _read(conn, owner, ticket, elements.element, Element(Kind.HELD_TICKET, owner, ticket, NO_STAMP, place))
        )
    return [one for one in found if one is not None and one.is_carried_by(sale)]


def taken_ones(conn: Connection, shop: int) -> list[tuple[bytes, Ticket]]:
    """The held tickets of a shop that a sale has taken over, each with that sale."""
    sql = (
        "SELECT DISTINCT s.sale, s.owner, s.ticket FROM held_ticket AS t"
        " JOIN ticket_step AS s ON s.ticket = t.ticket AND s.owner = t.owner"
        " WHERE t.shop = ? AND t.live = 1 AND s.sale != x''"
    )
    found = [
        (bytes(sale), one)
        for sale, owner, ticket in conn.execute(sql, (shop,)).fetchall()
        if (one := of_owner(conn, owner, ticket)) is not None
    ]
    return [(sale, one) for sale, one in found if one.take_of(sale) is not None]


def shop_has_told(conn: Connection, shop: int, boot: bytes) -> bool:
    """At head office: whether every till of a shop has told this very process all that it had to say."""
    unheard = conn.execute(
        "SELECT 1 FROM site AS s LEFT JOIN roster AS r ON r.site = s.site WHERE s.shop = ? AND s.revoked_ms IS NULL"
        " AND coalesce(r.told_boot, x'') != ? AND coalesce(r.excused_boot, x'') != ? LIMIT 1",
        (shop, boot, boot),
    ).fetchone()
    return unheard is None


def shop_of_till(conn: Connection, site: int) -> int | None:
    """At head office: the shop of an enrolled till."""
    row = conn.execute("SELECT shop FROM site WHERE site = ? AND revoked_ms IS NULL", (site,)).fetchone()
    return int(row[0]) if row is not None else None


def live_ones(conn: Connection, shop: int, *, limit: int) -> tuple[list[Ticket], bool]:
    """The tickets of a shop that somebody has still to do with, the newest first; and whether there are more."""
    rows = conn.execute(
        "SELECT owner, ticket FROM held_ticket WHERE shop = ? AND live = 1 ORDER BY written_ms DESC LIMIT ?",
        (shop, limit + 1),
    ).fetchall()
    found = [of_owner(conn, owner, ticket) for owner, ticket in rows[:limit]]
    return [one for one in found if one is not None], len(rows) > limit


_BEFORE = (
    "SELECT written_ms, ticket, owner FROM held_ticket"
    " WHERE (written_ms, ticket, owner) > (?, ?, ?) AND written_ms < ? ORDER BY written_ms, ticket, owner LIMIT ?"
)


def written_before(conn: Connection, before_ms: int, after: Written, *, limit: int) -> list[Written]:
    """Tickets of all shops that were written before a moment, the oldest first, behind one of them."""
    rows = conn.execute(_BEFORE, (*after, before_ms, limit)).fetchall()
    return [(int(written_ms), bytes(ticket), bytes(owner)) for written_ms, ticket, owner in rows]


def of_owners(conn: Connection, owners: Iterable[bytes]) -> list[Ticket]:
    """All tickets of some customers, the newest first."""
    found = []
    for owner in owners:
        dots = conn.execute(
            "SELECT dot FROM element WHERE entity = ? AND kind = ?", (owner, int(Kind.HELD_TICKET))
        ).fetchall()
        found += [one for (dot,) in dots if (one := of_owner(conn, owner, dot)) is not None]
    return list(rules.by_written(found))
