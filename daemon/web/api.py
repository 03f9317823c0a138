"""The one table of routes of the API: what is not here does not exist, and all that is here is described."""

from collections.abc import Sequence
from typing import Final

from daemon.typed import to_json
from daemon.web import (
    alert_routes,
    audit_routes,
    counter,
    custom_field_routes,
    customer_terms_routes,
    customers,
    device_routes,
    favourite_routes,
    fleet_api,
    held_routes,
    import_routes,
    inquiry_routes,
    leaving_routes,
    loyalty_routes,
    merging_routes,
    observing,
    policy_routes,
    printing,
    promo_routes,
    proof_routes,
    provenance_routes,
    sales_routes,
    shop_routes,
    staff,
    terms_routes,
    ticket_routes,
    visits,
    wish_routes,
)
from daemon.web.callers import cookie_name
from daemon.web.openapi import describe
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route

PREFIX: Final = "/api/v1"


async def _document(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=to_json(describe(routes_of(parts), version=parts.version, cookie=cookie_name(parts))))


ROUTES: Final[tuple[Route, ...]] = (
    *customers.ROUTES,
    *customer_terms_routes.ROUTES,
    *terms_routes.ROUTES,
    *sales_routes.ROUTES,
    *leaving_routes.ROUTES,
    *inquiry_routes.ROUTES,
    *policy_routes.ROUTES,
    *custom_field_routes.ROUTES,
    *alert_routes.ROUTES,
    *favourite_routes.ROUTES,
    *provenance_routes.ROUTES,
    *merging_routes.ROUTES,
    *counter.ROUTES,
    *visits.ROUTES,
    *loyalty_routes.ROUTES,
    *wish_routes.ROUTES,
    *ticket_routes.ROUTES,
    *promo_routes.ROUTES,
    *proof_routes.ROUTES,
    *printing.ROUTES,
    *staff.ROUTES,
    *shop_routes.ROUTES,
    *device_routes.ROUTES,
    *import_routes.ROUTES,
    *held_routes.ROUTES,
    *fleet_api.ROUTES,
    *observing.ROUTES,
    *audit_routes.ROUTES,
    Route(
        method="GET",
        path="/openapi.json",
        summary="This description.",
        right=None,
        answer=bytes,
        act=_document,
    ),
)


def routes_of(parts: WebParts) -> Sequence[Route]:
    """The routes that this role serves."""
    return [route for route in ROUTES if not (route.till and parts.is_hub) and not (route.hub and parts.roster is None)]
