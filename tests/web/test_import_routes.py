"""Imports over HTTP: files of known systems sent, followed, reported, taken back."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]  # the library ships no types

from daemon.domain import authoring
from daemon.domain.account import derived_account
from daemon.domain.kinds import BOOK_CREDIT_NOTE, BOOK_POINTS, Kind
from daemon.domain.role import Role
from daemon.domain.workbook import written_workbook
from daemon.store.authoring import commit
from daemon.store.database import Connection
from tests.fakes.counter import HUB, OWNER, START_MS, Browser, Counter, Heard, open_browser, open_counter

CAPTURES = Path(__file__).parent.parent / "captures" / "imports"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_counter(tmp_path) as counter, open_browser(counter) as found:
        yield found


async def send(browser: Browser, raw: bytes, query: str = "", **more: Any) -> Heard:
    return await browser.post(f"/imports?{query}", data=raw, **more)


async def ended(browser: Browser, id_: str) -> Any:
    for _ in range(600):
        job = (await browser.get(f"/imports/{id_}")).json
        if job["state"] not in {"running", "undoing"}:
            return job
        await asyncio.sleep(0.02)
    raise AssertionError("the import does not end")


async def imported(browser: Browser, file: str | bytes, query: str = "") -> Any:
    raw = (CAPTURES / file).read_bytes() if isinstance(file, str) else file
    sent = await send(browser, raw, query)
    assert sent.status == 202, sent.json
    return await ended(browser, sent.json["id"])


async def report(browser: Browser, id_: str) -> Any:
    return (await browser.get(f"/imports/{id_}/lines")).json


async def undone(browser: Browser, id_: str) -> Any:
    asked = await browser.post(f"/imports/{id_}/undo")
    assert asked.status == 202, asked.json
    return await ended(browser, id_)


async def found(browser: Browser, words: str) -> Any:
    hits = (await browser.get(f"/customers?q={words}&almost=0")).json["hits"]
    return [(await browser.get(f"/customers/{hit['customer']['id']}")).json for hit in hits]


async def sums(counter: Counter, book: int) -> list[int]:
    def unit(conn: Connection) -> list[int]:
        rows = conn.execute("SELECT amount FROM balance WHERE book = ? AND holder = x'' ORDER BY amount", (book,))
        return [amount for (amount,) in rows]

    return await counter.database.read(unit)


def counts(job: Any) -> tuple[int, int, int, int]:
    return job["created"], job["completed"], job["unchanged"], job["skipped"]


def table(*rows: str) -> bytes:
    return "\r\n".join(rows).encode()


SYSTEMS = {
    "lightspeed-c.csv": ("lightspeed-c", (2, 0, 0, 0)),
    "lightspeed-x.csv": ("lightspeed-x", (2, 0, 0, 0)),
    "loyverse.csv": ("loyverse", (2, 0, 0, 0)),
    "odoo-en.csv": ("odoo", (2, 0, 0, 2)),
    "odoo-fr.csv": ("odoo", (1, 0, 0, 0)),
    "odoo-technical.csv": ("odoo", (1, 0, 0, 1)),
    "own-fr.csv": (None, (5, 0, 0, 1)),
    "prestashop-list-en.csv": ("prestashop", (2, 0, 0, 0)),
    "prestashop-list-fr.csv": ("prestashop", (2, 0, 0, 0)),
    "prestashop-template.csv": ("prestashop", (4, 0, 0, 1)),
    "shopify.csv": ("shopify", (2, 0, 0, 1)),
    "shopify-older.csv": ("shopify", (1, 0, 0, 0)),
    "square.csv": ("square", (3, 0, 0, 0)),
    "woocommerce-analytics.csv": ("woocommerce", (2, 0, 0, 0)),
    "woocommerce-suite.csv": ("woocommerce", (1, 0, 0, 0)),
}


@pytest.mark.feature("B19.2")
@pytest.mark.feature("B19.6")
@pytest.mark.parametrize("file", SYSTEMS)
async def test_the_file_of_each_system_is_recognised_and_reading_it_twice_changes_nothing(
    browser: Browser, file: str
) -> None:
    system, outcome = SYSTEMS[file]
    job = await imported(browser, file)
    assert (job["system"], counts(job), job["failure"]) == (system, outcome, None)
    saved = browser.counter.replica.n
    again = await imported(browser, file)
    assert counts(again) == (0, 0, outcome[0], outcome[3])
    assert browser.counter.replica.n == saved
    assert await found(browser, "secret") == []


@pytest.mark.feature("B19.1")
@pytest.mark.feature("B19.2")
async def test_a_workbook_is_read_like_the_text_that_it_was_made_of(browser: Browser) -> None:
    rows = [["Nom", "Prénom", "CP", "Né(e) le", "Points", "Portable"]]
    rows += [["Lefèvre", "Hélène", "01000", "1984-05-03", "1 250", "06 12 34 56 78"], ["", "", "", "", "", ""]]
    job = await imported(browser, written_workbook(rows))
    assert counts(job) == (1, 0, 0, 0)
    (one,) = await found(browser, "lefevre")
    assert (one["birthday"], one["mobile"], one["address"]["postal_code"]) == ("1984-05-03", "+33612345678", "01000")
    assert await sums(browser.counter, BOOK_POINTS) == [1250]
    again = await imported(browser, table("Nom;Prénom;CP;Né(e) le;Portable", "Lefèvre;Hélène;1000;3/5/1984;0612345678"))
    assert counts(again) == (0, 0, 1, 0)


@pytest.mark.feature("B19.3")
async def test_a_cell_that_holds_no_value_is_told_and_the_rest_of_its_line_stays(browser: Browser) -> None:
    book = Workbook()
    book.active.append(["Nom", "Portable", "Points"])
    book.active.append(["Lefèvre", 612_345_678, "#N/A"])
    book.active["B2"].number_format = "dd/mm/yyyy"
    file = io.BytesIO()
    book.save(file)
    job = await imported(browser, file.getvalue())
    assert counts(job) == (1, 0, 0, 0)
    why = "the cell holds an error of a formula, or a day that no calendar has: it is left out"
    remarks = (await report(browser, job["id"]))["remarks"]
    assert remarks == [{"line": 2, "column": name, "sentence": why} for name in ("Portable", "Points")]
    (one,) = await found(browser, "lefevre")
    assert one["mobile"] is None


async def test_a_debt_of_points_is_told_and_not_booked(browser: Browser) -> None:
    rows = ("Nom;Prénom;E-mail;Solde points", "Guitton;Tom;tom@example.org;-5", "Guitton;Léa;lea@example.org;7")
    job = await imported(browser, table(*rows))
    assert counts(job) == (2, 0, 0, 0)
    (told,) = (await report(browser, job["id"]))["remarks"]
    assert told["sentence"] == "less than nothing is no balance of points: it is left out"
    assert await sums(browser.counter, BOOK_POINTS) == [7]
    assert (await undone(browser, job["id"]))["undone"] == 2


async def test_what_is_no_workbook_and_no_table_fails_in_a_sentence(browser: Browser) -> None:
    broken = await imported(browser, b"PK\x03\x04 no zip")
    assert broken["failure"] == "the workbook cannot be read: save it again as XLSX, or as CSV"
    strange = await imported(browser, b"a;b\n1;2\n")
    assert strange["failure"] == "the first line names no column of customers, such as Nom, Prénom, E-mail"
    empty = await send(browser, b"")
    assert (empty.status, empty.json["detail"]) == (422, "the file is empty")


@pytest.mark.feature("B19.3")
async def test_a_dry_run_reports_line_by_line_and_writes_nothing(browser: Browser) -> None:
    saved = browser.counter.replica.n
    job = await imported(browser, "own-fr.csv", "dry_run=1&name=clients.csv")
    assert (job["dry_run"], counts(job), job["name"]) == (True, (5, 0, 0, 1), "clients.csv")
    told = await report(browser, job["id"])
    assert [(line["line"], line["outcome"], line["display_name"]) for line in told["lines"]] == [
        (2, "created", "Hélène Lefèvre"),
        (3, "created", "Yann Le Goff"),
        (4, "created", "Garage Le Goff"),
        (5, "created", "Karim Benali"),
        (6, "skipped", ""),
        (7, "created", "Léa Petit"),
    ]
    assert {"line": 5, "column": "Né(e) le", "sentence": "that month has no such day"} in told["remarks"]
    assert browser.counter.replica.n == saved
    assert await found(browser, "lefevre") == []
    refused = await browser.post(f"/imports/{job['id']}/undo")
    assert refused.status == 409


async def test_a_dry_run_says_which_lines_are_one_customer(browser: Browser) -> None:
    raw = table("Nom;E-mail", "Lefèvre;h@example.fr", "Lefebvre;H@EXAMPLE.fr")
    job = await imported(browser, raw, "dry_run=1")
    assert counts(job) == (1, 1, 0, 0)
    assert (await report(browser, job["id"]))["remarks"][0]["sentence"] == "this is the customer of line 2 again"
    assert counts(await imported(browser, raw)) == (1, 1, 0, 0)


@pytest.mark.feature("B19.4")
async def test_likely_duplicates_are_told_by_telephone_and_by_name_and_postal_code(browser: Browser) -> None:
    await imported(
        browser, table("Code;Nom;Prénom;CP;Tél", "A1;Lefèvre;Hélène;44000;06 12 34 56 78", "A2;Morel;Paul;75001;")
    )
    job = await imported(
        browser,
        table(
            "Code;Nom;Prénom;CP;Tél", "B1;Lefebvre;Zoé;29200;0612345678", "B2;MOREL;paul;75001;", "B3;Morel;Ève;75001;"
        ),
    )
    assert counts(job) == (3, 0, 0, 0)
    remarks = (await report(browser, job["id"]))["remarks"]
    assert [(one["line"], one["sentence"]) for one in remarks] == [
        (2, "likely a duplicate of A1: the same telephone"),
        (3, "likely a duplicate of A2: the same name and postal code"),
    ]


@pytest.mark.feature("B19.4")
async def test_who_has_the_code_the_e_mail_or_the_card_is_completed_and_several_are_left_to_a_person(
    browser: Browser,
) -> None:
    await imported(browser, table("Nom;E-mail;Carte", "Lefèvre;h@example.fr;2900001", "Morel;m@example.fr;2900002"))
    job = await imported(
        browser,
        table("E-mail;Carte;Prénom", "H@example.fr;;Hélène", ";2900002;Paul", "h@example.fr;2900002;"),
    )
    assert counts(job) == (0, 2, 1, 0)
    (remark,) = (await report(browser, job["id"]))["remarks"]
    assert (remark["line"], remark["sentence"]) == (4, "this card belongs to another customer")
    assert [one["first_name"] for one in await found(browser, "morel")] == ["Paul"]


@pytest.mark.feature("B19.5")
async def test_blanks_overwrite_nothing_and_a_refusal_stands(browser: Browser) -> None:
    await imported(
        browser,
        table(
            "Code;Nom;Prénom;Adresse;CP;Ville;Newsletter;Tags", "A1;Lefèvre;Hélène;3 rue X;44000;Nantes;non;Vip, golf"
        ),
    )
    job = await imported(
        browser, table("Code;Nom;Prénom;Adresse;CP;Ville;Newsletter;Tags", "A1;LEFEVRE;;;44100;;oui;VIP")
    )
    assert counts(job) == (0, 0, 1, 0)
    kept = [(one["column"], one["sentence"]) for one in (await report(browser, job["id"]))["remarks"]]
    assert kept == [
        ("address", "the file has no street, the customer has one: the address stays as it is"),
        ("consents.newsletter", "the customer has refused this: a file cannot grant it"),
    ]
    (one,) = await found(browser, "lefevre")
    assert (one["first_name"], one["last_name"], one["tags"]) == ("Hélène", "Lefèvre", ["Vip", "golf"])
    assert one["address"]["postal_code"] == "44000"


@pytest.mark.feature("B19.8")
async def test_points_credit_and_cards_come_in_once_as_opening_entries(browser: Browser) -> None:
    raw = (CAPTURES / "own-fr.csv").read_bytes()
    await imported(browser, raw)
    assert await sums(browser.counter, BOOK_POINTS) == [12, 1250]
    assert await sums(browser.counter, BOOK_CREDIT_NOTE) == [350, 123456]
    (one,) = await found(browser, "lefevre")
    assert [card["number"] for card in one["cards"]] == ["2900000000012"]
    other = await imported(browser, raw.replace(b"1 250", b"1 300"))
    assert (counts(other), (await report(browser, other["id"]))["remarks"][0]["sentence"]) == (
        (0, 0, 5, 1),
        "the opening balance was booked before, with another amount: it stays",
    )
    assert await sums(browser.counter, BOOK_POINTS) == [12, 1250]


@pytest.mark.feature("B19.8")
async def test_points_on_top_are_added_once_for_each_file(browser: Browser) -> None:
    await imported(browser, "lightspeed-x.csv")
    for _ in range(2):
        await imported(browser, "lightspeed-x-loyalty.csv")
    assert await sums(browser.counter, BOOK_POINTS) == [145]
    await imported(browser, (CAPTURES / "lightspeed-x-loyalty.csv").read_bytes().replace(b"25", b"5"))
    assert await sums(browser.counter, BOOK_POINTS) == [150]


@pytest.mark.feature("B19.7")
async def test_undoing_takes_back_what_was_written_and_reading_again_writes_it_again(browser: Browser) -> None:
    await browser.post("/customers", {"first_name": "Yann", "last_name": "Le Goff", "email": "y@example.fr"})
    raw = table(
        "Nom;E-mail;Mobile;Points;Tags", "Lefèvre;h@example.fr;0612345678;40;vip", ";y@example.fr;0698765432;7;golf"
    )
    job = await imported(browser, raw)
    assert counts(job) == (1, 1, 0, 0)
    back = await undone(browser, job["id"])
    assert (back["state"], back["undone"], back["kept"], back["refused"]) == ("undone", 2, 0, 0)
    assert await found(browser, "lefevre") == []
    (yann,) = await found(browser, "goff")
    assert (yann["mobile"], yann["tags"]) == (None, [])
    assert await sums(browser.counter, BOOK_POINTS) == [0, 0]
    assert (await browser.post(f"/imports/{job['id']}/undo")).json["state"] == "undone"
    again = await imported(browser, raw)
    assert counts(again) == (1, 1, 0, 0)
    assert await sums(browser.counter, BOOK_POINTS) == [7, 40]
    assert len(await found(browser, "lefevre")) == 1


@pytest.mark.feature("B19.7")
async def test_undoing_is_refused_for_what_was_spent_since_and_leaves_what_was_changed(browser: Browser) -> None:
    raw = table(
        "Code;Nom;Mobile;Points",
        "A1;Lefèvre;0612345678;40",
        "A2;Morel;0698765432;7",
        "A3;Petit;0611111111;",
        "A4;Benali;;",
    )
    job = await imported(browser, raw)
    lines = {line["line"]: line for line in (await report(browser, job["id"]))["lines"]}
    await spend(browser.counter, bytes.fromhex(lines[2]["id"]), 1)
    petit = (await browser.get(f"/customers/{lines[4]['id']}")).json
    await browser.patch(f"/customers/{petit['id']}", {"first_name": "Léa"}, version=petit["version"])
    back = await undone(browser, job["id"])
    assert (back["undone"], back["kept"], back["refused"]) == (2, 1, 1)
    told = await report(browser, job["id"])
    assert [(line["line"], line["taken_back"]) for line in told["lines"]] == [
        (2, "refused"), (3, "undone"), (4, "kept"), (5, "undone"),
    ]  # fmt: skip
    assert [(one["line"], one["sentence"]) for one in told["remarks"]] == [
        (2, "what the import brought was spent since"),
        (4, "the customer was changed or served since the import"),
    ]
    assert await sums(browser.counter, BOOK_POINTS) == [0, 39]


async def spend(counter: Counter, customer: bytes, points: int) -> None:
    account = derived_account(customer)
    spent = authoring.add(Kind.ENTRY, account, {1: BOOK_POINTS, 2: -points, 3: "spent"})
    await counter.database.write(lambda conn: commit(conn, counter.replica, OWNER, [spent], now_ms=START_MS))


async def test_an_erased_person_is_not_brought_back_and_leaves_no_line(browser: Browser) -> None:
    raw = table("Id client;Nom;E-mail", "7;Zanzibar;z@example.fr", "8;Morel;m@example.fr")
    job = await imported(browser, raw, "source=caisse")
    (one,) = await found(browser, "zanzibar")
    erased = await browser.post(f"/customers/{one['id']}/erase", {"reason": "request"})
    assert erased.status == 200
    again = await imported(browser, raw, "source=caisse")
    assert counts(again) == (0, 0, 1, 1)
    sentence = "the line is skipped: this person was erased, and is not brought back"
    assert (await report(browser, again["id"]))["remarks"] == [{"line": 2, "column": "", "sentence": sentence}]
    assert [line["line"] for line in (await report(browser, job["id"]))["lines"]] == [3]
    assert (await undone(browser, job["id"]))["undone"] == 1


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("key=colour", "key: one of source_id, code, email, card, mobile, member_number"),
        ("source=a%20b", "source: letters, digits and hyphens, at most 32"),
        ("subject=sales", "subject: customers or products"),
        ("dry_run=x", "dry_run: this is not a number"),
    ],
)
async def test_options_that_mean_nothing_are_refused(browser: Browser, query: str, sentence: str) -> None:
    refused = await send(browser, b"Nom\nA\n", query)
    assert (refused.status, refused.json["detail"]) == (422, sentence)


async def test_the_same_key_is_one_import_and_another_file_under_it_is_refused(browser: Browser) -> None:
    first = await send(browser, table("Nom", "Lefèvre"), key="k1")
    assert (await send(browser, table("Nom", "Lefèvre"), key="k1")).json["id"] == first.json["id"]
    assert (await send(browser, table("Nom", "Morel"), key="k1")).status == 422
    await ended(browser, first.json["id"])
    assert len((await browser.get("/imports")).json["imports"]) == 1


async def test_who_may_not_import_may_neither_send_nor_read(browser: Browser) -> None:
    job = await imported(browser, table("Nom", "Lefèvre"))
    browser.token = await browser.counter.token(Role.CASHIER)
    assert (await send(browser, table("Nom", "Morel"))).status == 403
    assert (await browser.get(f"/imports/{job['id']}/lines")).status == 403
    assert (await browser.get("/imports/0000000000000000")).status == 403


async def test_head_office_imports_and_orders_at_once(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter) as browser:
        job = await imported(browser, "prestashop-template.csv")
        assert counts(job) == (4, 0, 0, 1)
        addresses = await imported(browser, "prestashop-addresses.csv")
        assert counts(addresses) == (0, 3, 0, 1)
        (helene,) = await found(browser, "lefevre")
        assert helene["address"]["line1"] == "3 rue de la Paix"
        assert [one["address"]["line1"] for one in helene["addresses"]] == ["1 place du Commerce"]
        assert helene["phone_shown"] == "02 40 12 34 56"
        ordered = await counter.database.read(lambda conn: conn.execute("SELECT count(*) FROM feed").fetchone()[0])
        assert ordered >= 2


async def test_addresses_of_somebody_who_is_known_by_e_mail_come_to_them_line_after_line(browser: Browser) -> None:
    await imported(browser, "own-fr.csv")
    job = await imported(browser, "prestashop-addresses.csv")
    assert counts(job) == (0, 2, 0, 2)
    (helene,) = await found(browser, "lefevre")
    others = [one["address"]["line1"] for one in helene["addresses"]]
    assert sorted(others) == ["1 place du Commerce", "3 rue de la Paix"]
    assert counts(await imported(browser, "prestashop-addresses.csv")) == (0, 0, 2, 2)


async def test_an_import_that_was_cut_short_goes_on_behind_its_last_line(tmp_path: Path) -> None:
    raw = table("Code;Nom;Points", *(f"K{number};Nom{number};{number}" for number in range(1, 400)))
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        id_ = (await send(browser, raw)).json["id"]
        for _ in range(100):
            if (await browser.get(f"/imports/{id_}")).json["rows"]:
                break
    for _ in range(3):
        async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
            await asyncio.sleep(0.05)
    async with open_counter(tmp_path) as counter, open_browser(counter) as browser:
        job = await ended(browser, id_)
        assert (counts(job), job["rows"]) == ((399, 0, 0, 0), 399)
        assert len(await sums(counter, BOOK_POINTS)) == 399
        assert sum(await sums(counter, BOOK_POINTS)) == 399 * 400 // 2
