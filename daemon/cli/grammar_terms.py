"""`comptoir groups|types|price-lists|products|sales …`: what may be typed."""

from typing import Final

from daemon.cli import import_options
from daemon.cli.money import cents_typed, rate_typed
from daemon.cli.shared_options import Parser, Parsers, command, subcommands
from daemon.cli.words import _

LIMIT_MAX: Final = 200


def add(parsers: Parsers) -> None:
    """Add the commands."""
    _add_groups(parsers)
    _add_types(parsers)
    _add_price_lists(parsers)
    _add_products(parsers)
    _add_sales(parsers)


def _add_groups(parsers: Parsers) -> None:
    inner = _inner(parsers, "groups", _("groups of customers and what they carry"))
    _list(inner, "terms:groups", _("list the groups"))
    new = command(
        inner,
        "add",
        _("make a group (head office)"),
        run="terms:add_group",
        examples="comptoir groups add 'Club or' --discount 5 --colour '#c90'",
    )
    new.add_argument("label", metavar=_("NAME"), help=_("what it is called"))
    _add_group_fields(new)
    edit = command(inner, "edit", _("change a group (head office)"), run="terms:edit_group")
    edit.add_argument("group", metavar=_("GROUP"), help=_("its name or id"))
    edit.add_argument("--label", metavar=_("NAME"), help=_("what it is called"))
    _add_group_fields(edit)
    delete = command(
        inner,
        "delete",
        _("delete a group by naming what takes its place (head office)"),
        run="terms:delete_group",
        more=_("Its members move to the replacement, and whoever joins it meanwhile at a till that has not heard."),
        examples="comptoir groups delete 'Club or' --replacement Club",
    )
    delete.add_argument("group", metavar=_("GROUP"), help=_("its name or id"))
    delete.add_argument(
        "--replacement", required=True, metavar=_("GROUP"), help=_("the group that its members move to")
    )
    join = command(
        inner,
        "join",
        _("put a customer into a group"),
        run="terms:join",
        examples="comptoir groups join Club C003000012 --principal",
    )
    _add_membership(join)
    join.add_argument("--principal", action="store_true", help=_("make it the principal group"))
    _add_membership(command(inner, "leave", _("take a customer out of a group"), run="terms:leave"))


def _add_group_fields(parser: Parser) -> None:
    parser.add_argument("--colour", metavar=_("TEXT"), help=_("colour, as #c90"))
    parser.add_argument("--mark", metavar=_("TEXT"), help=_("a sign beside the name"))
    parser.add_argument("--discount", type=rate_typed, metavar="N", help=_("permanent discount in percent"))
    parser.add_argument("--price-list", metavar=_("CODE"), help=_("price list of its members"))
    parser.add_argument("--tax-category", metavar=_("TEXT"), help=_("tax category of its members"))
    parser.add_argument("--position", type=int, metavar="N", help=_("place in the list"))


def _add_membership(parser: Parser) -> None:
    parser.add_argument("group", metavar=_("GROUP"), help=_("its name or id"))
    parser.add_argument("who", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))


def _add_types(parsers: Parsers) -> None:
    inner = _inner(parsers, "types", _("types of customers, with their discount and tax category"))
    _list(inner, "terms:types", _("list the types"))
    new = command(
        inner,
        "add",
        _("make a type (head office)"),
        run="terms:add_type",
        examples="comptoir types add Personnel --discount 30 --employee",
    )
    new.add_argument("label", metavar=_("NAME"), help=_("what it is called"))
    _add_type_fields(new)
    edit = command(inner, "edit", _("change a type, or withdraw it (head office)"), run="terms:edit_type")
    edit.add_argument("type", metavar=_("TYPE"), help=_("its name or id"))
    edit.add_argument("--label", metavar=_("NAME"), help=_("what it is called"))
    _add_type_fields(edit)
    _add_withdrawal(edit)


def _add_type_fields(parser: Parser) -> None:
    parser.add_argument("--discount", type=rate_typed, metavar="N", help=_("predefined discount in percent"))
    parser.add_argument("--tax-category", metavar=_("TEXT"), help=_("predefined tax category"))
    parser.add_argument("--employee", action="store_const", const=True, help=_("those who work here"))


def _add_price_lists(parsers: Parsers) -> None:
    inner = _inner(parsers, "price-lists", _("price lists, and the products that they name"))
    _list(inner, "prices:lists", _("list the price lists"))
    _code(command(inner, "show", _("show a price list with its prices"), run="prices:show_list"))
    kept = command(
        inner,
        "set",
        _("make or change a price list, or withdraw it (head office)"),
        run="prices:set_list",
        examples="comptoir price-lists set PRO --label Professionnels --discount 10",
    )
    _code(kept)
    kept.add_argument("--label", metavar=_("NAME"), help=_("what it is called"))
    kept.add_argument(
        "--discount", type=rate_typed, metavar="N", help=_("discount in percent for products that it does not name")
    )
    _add_withdrawal(kept)
    price = command(
        inner,
        "price",
        _("name what a product costs in a list (head office)"),
        run="prices:add_price",
        examples="comptoir price-lists price PRO STYLO-01 --price 4,50 --from 2026-12-01",
    )
    _code(price)
    price.add_argument("product", metavar=_("PRODUCT"), help=_("code of the product"))
    price.add_argument("--price", type=cents_typed, metavar="N", help=_("price with taxes"))
    price.add_argument("--discount", type=rate_typed, metavar="N", help=_("discount in percent, in place of a price"))
    price.add_argument("--from", dest="from_day", metavar=_("DAY"), help=_("from this day on, as 2026-12-01"))
    price.add_argument("--until", dest="until_day", metavar=_("DAY"), help=_("until this day"))


