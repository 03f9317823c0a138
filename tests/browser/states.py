"""Every screen of the till in each of its states: how it is brought about, by what a cashier does or a shop has."""

from collections.abc import Mapping
from typing import Final

from daemon.desk.alerts import NpaiTick
from daemon.desk.credit_notes import NewCreditNote
from daemon.desk.customer_parts import Address
from daemon.desk.edit import CustomerEdit
from daemon.desk.loyalty_rules import GivenCoupon
from daemon.desk.members import CardEdit, NewNote
from daemon.desk.on_account import OnAccountEdit
from daemon.desk.price_lists import ProductEdit
from daemon.desk.purse_shown import Adjustment
from daemon.desk.sales import SalesAsked
from daemon.desk.selling import NewSale, PostedLine
from daemon.desk.visits import NewVisit
from daemon.desk.wishes import NewWish
from daemon.domain import rights as rules
from daemon.domain.canonical import pack
from daemon.domain.coupon import LABEL
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_COUPON, CUSTOMER, Kind
from daemon.domain.merge import Loser
from daemon.domain.price_list import NewPrice
from daemon.domain.role import Role
from daemon.store import rights
from daemon.store.authoring import commit
from daemon.store.database import Connection
from daemon.store.elements import elements_of
from tests.browser.more_states import ARTICLE, LAST, LOST_CARD, MORE
from tests.browser.stage import OFFLINE, Bring, Stage, page
from tests.fakes.counter import Counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import CARD, known, sophie
from tests.fakes.products import stocked

MOBILE: Final = CUSTOMER.number("mobile")
MONTHS: Final = {"2024-11": 3200, "2024-12": 2600, "2025-01": 6400, "2025-02": 20400, "2025-03": 14200, "2025-04": 5200}
MONTHS_LATER: Final = {
    "2025-05": 2200,
    "2025-06": 3100,
    "2025-07": 7100,
    "2025-08": 4800,
    "2025-09": 8400,
    "2025-10": 7300,
}


async def regular(counter: Counter, id_: EntityId) -> None:
    """Somebody who buys: points, coupons that can be used here, a year of revenue."""
    desks, call = counter.desks, counter.call()
    assert desks.visits is not None
    await desks.purses.adjust(call, id_, Adjustment(amount=1240, reason="Reprise"))
    for terms in (
        GivenCoupon(label="Bon anniversaire", amount=1000, days=30),
        GivenCoupon(label="Coupon jardin", percent=1500, days=3),
    ):
        await desks.loyalty.give_coupon(call, id_, terms)
    await desks.loyalty.give_coupon(call, id_, GivenCoupon(label="Bon de rentrée", amount=500))

    def grant(conn: Connection) -> None:
        found = [one for one in elements_of(conn, id_) if one.kind == Kind.COUPON]
        given = [one for one in found if one.fields.get(LABEL) != "Bon de rentrée"]
        holder = rights.holder_of(counter.replica)
        rows = [rules.right(one.fields[2], BOOK_COUPON, 1, "granted", holder) for one in given]
        commit(conn, counter.replica, call.actor, rows, now_ms=counter.clock.now_ms())

    await counter.database.write(grant)
    await desks.credit_notes.issue(call, NewCreditNote(amount=2390, reason="Retour", customer=id_.hex()))
    await desks.on_account.edit(call, id_, OnAccountEdit(on_account=True))
    for label in ("Sécateur Okatsune 103", "Rosier Pierre de Ronsard en pot de sept litres"):
        await desks.wishes.add(call, id_, NewWish(label=label))
    await desks.customer_terms.add_price(call, id_, NewPrice(product="410001", price_cents=4490))
    for month, cents in (MONTHS | MONTHS_LATER).items():
        visit = EntityId(bytes.fromhex((await desks.visits.open(call, NewVisit())).id))
        await desks.visits.attach(call, visit, id_)
        sold = NewSale(lines=(PostedLine(amount=cents, label="Divers"),), sold_at=f"{month}-06T10:00:00Z")
        await desks.visits.post(call, visit, sold)


