"""Who holds which rights, as it is kept: sums of entries and rights, and what open visits have chosen to spend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.domain.canonical import pack, unpack
from daemon.domain.escrow import Unclaimed
from daemon.domain.ids import HUB_SITE
from daemon.domain.rights import GUARDED, Holder, Purse, Standing
from daemon.store import taking
from daemon.store.database import Connection
from daemon.store.replica import Replica, fenced_ms, get_meta, put_meta

USUAL_TILLS_MAX = 8
"""Tills of one shop among which rights are spread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reserved:
    """What a visit has chosen to spend of one book; `beyond` of it without rights, on the word of `by`."""

    visit: bytes
    account: bytes
    book: int
    amount: int
    beyond: int = 0
    by: str = ""


# At a till.


def holder_of(replica: Replica) -> Holder:
    """Who this replica is when it holds rights."""
    return (replica.identity.site, replica.identity.lot)


def left(conn: Connection, replica: Replica, account: bytes, book: int) -> int:
    """What this till holds of a book, reservations included; it may be below zero, where this disk was put back."""
    return _amount(conn, account, book, pack(holder_of(replica)))


def purse(conn: Connection, replica: Replica, account: bytes, book: int, *, visit: bytes = b"") -> Purse:
    """What may be spent here and now: what is held, less what other open visits have chosen.

    Nothing where two boxes live under this site, or while the site's own feed is being filled from rows.
    """
    may_spend = not fenced_ms(conn) and not taking.fillings(conn)
    here = left(conn, replica, account, book) - reserved(conn, account, book, besides=visit) if may_spend else 0
    return Purse(account=account, book=book, left=max(here, 0), balance=balance(conn, account, book))


def balance(conn: Connection, account: bytes, book: int) -> int:
    """The balance of one book."""
    return _amount(conn, account, book, b"")


def has_entries(conn: Connection, account: bytes, book: int) -> bool:
    """Whether anything was ever booked there."""
    row = conn.execute(
        "SELECT 1 FROM balance WHERE account = ? AND book = ? AND holder = x''", (account, book)
    ).fetchone()
    return row is not None


def _amount(conn: Connection, account: bytes, book: int, holder: bytes) -> int:
    row = conn.execute(
        "SELECT amount FROM balance WHERE account = ? AND book = ? AND holder = ?", (account, book, holder)
    ).fetchone()
    return int(row[0]) if row else 0


def reserved(conn: Connection, account: bytes, book: int, *, besides: bytes = b"") -> int:
    """What open visits have chosen to spend of a book within rights."""
    (total,) = conn.execute(
        "SELECT coalesce(sum(amount - beyond), 0) FROM reservation WHERE account = ? AND book = ? AND visit != ?",
        (account, book, besides),
    ).fetchone()
    return int(total)


def reserved_beyond(conn: Connection, account: bytes, book: int) -> int:
    """What open visits have chosen beyond rights."""
    (total,) = conn.execute(
        "SELECT coalesce(sum(beyond), 0) FROM reservation WHERE account = ? AND book = ?", (account, book)
    ).fetchone()
    return int(total)


def reservations(conn: Connection, visit: bytes) -> list[Reserved]:
    """What one visit has chosen to spend."""
    rows = conn.execute(
        "SELECT visit, account, book, amount, beyond, by FROM reservation WHERE visit = ? ORDER BY account, book",
        (visit,),
    )
    return [
        Reserved(visit=whose, account=account, book=book, amount=amount, beyond=beyond, by=by)
        for whose, account, book, amount, beyond, by in rows
    ]


def reserve(conn: Connection, chosen: Reserved) -> None:
    """Choose to spend so much, in place of what the visit had chosen of this book; nothing releases it."""
    key = (chosen.visit, chosen.account, chosen.book)
    conn.execute("DELETE FROM reservation WHERE visit = ? AND account = ? AND book = ?", key)
    if chosen.amount > 0:
        conn.execute(
            "INSERT INTO reservation (visit, account, book, amount, beyond, by) VALUES (?,?,?,?,?,?)",
            (*key, chosen.amount, chosen.beyond, chosen.by),
        )


