"""What may be typed of the record of a customer: why, merges, questions to head office; policies of the chain."""

from daemon.cli.shared_options import Parser, Parsers, command, subcommands
from daemon.cli.words import _


def add_customers(inner: Parsers) -> None:
    """Add to `comptoir customers`."""
    _add_why(inner)
    _add_merging(inner)
    _add_asking(inner)
    _add_proof(inner)


def _add_why(inner: Parsers) -> None:
    why = command(
        inner,
        "why",
        _("why each field says what it says: who, where, when, what it replaced, what lost"),
        run="provenance:why",
        examples="comptoir customers why C003000012\ncomptoir customers why helene@example.fr --field mobile",
    )
    _who(why)
    why.add_argument("--field", default="", metavar=_("FIELD"), help=_("only this field, as “why” or the API calls it"))
    choose = command(
        inner,
        "choose",
        _("settle a disagreement: set one of the values that met"),
        run="provenance:choose",
        more=_("The values are named by the ids that “why” shows; the standing one confirms what is there."),
        examples="comptoir customers choose C003000012 mobile 64f0a1b2c3d4e5-3-1f",
    )
    _who(choose)
    choose.add_argument("field", metavar=_("FIELD"), help=_("the field, as “why” or the API calls it"))
    choose.add_argument("value", metavar=_("VALUE"), help=_("id of the value that is right"))
    choose.add_argument("--member", metavar=_("ID"), help=_("of which card, note, tag or address"))
    disagreements = command(
        inner,
        "disagreements",
        _("values that lost to one whose author had not seen them, until somebody settles them"),
        run="provenance:disagreements",
    )
    disagreements.add_argument("--all", action="store_true", help=_("those of other shops too"))


def _add_merging(inner: Parsers) -> None:
    duplicates = command(
        inner,
        "duplicates",
        _("who may be the same person; at head office without a name: the pairs found so far"),
        run="merging:duplicates",
        examples="comptoir customers duplicates C003000012\ncomptoir customers duplicates",
    )
    duplicates.add_argument("who", nargs="?", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))
    merge = command(
        inner,
        "merge",
        _("make one person of two records; undone for 30 days by: part"),
        run="merging:merge",
        more=_("Without --take the older record's values stand, and what it does not know comes from the other."),
        examples="comptoir customers merge C003000012 C004000007\n"
        "comptoir customers merge C003000012 C004000007 --take email=C004000007 --yes",
    )
    _who(merge)
    merge.add_argument("other", metavar=_("OTHER"), help=_("the other record"))
    merge.add_argument(
        "--take",
        action="append",
        default=[],
        metavar=_("FIELD=RECORD"),
        help=_("whose value of a field is right; may be repeated"),
    )
    merge.add_argument("--yes", action="store_true", help=_("do not ask"))
    part = command(inner, "part", _("undo a merge of two records"), run="merging:part")
    _who(part)
    part.add_argument("other", metavar=_("OTHER"), help=_("the other record"))


def _add_asking(inner: Parsers) -> None:
    verify = command(
        inner,
        "verify",
        _("ask head office for a record and show what is different there"),
        run="inquiry:verify",
        examples="comptoir customers verify C003000012",
    )
    _who(verify)
    npai = command(
        inner,
        "npai",
        _("mail came back: say which is meant, the address or the wish for no information"),
        run="alerts:npai",
        examples="comptoir customers npai C003000012 --address\ncomptoir customers npai C003000012 --no-information",
    )
    _who(npai)
    npai.add_argument("--address", action="store_true", help=_("mail to the main address comes back"))
    npai.add_argument("--good-address", action="store_true", help=_("the main address is good after all"))
    npai.add_argument("--no-information", action="store_true", help=_("the customer wants no information at all"))
    fill = command(
        inner,
        "fill",
        _("fill in the chain's own fields of a customer"),
        run="custom_fields:fill",
        examples="comptoir customers fill C003000012 1000=violon 1000001=42,5",
    )
    _who(fill)
    fill.add_argument(
        "values", nargs="+", metavar=_("NUMBER=VALUE"), help=_("number of the field; an empty value empties")
    )


def _add_proof(inner: Parsers) -> None:
    _who(
        command(inner, "proof", _("whether a customer has a PIN, and what was refused, till by till"), run="proof:show")
    )
    pin = command(
        inner,
        "pin",
        _("set a customer's PIN; the customer types it"),
        run="proof:set_pin",
        more=_("Wrong tries that were counted before do not count any more."),
        examples="comptoir customers pin C003000012",
    )
    _who(pin)
    pin.add_argument("--pin-stdin", action="store_true", help=_("read it from standard input"))
    listed = command(
        inner,
        "refusals",
        _("customers about whom something was refused anywhere in the chain"),
        run="proof:refusals",
    )
    listed.add_argument("--limit", type=int, default=50, metavar="N", help=_("at most so many (50; up to 200)"))


def add_hub(inner: Parsers) -> None:
    """Add to `comptoir hub`."""
    policy = command(inner, "policy", _("the policies of the chain"))
    policies = subcommands(policy, title=_("commands"))
    listed = command(policies, "list", _("all policies as they hold, with their origin"), run="policies:listed")
    _shop(listed)
    show = command(policies, "show", _("one policy"), run="policies:show")
    show.add_argument("name", metavar=_("NAME"), help=_("name of the policy"))
    _shop(show)
    put = command(
        policies,
        "set",
        _("set a policy; tills obey it once they hear of it"),
        run="policies:put",
        examples="comptoir hub policy set npai_alert acknowledge\n"
        'comptoir hub policy set required \'{"till": {"person": ["last_name", "mobile"]}}\'',
    )
    put.add_argument("name", metavar=_("NAME"), help=_("name of the policy"))
    put.add_argument("value", metavar=_("VALUE"), help=_("JSON, or a plain text"))
    _shop(put)
    command(inner, "erasures", _("receipts of erasures: which tills have not confirmed"), run="erasures:listed")
    fields = subcommands(command(inner, "field", _("the chain's own fields of customers")), title=_("commands"))
    command(fields, "list", _("all of them"), run="custom_fields:listed")
    add = command(
        fields,
        "add",
        _("define a field"),
        run="custom_fields:define",
        examples="comptoir hub field add Instrument --searched\n"
        "comptoir hub field add Niveau --type choice --choice débutant --choice confirmé",
    )
    add.add_argument("label", metavar=_("NAME"), help=_("what it is called"))
    add.add_argument("--type", choices=("text", "number", "date", "choice", "yes_no"), default="text")
    add.add_argument("--choice", action="append", default=[], metavar=_("TEXT"), help=_("a choice; may be repeated"))
    add.add_argument("--searched", action="store_true", help=_("a search finds its words; fixed from then on"))
    withdraw = command(
        fields, "withdraw", _("offer a field no more; what it holds stays"), run="custom_fields:withdraw"
    )
    withdraw.add_argument("number", type=int, metavar=_("NUMBER"), help=_("number of the field"))


def _who(parser: Parser) -> None:
    parser.add_argument("who", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))


def _shop(parser: Parser) -> None:
    parser.add_argument("--shop", type=int, default=0, metavar="N", help=_("of one shop, where shops may differ"))
