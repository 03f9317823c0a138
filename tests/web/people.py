"""Two customers, and the short words in which tests speak of them."""

from typing import Any

from tests.fakes.counter import Browser, Heard

HELENE = {
    "first_name": "Hélène",
    "last_name": "Lefèvre-Œuvrard",
    "company_name": "Maison Bleue",
    "kind": "person",
    "email": "helene.lefevre@example.org",
    "mobile": "06 39 98 12 34",
    "phone": "01 99 00 12 34",
    "address": {"line1": "3 rue des Lilas", "postal_code": "44000", "city": "Nantes"},
    "cards": ["2900 0004 2187"],
    "tags": ["Fidèle"],
    "member_number": "A 77",
}
PAUL = {"first_name": "Paul", "last_name": "Morel", "email": "paul@example.org"}


async def create(browser: Browser, fields: dict[str, Any]) -> dict[str, Any]:
    heard = await browser.post("/customers", fields)
    assert heard.status == 201, heard.raw
    found: dict[str, Any] = heard.json["customer"]
    return found


async def found_by(browser: Browser, text: str, **more: str) -> Any:
    heard = await browser.get("/customers", params={"q": text, **more})
    assert heard.status == 200, heard.raw
    return heard.json


def refused(heard: Heard, status: int, field: str) -> None:
    assert (heard.status, heard.json["field"]) == (status, field), heard.raw


async def cashier(browser: Browser) -> None:
    """Work with the session of a cashier from here on."""
    await browser.counter.hire("Léa", badge="OP-1")
    browser.token = (await browser.post("/sessions", {"badge": "OP-1"})).json["token"]
