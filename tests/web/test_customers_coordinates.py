"""Coordinates over HTTP: addresses, telephones, e-mails, birthdays, communes of a postal code."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.counter import Browser, open_browser, open_counter


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_counter(tmp_path) as counter, open_browser(counter) as found:
        yield found


async def create(browser: Browser, **said: Any) -> Any:
    made = await browser.post("/customers", {"last_name": "Lefèvre", "surface": "import", **said})
    assert made.status == 201, made.json
    return made.json["customer"]


@pytest.mark.feature("B5.6")
@pytest.mark.parametrize(
    ("code", "country", "communes"),
    [
        ("01000", "FR", ["Bourg-en-Bresse", "Saint-Denis-lès-Bourg"]),
        ("44 000", "FR", ["Nantes"]),
        ("75001", "FR", ["Paris"]),
        ("97400", "RE", ["Saint-Denis"]),
        ("97150", "MF", ["Saint-Martin"]),
        ("98800", "NC", ["Nouméa"]),
        ("00100", "FR", []),
    ],
)
async def test_the_communes_of_a_postal_code_are_on_the_local_disk(
    browser: Browser, code: str, country: str, communes: list[str]
) -> None:
    told = await browser.get(f"/communes?postal_code={code}")
    assert (told.json["communes"], told.json["country"]) == (communes, country)


@pytest.mark.feature("B5.6")
async def test_what_is_no_postal_code_is_refused(browser: Browser) -> None:
    refused = await browser.get("/communes?postal_code=4400")
    assert (refused.status, refused.json["field"]) == (422, "postal_code")


def test_most_postal_codes_serve_several_communes() -> None:
    lines = (Path(__file__).parent.parent.parent / "daemon/desk/postal/communes.txt").read_text("utf-8").splitlines()
    assert len(lines) == 6201
    assert sum("|" in line for line in lines) > 4200
    assert lines == sorted(lines, key=lambda line: line[:5])


@pytest.mark.feature("B5.2")
@pytest.mark.parametrize(
    ("postal_code", "typed", "stored", "shown"),
    [
        ("44000", "06 12 34 56 78", "+33612345678", "06 12 34 56 78"),
        ("97400", "0692 12 34 56", "+262692123456", "0692 12 34 56"),
        ("97400", "0262 90 12 34", "+262262901234", "0262 90 12 34"),
        ("97600", "0639 01 23 45", "+262639012345", "0639 01 23 45"),
        ("97100", "0690 12 34 56", "+590690123456", "0690 12 34 56"),
        ("97300", "0694 20 12 34", "+594694201234", "0694 20 12 34"),
        ("97200", "0696 12 34 56", "+596696123456", "0696 12 34 56"),
        ("97500", "55 12 34", "+508551234", "+508 55 12 34"),
        ("98800", "75 12 34", "+687751234", "+687 75.12.34"),
        ("98714", "87 12 34 56", "+68987123456", "+689 87 12 34 56"),
        ("98600", "72 12 34", "+681721234", "+681 72 12 34"),
        ("44000", "+32 470 12 34 56", "+32470123456", "+32 470 12 34 56"),
    ],
)
async def test_telephones_are_kept_whole_and_shown_as_the_region_of_the_postal_code_writes_them(
    browser: Browser, postal_code: str, typed: str, stored: str, shown: str
) -> None:
    one = await create(browser, mobile=typed, address={"postal_code": postal_code})
    assert (one["mobile"], one["mobile_shown"]) == (stored, shown)


@pytest.mark.feature("B5.1")
async def test_a_customer_has_several_addresses_and_one_of_them_is_the_main_one(browser: Browser) -> None:
    one = await create(browser, address={"line1": "3 rue de la Paix", "postal_code": "44000", "city": "Nantes"})
    body: dict[str, Any] = {"address": {"line1": "1 quai", "postal_code": "29200", "city": "Brest"}, "label": "été"}
    more = (await browser.post(f"/customers/{one['id']}/addresses", body)).json
    assert (more["address"]["city"], [other["address"]["city"] for other in more["addresses"]]) == ("Nantes", ["Brest"])
    body = {"address": {"line1": "2 place", "postal_code": "75001", "city": "Paris"}, "label": "avant", "main": True}
    moved = (await browser.post(f"/customers/{one['id']}/addresses", body)).json
    assert moved["address"]["city"] == "Paris"
    assert sorted(other["address"]["city"] for other in moved["addresses"]) == ["Brest", "Nantes"]


@pytest.mark.feature("B5.3")
async def test_an_e_mail_is_kept_as_typed_and_found_however_it_is_typed(browser: Browser) -> None:
    one = await create(browser, email="Helene.Lefevre@MÜLLER.example")
    assert one["email"] == "Helene.Lefevre@MÜLLER.example"
    asked = await browser.post("/identify", {"email": "helene.lefevre@xn--mller-kva.example"})
    assert asked.json["customer"]["id"] == one["id"]


@pytest.mark.feature("B5.4")
@pytest.mark.parametrize(
    ("typed", "shown"),
    [("29/02/2000", "2000-02-29"), ("29/02", "--02-29"), ("--05-17", "--05-17"), ("3/5/1984", "1984-05-03")],
)
async def test_a_birthday_needs_no_year_and_the_29th_of_february_is_a_day(
    browser: Browser, typed: str, shown: str
) -> None:
    assert (await create(browser, birthday=typed))["birthday"] == shown
    refused = await browser.post("/customers", {"last_name": "X", "surface": "import", "birthday": "29/02/1999"})
    assert (refused.status, refused.json["field"]) == (422, "birthday")


@pytest.mark.feature("B5.5")
async def test_the_language_is_that_of_the_customer(browser: Browser) -> None:
    assert (await create(browser, language="br"))["language"] == "br"
