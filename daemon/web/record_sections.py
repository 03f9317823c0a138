"""What a record shows beside who somebody is: benefits, revenue, account, and the section that its address names."""

from typing import Any, Final

from daemon.desk import instant
from daemon.desk.customer import Customer
from daemon.desk.customer_terms import CustomerTerms
from daemon.desk.purse_shown import Chosen
from daemon.desk.tickets import TicketsAsked
from daemon.desk.visits import VisitShown
from daemon.domain.calendar import day_of, zone_of
from daemon.domain.ids import EntityId
from daemon.domain.loyalty import EarningLine, earn
from daemon.domain.products import Product
from daemon.errors import NotFound
from daemon.web import account_view, benefits_view, history_view, proof_view, revenue_view, terms_view, ticket_view
from daemon.web.surface import PageCall, Surface, entity

TABS: Final = ("history", "tickets", "wishes", "terms", "notes", "cards", "consents")
"""The sections of which a screen shows one at a time, the first one unless the address says otherwise."""

GROUPS: Final = {"benefits": "benefits", "account": "account", "contact": "who"} | {
    name: "who" if name in {"notes", "cards", "consents"} else "buys" for name in TABS
}
"""Which tab of a small screen a section stands under."""

FIRST_CENTS: Final = 50_00
"""A purchase as a cashier tells it to somebody new."""

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
        "first_points": await _first_points(surface, call, terms) if not glance or not glance.last_bought_at else "",
        "tariff": terms_view.tariff_line(terms, call.words),
        "prices": len(terms.prices),
        "tickets": await _tickets(surface, call, id_),
        "wishes": await _wishes(surface, id_),
        "terms": await _terms(surface, call, id_) if tab == "terms" else None,
    }


async def _first_points(surface: Surface, call: PageCall, terms: CustomerTerms) -> str:
    """What somebody who never bought gets for a first purchase, where a rule gives points for any article."""
    rules = (await surface.desks.loyalty.rules()).rules
    day = day_of(surface.now_ms, surface.place.zone or zone_of(""))
    usual = EarningLine(product="", family="", amount=FIRST_CENTS)
    points = earn(rules, [usual], groups=frozenset(one.id for one in terms.groups), day=day).points
    amount = call.words.whole_euros(FIRST_CENTS)
    return (
        call.words.counted(
            "A first purchase of %(amount)s brings %(num)s point.",
            "A first purchase of %(amount)s brings %(num)s points.",
            points,
            amount=amount,
        )
        if points
        else ""
    )


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
    found = await surface.desks.customer_terms.terms(id_)
    sold = {one.product: known for one in found.prices if (known := await _product(surface, one.product)) is not None}
    shown = terms_view.terms_shown(found, call.words, sold)
    lists = [one for one in (await surface.desks.prices.price_lists()).price_lists if not one.withdrawn]
    types = [one for one in (await surface.desks.terms.types()).types if not one.withdrawn]
    return {"shown": shown, "lists": lists, "types": types}


async def _product(surface: Surface, code: str) -> Product | None:
    """What the catalogue knows of an article; None of one that it has no more."""
    try:
        return await surface.desks.prices.product(code)
    except NotFound:
        return None
