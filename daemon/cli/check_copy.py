"""What the doctor says of a till's copy of the chain: when it was last proved equal, whether it is being filled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.cli import equality, moments, progress
from daemon.cli.check import Check, failed, ok, warning
from daemon.cli.words import _, counted, figure
from daemon.domain.kind_shape import Reach
from daemon.store import damage, machine, only_here, salvage, taking
from daemon.store.database import Connection
from daemon.store.replica import fenced_ms, read_identity

PROVED_AGE_MS_MAX: Final = 7 * 86_400_000
"""A till may be away for weeks; after one somebody should know."""

_REACHES: Final = {Reach.SHOP: "shop", Reach.SITE: "site"}


def examine_copy(conn: Connection, database: Path, now_ms: int) -> Iterator[Check]:
    """The copy in this database; it belongs to a till."""
    yield from _damage(conn, database, now_ms)
    yield from _filling(conn)
    since_ms = fenced_ms(conn)
    if since_ms:
        said = _(
            "another box runs as this till since {moment}: it sells on without points and credit; tell head office"
        )
        told = said.format(moment=moments.moment_of_ms(since_ms))
        yield failed("fence", told, _("enrol one of the two anew; then, at head office: comptoir hub unfence SITE"))
    yield from _other_machine(conn)
    yield from _only_here(conn)
    yield _equality(conn, now_ms)
    yield from _nearer_feeds(conn, now_ms)


def _other_machine(conn: Connection) -> Iterator[Check]:
    """A copied or moved card: a warning until head office has heard of it, and known from then on."""
    moved_ms = machine.moved_ms(conn)
    if not moved_ms:
        return
    said = _("this disk ran in another machine before, until {moment}")
    told = said.format(moment=moments.moment_of_ms(moved_ms))
    row = conn.execute("SELECT proved_ms FROM cursor WHERE reach = 0").fetchone()
    if row is not None and row[0] > moved_ms:
        yield ok("machine", told)
        return
    gesture = _(
        "connect this till to head office; what the disk held comes back once somebody there knows that the other"
        " machine is gone: comptoir hub write-off SITE; if it still runs, enrol one of the two anew"
    )
    yield warning("machine", told, gesture)


def _only_here(conn: Connection) -> Iterator[Check]:
    found = only_here.told(conn)
    if found.dropped or found.entries:
        dropped = counted("{n} row dropped here", "{n} rows dropped here", sum(found.dropped.values()))
        again = counted("{n} entry said again", "{n} entries said again", found.entries)
        said = _("head office does not hold what this till held: {what}").format(
            what=_("{dropped}, {again}").format(dropped=dropped, again=again)
        )
        yield warning("only-here", said, _("ask at head office whether a backup was restored"))


def _damage(conn: Connection, database: Path, now_ms: int) -> Iterator[Check]:
    found = salvage.salvaged(conn)
    if found is not None and damage.is_left(database):
        said = _(
            "the database was damaged and made anew {ago}; the damaged one is kept until this till is proved equal"
        )
        ago = moments.ago(max(now_ms - found.at_ms, 0) // 1000)
        yield warning(
            "damage", said.format(ago=ago), _("leave it connected: it goes on by itself, also after a restart")
        )


def _filling(conn: Connection) -> Iterator[Check]:
    found = taking.progress(conn)
    if found is None:
        return
    goes_on = _("leave it connected: it goes on by itself, also after a restart")
    if not found.is_serving:
        rows = progress.filled(found.rows, found.total, has_bar=False)
        yield warning("filling", _("being filled from head office: {rows}").format(rows=rows), goes_on)
    if found.has_history:
        rows = progress.filled(found.past_rows, found.past_total, has_bar=False)
        yield warning("history", _("history of sales, after all else: {rows}").format(rows=rows), goes_on)


def _equality(conn: Connection, now_ms: int) -> Check:
    who = read_identity(conn)
    assert who is not None, "the caller has looked"
    row = conn.execute("SELECT proved_ms, proved_offset FROM cursor WHERE reach = 0").fetchone()
    if row is None or not row[0]:
        said = _("never proved equal to head office since the enrolment, or since the database was made anew")
        return warning(
            "equality", said, _("connect this till to head office; equality is proved there every ten seconds")
        )
    age_ms = max(now_ms - int(row[0]), 0)
    told = _("proved equal to head office (till {site} of {chain}) {ago}, at position {offset}").format(
        site=who.site, chain=who.chain, ago=moments.ago(age_ms // 1000), offset=figure(row[1])
    )
    if age_ms > PROVED_AGE_MS_MAX:
        return warning(
            "equality", told, _("connect this till to head office; equality is proved there every ten seconds")
        )
    return ok("equality", told)


def _nearer_feeds(conn: Connection, now_ms: int) -> Iterator[Check]:
    """The feeds of the shop and of this till, against the chain's; where that never was, it is enough to say so."""
    who = read_identity(conn)
    assert who is not None, "the caller has looked"
    proved = {
        reach: (int(offset), max(now_ms - int(proved_ms), 0) // 1000)
        for reach, offset, proved_ms in conn.execute("SELECT reach, proved_offset, proved_ms FROM cursor")
        if proved_ms
    }
    if Reach.CHAIN not in proved:
        return
    _offset, chain_s = proved[Reach.CHAIN]
    for reach, number in ((Reach.SHOP, who.shop), (Reach.SITE, who.site)):
        offset, age_s = proved.get(reach, (0, None))
        feed = equality.FeedProof(reach=_REACHES[reach], number=number, offset=offset, age_s=age_s)
        name = f"equality-{feed.reach}"
        if equality.is_behind(feed, chain_s):
            gesture = _("the line is there, and this feed stays unproved: look at comptoir sync status, call for help")
            yield warning(name, feed.told(), gesture)
        else:
            yield ok(name, feed.told())
