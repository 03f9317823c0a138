"""Products imported at head office, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from daemon.domain.feed import CHAIN
from daemon.domain.kinds import Kind
from daemon.domain.products import Product, products_of
from daemon.domain.workbook import written_workbook
from daemon.store import elements, following, ordering
from tests.fakes.counter import HUB, Browser, Counter, open_browser, open_counter
from tests.web.test_import_routes import counts, imported, report, send, table, undone


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as found:
        yield found


async def products(counter: Counter) -> dict[str, Product]:
    rows = await counter.database.read(lambda conn: elements.elements_of_kind(conn, Kind.PRODUCT))
    return {product.code: product for product in products_of(rows)}


async def brought(hub: Counter, till: Counter) -> None:
    """All that head office has ordered, applied at a till."""
    frame = await hub.database.read(lambda conn: ordering.frame_after(conn, CHAIN, 0, bytes_max=10**6))
    assert frame is not None
    await till.database.write_in_turn(lambda conn: following.apply_frame(conn, till.replica, frame))


@pytest.mark.feature("C14.1", "C14.2")
async def test_a_file_of_products_is_imported_at_head_office_and_comes_to_the_tills(
    hub: Browser, tmp_path: Path
) -> None:
    job = await imported(hub, "products-fr.csv", "subject=products")
    assert (job["subject"], counts(job)) == ("products", (3, 0, 0, 3))
    found = await products(hub.counter)
    scarf, hem, book = (found[code] for code in ("A-100", "A-101", "A-102"))
    assert (scarf.label, scarf.price_cents, scarf.vat, scarf.family) == ("Écharpe laine", 124990, 2000, "Accessoires")
    assert scarf.barcodes == ("3760000000017", "3760000000024")
    assert (hem.labour, hem.discountable, hem.takes_discounts) == (True, False, False)
    assert (book.vat, book.withdrawn) == (550, True)
    told = [(one["line"], one["column"], one["sentence"]) for one in (await report(hub, job["id"]))["remarks"]]
    assert told == [
        (1, "Prix HT", "the column is left out: prices are kept with taxes"),
        (1, "Stock", "the column is left out: no field of a product has this heading"),
        (5, "label", "the line is skipped: a new product has no label"),
        (6, "Prix de vente TTC", "this is not an amount"),
        (6, "Taux TVA", "write the VAT rate in percent, as 20 or 5,5"),
        (6, "Remisable", "write yes or no"),
        (6, "barcodes", "this barcode belongs to another product"),
        (6, "label", "the line is skipped: a new product has no label"),
        (7, "", "the line is skipped: its quotation marks do not pair"),
    ]
    (tmp_path / "till").mkdir()
    async with open_counter(tmp_path / "till") as till:
        await brought(hub.counter, till)
        assert await products(till) == found


@pytest.mark.feature("C14.2")
async def test_reading_products_twice_changes_nothing_and_blanks_overwrite_nothing(hub: Browser) -> None:
    rows = [["SKU", "Name", "Price", "VAT"], ["A1", "Scarf", "12.50", "20"], ["A2", "Hat", "8", "20"]]
    assert counts(await imported(hub, written_workbook(rows), "subject=products")) == (2, 0, 0, 0)
    assert counts(await imported(hub, written_workbook(rows), "subject=products")) == (0, 0, 2, 0)
    job = await imported(hub, table("sku;name;price", "a1;;13,00", "A2;Hat;"), "subject=products")
    assert counts(job) == (0, 1, 1, 0)
    found = await products(hub.counter)
    assert (found["A1"].label, found["A1"].price_cents, found["A2"].price_cents) == ("Scarf", 1300, 800)


@pytest.mark.feature("C14.2")
async def test_an_import_of_products_is_taken_back_and_read_again(hub: Browser) -> None:
    await imported(hub, table("Code;Libellé;Prix", "A1;Écharpe;10,00"), "subject=products")
    raw = table("Code;Libellé;Prix", "A1;Écharpe;12,00", "A2;Chapeau;8,00", "A3;Gants;5,00")
    job = await imported(hub, raw, "subject=products")
    await imported(hub, table("Code;Prix", "A3;6,00"), "subject=products")
    back = await undone(hub, job["id"])
    assert (back["undone"], back["kept"], back["refused"]) == (2, 1, 0)
    found = await products(hub.counter)
    assert (found["A1"].price_cents, found["A2"].withdrawn, found["A3"].price_cents) == (1000, True, 600)
    await imported(hub, raw, "subject=products")
    found = await products(hub.counter)
    assert (found["A1"].price_cents, found["A2"].withdrawn, found["A3"].price_cents) == (1200, False, 500)


async def test_a_dry_run_of_products_writes_nothing(hub: Browser) -> None:
    job = await imported(hub, "products-fr.csv", "subject=products&dry_run=1")
    assert counts(job) == (3, 0, 0, 3)
    assert await products(hub.counter) == {}


async def test_a_till_imports_no_products(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter, open_browser(counter) as till:
        refused: Any = await send(till, table("Code;Libellé", "A1;x"), "subject=products")
        assert (refused.status, refused.json["detail"]) == (403, "products are imported at head office")


async def test_a_file_without_codes_fails_in_a_sentence(hub: Browser) -> None:
    job = await imported(hub, table("Couleur;Taille", "rouge;4"), "subject=products")
    assert job["failure"] == "the first line names no column of product codes, such as Code, Référence, EAN"
