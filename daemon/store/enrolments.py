"""Who may connect: shops, enrolled tills, their certificates, the codes that wait, what was revoked.

Every function is a unit of work, or part of one, on the hub's connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.domain.ids import HUB_SITE, ShopId, SiteId
from daemon.store import ordering
from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRow:
    """A one-use code; `site` and `key_digest` say who used it."""

    secret_digest: bytes
    shop: ShopId
    expires_ms: int
    site: SiteId | None = None
    key_digest: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteRow:
    """An enrolled till."""

    site: SiteId
    shop: ShopId
    enrolled_ms: int
    revoked_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateRow:
    """A certificate signed for a till, PEM."""

    serial: str
    site: SiteId
    key_digest: bytes
    pem: bytes
    not_after_ms: int


def name_shop(conn: Connection, shop: ShopId, name: str) -> None:
    """Know a shop by this name from now on."""
    conn.execute(
        "INSERT INTO shop (shop, name) VALUES (?, ?) ON CONFLICT (shop) DO UPDATE SET name = excluded.name",
        (shop, name),
    )


def shops(conn: Connection) -> dict[ShopId, str]:
    """Every known shop and its name, empty where nobody gave one."""
    return {ShopId(shop): name for shop, name in conn.execute("SELECT shop, name FROM shop ORDER BY shop")}


def save_code(conn: Connection, code: CodeRow) -> None:
    """Keep a new code; a shop not heard of before is known from now on."""
    conn.execute("INSERT OR IGNORE INTO shop (shop, name) VALUES (?, '')", (code.shop,))
    conn.execute(
        "INSERT INTO enrolment_code (secret_digest, shop, expires_ms) VALUES (?, ?, ?)",
        (code.secret_digest, code.shop, code.expires_ms),
    )


def find_code(conn: Connection, secret_digest: bytes) -> CodeRow | None:
    """The code of this secret, used, outdated or neither."""
    row = conn.execute(
        "SELECT shop, expires_ms, site, key_digest FROM enrolment_code WHERE secret_digest = ?", (secret_digest,)
    ).fetchone()
    if row is None:
        return None
    shop, expires_ms, site, key_digest = row
    return CodeRow(secret_digest=secret_digest, shop=shop, expires_ms=expires_ms, site=site, key_digest=key_digest)


def use_code(conn: Connection, secret_digest: bytes, site: SiteId, key_digest: bytes) -> None:
    """Mark a code as used by this till and key."""
    used = conn.execute(
        "UPDATE enrolment_code SET site = ?, key_digest = ? WHERE secret_digest = ? AND site IS NULL",
        (site, key_digest, secret_digest),
    )
    assert used.rowcount == 1, "a code is used once"


def forget_codes(conn: Connection, expired_before_ms: int) -> None:
    """Drop codes that nobody can use any more."""
    conn.execute("DELETE FROM enrolment_code WHERE expires_ms < ?", (expired_before_ms,))


def add_site(conn: Connection, shop: ShopId, now_ms: int) -> SiteId:
    """Number a new till; the first is the one after the hub."""
    highest = conn.execute("SELECT max(site) FROM site").fetchone()[0]
    site = SiteId((highest or HUB_SITE) + 1)
    conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (?, ?, ?)", (site, shop, now_ms))
    ordering.begin_feeds(conn)
    return site


def sites(conn: Connection) -> tuple[SiteRow, ...]:
    """Every till that was ever enrolled, the revoked ones included."""
    rows = conn.execute("SELECT site, shop, enrolled_ms, revoked_ms FROM site ORDER BY site")
    return tuple(
        SiteRow(site=site, shop=shop, enrolled_ms=enrolled_ms, revoked_ms=revoked_ms)
        for site, shop, enrolled_ms, revoked_ms in rows
    )


def find_site(conn: Connection, site: SiteId) -> SiteRow | None:
    """One till."""
    row = conn.execute("SELECT shop, enrolled_ms, revoked_ms FROM site WHERE site = ?", (site,)).fetchone()
    return None if row is None else SiteRow(site=site, shop=row[0], enrolled_ms=row[1], revoked_ms=row[2])


def save_certificate(conn: Connection, row: CertificateRow) -> None:
    """Keep what was signed: a repeated request is answered with it, a revocation names it."""
    conn.execute(
        "INSERT INTO certificate (serial, site, key_digest, pem, not_after_ms) VALUES (?, ?, ?, ?, ?)",
        (row.serial, row.site, row.key_digest, row.pem, row.not_after_ms),
    )


def newest_certificate(conn: Connection, site: SiteId) -> CertificateRow | None:
    """The certificate of a till that lasts longest."""
    row = conn.execute(
        "SELECT serial, key_digest, pem, not_after_ms FROM certificate"
        " WHERE site = ? ORDER BY not_after_ms DESC LIMIT 1",
        (site,),
    ).fetchone()
    if row is None:
        return None
    return CertificateRow(serial=row[0], site=site, key_digest=row[1], pem=row[2], not_after_ms=row[3])


def revoke_site(conn: Connection, site: SiteId, now_ms: int) -> None:
    """Withdraw a till and every certificate it ever had; the first moment stands when repeated."""
    conn.execute("UPDATE site SET revoked_ms = ? WHERE site = ? AND revoked_ms IS NULL", (now_ms, site))
    conn.execute(
        "INSERT OR IGNORE INTO revoked (serial, revoked_ms) SELECT serial, ? FROM certificate WHERE site = ?",
        (now_ms, site),
    )


def revoke_again(conn: Connection, told: Sequence[tuple[str, int]]) -> tuple[SiteId, ...]:
    """Take up the (serial, moment) that were revoked and are not known here; answers whom that withdraws."""
    known = {serial for (serial,) in conn.execute("SELECT serial FROM revoked")}
    found: dict[SiteId, None] = {}
    for serial, revoked_ms in told:
        if serial in known:
            continue
        conn.execute("INSERT OR IGNORE INTO revoked (serial, revoked_ms) VALUES (?, ?)", (serial, revoked_ms))
        for (site,) in conn.execute(
            "SELECT site FROM certificate JOIN site USING (site) WHERE serial = ? AND revoked_ms IS NULL", (serial,)
        ).fetchall():
            revoke_site(conn, site, revoked_ms)
            found[site] = None
    return tuple(found)


def withdrawn_sites(conn: Connection) -> frozenset[int]:
    """The tills that head office listens to no more."""
    return frozenset(site for (site,) in conn.execute("SELECT site FROM site WHERE revoked_ms IS NOT NULL"))


def revoked_certificates(conn: Connection, now_ms: int) -> tuple[tuple[str, int], ...]:
    """Serial and moment of every revoked certificate that has not run out by itself."""
    rows = conn.execute(
        "SELECT serial, revoked_ms FROM revoked LEFT JOIN certificate USING (serial)"
        " WHERE coalesce(not_after_ms > ?, 1) ORDER BY serial",
        (now_ms,),
    )
    return tuple((serial, revoked_ms) for serial, revoked_ms in rows)