async def disagreement(counter: Counter, id_: EntityId) -> None:
    """A mobile that another till gave at the same time, and that lost."""

    def lose(conn: Connection) -> None:
        key = (bytes(id_), int(Kind.CUSTOMER), b"")
        (row,) = (one for one in elements_of(conn, id_) if one.key == key)
        time, site, _ = row.stamp(MOBILE)
        lost = Loser(key, MOBILE, "+33639980009", (time - 1, 13, 13_000), row.stamp(MOBILE))
        counter.replica.with_losers.add(key[0])
        conn.execute(
            "INSERT INTO loser (entity, kind, dot, field, time, site, incarnation, value, winner)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (*lost.key, lost.number, *lost.stamp, pack(lost.value), pack(lost.winner)),
        )
        assert site == counter.replica.identity.site, "the one that stands was given here"

    await counter.database.write(lose)


def _id(text: str) -> EntityId:
    return EntityId(bytes.fromhex(text))


async def people_of(counter: Counter) -> dict[str, str]:
    """Customers as difficult as real ones."""
    await counter.choose_walk_in()
    for name in ("Nolwenn", "Marie-Antoinette de La Rochefoucauld", "Yann"):
        role, badge = (Role.MANAGER, "OP-YANN") if name == "Yann" else (Role.CASHIER, None)
        await counter.hire(name, pin=PIN, badge=badge, role=role)
    notes = (NewNote(text="Vient le samedi"), NewNote(text="Préfère être appelée après 18 h"))
    many = {"last_name": "de La Rochefoucauld-Montmorency", "tags": ("VIP", "Jardin", "Pro"), "notes": notes}
    id_ = await sophie(counter, **many)
    await regular(counter, _id(id_))
    todo = await known(
        counter,
        first_name="Gaël",
        last_name="Tanguy",
        mobile="0639981299",
        notes=(NewNote(text="Housse de coussin à remettre, réserve, étagère 3", show_at_till=True),),
    )
    much = tuple(NewNote(text=f"{text} " * 6, show_at_till=True) for text in ("Rappeler", "Facture", "Colis", "Clé"))
    busy = await known(counter, first_name="Anne", last_name="Le Goff", email="anne@example.org", notes=much)
    blocked = await known(counter, company_name="Atelier Morvan", kind="company", siret="73282932000074")
    given = CustomerEdit(blocked=True, blocked_reason="Trois factures impayées depuis mars")
    await counter.desks.edits.edit(counter.call(), _id(blocked), given, present=frozenset({"blocked"}), version="")
    for number in range(25):
        await known(counter, first_name="Sophie", last_name=f"Lefebvre{number}", email=f"s{number}@example.org")
    met = await known(counter, first_name="Ronan", last_name="Riou", mobile="0639980090", email="r@example.org")
    await disagreement(counter, _id(met))
    lost = await known(counter, first_name="Nadia", last_name="Salaün", email="n@example.org", cards=(LOST_CARD,))
    (card,) = (await counter.desks.lookup.customer(_id(lost))).cards
    await counter.desks.members.edit_card(counter.call(), _id(lost), bytes.fromhex(card.id), CardEdit(state="lost"))
    (good,) = (await counter.desks.lookup.customer(_id(id_))).cards
    await stocked(counter, ARTICLE, ProductEdit(label="Sécateur", price_cents=4990))
    bare = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    moved = await known(
        counter, first_name="Léa", last_name="Kervella", address=Address(line1="8 rue Kervégan", city="Brest")
    )
    await counter.desks.alerts.npai(counter.call(), _id(moved), NpaiTick(address=True))
    bought = (await counter.desks.sales.find(SalesAsked(customer=id_, limit=1))).sales[0]
    return {
        "sophie": id_,
        "sale": bought.id,
        "bare": bare,
        "moved": moved,
        "todo": todo,
        "busy": busy,
        "blocked": blocked,
        "met": met,
        "card": good.id,
    }


async def _chosen(stage: Stage) -> None:
    await stage.go(f"/clients/{stage.ids['sophie']}", "record")
    for at in (2, 3):
        await stage.screen.page.click(f".label:nth-child({at + 1}) .btn:not(.label__on)")
        await stage.sees(f".label:nth-child({at + 1}) .label__on")


