"""The fleet as head office sees it: every enrolled till, what it last said of itself, and its place in the feed.

A till's label is given with its code, before the till has a number: it waits under the digest of the code, and is kept
under the site once that code was used. The chain is told then (`till_names`).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.clock import Clock
from daemon.domain.canonical import unpack
from daemon.domain.change import Actor
from daemon.domain.feed import CHAIN
from daemon.domain.ids import ShopId, SiteId
from daemon.domain.payment_card import holds_payment_card
from daemon.errors import NotFound, OperatorMistake
from daemon.hub import fences, till_names
from daemon.hub.enrolment import CODE_LIFE_MS, EnrolmentOffice
from daemon.hub.retirement import retire
from daemon.store import audit, enrolments, holders, ordering
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica, get_meta, put_meta
from daemon.sync.enrol_wire import read_code
from daemon.sync.till_facts import CopyTold, DeviceTold, copy_told, devices_told, disk_told

LABEL_LENGTH_MAX: Final = 60
SHOP_MAX: Final = 65_535
_OF_CODE: Final = "till_label/code/"
_OF_SITE: Final = "till_label/site/"


@dataclass(frozen=True, kw_only=True, slots=True)
class TillFacts:
    """One till; what it never said is None, never 0.

    `behind`: records of the chain that it had not applied when it was last heard; of one that is offline, by now.
    `certificate_until_ms`: when the last certificate that it was given ends.
    """

    site: int
    shop: int
    online: bool
    revoked: bool
    heard_ms: int | None
    version: str | None
    clock_ahead_ms: int | None
    offset: int | None
    behind: int | None
    waiting: int | None
    label: str = ""
    certificate_until_ms: int | None = None
    fenced_ms: int | None = None
    """Since when two boxes live under this site."""
    former_box_ms: int | None = None
    """Since when a box that had this number before may still hold rights."""
    audit_changed_at: int | None = None
    """The first act of its audit trail that is not what it told before."""
    devices: tuple[DeviceTold, ...] | None = None
    """As it last told them; None where it never did."""
    disk_free_bytes: int | None = None
    copy: CopyTold | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeCode:
    """A one-use code for a new till."""

    code: str = field(repr=False)
    label: str
    expires_ms: int


class Fleet:
    """Adds, shows and withdraws tills."""

    def __init__(
        self,
        database: Database,
        office: EnrolmentOffice,
        clock: Clock,
        replica: Replica,
        recall: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._office = office
        self._clock = clock
        self._replica = replica
        self._recall = recall

    async def add_till(self, shop: int, label: str = "") -> MadeCode:
        """A one-use code, valid 24 hours, for a new till of a shop; raises OperatorMistake."""
        if not 1 <= shop <= SHOP_MAX:
            raise OperatorMistake(f"shop: a shop has a number from 1 to {SHOP_MAX}", field="shop")
        name = " ".join(label.split())
        if len(name) > LABEL_LENGTH_MAX or not name.isprintable():
            raise OperatorMistake(f"label: at most {LABEL_LENGTH_MAX} visible characters", field="label")
        if holds_payment_card(name):
            raise OperatorMistake("label: this is the number of a payment card, it is not kept", field="label")
        await self.settle_labels()  # adding a till forgets old codes, and with them whose label is whose
        now_ms = self._clock.now_ms()
        code = await self._office.add_till(ShopId(shop), now_ms)
        if name:
            digest = hashlib.sha256(read_code(code).secret).hexdigest()
            await self._database.write(lambda conn: put_meta(conn, _OF_CODE + digest, name))
        return MadeCode(code=code, label=name, expires_ms=now_ms + CODE_LIFE_MS)

    async def revoke(self, site: int) -> None:
        """Withdraw a till; raises NotFound."""
        await self._office.revoke(SiteId(site), self._clock.now_ms())

    async def write_off(self, site: int, actor: Actor) -> int:
        """Write off the rights of a withdrawn till, or of a till's former boxes; returns how many.

        Raises NotFound, Conflicting.
        """
        now_ms = self._clock.now_ms()
        return await self._database.write(lambda conn: retire(conn, self._replica, actor, SiteId(site), now_ms=now_ms))

    async def accept_audit(self, site: int) -> None:
        """An operator has looked at an audit trail that was changed; raises NotFound where none was."""
        if not await self._database.write(lambda conn: audit.accept(conn, site)):
            raise NotFound(f"nothing is wrong with the audit trail of till {site}", field="site")

    async def unfence(self, site: int) -> None:
        """One of the two boxes of a site was taken away: the other hears it at once; raises NotFound."""
        if await self._database.write(lambda conn: fences.lift(conn, site)):
            self._recall(site)

    async def facts(self) -> Sequence[TillFacts]:
        """Every till that was ever enrolled, by site."""
        await self.settle_labels()
        return await self._database.read(_facts)

    async def settle_labels(self) -> None:
        """Keep the labels of codes that were used since the last look, and tell the chain."""
        if await self._database.read(_settled_labels):
            await self.tell_labels()

    async def tell_labels(self) -> None:
        """Tell the chain what its tills are called; what it has heard is not said again."""
        now_ms = self._clock.now_ms()

        def unit(conn: Connection) -> None:
            _keep_labels(conn)
            labels = {int(row.site): get_meta(conn, f"{_OF_SITE}{row.site}", "") for row in enrolments.sites(conn)}
            till_names.tell(conn, self._replica, labels, now_ms=now_ms)

        await self._database.write(unit)


def _settled_labels(conn: Connection) -> list[tuple[str, int | None, str]]:
    """(name in meta, site, label) of the labels whose code was used since the last look; None: it never will be."""
    rows = conn.execute("SELECT name, value FROM meta WHERE name >= ? AND name < ?", (_OF_CODE, f"{_OF_CODE}~"))
    found: list[tuple[str, int | None, str]] = []
    for name, label in rows.fetchall():
        code = enrolments.find_code(conn, bytes.fromhex(name.removeprefix(_OF_CODE)))
        if code is None or code.site is not None:
            found.append((name, None if code is None else code.site, label))
    return found


def _keep_labels(conn: Connection) -> None:
    for name, site, label in _settled_labels(conn):
        if site is not None:
            put_meta(conn, f"{_OF_SITE}{site}", label)
        conn.execute("DELETE FROM meta WHERE name = ?", (name,))


def _facts(conn: Connection) -> list[TillFacts]:
    head = ordering.feed_head(conn, CHAIN).offset
    said = {
        row[0]: row[1:]
        for row in conn.execute(
            "SELECT site, online, heard_ms, clock_ahead_ms, version, feed_offset, head_offset, waiting, fenced_ms,"
            " report"
            " FROM roster"
        )
    }
    found, former = [], holders.all_former(conn)
    for row in enrolments.sites(conn):
        nothing = (0, 0, 0, "", 0, 0, 0, 0, b"")
        online, heard_ms, ahead, version, offset, head_then, waiting, fenced_ms, report = said.get(row.site, nothing)
        heard, facts = bool(heard_ms), unpack(report) if report else {}
        certificate = enrolments.newest_certificate(conn, row.site)
        found.append(
            TillFacts(
                site=int(row.site),
                shop=int(row.shop),
                online=bool(online) and row.revoked_ms is None,
                revoked=row.revoked_ms is not None,
                heard_ms=heard_ms or None,
                version=version or None,
                clock_ahead_ms=ahead if heard else None,
                offset=offset if heard else None,
                # Nobody knows what a till on the line has heard since its last word: it was so late then.
                behind=max((head_then if online else head) - offset, 0) if heard else None,
                waiting=waiting if heard else None,
                label=get_meta(conn, f"{_OF_SITE}{row.site}", ""),
                certificate_until_ms=certificate.not_after_ms if certificate else None,
                fenced_ms=fenced_ms or None,
                former_box_ms=former.get(int(row.site)) if row.revoked_ms is None else None,
                audit_changed_at=audit.witness_of(conn, int(row.site)).changed_at,
                devices=devices_told(facts),
                disk_free_bytes=disk_told(facts),
                copy=copy_told(facts),
            )
        )
    return found
