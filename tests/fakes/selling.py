"""What tests of sales have in common: customers, visits and sales made over HTTP at one browser."""

from typing import Any

from tests.fakes.counter import Browser, Heard


async def customer(browser: Browser, **fields: Any) -> str:
    """A new customer."""
    heard = await browser.post("/customers", {"last_name": "Morel", "surface": "import", **fields})
    assert heard.status == 201, heard.raw
    return str(heard.json["customer"]["id"])


async def serve(browser: Browser, who: str = "", lane: str = "1") -> dict[str, Any]:
    """An open visit of a lane, with a customer attached if one is named."""
    heard = await browser.post("/visits", {"lane": lane})
    assert heard.status == 201, heard.raw
    found: dict[str, Any] = heard.json
    if who:
        assert (await browser.post(f"/visits/{found['id']}/attach", {"customer": who})).status == 200
    return found


async def post(browser: Browser, visit: dict[str, Any], *lines: dict[str, Any], **more: Any) -> Heard:
    """Post the visit with these lines."""
    key = str(more.pop("key", ""))
    return await browser.post(f"/visits/{visit['id']}/post", {"lines": list(lines), **more}, key=key)


async def sell(browser: Browser, who: str, *lines: dict[str, Any], **more: Any) -> str:
    """A sale from the opened visit to its registration; returns its id."""
    visit = await serve(browser, who)
    heard = await post(browser, visit, *lines, **more)
    assert heard.status == 200, heard.raw
    return str(visit["sale_id"])


async def what_applies(browser: Browser, who: str, *lines: dict[str, Any]) -> Any:
    """What applies to these lines for a customer."""
    heard = await browser.post(f"/customers/{who}/sale-terms", {"lines": list(lines)})
    assert heard.status == 200, heard.raw
    return heard.json


async def put(browser: Browser, path: str, **fields: Any) -> None:
    """Make something of head office's be so."""
    heard = await browser.ask("PUT", path, fields)
    assert heard.status == 200, heard.raw


async def make(browser: Browser, path: str, **fields: Any) -> str:
    """Make something; returns its id."""
    heard = await browser.post(path, fields)
    assert heard.status == 201, heard.raw
    return str(heard.json["id"])