def release(conn: Connection, visit: bytes, books: Iterable[int] = GUARDED) -> None:
    """What a visit had chosen of these books may be chosen by others: it is posted, cancelled, or chooses anew."""
    conn.executemany("DELETE FROM reservation WHERE visit = ? AND book = ?", [(visit, book) for book in sorted(books)])


def issue(conn: Connection, replica: Replica, visit: bytes) -> None:
    """Remember under which holder the sale id of a visit was issued."""
    conn.execute("INSERT OR IGNORE INTO visit_holder (visit, lot) VALUES (?,?)", (visit, replica.identity.lot))


def issuer(conn: Connection, replica: Replica, visit: bytes) -> Holder | None:
    """Who may hold what a visit's sale earns: this till, if it issued the id under its present holder, else None."""
    row = conn.execute("SELECT lot FROM visit_holder WHERE visit = ?", (visit,)).fetchone()
    return holder_of(replica) if row is not None and row[0] == replica.identity.lot else None


def forget_issued(conn: Connection) -> None:
    """Visits that are forgotten need no holder any more."""
    conn.execute("DELETE FROM visit_holder WHERE visit NOT IN (SELECT id FROM visit)")


# At head office.


def standing(conn: Connection, account: bytes, book: int) -> Standing:
    """Who holds how much of a book."""
    total, held = 0, {}
    for holder, amount in conn.execute(
        "SELECT holder, amount FROM balance WHERE account = ? AND book = ?", (account, book)
    ):
        if not holder:
            total = int(amount)
            continue
        who = unpack(holder)
        if isinstance(who, tuple) and len(who) == 2 and type(who[0]) is int and isinstance(who[1], bytes):
            held[who[0], who[1]] = int(amount)
    return Standing(account=account, book=book, balance=total, held=held)


_ROUND = "minded_up_to"


def begin_round(conn: Connection) -> None:
    """Every guarded book of every account is to be looked at, from the first on."""
    put_meta(conn, _ROUND, pack((b"", 0)))


def is_round(conn: Connection) -> bool:
    """Whether some of them are still to be looked at."""
    return bool(get_meta(conn, _ROUND))


def next_of_round(conn: Connection, limit: int) -> list[tuple[bytes, int]]:
    """The next of them, by account and book; the round is over with the last."""
    raw = get_meta(conn, _ROUND)
    if not raw:
        return []
    marks = ",".join("?" * len(GUARDED))
    rows = conn.execute(
        f"SELECT DISTINCT account, book FROM balance WHERE (account, book) > (?, ?) AND book IN ({marks})"
        " ORDER BY account, book LIMIT ?",
        (*unpack(raw), *sorted(GUARDED), limit),
    ).fetchall()
    put_meta(conn, _ROUND, pack(tuple(rows[-1])) if len(rows) == limit else b"")
    return [(account, int(book)) for account, book in rows]


def take_funded(conn: Connection, limit: int) -> list[tuple[bytes, int]]:
    """Some of the books on which head office has booked something itself, each once."""
    rows = conn.execute("SELECT account, book FROM funded LIMIT ?", (limit,)).fetchall()
    conn.executemany("DELETE FROM funded WHERE account = ? AND book = ?", rows)
    return [(account, int(book)) for account, book in rows]


def is_funded(conn: Connection) -> bool:
    """Whether there is such a book."""
    return conn.execute("SELECT 1 FROM funded LIMIT 1").fetchone() is not None


def earned_at(conn: Connection, account: bytes, site: int) -> None:
    """An account has earned at this till."""
    conn.execute("UPDATE habit SET score = score - score / 8 WHERE account = ?", (account,))
    conn.execute(
        "INSERT INTO habit (account, site, score) VALUES (?,?,1000)"
        " ON CONFLICT (account, site) DO UPDATE SET score = score + 1000",
        (account, site),
    )


