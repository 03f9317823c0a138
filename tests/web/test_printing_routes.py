"""Badges, replacements, slips, drawer and display over HTTP: what head office says, what this till offers."""

import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from daemon.desk.badges import BadgeManner
from daemon.desk.desks import PrintManner
from daemon.desk.display_desk import COLUMNS
from daemon.desk.printouts import PrintoutManner
from daemon.domain import authoring
from daemon.domain.badge_design import BADGE_LAYOUT, BadgeDesign, design_text, order_of
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.print_job import Hold
from daemon.domain.slip import Slip, slip_of
from daemon.drivers.customer_display import frame
from daemon.errors import DeviceFault
from daemon.store import authoring as store
from daemon.web.i18n import Words
from tests.fakes.badges import logo_png
from tests.fakes.counter import HUB, OWNER, Browser, open_browser, open_counter
from tests.fakes.print_room import FakePrintRoom
from tests.fakes.two_tills import open_two_tills
from tests.web.conftest import hold_against_description


class Glass:
    """A display that keeps what it was shown."""

    def __init__(self) -> None:
        self.name = "customer"
        self.shown: list[bytes] = []
        self.broken = False
        self.watched_path: Path | None = None

    async def show(self, upper: str, lower: str) -> tuple[str, ...]:
        if self.broken:
            raise DeviceFault("the display customer was unplugged")
        data, missing = frame(upper, lower, "cp437")
        self.shown.append(data)
        return missing


@pytest.fixture
def glass() -> Glass:
    return Glass()


@pytest.fixture
def room() -> FakePrintRoom:
    return FakePrintRoom()


@pytest.fixture
async def till(tmp_path: Path, room: FakePrintRoom, glass: Glass) -> AsyncIterator[Browser]:
    manner = PrintManner(
        badge=BadgeManner(chain_name="Maison Bleue", title="Carte de fidélité"),
        slips=PrintoutManner(tongue=Words("fr"), chain_name="Maison Bleue", drawer="counter"),
        displays=(glass,),
    )
    async with (
        open_counter(tmp_path, prints=room, manner=manner) as counter,
        open_browser(counter) as browser,
    ):
        browser.validate = hold_against_description
        yield browser


async def create(browser: Browser, **fields: Any) -> dict[str, Any]:
    made = await browser.post("/customers", {"first_name": "Hélène", "last_name": "Lebœuf", **fields})
    found: dict[str, Any] = made.json["customer"]
    return found


async def head_office_says(browser: Browser, design: BadgeDesign) -> None:
    counter = browser.counter
    await counter.desks.setting_up.say_policy(counter.call(), BADGE_LAYOUT, design_text(design))


def slip(room: FakePrintRoom) -> Slip:
    content = room.requests[-1].content
    assert content is not None
    return slip_of(content)


# ---- the badge -------------------------------------------------------------------------------------------------------


@pytest.mark.feature("D3.1")
async def test_head_office_that_wants_no_badges_gets_none(till: Browser, room: FakePrintRoom) -> None:
    made = await create(till)
    assert (await till.get(f"/customers/{made['id']}/badge")).json["printed"] is True
    await head_office_says(till, BadgeDesign(printed=False))
    about = (await till.get(f"/customers/{made['id']}/badge")).json
    assert (about["printed"], about["why_not"]) == (False, "head office wants no badges to be printed")
    assert (await till.post(f"/customers/{made['id']}/badge", {})).status == 403
    assert room.requests == []


@pytest.mark.feature("D3.1")
async def test_a_printer_that_cannot_says_why_and_what_helps(till: Browser, room: FakePrintRoom) -> None:
    made = await create(till, cards=["2900042187005"])
    room.holds["counter"] = Hold.RIBBON_OUT
    about = (await till.get(f"/customers/{made['id']}/badge")).json
    assert (about["printer"], about["hold"], about["number"]) == ("counter", "ribbon_out", "2900042187005")
    assert about["gesture"].startswith("Put in a new ribbon")


@pytest.mark.feature("D3.2")
async def test_the_preview_is_a_picture_of_that_badge(till: Browser) -> None:
    made = await create(till, cards=["2900042187005"])
    heard = await till.get(f"/customers/{made['id']}/badge.png")
    assert heard.headers["Content-Type"] == "image/png"
    assert heard.raw.endswith(b"2900042187005")
    assert (await till.get(f"/customers/{made['id']}/badge.png?printer=attic")).status == 404


