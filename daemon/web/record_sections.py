"""What a record shows beside who somebody is: benefits, revenue, and the one section that its address names."""

from typing import Any, Final

from daemon.desk import instant
from daemon.desk.customer import Customer
from daemon.desk.purse_shown import Chosen
from daemon.desk.visits import VisitShown
from daemon.domain.ids import EntityId
from daemon.web import benefits_view, history_view, revenue_view, terms_view
from daemon.web.surface import PageCall, Surface, entity

TABS: Final = ("history", "notes", "cards", "consents", "terms")
"""The sections of which a screen shows one at a time, the first one unless the address says otherwise."""

SECTIONS: Final = ("benefits", "contact", *TABS)
"""On a small screen, all of them; `points` asks how many are to be spent."""


async def sections_of(surface: Surface, call: PageCall, customer: Customer, visit: VisitShown | None) -> dict[str, Any]:
    """What the templates of the record need, by name."""
    asked, id_ = call.query.get("section", ""), entity(customer.id)
    section = asked if asked in {*SECTIONS, "points"} else SECTIONS[0]
    is_somebody = not (customer.walk_in or customer.profile)
    tab = section if section in TABS else TABS[0]
    return {
        "section": section,
        "tab": tab,
        "benefits": await _benefits(surface, call, customer, visit) if is_somebody else None,
        "revenue": await _revenue(surface, call, id_) if is_somebody else None,
        "history": await _history(surface, call, id_) if tab == "history" else ((), ""),
        "terms": await _terms(surface, call, id_) if tab == "terms" else None,
    }


async def usable_line(surface: Surface, call: PageCall, customer: Customer) -> str:
    """`1 240 points, 2 coupons`: what may be spent here now, in one line; empty where there is nothing."""
    if customer.walk_in or customer.profile:
        return ""
    found = await surface.desks.purses.show(entity(customer.id))
    coupons = sum(one.state == "usable" for one in found.coupons)
    parts = [call.words.counted("%(num)s point", "%(num)s points", found.points.here)] if found.points.here else []
    parts += [call.words.counted("%(num)s coupon", "%(num)s coupons", coupons)] if coupons else []
    return ", ".join(parts)


async def _benefits(
    surface: Surface, call: PageCall, customer: Customer, visit: VisitShown | None
) -> benefits_view.Benefits:
    is_served = visit is not None and visit.customer.id == customer.id
    purses = surface.desks.purses
    chosen = await purses.chosen(EntityId(bytes.fromhex(visit.id))) if visit is not None and is_served else Chosen()
    return benefits_view.benefits_of(await purses.show(entity(customer.id)), chosen, call.words)


async def _revenue(surface: Surface, call: PageCall, id_: EntityId) -> revenue_view.RevenueShown | None:
    found = await surface.desks.revenue.revenue(id_)
    complete_ms = instant.parse(found.complete_until, field="complete_until") if found.complete_until else 0
    return revenue_view.revenue_shown(found, call.words, complete_ms)


async def _history(surface: Surface, call: PageCall, id_: EntityId) -> tuple[tuple[history_view.HistoryRow, ...], str]:
    before = call.query.get("before", "")
    found = await surface.desks.history.history(id_, before=before, limit=history_view.SHOWN)
    return history_view.rows_of(found.events, call.words, surface.place.site), found.next


async def _terms(surface: Surface, call: PageCall, id_: EntityId) -> terms_view.TermsShown:
    return terms_view.terms_shown(await surface.desks.customer_terms.terms(id_), call.words)
