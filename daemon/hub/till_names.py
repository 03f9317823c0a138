"""Tells the chain what its tills are called: a row for each, so that a till's own page can say "Caisse 2"."""

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
    """Order a row for each till whose label the chain has not heard yet; a record for each."""
    for site in enrolments.sites(conn):
        number, label = int(site.site), labels.get(int(site.site), "")
        key = site_key(number)
        row = elements.element(conn, key)
        if not label or label_of(row) == label:
            continue
        if row is None:
            operation = authoring.create(Kind.SITE, key[0], {SITE: number, SHOP: int(site.shop), LABEL: label})
        else:
            operation = authoring.change(row, {LABEL: label})
        store.commit(conn, replica, FLEET, [operation], now_ms=now_ms)
