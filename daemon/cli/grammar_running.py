"""`comptoir till`, `hub`, `demo`: what may be typed."""

from daemon.cli import grammar_record
from daemon.cli.shared_options import Parser, Parsers, command, subcommands
from daemon.cli.words import _


def add(parsers: Parsers) -> None:
    """Add the three commands."""
    _add_till(parsers)
    _add_hub(parsers)
    _add_demo(parsers)


def _add_till(parsers: Parsers) -> None:
    till = command(
        parsers,
        "till",
        _("run the till of this machine, or enrol it"),
        run="daemons:till",
        examples="comptoir till --config /etc/comptoir/till.toml\n"
        "sudo comptoir till enrol ABCD-EFGH-… --hub siege.example.com",
    )
    inner = subcommands(till, title=_("commands"), required=False)
    enrol = command(
        inner,
        "enrol",
        _("join a chain with a one-use code of head office"),
        run="till_enrol:run",
        more=_("May be repeated with the same code until it succeeds."),
        examples="sudo comptoir till enrol ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567 --hub siege.example.com",
    )
    enrol.add_argument("code", metavar=_("CODE"), help=_("the code that head office read out"))
    enrol.add_argument("--hub", required=True, metavar=_("HOST[:PORT]"), help=_("where head office is (port 8443)"))
    enrol.add_argument(
        "--abandon-unsent", action="store_true", help=_("join as another till although records were never sent")
    )


def _add_hub(parsers: Parsers) -> None:
    hub = command(
        parsers,
        "hub",
        _("run head office, or look after it and its tills"),
        run="daemons:hub",
        examples="sudo comptoir hub init --chain maison-kermarrec\ncomptoir hub --config /etc/comptoir/hub.toml\n"
        "sudo comptoir hub add-till 1 --label 'Caisse 2'",
    )
    inner = subcommands(hub, title=_("commands"), required=False)
    init = command(
        inner,
        "init",
        _("found a chain: keys, certificates, database, broker files"),
        run="hub_init:run",
        more=_("Once, before the first start. Running it again makes only what is missing."),
        examples="sudo comptoir hub init --chain maison-kermarrec",
    )
    init.add_argument(
        "--chain", required=True, metavar=_("NAME"), help=_("small letters, digits, hyphens; never changes afterwards")
    )
    add_till = command(
        inner,
        "add-till",
        _("write a one-use code for a new till, valid 24 hours"),
        run="hub_tills:add_till",
        examples="sudo comptoir hub add-till 1 --label 'Caisse 2'",
    )
    add_till.add_argument("shop", type=int, metavar=_("SHOP"), help=_("number of its shop"))
    add_till.add_argument("--label", default="", metavar=_("TEXT"), help=_("what the till is called in lists"))
    _add_leaving(inner)
    grammar_record.add_hub(inner)
    command(inner, "tills", _("all tills: online, late, version, clock"), run="hub_tills:tills")
    shop = command(inner, "shop", _("name the shops of the chain"))
    _add_shops(shop)
    backup = command(
        inner,
        "backup",
        _("take a verified backup, while head office serves or not"),
        run="hub_backup:backup",
        more=_("Tills drop their own copies only once a backup holds them: take one every night."),
        examples="sudo comptoir hub backup\nsudo comptoir hub backup --directory /mnt/usb --keep 14",
    )
    backup.add_argument("--directory", metavar=_("PATH"), help=_("where to; the configuration says it otherwise"))
    backup.add_argument(
        "--keep",
        type=int,
        metavar="N",
        help=_("remove all but the last N backups; the configuration says it otherwise"),
    )
    restore = command(
        inner,
        "restore",
        _("put a backup in the place of the database; head office must be stopped"),
        run="hub_backup:restore",
        examples="sudo systemctl stop comptoir-hub\nsudo comptoir hub restore /var/backups/comptoir/hub-….db",
    )
    restore.add_argument("file", metavar=_("FILE"), help=_("a backup, or “last” for the newest one"))
    restore.add_argument("--yes", action="store_true", help=_("do not ask"))
    restore.add_argument(
        "--accept-loss", action="store_true", help=_("restore a withdrawn backup: what the tills dropped since is lost")
    )


def _add_leaving(inner: Parsers) -> None:
    """What is said of tills that go, or that were there twice."""
    revoke = command(inner, "revoke", _("withdraw a till: it can never connect again"), run="hub_tills:revoke")
    revoke.add_argument("site", type=int, metavar=_("SITE"), help=_("number of the till, from: comptoir hub tills"))
    revoke.add_argument("--yes", action="store_true", help=_("do not ask"))
    unfence = command(
        inner,
        "unfence",
        _("say that of two boxes with one number, one was taken away"),
        run="hub_tills:unfence",
        more=_("The other one spends points and credit again. First enrol the copied box anew, or switch it off."),
    )
    unfence.add_argument("site", type=int, metavar=_("SITE"), help=_("number of the till, from: comptoir hub tills"))
    write_off = command(
        inner,
        "write-off",
        _("write off what a withdrawn till could still spend, or a box that a till was before"),
        run="hub_tills:write_off",
        more=_("Once you know that the former box is gone: should it come back and have spent, that is a debt."),
        examples="sudo comptoir hub write-off 12",
    )
    accept = command(
        inner,
        "accept-audit",
        _("you have looked why a till's audit trail is not what it told before"),
        run="hub_tills:accept_audit",
        more=_("An old image of the disk does that, or somebody who cut or rewrote the trail."),
        examples="sudo comptoir hub accept-audit 12",
    )
    accept.add_argument("site", type=int, metavar=_("SITE"), help=_("number of the till, from: comptoir hub tills"))
    write_off.add_argument("site", type=int, metavar=_("SITE"), help=_("number of the till, from: comptoir hub tills"))
    write_off.add_argument("--yes", action="store_true", help=_("do not ask"))


def _add_shops(shop: Parser) -> None:
    inner = subcommands(shop, title=_("commands"))
    add_shop = command(
        inner,
        "add",
        _("add a shop, or give it another name"),
        run="hub_tills:add_shop",
        examples="sudo comptoir hub shop add 1 'Nantes Crébillon'",
    )
    add_shop.add_argument("shop", type=int, metavar=_("NUMBER"), help=_("its number, never changed afterwards"))
    add_shop.add_argument("label", metavar=_("NAME"), help=_("its name"))
    command(inner, "list", _("all shops"), run="hub_tills:shops")


def _add_demo(parsers: Parsers) -> None:
    """For the list alone: what is typed behind it goes to the room of the demo as it is."""
    command(parsers, "demo", _("a whole small chain on this machine, to try things"))
