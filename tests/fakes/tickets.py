"""What tests of held tickets have in common: two tills of one shop, people at them, tickets parked and taken over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from daemon.domain import authoring as operations
from daemon.domain.kinds import Kind
from daemon.domain.role import Role
from daemon.domain.site_row import LABEL, SHOP, SITE, site_key
from daemon.store.authoring import commit
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Browser, Heard
from tests.fakes.selling import serve
from tests.fakes.two_tills import TwoTills, open_two_tills

BASKET = {"lines": [{"product": "vase", "cents": 2_500}, {"product": "rose", "cents": 490}]}
PIN = "1379"


@asynccontextmanager
async def one_shop(path: Path, *, shops: tuple[int, int] = (1, 1)) -> AsyncIterator[TwoTills]:
    """Till 2 and till 3 of one shop, both with a walk-in customer, known to head office by their names."""
    async with open_two_tills(path, shops=shops) as tills:
        hub = tills.hub.counter

        def enrol(conn: Connection) -> None:
            for site, shop in zip((2, 3), shops, strict=True):
                row = operations.create(
                    Kind.SITE, site_key(site)[0], {SITE: site, SHOP: shop, LABEL: f"Caisse {site - 1}"}
                )
                commit(conn, hub.replica, OWNER, [row], now_ms=hub.clock.now_ms())
                conn.execute("INSERT OR IGNORE INTO shop (shop, name) VALUES (?, '')", (shop,))
                conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (?,?,0)", (site, shop))
                conn.execute("INSERT INTO roster (site, told_boot) VALUES (?,?)", (site, hub.replica.boot))

        await hub.database.write(enrol)
        await tills.sync()
        for till in tills.tills[: len(set(shops))]:
            await till.counter.choose_walk_in()
        await tills.sync()
        yield tills


async def park(browser: Browser, who: str = "", basket: Any = None, lane: str = "1", **terms: Any) -> dict[str, Any]:
    """A basket that is put aside at a lane; returns the ticket."""
    visit = await serve(browser, who, lane)
    await fill(browser, visit, BASKET if basket is None else basket)
    heard = await browser.post(f"/visits/{visit['id']}/hold", {"total": 2_990, **terms})
    assert heard.status == 200, heard.raw
    assert heard.json["visit"]["state"] == "cancelled"
    found: dict[str, Any] = heard.json["ticket"]
    return found


async def fill(browser: Browser, visit: dict[str, Any], basket: Any) -> None:
    """Put this into the basket of a visit."""
    heard = await browser.ask("PUT", f"/visits/{visit['id']}/basket", basket)
    assert heard.status == 200, heard.raw


async def take(browser: Browser, ticket: dict[str, Any], lane: str = "1", **more: Any) -> tuple[dict[str, Any], Heard]:
    """Take a ticket over into a new visit of a lane."""
    visit = await serve(browser, lane=lane)
    return visit, await browser.post(f"/held-tickets/{ticket['id']}/take", {"visit": visit["id"], **more})


async def shown(browser: Browser, ticket: dict[str, Any]) -> dict[str, Any]:
    """A ticket as it stands there."""
    found: dict[str, Any] = (await browser.get(f"/held-tickets/{ticket['id']}")).json
    return found


async def approval(browser: Browser, cents: int = 2_990) -> str:
    """What a manager who stands at the counter says yes with."""
    manager = await browser.counter.hire("Max", pin=PIN, role=Role.MANAGER)
    body = {"act": "second_sale", "amount": cents, "operator": manager, "pin": PIN}
    heard = await browser.post("/approvals", body)
    assert heard.status == 201, heard.raw
    return str(heard.json["approval"])


def cut(tills: TwoTills, *, is_cut: bool = True) -> None:
    """The line of the shop is cut, or comes back."""
    for line in tills.lines:
        line.is_cut = is_cut