def usual(conn: Connection, account: bytes) -> Sequence[Holder]:
    """The holders at the tills of the shop where an account earns most, the most usual till first; none if nowhere."""
    shops: dict[int, int] = {}
    scores: dict[int, int] = {}
    for shop, site, score in conn.execute(
        "SELECT s.shop, h.site, h.score FROM habit AS h JOIN site AS s ON s.site = h.site WHERE h.account = ?",
        (account,),
    ):
        shops[shop] = shops.get(shop, 0) + score
        scores[site] = score
    if not shops:
        return ()
    best = max(shops, key=lambda shop: (shops[shop], -shop))
    tills = conn.execute(
        "SELECT s.site, r.lot FROM site AS s JOIN roster AS r ON r.site = s.site"
        " WHERE s.shop = ? AND s.revoked_ms IS NULL AND r.fenced_ms = 0 AND length(r.lot) = 8",
        (best,),
    )
    ranked = sorted((-scores.get(site, 0), site, lot) for site, lot in tills)
    return [(site, lot) for _, site, lot in ranked[:USUAL_TILLS_MAX]]


def everybody(conn: Connection) -> Sequence[Holder]:
    """The holders at all tills that are not withdrawn: what belongs to no shop is spread over them."""
    return [
        (site, lot)
        for site, lot in conn.execute(
            "SELECT s.site, r.lot FROM site AS s JOIN roster AS r ON r.site = s.site"
            " WHERE s.revoked_ms IS NULL AND r.fenced_ms = 0 AND length(r.lot) = 8 ORDER BY s.site"
        )
    ]


def lot_of(conn: Connection, site: int) -> bytes:
    """The lot under which a till holds rights, as it last said; empty for one that never said, or was withdrawn."""
    row = conn.execute(
        "SELECT r.lot FROM roster AS r JOIN site AS s ON s.site = r.site WHERE r.site = ? AND s.revoked_ms IS NULL",
        (site,),
    ).fetchone()
    return bytes(row[0]) if row else b""


def keep_unclaimed(conn: Connection, one: Unclaimed) -> None:
    """Remember whose an earning is until that till has said under which lot it holds rights."""
    conn.execute(
        "INSERT OR IGNORE INTO unclaimed (account, fact, book, amount, cause, site) VALUES (?,?,?,?,?,?)",
        (one.account, one.fact, one.book, one.amount, one.cause, one.site),
    )


def take_unclaimed(conn: Connection) -> list[Unclaimed]:
    """All that waits, to be kept for its tills now."""
    rows = conn.execute("SELECT account, fact, book, amount, cause, site FROM unclaimed").fetchall()
    conn.execute("DELETE FROM unclaimed")
    return [
        Unclaimed(account=account, fact=fact, book=book, amount=amount, cause=cause, site=site)
        for account, fact, book, amount, cause, site in rows
    ]


def has_told(conn: Connection, site: int, *, boot: bytes, lot: bytes) -> bool:
    """A till has reported that head office has all it had to say, to this process; whether it is the last to do so."""
    before = may_grant(conn, boot)
    conn.execute(
        "INSERT INTO roster (site, told_boot, lot) VALUES (?,?,?)"
        " ON CONFLICT (site) DO UPDATE SET told_boot = excluded.told_boot, lot = excluded.lot",
        (site, boot, lot),
    )
    return not before and may_grant(conn, boot)


def may_grant(conn: Connection, boot: bytes) -> bool:
    """Whether this process of head office knows what every till holds.

    A snapshot of the machine put back says nothing of itself: what was granted since is known to the tills alone.
    So rights are granted only once every till has reported to this very process, or was withdrawn.
    """
    row = conn.execute(
        "SELECT 1 FROM site AS s LEFT JOIN roster AS r ON r.site = s.site"
        " WHERE s.revoked_ms IS NULL AND s.site != ? AND coalesce(r.told_boot, x'') != ? LIMIT 1",
        (HUB_SITE, boot),
    ).fetchone()
    return row is None
