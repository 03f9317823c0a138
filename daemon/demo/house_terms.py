"""The terms of the demo: groups, a type, a price list, products, rules of loyalty, a field of its own, profiles."""

from dataclasses import dataclass
from typing import Final

from daemon.demo.assortment import ARTICLES, LABOUR
from daemon.desk.custom_fields import NewCustomField
from daemon.desk.desks import Desks
from daemon.desk.favourites import FavouritesEdit, NewProfile
from daemon.desk.premises import Call
from daemon.desk.price_lists import ProductEdit
from daemon.domain.customer_type import CustomerTypeEdit
from daemon.domain.group import GroupEdit
from daemon.domain.loyalty import CouponTerms, NewLoyaltyRule
from daemon.domain.price_list import NewPrice, PriceListEdit

CHAIN: Final = 0
"""Favourites of shop 0 stand ready in every shop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseTerms:
    """What was made: ids of groups and of types."""

    groups: tuple[str, ...]
    types: tuple[str, ...]


async def set_terms(desks: Desks, call: Call) -> HouseTerms:
    """Make them at head office."""
    for article in ARTICLES:
        given = ProductEdit(
            label=article.label,
            price_cents=article.cents,
            vat=2000,
            family=article.family,
            labour=article.code == LABOUR,
            discountable=article.family != "service",
        )
        await desks.prices.put_product(call, article.code, given)
    pro = PriceListEdit(label="Professionnels", discount=None)
    await desks.prices.put_list(call, "PRO", pro, frozenset({"label"}))
    for code, cents in (("410007", 6900), ("420001", 16500), ("430005", 5900)):
        await desks.prices.add_price(call, "PRO", NewPrice(product=code, price_cents=cents))
    groups = [await _group(desks, call, label, discount) for label, discount in (("Club jardin", 500), ("Pro", 1000))]
    staff = CustomerTypeEdit(label="Personnel", discount=2000, employee=True)
    types = [(await desks.terms.add_type(call, staff, frozenset({"label", "discount", "employee"}))).id]
    coupon = CouponTerms(label="Bon de fidélité", amount=1000, days=120)
    for rule in (
        NewLoyaltyRule(label="Un point par euro", kind="points", rate=100),
        NewLoyaltyRule(label="Bon tous les 500 points", kind="threshold", every=500, coupon=coupon),
    ):
        await desks.loyalty.add_rule(call, rule)
    await desks.custom_fields.define(
        call, NewCustomField(label="Taille du jardin", type="choice", choices=("petit", "moyen", "grand"))
    )
    profiles = (("VIP", 1000), ("Ami", 500), ("Personnel", 2000))
    made = [await desks.favourites.make_profile(call, NewProfile(label=one, discount=rate)) for one, rate in profiles]
    await desks.favourites.put(call, CHAIN, FavouritesEdit(customers=tuple(one.id for one in made)))
    return HouseTerms(groups=tuple(groups), types=tuple(types))


async def _group(desks: Desks, call: Call, label: str, discount: int) -> str:
    given = GroupEdit(label=label, discount=discount)
    return (await desks.terms.add_group(call, given, frozenset({"label", "discount"}))).id
