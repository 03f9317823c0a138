"""`comptoir setup`, `doctor`, `sync status`, `operators`, `devices`: what may be typed."""

from typing import Final

from daemon.cli.shared_options import Parser, Parsers, command, subcommands
from daemon.cli.words import _

OPERATOR_ROLES: Final = ("cashier", "manager", "office", "owner")


def add(parsers: Parsers) -> None:
    """Add the commands."""
    _add_setup(parsers)
    sync = command(parsers, "sync", _("where replication stands"))
    inner = subcommands(sync, title=_("commands"))
    command(
        inner,
        "status",
        _("what head office has, what waits, when the copies were last proved equal"),
        run="sync_status:run",
        examples="comptoir sync status\ncomptoir sync status --json | jq .copy.waiting",
    )
    doctor = command(
        parsers,
        "doctor",
        _("examine this machine; each fault with the gesture that mends it"),
        run="doctor:run",
        more=_("Works on a running and on a stopped daemon. Ends with 1 when something is wrong."),
        examples="sudo comptoir doctor\nsudo comptoir doctor --quick --json",
    )
    audit = command(
        parsers,
        "audit",
        _("who did what on this machine"),
        run="audit_trail:run",
        more=_("Customers stand there as the beginning of the hash of their id; `comptoir doctor` tells tampering."),
        examples="comptoir audit\ncomptoir audit --last 500 --json",
    )
    audit.add_argument("--last", type=int, default=40, metavar="N", help=_("how many acts"))
    doctor.add_argument("--quick", action="store_true", help=_("do not read the whole database"))
    _add_operators(parsers)
    _add_devices(parsers)


def _add_operators(parsers: Parsers) -> None:
    operators = command(
        parsers,
        "operators",
        _("who may log in, in the whole chain: by PIN or badge, with which role"),
        examples="comptoir operators list --all\n"
        "sudo comptoir operators add 'Karim Benali' --badge OP-7\n"
        "sudo comptoir operators edit 'Karim Benali' --pin\n"
        "sudo comptoir operators revoke 'Karim Benali'",
    )
    inner = subcommands(operators, title=_("commands"))
    listed = command(inner, "list", _("the operators of the chain"), run="staff:listed")
    listed.add_argument("--all", action="store_true", help=_("those who were revoked too"))
    add_one = command(
        inner,
        "add",
        _("make an operator"),
        run="staff:add",
        more=_("Asks for a PIN and a badge when somebody is there to answer and neither is given."),
    )
    add_one.add_argument("name", metavar=_("NAME"), help=_("name of the operator"))
    add_one.add_argument(
        "--role", choices=OPERATOR_ROLES, default="cashier", help=_("what the operator may do (cashier)")
    )
    _add_secrets(add_one)
    edit = command(inner, "edit", _("change an operator's name, role, PIN or badge"), run="staff:edit")
    _add_who(edit)
    edit.add_argument("--name", metavar=_("NAME"), help=_("name of the operator"))
    edit.add_argument("--role", choices=OPERATOR_ROLES, help=_("what the operator may do"))
    edit.add_argument("--pin", action="store_true", help=_("ask for a new PIN"))
    edit.add_argument("--no-badge", action="store_true", help=_("take the badge away: it was lost"))
    _add_secrets(edit)
    revoke = command(
        inner,
        "revoke",
        _("an operator no longer logs in; sessions end at every till that hears of it"),
        run="staff:revoke",
    )
    _add_who(revoke)
    restore = command(inner, "restore", _("let a revoked operator log in again"), run="staff:restore")
    _add_who(restore)


def _add_who(parser: Parser) -> None:
    parser.add_argument("who", metavar=_("WHO"), help=_("name or id of the operator"))


def _add_secrets(parser: Parser) -> None:
    parser.add_argument("--badge", metavar="CODE", help=_("code of the operator's badge, as a reader reads it"))
    parser.add_argument("--pin-stdin", action="store_true", help=_("read the PIN from standard input"))


