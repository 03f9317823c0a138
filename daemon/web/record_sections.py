"""What a record shows beside who somebody is: benefits, revenue, account, and the section that its address names."""

from typing import Any, Final

from daemon.desk import instant
from daemon.desk.customer import Customer
from daemon.desk.purse_shown import Chosen
from daemon.desk.tickets import TicketsAsked
from daemon.desk.visits import VisitShown
from daemon.domain.ids import EntityId
from daemon.web import account_view, benefits_view, history_view, proof_view, revenue_view, terms_view, ticket_view
from daemon.web.surface import PageCall, Surface, entity

TABS: Final = ("history", "tickets", "wishes", "terms", "notes", "cards", "consents")
"""The sections of which a screen shows one at a time, the first one unless the address says otherwise."""

GROUPS: Final = {"benefits": "benefits", "account": "account", "contact": "who"} | {
    name: "who" if name in {"notes", "cards", "consents"} else "buys" for name in TABS
}
"""Which tab of a small screen a section stands under."""

SPENDING: Final = frozenset({"points", "note"})
"""How much is to be spent of them is asked in place of the tabs."""

ASKING_PIN: Final = frozenset({proof_view.PROVE, proof_view.CHOOSE})
"""The customer's code is, likewise."""


async def sections_of(surface: Surface, call: PageCall, customer: Customer, visit: VisitShown | None) -> dict[str, Any]:
    """What the templates of the record need, by name."""
    asked, id_ = call.query.get("section", ""), entity(customer.id)
    section = asked if asked in GROUPS or asked in SPENDING or asked in ASKING_PIN else "benefits"
    is_somebody = not (customer.walk_in or customer.profile)
    tab = section if section in TABS else TABS[0]
    found: dict[str, Any] = dict.fromkeys(
        ("proof", "benefits", "revenue", "account", "habits", "tickets", "wishes", "terms")
    )
    found |= {"section": section, "tab": tab, "group": GROUPS.get(section, "spend"), "tariff": "", "spent": None}
    found["history"] = await _history(surface, call, id_) if tab == "history" else ((), "")
    if not is_somebody:
        return found
    terms = await surface.desks.customer_terms.terms(id_)
    glance = (await surface.desks.glances.of([id_])).get(customer.id)
    benefits = await benefits_for(surface, call, customer, visit)
    return found | {
        "proof": await _proof(surface, call, customer, visit),
        "benefits": benefits,
        "spent": benefits.label("points" if section == "points" else "note", call.query.get("code", "")),
        "revenue": await revenue_of(surface, call, id_),
        "account": account_view.account_shown(await surface.desks.on_account.show(id_), call.words),
        "habits": account_view.habits_shown(await surface.desks.glances.habits(id_), call.words, surface.now_ms),
        "glance": glance,
        "tariff": terms_view.tariff_line(terms, call.words),
        "prices": len(terms.prices),
        "tickets": await _tickets(surface, call, id_),
        "wishes": await _wishes(surface, id_),
        "terms": await _terms(surface, call, id_) if tab == "terms" else None,
    }


async def _proof(
    surface: Surface, call: PageCall, customer: Customer, visit: VisitShown | None
) -> proof_view.ProofLine | None:
    """What the customer has shown, while they are served here."""
    if visit is None or visit.is_walk_in or visit.customer.id != customer.id:
        return None
    return proof_view.line_of(await surface.desks.proofs.of_visit(EntityId(bytes.fromhex(visit.id))), call.words)


async def benefits_for(
    surface: Surface, call: PageCall, customer: Customer, visit: VisitShown | None
) -> benefits_view.Benefits:
    """The labels of a customer, with what the open sale has chosen of them."""
    is_served, desks, id_ = visit is not None and visit.customer.id == customer.id, surface.desks, entity(customer.id)
    chosen, notes_chosen = Chosen(), dict[str, int]()
    if visit is not None and is_served:
        at = EntityId(bytes.fromhex(visit.id))
        chosen, notes_chosen = await desks.purses.chosen(at), await desks.credit_notes.chosen(id_, at)
    notes = await desks.credit_notes.of_customer(id_)
    return benefits_view.benefits_of(await desks.purses.show(id_), chosen, call.words, notes, notes_chosen)


async def revenue_of(
    surface: Surface, call: PageCall, id_: EntityId, months: int = revenue_view.SHOWN
) -> revenue_view.RevenueShown | None:
    """So many months of a customer."""
    found = await surface.desks.revenue.revenue(id_)
    complete_ms = instant.parse(found.complete_until, field="complete_until") if found.complete_until else 0
    return revenue_view.revenue_shown(found, call.words, complete_ms, months)


async def _history(surface: Surface, call: PageCall, id_: EntityId) -> tuple[tuple[history_view.HistoryRow, ...], str]:
    found = await surface.desks.history.history(id_, before="", limit=history_view.BRIEFLY)
    return history_view.rows_of(found.events, call.words, surface.place.site), found.next


async def _tickets(surface: Surface, call: PageCall, id_: EntityId) -> ticket_view.TicketRows:
    """What is held for a customer, then what is over."""
    found = await surface.desks.tickets.find(TicketsAsked(customer=id_.hex(), limit=ticket_view.SHOWN))
    return ticket_view.of_record(found.tickets, call.words, offline=surface.is_offline, now_ms=surface.now_ms)


async def _wishes(surface: Surface, id_: EntityId) -> list[Any]:
    """What is wished for, then what was bought, with the price of what the catalogue knows."""
    return list((await surface.desks.wishes.wishes(id_)).wishes)


async def _terms(surface: Surface, call: PageCall, id_: EntityId) -> dict[str, Any]:
    """The terms, and what they may be changed to by who may."""
    shown = terms_view.terms_shown(await surface.desks.customer_terms.terms(id_), call.words)
    lists = [one for one in (await surface.desks.prices.price_lists()).price_lists if not one.withdrawn]
    types = [one for one in (await surface.desks.terms.types()).types if not one.withdrawn]
    names = {row.product: await _product_label(surface, row.product) for row in shown.prices}
    return {"shown": shown, "lists": lists, "types": types, "names": names}


async def _product_label(surface: Surface, code: str) -> str:
    found = await surface.desks.prices.products(code, "", 1)
    return next((one.label for one in found.products if one.code == code), "")
