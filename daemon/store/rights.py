"""Who holds which rights, as it is kept: sums of entries and rights, and what open visits have chosen to spend."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from daemon.domain.account import account_of
from daemon.domain.canonical import pack, unpack
from daemon.domain.element import Element
from daemon.domain.ids import HUB_SITE
from daemon.domain.kinds import Kind
from daemon.domain.rights import GUARDED, Holder, Purse, Standing
from daemon.domain.spreading import Places
from daemon.errors import DamagedRow
from daemon.store import account_owners, elements
from daemon.store.database import Connection
from daemon.store.replica import RESTORED, Replica, fenced_ms, get_meta, is_filling, put_meta

USUAL_TILLS_MAX = 8
"""Tills of one shop among which rights are spread."""

AWAY_TILLS_MAX = 3
AWAY_SCORE_MIN = 250
"""A till elsewhere counts until some ten purchases after the last one there."""

MADE_SCORE = 1500

SILENT_MS = 24 * 3_600_000
"""A till that says nothing for so long does not keep the others from being granted rights."""

LISTENED_STEP_MS = 2 * 60_000
"""Tills report each minute: what lies between two reports beyond this is a clock that was put right."""

_LISTENED = "listened"


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


def purse(
    conn: Connection, replica: Replica, account: bytes, book: int, *, visit: bytes = b"", is_chosen: bool = False
) -> Purse:
    """What may be spent here and now: what is held, less what other open visits have chosen.

    Nothing where two boxes live under this site, or while the site's own feed is being filled from rows; but then what
    the visit has chosen (`is_chosen`) may be taken: it was held before, and only this holder could have given it away.
    """
    may_spend = not fenced_ms(conn) and (is_chosen or not is_filling(conn))
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
    (unclaimed,) = conn.execute(_UNCLAIMED, (account, book)).fetchone()
    return Standing(account=account, book=book, balance=total, held=held, unclaimed=unclaimed)


_UNCLAIMED = f"""
SELECT coalesce(sum(u.amount), 0) FROM unclaimed AS u
WHERE u.account = ? AND u.book = ?
AND NOT EXISTS (SELECT 1 FROM element AS e WHERE e.entity = u.account AND e.kind = {Kind.RIGHT:d} AND e.dot = u.fact)
AND NOT EXISTS (SELECT 1 FROM site AS s WHERE s.site = u.site AND s.revoked_ms IS NOT NULL)
"""
"""Tills that were withdrawn spend nothing any more, and what came with its right is held."""


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


def is_held_back(conn: Connection, account: bytes, book: int, *, now_ms: int) -> bool:
    """Whether head office has just asked for what is returned of a book, and has not used it yet."""
    row = conn.execute("SELECT until_ms FROM held_back WHERE account = ? AND book = ?", (account, book)).fetchone()
    if row is not None and row[0] <= now_ms:
        conn.execute("DELETE FROM held_back WHERE account = ? AND book = ?", (account, book))
    return row is not None and row[0] > now_ms


def earned_at(conn: Connection, account: bytes, site: int) -> None:
    """An account has earned at this till."""
    conn.execute("UPDATE habit SET score = score - score / 8 WHERE account = ?", (account,))
    conn.execute(
        "INSERT INTO habit (account, site, score) VALUES (?,?,1000)"
        " ON CONFLICT (account, site) DO UPDATE SET score = score + 1000",
        (account, site),
    )


_HABITS = "SELECT s.shop, h.site, h.score FROM habit AS h JOIN site AS s ON s.site = h.site WHERE h.account = ?"
_HOLDERS = (
    "SELECT s.site, r.lot FROM site AS s JOIN roster AS r ON r.site = s.site"
    " WHERE s.revoked_ms IS NULL AND r.fenced_ms = 0 AND length(r.lot) = 8"
)


def places(conn: Connection, account: bytes) -> Places:
    """Where an account buys: the tills of its usual shop, the most usual first, and a few elsewhere; none if nowhere.

    The shop that made the customer counts like a purchase and a half: somebody who has bought elsewhere once is still
    at home there.
    """
    shops: dict[int, int] = {}
    scores: dict[int, int] = {}
    row = _owner(conn, account)
    habits = conn.execute(_HABITS, (account,)).fetchall()
    if not habits and row is not None:
        habits = conn.execute(_HABITS, (account_of(row),)).fetchall()  # a coupon goes where its customer buys
    for shop, site, score in (*habits, *_made_at(conn, row)):
        shops[shop] = shops.get(shop, 0) + score
        scores[site] = scores.get(site, 0) + score
    if not shops:
        return Places()
    best = max(shops, key=lambda shop: (shops[shop], -shop))
    tills = conn.execute(f"{_HOLDERS} AND s.shop = ?", (best,)).fetchall()
    usual = sorted(tills, key=lambda one: (-scores.get(one[0], 0), one))[:USUAL_TILLS_MAX]
    sites = {site for site, _ in tills}
    often = sorted((-score, site) for site, score in scores.items() if site not in sites and score >= AWAY_SCORE_MIN)
    elsewhere = [
        one for _, site in often[:AWAY_TILLS_MAX] for one in conn.execute(f"{_HOLDERS} AND s.site = ?", (site,))
    ]
    return Places(usual=usual, away=elsewhere)


def _owner(conn: Connection, account: bytes) -> Element | None:
    """The customer behind an account; None for nobody, or while the row cannot be read: rights do not wait for it."""
    owner = account_owners.owner(conn, account)
    with suppress(DamagedRow):
        return elements.element(conn, (owner, Kind.CUSTOMER, b"")) if owner is not None else None
    return None


def _made_at(conn: Connection, row: Element | None) -> list[tuple[int, int, int]]:
    """The shop and till that made a customer, with what that counts."""
    site = row.base[1] if row is not None else 0
    found = conn.execute("SELECT shop FROM site WHERE site = ?", (site,)).fetchone()
    return [(int(found[0]), site, MADE_SCORE)] if found is not None else []


def everybody(conn: Connection) -> Places:
    """The holders at all tills that are not withdrawn: what belongs to no shop is spread over them."""
    return Places(usual=conn.execute(f"{_HOLDERS} ORDER BY s.site").fetchall())


def lot_of(conn: Connection, site: int) -> bytes:
    """The lot under which a till holds rights, as it last said; empty for one that never said, or was withdrawn."""
    row = conn.execute(
        "SELECT r.lot FROM roster AS r JOIN site AS s ON s.site = r.site WHERE r.site = ? AND s.revoked_ms IS NULL",
        (site,),
    ).fetchone()
    return bytes(row[0]) if row else b""


def is_told(conn: Connection, site: int, *, boot: bytes, lot: bytes) -> bool:
    """Whether a till has reported to this process before, as this holder."""
    row = conn.execute("SELECT 1 FROM roster WHERE site = ? AND told_boot = ? AND lot = ?", (site, boot, lot))
    return row.fetchone() is not None


def has_told(conn: Connection, site: int, *, boot: bytes, lot: bytes) -> bool:
    """A till has reported that head office has all it had to say, to this process; whether it is the last to do so."""
    before = may_grant(conn, boot)
    conn.execute(
        "INSERT INTO roster (site, told_boot, lot) VALUES (?,?,?)"
        " ON CONFLICT (site) DO UPDATE SET told_boot = excluded.told_boot, lot = excluded.lot",
        (site, boot, lot),
    )
    if get_meta(conn, RESTORED) and not _unheard(conn, boot):
        put_meta(conn, RESTORED, 0)
    return not before and may_grant(conn, boot)


def may_grant(conn: Connection, boot: bytes) -> bool:
    """Whether this process of head office knows what every till holds.

    A snapshot of the machine put back says nothing of itself: what was granted since is known to the tills alone.
    So rights are granted only once every till has reported to this very process, was withdrawn, or was silent for so
    long that it is not waited for any more (`excuse_silent`): what it holds stays its own.
    """
    return not _unheard(conn, boot, besides=boot)


def excuse_silent(conn: Connection, boot: bytes, *, now_ms: int) -> bool:
    """Wait no more for tills that have been silent for a day of this process; whether that opens the hand.

    Called with each report. What such a till holds, as far as it is known, stays reserved; what is free is granted. A
    head office that knows itself restored waits for ever: of what it granted before, somebody silent may be the only
    one to know. The day is counted in small steps: a clock that is put right has not waited.
    """
    waited = _waited(conn, boot, now_ms=now_ms)
    if waited < SILENT_MS or get_meta(conn, RESTORED) or may_grant(conn, boot):
        return False
    for (site,) in _unheard(conn, boot):
        conn.execute(
            "INSERT INTO roster (site, excused_boot) VALUES (?, ?)"
            " ON CONFLICT (site) DO UPDATE SET excused_boot = excluded.excused_boot WHERE heard_ms <= ?",
            (site, boot, now_ms - SILENT_MS),
        )
    return may_grant(conn, boot)


def _waited(conn: Connection, boot: bytes, *, now_ms: int) -> int:
    """For how long this process has listened."""
    whose, waited, last_ms = unpack(get_meta(conn, _LISTENED, pack((b"", 0, 0))))
    waited = waited + min(max(now_ms - last_ms, 0), LISTENED_STEP_MS) if whose == boot else 0
    if whose != boot or not 0 <= now_ms - last_ms < LISTENED_STEP_MS // 4:
        put_meta(conn, _LISTENED, pack((boot, waited, now_ms)))
    return int(waited)


def _unheard(conn: Connection, boot: bytes, *, besides: bytes = b"") -> list[tuple[int]]:
    """Tills that have not reported to this process, but for those that are not waited for."""
    return conn.execute(
        "SELECT s.site FROM site AS s LEFT JOIN roster AS r ON r.site = s.site"
        " WHERE s.revoked_ms IS NULL AND s.site != ? AND coalesce(r.told_boot, x'') != ?"
        " AND (? = x'' OR coalesce(r.excused_boot, x'') != ?)",
        (HUB_SITE, boot, besides, besides),
    ).fetchall()