async def test_the_design_of_head_office_is_what_is_printed(till: Browser, room: FakePrintRoom) -> None:
    made = await create(till, cards=["2900042187005"])
    logo = base64.b64encode(logo_png()).decode()
    await head_office_says(till, BadgeDesign(title="Carte privilège", note="Merci !", logo=logo))
    await till.post(f"/customers/{made['id']}/badge", {})
    order = order_of(room.requests[-1].content or b"")
    assert (order.face.chain, order.face.title, order.face.note) == ("Maison Bleue", "Carte privilège", "Merci !")
    assert Image.open(io.BytesIO(order.design.logo_file or b"")).size == (40, 40)
    assert (await till.get("/badge-design")).json["title"] == "Carte privilège"


async def test_head_office_alone_changes_the_design_and_hears_what_is_wrong_with_it(tmp_path: Path) -> None:
    async with open_counter(tmp_path, **HUB) as counter, open_browser(counter, roster=object()) as office:
        shipped = (await office.get("/badge-design")).json
        assert (await office.ask("PUT", "/badge-design", {**shipped, "note": "À bientôt"})).json["note"] == "À bientôt"
        assert (await office.get("/badge-design")).json["note"] == "À bientôt"
        for wrong, field in (
            ({"colour": "red"}, "colour"),
            ({"parts": [{"part": "text", "hight": 3}]}, "parts[0].hight"),
            ({"parts": []}, "parts"),
            ({"logo": "?"}, "logo"),
            ({"parts": [*shipped["parts"], {"part": "panel", "below": "nowhere"}]}, "parts"),
        ):
            heard = await office.ask("PUT", "/badge-design", wrong)
            assert (heard.status, heard.json["field"]) == (422, field)
    async with open_counter(tmp_path, site=14) as counter, open_browser(counter) as till:
        assert (await till.ask("PUT", "/badge-design", {})).status in (404, 405)


# ---- a lost card -----------------------------------------------------------------------------------------------------


@pytest.mark.feature("D3.5")
async def test_a_lost_card_is_blocked_and_its_replacement_printed_once(till: Browser, room: FakePrintRoom) -> None:
    made = await create(till, cards=["2900042187005"])
    where = f"/customers/{made['id']}/cards/{made['cards'][0]['id']}/replacement"
    heard = await till.post(where, {}, key="one-press")
    again = await till.post(where, {}, key="one-press")
    assert heard.status == 201, heard.raw
    assert (again.raw, len(room.requests)) == (heard.raw, 1)
    old, new = sorted(heard.json["customer"]["cards"], key=lambda card: str(card["state"]), reverse=True)
    assert (old["state"], old["blocked"], new["state"]) == ("lost", True, "active")
    assert new["id"] == heard.json["card"]
    assert new["number"].startswith("29000012")
    assert room.faces[-1].number == new["number"]
    found = (await till.post("/identify", {"card": "2900042187005"})).json
    assert (found["outcome"], found["reason"]) == ("blocked", "lost")
    assert found["blocked_at"].startswith("2025-10-09")
    assert (await till.post("/identify", {"card": new["number"]})).json["customer"]["id"] == made["id"]
    assert (await till.post(where, {})).status == 409


@pytest.mark.feature("D3.5")
async def test_a_replacement_may_be_scanned_and_is_nobodys_yet(till: Browser, room: FakePrintRoom) -> None:
    made, other = await create(till, cards=["29001"]), await create(till, cards=["29002"], email="other@example.org")
    where = f"/customers/{made['id']}/cards/{made['cards'][0]['id']}/replacement"
    taken = await till.post(where, {"number": "29002"})
    assert (taken.status, taken.json["owners"]) == (409, [other["id"]])
    assert (await till.post(where, {"number": "29001"})).json["field"] == "number"
    worn = await till.post(where, {"number": "29003", "state": "replaced", "print": False})
    assert [card["state"] for card in worn.json["customer"]["cards"] if card["number"] == "29001"] == ["replaced"]
    assert (worn.json["job"], room.requests) == (None, [])