async def _known(stage: Stage) -> None:
    await stage.go("/clients/nouveau", "edit")
    await stage.type(first_name="Gaël", last_name="Tanguy", mobile="0639981299", postal_code="35000")
    await stage.sees(".kin a")


async def _offline(stage: Stage) -> None:
    stage.around.link = OFFLINE
    await stage.go(f"/clients/{stage.ids['sophie']}", "record")


async def _search_typed(stage: Stage) -> None:
    await stage.go("", "ready")
    await stage.screen.page.fill("#q", "rochef")
    await stage.sees("#hits mark")


async def _unknown_card(stage: Stage) -> None:
    await stage.go(f"/clients/{stage.ids['bare']}", "record")
    await stage.screen.scan("2900049999")
    await stage.sees(".notice--unknown")


async def _faulty_form(stage: Stage) -> None:
    await stage.go("/clients/nouveau", "edit")
    await stage.type(last_name="Tanguy", mobile="12", email="x@", postal_code="4400")
    await stage.screen.page.click(".act .btn--primary")
    await stage.sees("[aria-invalid]")


async def _held_scan(stage: Stage) -> None:
    await stage.go(f"/clients/{stage.ids['bare']}/modifier", "edit")
    await stage.type(first_name="Gaël")
    await stage.screen.scan(CARD)
    await stage.sees(".notice--held")


async def _credit_note(stage: Stage) -> None:
    await stage.go(f"/clients/{stage.ids['sophie']}", "record")
    await stage.screen.page.click(".label:nth-child(2) .btn")
    await stage.sees("#amount")


async def _manager(stage: Stage) -> None:
    await stage.go("", "ready")
    await stage.screen.scan("OP-YANN")
    await stage.screen.page.wait_for_selector("#state :text('Yann')", state="attached")
    await stage.go(f"/clients/{stage.ids['sophie']}?section=terms", "record")
    await stage.sees("#ownterms")


STATES: Final[Mapping[str, Bring]] = {
    "ready": page("", "ready"),
    "search": page("/clients?q=soph", "search"),
    "search, typed": _search_typed,
    "search, almost": page("/clients?q=rochefoucault", "search"),
    "search, nobody": page("/clients?q=kerouedan", "search"),
    "record": page("/clients/{sophie}", "record"),
    "record, notes": page("/clients/{sophie}?section=notes", "record"),
    "record, cards": page("/clients/{sophie}?section=cards", "record"),
    "record, consents": page("/clients/{sophie}?section=consents", "record"),
    "record, contact": page("/clients/{sophie}?section=contact", "record"),
    "record, history": page("/clients/{sophie}?section=history", "record"),
    "record, terms": page("/clients/{sophie}?section=terms", "record"),
    "record, wishes": page("/clients/{sophie}?section=wishes", "record"),
    "record, account": page("/clients/{sophie}?section=account", "record"),
    "record, bad address": page("/clients/{moved}?section=contact", "record"),
    "benefits": page("/clients/{sophie}/avantages", "benefits"),
    "history": page("/clients/{sophie}/historique", "history"),
    "record, credit note": _credit_note,
    "record, points": page("/clients/{sophie}?section=points", "record"),
    "record, offline": _offline,
    "record, bare": page("/clients/{bare}", "record"),
    "record, disagreement": page("/clients/{met}", "record"),
    "record, unknown card": _unknown_card,
    "alert": page("/clients/{todo}", "record"),
    "alert, several": page("/clients/{busy}", "record"),
    "alert, blocked": page("/clients/{blocked}", "record"),
    "why": page("/clients/{met}/pourquoi", "why"),
    "sale": page("/clients/{sophie}/achats/{sale}", "sale"),
    "badge": page("/clients/{sophie}/badge", "badge"),
    "edit": page("/clients/{sophie}/modifier", "edit"),
    "create": page("/clients/nouveau", "edit"),
    "create, known": _known,
    "create, wrong": _faulty_form,
    "edit, scan held": _held_scan,
    "till status": page("/etat", "condition"),
    "settings": page("/reglages", "settings"),
    **MORE,
    "record, chosen": _chosen,
    "ready, attached": page("", "ready"),
    "record, code asked": page("/clients/{sophie}?section=newpin", "record"),
    "record, terms to be changed": _manager,
    **LAST,
}
