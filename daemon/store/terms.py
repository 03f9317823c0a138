"""Loads what prices depend on: groups, types, price lists, products, and what of them a customer has."""

from collections.abc import Iterable, Sequence

from daemon.domain.calendar import ZONE_BY_DEFAULT, day_of, month_of, time_zone_policies, zone_of
from daemon.domain.claims import normal_form
from daemon.domain.customer_type import TYPE_OF, CustomerType, type_of
from daemon.domain.element import Element
from daemon.domain.group import DEFAULT, Group, groups_of, principal_of
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.policy import text_of
from daemon.domain.price_list import LIST_OF, PriceList, list_key, list_of
from daemon.domain.pricing import PricedList, Terms
from daemon.domain.products import Product, product_of
from daemon.store import customers, elements
from daemon.store.database import Connection

PRODUCTS_MAX = 200
"""Products of one page."""

_DISCOUNT = CUSTOMER.number("discount")
_TAX_CATEGORY = CUSTOMER.number("tax_category")


def groups(conn: Connection) -> dict[str, Group]:
    """All groups by id, deleted ones too."""
    return groups_of(elements.elements_of_kind(conn, Kind.GROUP))


def price_list(conn: Connection, code: str) -> PricedList | None:
    """The price list of a code with its prices, or None."""
    if not code:
        return None
    here = elements.elements_of(conn, list_key(code)[0])
    row = next((one for one in here if one.kind == Kind.PRICE_LIST), None)
    return None if row is None else PricedList(list=list_of(row), prices=here)


def price_lists(conn: Connection) -> list[PriceList]:
    """All price lists, by code."""
    found = map(list_of, elements.elements_of_kind(conn, Kind.PRICE_LIST))
    return sorted(found, key=lambda one: (one.code, one.id))


def customer_type(conn: Connection, here: Iterable[Element]) -> CustomerType | None:
    """The type of the customer among some elements."""
    row = _row(here)
    named = row.fields.get(TYPE_OF) if row is not None else None
    found = elements.element(conn, (named, Kind.CUSTOMER_TYPE, b"")) if isinstance(named, bytes) else None
    return type_of(found) if found is not None else None


def terms_of(conn: Connection, here: Sequence[Element]) -> Terms:
    """What a customer brings to a sale; `here` is all that belongs to them."""
    row = _row(here)
    if row is None:
        return Terms()
    known = groups(conn)
    principal = principal_of(here, known)
    group = known.get(principal) if principal != DEFAULT.hex() else None
    discount, tax, code = (row.fields.get(number) for number in (_DISCOUNT, _TAX_CATEGORY, LIST_OF))
    return Terms(
        discount=discount if type(discount) is int else None,
        tax_category=tax if isinstance(tax, str) else "",
        prices=[one for one in here if one.kind == Kind.PRICE],
        own_list=price_list(conn, code) if isinstance(code, str) else None,
        type=customer_type(conn, here),
        group=group,
        group_list=price_list(conn, group.price_list) if group is not None else None,
    )


def product_row(conn: Connection, code: str) -> Element | None:
    """The row of the product that a code or a barcode names; of several, the one whose own code it is."""
    owners = customers.owners_of(conn, Claim.PRODUCT, code) if code.strip() else []
    rows = [row for owner in owners if (row := elements.element(conn, (owner, Kind.PRODUCT, b""))) is not None]
    sought = normal_form(Claim.PRODUCT, code)
    rows.sort(key=lambda row: (normal_form(Claim.PRODUCT, product_of(row).code) != sought, row.entity))
    return rows[0] if rows else None


def products_named(conn: Connection, codes: Iterable[str]) -> dict[str, Product]:
    """The products that some codes name, by the form in which codes are looked up."""
    found: dict[str, Product] = {}
    for code in codes:
        row = product_row(conn, code)
        if row is not None:
            found[normal_form(Claim.PRODUCT, code)] = product_of(row)
    return found


def products_from(conn: Connection, begin: str, after: str, limit: int) -> tuple[list[Product], str]:
    """Products whose code or a barcode begins so, in the order of that; and after what the next page goes on."""
    prefix = normal_form(Claim.PRODUCT, begin)
    rows = conn.execute(
        "SELECT value, entity FROM lookup WHERE claim = ? AND value > ? AND value >= ? AND value < ?"
        " ORDER BY value, entity LIMIT ?",
        (int(Claim.PRODUCT), after, prefix, prefix + "\U0010ffff", limit),
    ).fetchall()
    found: dict[bytes, Product] = {}
    for _, entity in rows:
        row = elements.element(conn, (entity, Kind.PRODUCT, b"")) if entity not in found else None
        if row is not None:
            found[entity] = product_of(row)
    return list(found.values()), rows[-1][0] if len(rows) == limit else ""


def zone_name(conn: Connection, shop: int) -> str:
    """The time zone of a shop: its own, or that of the chain."""
    told = [text_of(customers.policy(conn, name)) for name in time_zone_policies(shop)]
    return next((name for name in told if name), ZONE_BY_DEFAULT)


def day_there(conn: Connection, shop: int, ms: int) -> int:
    """The day of a moment in a shop."""
    return day_of(ms, zone_of(zone_name(conn, shop)))


def month_there(conn: Connection, shop: int, ms: int) -> int:
    """The month of a moment in a shop: 202611."""
    return month_of(ms, zone_of(zone_name(conn, shop)))


def _row(here: Iterable[Element]) -> Element | None:
    return next((one for one in here if one.kind == Kind.CUSTOMER), None)