# ---- slips -----------------------------------------------------------------------------------------------------------


@pytest.mark.feature("B18.1")
async def test_name_and_address_stand_in_the_width_asked(till: Browser, room: FakePrintRoom) -> None:
    address = {"line1": "12 bis rue de la Fontaine-aux-Hirondelles", "postal_code": "29200", "city": "Brest"}
    made = await create(till, civility="Mme", address=address)
    told = (await till.get(f"/customers/{made['id']}/address-block?columns=24")).json
    assert told == {
        "columns": 24,
        "lines": ["Mme Hélène Lebœuf", "12 bis rue de la", "Fontaine-aux-Hirondelles", "29200 BREST"],
    }
    assert (await till.get(f"/customers/{made['id']}/address-block")).json["columns"] == 38
    assert (await till.get(f"/customers/{made['id']}/address-block?columns=9")).json["field"] == "columns"
    asked = {"kind": "receipt_block", "customer": made["id"], "columns": 24}
    job = (await till.post("/print-jobs", asked)).json
    assert (job["kind"], job["customer"]) == ("receipt_block", made["id"])
    assert [line.text for line in slip(room).lines] == told["lines"]


@pytest.mark.feature("C3.5", "C4.4")
async def test_a_coupon_and_a_credit_note_are_printed_when_somebody_asks(till: Browser, room: FakePrintRoom) -> None:
    made = await create(till)
    owner = EntityId(bytes.fromhex(made["id"]))
    note = authoring.add(Kind.CREDIT_NOTE, owner, {1: "2900077000018", 3: 2390, 9: 20_000})
    coupon = authoring.add(Kind.COUPON, owner, {1: "BON-7", 3: "Bon d’anniversaire", 7: 500, 9: 3000})
    await commit(till, [note, coupon])
    assert room.requests == []
    dots = {kind: await dot_of(till, owner, kind) for kind in (Kind.CREDIT_NOTE, Kind.COUPON)}
    for kind, name, code in ((Kind.CREDIT_NOTE, "credit_note", "2900077000018"), (Kind.COUPON, "coupon", "BON-7")):
        asked = {"kind": name, "customer": made["id"], "member": dots[kind]}
        assert (await till.post("/print-jobs", asked)).json["kind"] == name
        assert slip(room).code == code
    assert [line.right for line in slip(room).lines if line.text == "Dès"] == ["30,00\u00a0€"]
    assert "5,00\u00a0€" in [line.text for line in slip(room).lines]
    nobody = {"kind": "coupon", "customer": made["id"], "member": "0" * 16}
    assert (await till.post("/print-jobs", nobody)).json["field"] == "member"


async def test_a_report_and_a_test_page_are_what_they_are_given(till: Browser, room: FakePrintRoom) -> None:
    lines = [{"text": "Encaissements", "right": "1 240,50 €", "emphasis": "bold"}]
    assert (await till.post("/print-jobs", {"kind": "report", "title": "Clôture", "lines": lines})).status == 202
    assert [line.text for line in slip(room).lines] == ["Maison Bleue", "Clôture", "", "Encaissements"]
    assert (await till.post("/print-jobs", {"kind": "test_page"})).json["kind"] == "test_page"
    assert slip(room).code
    assert (await till.post("/print-jobs", {"kind": "poem"})).status == 422


# ---- drawer and display ----------------------------------------------------------------------------------------------


@pytest.mark.feature("D6.2")
async def test_the_drawer_is_one_job_for_one_press(till: Browser, room: FakePrintRoom) -> None:
    first = await till.post("/drawer", {}, key="press")
    again = await till.post("/drawer", {}, key="press")
    assert (first.json["kind"], first.json["printer"], again.raw) == ("drawer", "counter", first.raw)
    assert len(room.requests) == 1