def _add_products(parsers: Parsers) -> None:
    inner = _inner(parsers, "products", _("products: code, label, price, VAT"))
    listed = _list(inner, "prices:products", _("list products"))
    listed.add_argument("begin", nargs="?", default="", metavar=_("CODE"), help=_("whose code or barcode begins so"))
    listed.add_argument("--limit", type=int, default=50, metavar="N", help=_("at most so many (50; up to 200)"))
    _code(command(inner, "show", _("show a product by its code or barcode"), run="prices:show_product"))
    kept = command(
        inner,
        "set",
        _("make or change a product, or withdraw it (head office)"),
        run="prices:set_product",
        examples="comptoir products set STYLO-01 --label Stylo --price 5 --vat 20 --barcode 3017620422003\n"
        "comptoir products set MO-1 --label Réglage --price 25 --labour yes",
    )
    _code(kept)
    kept.add_argument("--label", metavar=_("NAME"), help=_("what it is called"))
    kept.add_argument("--price", type=cents_typed, metavar="N", help=_("price with taxes"))
    kept.add_argument("--vat", type=rate_typed, metavar="N", help=_("VAT in percent"))
    kept.add_argument("--family", metavar=_("TEXT"), help=_("family of products"))
    kept.add_argument("--barcode", action="append", metavar=_("CODE"), help=_("a barcode; may be repeated"))
    kept.add_argument("--discountable", choices=("yes", "no"), help=_("whether discounts apply to it"))
    kept.add_argument("--labour", choices=("yes", "no"), help=_("whether it is labour"))
    _add_withdrawal(kept)
    import_ = command(
        inner,
        "import",
        _("read products from a CSV or XLSX file (head office)"),
        run="customer_import:run_products",
        examples="comptoir products import catalogue.csv --dry-run\n"
        "comptoir products import catalogue.xlsx --report rapport.csv",
    )
    import_options.add_file(import_)
    undo = command(inner, "undo-import", _("take back what an import wrote"), run="customer_import:undo")
    import_options.add_id(undo)


def _add_sales(parsers: Parsers) -> None:
    inner = _inner(parsers, "sales", _("find sales again, take them back"))
    find = command(
        inner,
        "find",
        _("find sales by date, amount, product, ticket or customer"),
        run="sales:find",
        examples="comptoir sales find --from 2026-11-01 --amount 49,99\n"
        "comptoir sales find --product 3017620422003 --head-office",
    )
    find.add_argument("--customer", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))
    find.add_argument("--from", dest="from_day", metavar=_("DAY"), help=_("from this day on, as 2026-12-01"))
    find.add_argument("--until", dest="until_day", metavar=_("DAY"), help=_("until this day"))
    find.add_argument(
        "--over-returned",
        action="store_true",
        help=_("only sales of which more came back than was sold, at tills that did not hear of each other"),
    )
    find.add_argument("--amount", type=cents_typed, metavar="N", help=_("total of the sale"))
    find.add_argument("--product", metavar=_("CODE"), help=_("code or barcode of a product"))
    find.add_argument("--ticket", metavar=_("NUMBER"), help=_("number of the ticket"))
    find.add_argument("--shop", type=int, metavar="N", help=_("number of the shop"))
    find.add_argument("--limit", type=int, default=50, metavar="N", help=_("at most so many (50; up to 200)"))
    _add_head_office(find)
    show = command(inner, "show", _("show a sale with its lines"), run="sales:show")
    _sale(show)
    _add_head_office(show)
    back = command(
        inner,
        "return",
        _("register what came back of a sale"),
        run="sales:take_back",
        examples="comptoir sales return 00000c0101010101 --line 1 --line 2=0,5\n"
        "comptoir sales return 00000c0101010101 --amount 12,50 --reason abîmé",
    )
    _sale(back)
    back.add_argument(
        "--line",
        action="append",
        default=[],
        metavar=_("LINE[=QUANTITY]"),
        help=_("a line (1 is the first), or part of it"),
    )
    back.add_argument("--amount", type=cents_typed, metavar="N", help=_("an amount, where the lines are not known"))
    back.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why, in a few words"))
    cancel = command(inner, "cancel", _("cancel a sale"), run="sales:cancel")
    _sale(cancel)
    cancel.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why, in a few words"))
    for name, help_, run in (
        ("revenue", _("show a customer's revenue by month"), "sales:revenue"),
        ("history", _("show what happened with a customer, newest first"), "sales:history"),
    ):
        one = command(inner, name, help_, run=run)
        one.add_argument("who", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))


def _inner(parsers: Parsers, name: str, help_: str) -> Parsers:
    return subcommands(command(parsers, name, help_), title=_("commands"))


def _list(inner: Parsers, run: str, help_: str) -> Parser:
    return command(inner, "list", help_, run=run)


def _code(parser: Parser) -> None:
    parser.add_argument("code", metavar=_("CODE"), help=_("its code"))


def _sale(parser: Parser) -> None:
    parser.add_argument("sale", metavar=_("SALE"), help=_("the id of the sale, 16 hexadecimal digits"))


def _add_withdrawal(parser: Parser) -> None:
    parser.add_argument(
        "--withdraw", dest="withdrawn", action="store_const", const=True, help=_("withdraw: it applies to nobody")
    )
    parser.add_argument(
        "--restore", dest="withdrawn", action="store_const", const=False, help=_("take it back into use")
    )


def _add_head_office(parser: Parser) -> None:
    parser.add_argument("--head-office", action="store_true", help=_("ask head office where this till does not know"))
