"""Customers over HTTP: who is found among more than a search looks at."""

import pytest

from daemon.desk.lookup import POOL_MIN
from daemon.domain import authoring as operations
from daemon.domain.authoring import guard
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.store import authoring
from daemon.store.database import Connection
from daemon.store.word_index import begin_reindex, reindex_some
from tests.fakes.counter import OWNER, Browser
from tests.fakes.page_reader import open_till
from tests.web.people import found_by

MANY = 3 * POOL_MIN
NAME, ADDRESS, EMAIL = (CUSTOMER.number(name) for name in ("name", "address", "email"))
DELETED, ARCHIVED = CUSTOMER.number("deleted"), CUSTOMER.number("archived")
LAST = bytes([0x7F] * 8)
"""The id that stands last in the index."""


async def there_are(browser: Browser, fields: dict[int, object], *, called: tuple[str, str] = ("Zoé", "Zola")) -> None:
    """Many customers with these fields, and behind all of them in the index one who is called so."""

    def unit(conn: Connection) -> None:
        told = [
            operations.create(Kind.CUSTOMER, (at * 10**16).to_bytes(8, "big"), {NAME: ("Anne", "Martin"), **fields})
            for at in range(1, MANY)
        ]
        told.append(operations.create(Kind.CUSTOMER, LAST, {NAME: called}))
        for start in range(0, len(told), 50):
            authoring.commit(conn, browser.counter.replica, OWNER, told[start : start + 50], now_ms=1)

    await browser.counter.database.write(unit)


async def ids(browser: Browser, typed: str) -> list[str]:
    return [hit["customer"]["id"] for hit in (await found_by(browser, typed))["hits"]]


@pytest.mark.feature("A1.3")
@pytest.mark.parametrize(
    ("town", "called", "typed", "shown"),
    [
        ("Paris", ("Louise", "Paris"), "paris", 50),
        ("Le Mans", ("Anne", "Le Goff"), "le", 50),
        ("Le Mans", ("Anne", "Le Goff"), "le g", 1),
        ("Saint-Pierre-des-Corps", ("Pierre", "Corps"), "pierre co", 50),
        ("Châteaubriant", ("Luc", "Chateaubriand"), "chateaubri", 50),
        ("Montpellier", ("Léa", "Montpellier"), "MONTPELLIER", 50),
    ],
)
async def test_who_is_called_so_comes_before_all_who_live_there(
    browser: Browser, town: str, called: tuple[str, str], typed: str, shown: int
) -> None:
    await there_are(browser, {ADDRESS: ("", "", "", town, "FR")}, called=called)
    found = await found_by(browser, typed)
    assert found["hits"][0]["customer"]["id"] == LAST.hex()
    assert len(found["hits"]) == shown
    if " " not in typed:
        assert found["total"] == MANY


async def test_the_country_and_the_end_of_an_e_mail_hide_nobody(browser: Browser) -> None:
    await there_are(
        browser,
        {ADDRESS: ("", "", "", "Nantes", "FR"), EMAIL: "anne@exemple.fr"},
        called=("Frédéric", "Zola"),
    )
    assert (await ids(browser, "fr"))[0] == LAST.hex()
    assert len(await ids(browser, "fr")) == 50, "those whose address ends so come after"


async def test_customers_who_were_deleted_hide_nobody(browser: Browser) -> None:
    await there_are(browser, {DELETED: 1}, called=("Anne", "Martin"))
    found = await found_by(browser, "martin")
    assert ([hit["customer"]["id"] for hit in found["hits"]], found["total"]) == ([LAST.hex()], 1)


async def test_customers_who_were_archived_hide_nobody(browser: Browser) -> None:
    await there_are(browser, {ARCHIVED: guard(strong=True, details=("gone", 1, "anne"))}, called=("Anne", "Martin"))
    for typed in ("martin", "ann mart"):
        found = await found_by(browser, typed)
        assert found["hits"][0]["customer"]["id"] == LAST.hex()
        assert len(found["hits"]) == 50
        assert found["hits"][1]["customer"]["archived"]


async def test_while_the_index_is_made_again_an_answer_says_how_far_it_has_come(browser: Browser) -> None:
    await there_are(browser, {})
    database = browser.counter.database
    assert (await found_by(browser, "martin"))["copy"]["indexed"] == 1
    await database.write(begin_reindex)
    found = await found_by(browser, "zola")
    assert (found["hits"], found["copy"]["indexed"]) == ([], 0)
    async with open_till(browser.counter) as till:
        assert " 0 % de la base se trouve déjà par le nom" in (await till.get("/clients", q="zola")).text
    while await database.write(lambda conn: reindex_some(conn, customers=MANY - 1)):
        copy = (await found_by(browser, "martin"))["copy"]
        assert 0 < copy["indexed"] < 1
        async with open_till(browser.counter) as till:
            assert "trouvés par leur nom pour l’instant" in (await till.get("/clients", q="martin")).text
    found = await found_by(browser, "zola")
    assert (len(found["hits"]), found["copy"]["indexed"]) == (1, 1)