def _add_devices(parsers: Parsers) -> None:
    devices = command(
        parsers,
        "devices",
        _("readers and printers: configured, present, working"),
        run="devices:run",
        examples="comptoir devices\nsudo comptoir devices try scanner\nsudo comptoir devices add",
    )
    inner = subcommands(devices, title=_("commands"), required=False)
    trial = command(
        inner,
        "try",
        _("read one card with each reader, print the test page of each printer, greet on each display"),
        run="device_trial:run",
        more=_("Where the till runs it has the devices, and tells what they read; else they are opened here."),
        examples="sudo comptoir devices try\nsudo comptoir devices try scanner --seconds 60",
    )
    trial.add_argument("name", nargs="*", metavar=_("NAME"), help=_("the devices to try; all by default"))
    add_device = command(
        inner,
        "add",
        _("write the configuration of a new device"),
        run="device_adding:run",
        more=_("Asks for what is missing when somebody is there to answer; with options it asks nothing."),
        examples="sudo comptoir devices add\n"
        "sudo comptoir devices add --kind rdm6300 --name badges --address /dev/serial/by-id/usb-…",
    )
    add_device.add_argument(
        "--kind", metavar=_("KIND"), help=_("serial-scanner, keyboard-scanner, pcsc, rdm6300, escpos, …")
    )
    add_device.add_argument("--name", metavar=_("NAME"), help=_("how pages and messages call it"))
    add_device.add_argument(
        "--address", metavar=_("PATH"), help=_("its path that stays, the name of a PC/SC reader, or tcp://host:port")
    )
    add_device.add_argument(
        "--set", action="append", default=[], metavar=_("KEY=VALUE"), help=_("any other key of its kind; repeatable")
    )
    add_device.add_argument("--untried", action="store_true", help=_("do not read a card first"))
    for parser in (trial, add_device):
        parser.add_argument(
            "--seconds", type=int, default=20, metavar="N", help=_("how long to wait for a card or a page (20)")
        )


def _add_setup(parsers: Parsers) -> None:
    setup = command(
        parsers,
        "setup",
        _("set this shop up: walk-in customer, shop, operators, till software"),
        run="setup:run",
        more=_(
            "Asks for what is missing when somebody is there to answer; with options it asks nothing. Running it "
            "again changes nothing that is there."
        ),
        examples="sudo comptoir setup\n"
        "printf '2580\\n1379\\n' | sudo comptoir setup --walk-in 'Client de passage' --shop-name 'Nantes' \\\n"
        "    --operator 'Soizic Guéguen:manager' --operator 'Karim Benali' --pin-stdin \\\n"
        "    --application caisse --token-file /etc/caisse/comptoir.token",
    )
    setup.add_argument("--walk-in", metavar=_("NAME"), help=_("make a walk-in customer, if there is none"))
    setup.add_argument("--walk-in-customer", metavar=_("WHO"), help=_("an existing customer is the walk-in customer"))
    setup.add_argument("--shop-name", metavar=_("NAME"), help=_("name of this shop"))
    setup.add_argument(
        "--operator",
        action="append",
        default=[],
        metavar=_("NAME[:ROLE]"),
        help=_("an operator: cashier (default), manager or office; may be repeated"),
    )
    setup.add_argument(
        "--pin-stdin", action="store_true", help=_("read the PIN of each --operator from standard input, one a line")
    )
    setup.add_argument(
        "--badge", action="append", default=[], metavar=_("NAME:CODE"), help=_("the badge of an operator named above")
    )
    setup.add_argument("--application", metavar=_("NAME"), help=_("a token for the till software of this name"))
    setup.add_argument("--new-token", action="store_true", help=_("a new token, even if the application has one"))
    setup.add_argument("--token-file", metavar=_("FILE"), help=_("write the token there, readable by its owner only"))
    setup.add_argument("--no-input", action="store_true", help=_("never ask"))
