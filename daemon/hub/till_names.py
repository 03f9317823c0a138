"""Tells the chain of its tills: a row for each, so that its page can say "Caisse 2", and a sale is of a known shop."""

from collections.abc import Mapping

from daemon.domain import authoring
from daemon.domain.change import Actor, ActorKind
from daemon.domain.kinds import Kind
from daemon.domain.site_row import LABEL, SHOP, SITE, label_of, site_key
from daemon.store import authoring as store
from daemon.store import elements, enrolments
from daemon.store.database import Connection
from daemon.store.replica import Replica

FLEET = Actor(ActorKind.SYSTEM, "fleet", "hub")


def tell(conn: Connection, replica: Replica, labels: Mapping[int, str], *, now_ms: int) -> None:
    """Order a row for each till that the chain has not heard of, or not under this label; a record for each."""
    for site in enrolments.sites(conn):
        number, label = int(site.site), labels.get(int(site.site), "")
        key = site_key(number)
        row = elements.element(conn, key)
        if row is not None and label in ("", label_of(row)):
            continue
        if row is None:
            operation = authoring.create(Kind.SITE, key[0], {SITE: number, SHOP: int(site.shop), LABEL: label or None})
        else:
            operation = authoring.change(row, {LABEL: label})
        store.commit(conn, replica, FLEET, [operation], now_ms=now_ms)
