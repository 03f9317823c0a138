"""Which shop an id of a sale or a return belongs to: what has one id stands in the feed of one shop."""

from daemon.domain.ids import EntityId
from daemon.domain.sale import site_of_sale
from daemon.domain.site_row import SHOP, site_key
from daemon.errors import Forbidden
from daemon.store import elements
from daemon.store.database import Connection
from daemon.store.replica import Identity


def shop_that_issued(conn: Connection, here: Identity, id_: EntityId, field: str) -> int:
    """The shop of the till whose visit issued an id; raises Forbidden for another shop than this till's."""
    site = site_of_sale(id_)
    if site == here.site:
        return here.shop
    row = elements.element(conn, site_key(site))
    shop = row.fields.get(SHOP) if row is not None else None
    if type(shop) is not int or (not here.is_hub and shop != here.shop):
        raise Forbidden(f"{field}: no till of this shop issued this id", field=field)
    return shop
