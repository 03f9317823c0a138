"""`comptoir price-lists …` and `comptoir products …`."""

from collections.abc import Mapping, Sequence
from typing import Any

from daemon.cli.caller import segment
from daemon.cli.exits import Exit
from daemon.cli.invocation import Invocation
from daemon.cli.money import cents_text, rate_text
from daemon.cli.terminal import Column
from daemon.cli.words import _


def lists(at: Invocation) -> int:
    """List the price lists."""
    with at.daemon() as daemon:
        found = daemon.get("/price-lists")
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show_lists(at, found["price_lists"])
    return Exit.OK


def show_list(at: Invocation) -> int:
    """Show a price list with its prices."""
    with at.daemon() as daemon:
        found = daemon.get(f"/price-lists/{segment(at.given.code)}")
    return _shown(at, found)


def set_list(at: Invocation) -> int:
    """Make or change a price list."""
    names = ("label", "discount", "withdrawn")
    body = {name: getattr(at.given, name) for name in names if getattr(at.given, name) is not None}
    with at.daemon() as daemon:
        found = daemon.put(f"/price-lists/{segment(at.given.code)}", body)
    return _shown(at, found)


def add_price(at: Invocation) -> int:
    """Name what a product costs in a list."""
    given = at.given
    body = {"product": given.product, "price_cents": given.price, "discount": given.discount}
    body |= {"from_day": given.from_day, "until_day": given.until_day}
    with at.daemon() as daemon:
        found = daemon.post(f"/price-lists/{segment(given.code)}/prices", body)
    return _shown(at, found)


def products(at: Invocation) -> int:
    """List products whose code or barcode begins so."""
    with at.daemon() as daemon:
        found = daemon.get("/products", q=at.given.begin, limit=at.given.limit)
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show_products(at, found["products"])
        if found["next"]:
            at.terminal.note(_("There are more: say how the code begins, or give --limit."), "dim")
    return Exit.OK if found["products"] else Exit.NOT_FOUND


def show_product(at: Invocation) -> int:
    """Show a product."""
    with at.daemon() as daemon:
        found = daemon.get(f"/products/{segment(at.given.code)}")
    return _product(at, found)


def set_product(at: Invocation) -> int:
    """Make or change a product."""
    given = at.given
    body: dict[str, Any] = {
        "label": given.label,
        "price_cents": given.price,
        "vat": given.vat,
        "family": given.family,
        "barcodes": given.barcode,
        "discountable": None if given.discountable is None else given.discountable == "yes",
        "labour": None if given.labour is None else given.labour == "yes",
        "withdrawn": given.withdrawn,
    }
    with at.daemon() as daemon:
        found = daemon.put(
            f"/products/{segment(given.code)}", {name: value for name, value in body.items() if value is not None}
        )
    return _product(at, found)


def _shown(at: Invocation, found: Mapping[str, Any]) -> int:
    if at.terminal.as_json:
        at.terminal.answer(found)
        return Exit.OK
    _show_lists(at, [found["price_list"]])
    at.terminal.say()
    columns = [
        Column(title=_("Product"), keep=3), Column(title=_("Price"), right=True),
        Column(title=_("Discount"), right=True), Column(title=_("From")), Column(title=_("Until")),
    ]  # fmt: skip
    at.terminal.table(
        columns,
        [
            [
                one["product"],
                cents_text(one["price_cents"]),
                rate_text(one["discount"]),
                one["from_day"] or "",
                one["until_day"] or "",
            ]
            for one in found["prices"]
        ],
    )
    return Exit.OK


def _show_lists(at: Invocation, found: Sequence[Mapping[str, Any]]) -> None:
    columns = [
        Column(title=_("Code"), keep=3), Column(title=_("Price list"), keep=2), Column(title=_("Discount"), right=True),
        Column(title=_("Remark")),
    ]  # fmt: skip
    rows = [
        [one["code"], one["label"], rate_text(one["discount"]), _("withdrawn") if one["withdrawn"] else ""]
        for one in found
    ]
    at.terminal.table(columns, rows)


def _product(at: Invocation, found: Mapping[str, Any]) -> int:
    if at.terminal.as_json:
        at.terminal.answer(found)
    else:
        _show_products(at, [found])
    return Exit.OK


def _show_products(at: Invocation, found: Sequence[Mapping[str, Any]]) -> None:
    columns = [
        Column(title=_("Code"), keep=3), Column(title=_("Label"), keep=2), Column(title=_("Price"), right=True),
        Column(title=_("VAT"), right=True), Column(title=_("Family")), Column(title=_("Barcodes")),
        Column(title=_("Remark")),
    ]  # fmt: skip
    rows = [
        [
            one["code"],
            one["label"],
            cents_text(one["price_cents"]),
            rate_text(one["vat"]),
            one["family"],
            " ".join(one["barcodes"]),
            _remark(one),
        ]
        for one in found
    ]
    at.terminal.table(columns, rows)


def _remark(one: Mapping[str, Any]) -> str:
    if one["withdrawn"]:
        return _("withdrawn")
    if one["labour"]:
        return _("labour")
    return "" if one["discountable"] else _("no discount")
