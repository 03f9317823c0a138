"""`comptoir tickets …`: what may be typed."""

from typing import Final

from daemon.cli.money import cents_typed
from daemon.cli.shared_options import Parser, Parsers, command, subcommands
from daemon.cli.words import _

TYPES: Final = ("basket", "quote", "layaway", "special_order", "work_order")


def add(parsers: Parsers) -> None:
    """Add the commands."""
    held = command(parsers, "tickets", _("held tickets: baskets, quotes, layaways, orders, work orders"))
    inner = subcommands(held, title=_("commands"))
    _add_list(inner)
    _one(command(inner, "show", _("show a held ticket with all that was done with it"), run="tickets:show"))
    _add_new(inner)
    advance = command(
        inner,
        "advance",
        _("bring a ticket to another stage"),
        run="tickets:advance",
        examples="comptoir tickets advance 64f0a1b2c3d4e5f6 arrived",
    )
    _one(advance)
    advance.add_argument("stage", metavar=_("STAGE"), help=_("the stage, as “show” names those that may follow"))
    deposit = command(inner, "deposit", _("take a payment beforehand"), run="tickets:deposit")
    _one(deposit)
    deposit.add_argument("amount", type=cents_typed, metavar="N", help=_("the amount"))
    _add_close(inner)
    _one(command(inner, "reopen", _("open a ticket again that was closed by mistake"), run="tickets:reopen"))
    release = command(
        inner,
        "release",
        _("put a ticket back that was taken over, also at another till"),
        run="tickets:release",
        examples="comptoir tickets release 64f0a1b2c3d4e5f6 --take 0102030405060708",
    )
    _one(release)
    release.add_argument("--take", default="", metavar=_("ID"), help=_("which take-over, as “show” names it"))
    release.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why, in a few words"))
    settle = command(
        inner,
        "settle",
        _("say that somebody has looked at a ticket that was sold twice"),
        run="tickets:settle",
        examples="comptoir tickets settle 64f0a1b2c3d4e5f6 00000c0101010101",
    )
    _one(settle)
    settle.add_argument("sale", metavar=_("SALE"), help=_("the second sale, as “show” names it"))


def _add_list(inner: Parsers) -> None:
    held = command(
        inner,
        "list",
        _("list what is on hold in the shop, or all of a customer"),
        run="tickets:find",
        examples="comptoir tickets list\ncomptoir tickets list --customer C003000012 --head-office",
    )
    held.add_argument("--customer", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))
    held.add_argument("--shop", type=int, metavar="N", help=_("number of the shop"))
    held.add_argument("--limit", type=int, default=50, metavar="N", help=_("at most so many (50; up to 200)"))
    held.add_argument("--head-office", action="store_true", help=_("ask head office where this till does not know"))


def _add_new(inner: Parsers) -> None:
    new = command(
        inner,
        "add",
        _("hold a ticket for a customer"),
        run="tickets:add",
        examples="comptoir tickets add C003000012 'Lampe bleue' --type special_order --total 120",
    )
    new.add_argument("who", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))
    new.add_argument("label", metavar=_("TEXT"), help=_("what it is"))
    new.add_argument("--type", choices=TYPES, default="special_order", metavar=_("TYPE"), help=", ".join(TYPES))
    new.add_argument("--total", type=cents_typed, default=0, metavar="N", help=_("the total"))
    new.add_argument("--due", metavar=_("DAY"), help=_("until when it is good or promised for, as 2026-12-01"))
    new.add_argument("--comment", default="", metavar=_("TEXT"), help=_("more about it"))
    new.add_argument("--shop", type=int, metavar="N", help=_("number of the shop"))


def _add_close(inner: Parsers) -> None:
    close = command(inner, "close", _("close a ticket without a sale"), run="tickets:close")
    _one(close)
    close.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why, in a few words"))
    left = close.add_mutually_exclusive_group()
    left.add_argument(
        "--refunded", dest="deposit", action="store_const", const="refunded", help=_("what was paid goes back")
    )
    left.add_argument("--kept", dest="deposit", action="store_const", const="kept", help=_("what was paid is kept"))


def _one(parser: Parser) -> None:
    parser.add_argument("ticket", metavar=_("TICKET"), help=_("the id of the ticket, 16 hexadecimal digits"))