@pytest.mark.feature("D6.1")
async def test_the_display_shows_a_first_name_and_amounts_and_nothing_else(till: Browser, glass: Glass) -> None:
    made = await create(till, email="helene@example.org", mobile="0639980001")
    hello = (await till.post("/customer-display", {"what": "welcome", "customer": made["id"]})).json
    assert (hello["upper"], hello["lower"], hello["is_shown"]) == ("Bonjour Hélène", "", True)
    total = {"what": "total", "customer": made["id"], "amount_cents": 124_050}
    assert (await till.post("/customer-display", total)).json["lower"] == "1\u202f240,50\u00a0€".rjust(COLUMNS)
    sent = b"".join(glass.shown)
    assert b"\x1bQABonjour H\x82l\x8ane      \r" in sent
    assert b"Leb" not in sent
    assert b"example" not in sent
    walk_in = await till.counter.choose_walk_in()
    assert (await till.post("/customer-display", {"what": "welcome", "customer": walk_in})).json["upper"] == "Bonjour"


@pytest.mark.feature("D6.1")
async def test_what_a_display_did_not_show_is_told_and_never_shown_later(till: Browser, glass: Glass) -> None:
    glass.broken = True
    told = (await till.post("/customer-display", {"what": "total", "amount_cents": 100})).json
    assert (told["is_shown"], told["detail"]) == (False, "the display customer was unplugged")
    glass.broken = False
    assert (await till.post("/customer-display", {"what": "clear"})).json["is_shown"] is True
    assert len(glass.shown) == 1
    assert (await till.post("/customer-display", {"what": "total"})).json["field"] == "amount_cents"
    assert (await till.post("/customer-display", {"what": "clear", "display": "attic"})).status == 404


async def commit(till: Browser, operations: list[Operation]) -> None:
    counter = till.counter
    await counter.database.write(
        lambda conn: store.commit(conn, counter.replica, OWNER, operations, now_ms=counter.clock.now_ms())
    )


async def dot_of(till: Browser, owner: EntityId, kind: Kind) -> str:
    from daemon.store import elements

    found = await till.counter.database.read(lambda conn: elements.elements_of(conn, owner))
    return next(one.dot.hex() for one in found if one.kind is kind or one.kind == kind)


# ---- two tills -------------------------------------------------------------------------------------------------------


@pytest.mark.feature("D3.5")
async def test_two_tills_that_replace_one_lost_card_apart_leave_it_blocked_and_both_new_ones_good(
    tmp_path: Path,
) -> None:
    async with open_two_tills(tmp_path) as chain:
        made = await create(chain.one, cards=["2900042187005"])
        await chain.sync()
        where = f"/customers/{made['id']}/cards/{made['cards'][0]['id']}/replacement"
        new = [(await till.post(where, {"print": False})).json["customer"]["cards"] for till in (chain.one, chain.two)]
        numbers = {card["number"] for cards in new for card in cards if card["state"] == "active"}
        assert len(numbers) == 2, "no two tills give one number"
        await chain.sync()
        for till in (chain.hub, chain.one, chain.two):
            lost = (await till.post("/identify", {"card": "2900042187005"})).json
            assert (lost["outcome"], lost["reason"]) == ("blocked", "lost")
            for number in numbers:
                assert (await till.post("/identify", {"card": number})).json["customer"]["id"] == made["id"]


@pytest.mark.feature("D3.5")
async def test_a_till_that_had_not_heard_of_the_loss_serves_the_card_until_it_hears(tmp_path: Path) -> None:
    async with open_two_tills(tmp_path) as chain:
        made = await create(chain.one, cards=["2900042187005"])
        await chain.sync()
        card = made["cards"][0]["id"]
        await chain.one.post(f"/customers/{made['id']}/cards/{card}/replacement", {"print": False})
        assert (await chain.two.post("/identify", {"card": "2900042187005"})).json["outcome"] == "customer"
        # Meanwhile the other till blocks and unblocks it, not knowing: lost is stronger.
        await chain.two.patch(f"/customers/{made['id']}/cards/{card}", {"blocked": True, "reason": "vol"})
        await chain.two.patch(f"/customers/{made['id']}/cards/{card}", {"blocked": False})
        await chain.sync()
        for till in (chain.hub, chain.one, chain.two):
            assert (await till.post("/identify", {"card": "2900042187005"})).json["outcome"] == "blocked"


async def test_the_design_of_head_office_reaches_the_tills(tmp_path: Path) -> None:
    async with open_two_tills(tmp_path) as chain:
        await head_office_says(chain.hub, BadgeDesign(note="À bientôt", printed=False))
        await chain.sync()
        for till in (chain.one, chain.two):
            assert (await till.get("/badge-design")).json["note"] == "À bientôt"
