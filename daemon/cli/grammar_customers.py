"""`comptoir customers …` and `comptoir card …`: what may be typed."""

import argparse
from typing import Final

from daemon.cli import grammar_record, import_options
from daemon.cli.shared_options import Parser, Parsers, command, subcommands
from daemon.cli.words import _

LIMIT_MAX: Final = 200


def add(parsers: Parsers) -> None:
    """Add both commands."""
    customers = command(parsers, "customers", _("find, show, create, edit, import, export customers"))
    inner = subcommands(customers, title=_("commands"))
    _add_reading(inner)
    _add_create(inner)
    _add_edit(inner)
    _add_leaving(inner)
    grammar_record.add_customers(inner)
    _add_import(inner)
    _add_export(inner)
    _add_card(parsers)


def _add_reading(inner: Parsers) -> None:
    search = command(
        inner,
        "search",
        _("find customers by anything that is known of them"),
        run="customers:search",
        more=_("Name, beginning or part of a name, e-mail, telephone, code, card, postal code, town, tag."),
        examples="comptoir customers search hélène\ncomptoir customers search 44000 dupont\n"
        "comptoir customers search 0612345678 --json",
    )
    search.add_argument("words", nargs="+", metavar=_("WORD"), help=_("what is known of the customer"))
    search.add_argument(
        "--head-office",
        action="store_true",
        help=_("at head office: find them there, and say whether this till knows them so"),
    )
    search.add_argument("--limit", type=_limit, default=50, metavar="N", help=_("at most so many (50; up to 200)"))
    show = command(
        inner,
        "show",
        _("show one customer"),
        run="customers:show",
        examples="comptoir customers show C003000012\ncomptoir customers show helene@example.fr\n"
        "comptoir customers show 2900000000012",
    )
    _add_who(show)


def _add_create(inner: Parsers) -> None:
    create = command(
        inner,
        "create",
        _("create a customer, or identify the one who has this e-mail"),
        run="customers:create",
        examples="comptoir customers create --first-name Hélène --last-name Lefèvre --email helene@example.fr\n"
        "comptoir customers create --company-name 'Garage Le Goff' --siret 73282932000074",
    )
    _add_fields(create)
    create.add_argument("--card", action="append", default=[], metavar=_("NUMBER"), help=_("a card; may be repeated"))
    create.add_argument("--tag", action="append", default=[], metavar=_("TAG"), help=_("a tag; may be repeated"))
    create.add_argument("--note", action="append", default=[], metavar=_("TEXT"), help=_("a note; may be repeated"))
    create.add_argument(
        "--surface",
        choices=("till", "kiosk", "application", "import"),
        default="till",
        help=_("whose rules of required fields hold (till)"),
    )
    create.add_argument(
        "--even-if-known", action="store_true", help=_("also when somebody has this telephone: two people")
    )
    create.add_argument("--move-card", action="store_true", help=_("take the card from whoever has it"))
    create.add_argument(
        "--key", default="", metavar=_("KEY"), help=_("the same key creates once, however often it is sent")
    )


def _add_edit(inner: Parsers) -> None:
    edit = command(
        inner,
        "edit",
        _("change a customer; an empty text empties a field"),
        run="customers:edit",
        examples="comptoir customers edit C003000012 --mobile '06 12 34 56 78'\n"
        "comptoir customers edit helene@example.fr --consent newsletter=no --add-tag fidèle\n"
        "comptoir customers edit C003000012 --block 'impayé'",
    )
    _add_who(edit)
    _add_fields(edit)
    edit.add_argument("--tags", metavar=_("LIST"), help=_("all tags as they should be, separated by commas"))
    repeated = (
        ("--add-tag", _("TAG"), _("add a tag")),
        ("--remove-tag", _("TAG"), _("take a tag off")),
        ("--add-card", _("NUMBER"), _("give a card")),
        ("--add-note", _("TEXT"), _("write a note")),
    )
    for option, metavar, help_ in repeated:
        edit.add_argument(option, action="append", default=[], metavar=metavar, help=help_)
    edit.add_argument("--move-card", action="store_true", help=_("take the card from whoever has it"))
    edit.add_argument("--show-at-till", action="store_true", help=_("show the note at the till"))
    edit.add_argument("--block", metavar=_("REASON"), help=_("block, with the reason"))
    edit.add_argument("--unblock", action="store_true", help=_("lift the block"))
    edit.add_argument("--archive", dest="archived", action="store_const", const=True, help=_("archive"))
    edit.add_argument(
        "--unarchive", dest="archived", action="store_const", const=False, help=_("take out of the archive")
    )


def _add_leaving(inner: Parsers) -> None:
    archive = command(
        inner,
        "archive",
        _("archive a customer: found last, taken out again by edit --unarchive"),
        run="leaving:archive",
        examples="comptoir customers archive C003000012 --reason 'déménagé'",
    )
    _add_who(archive)
    archive.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why, in a few words"))
    delete = command(
        inner,
        "delete",
        _("delete a customer who has no history"),
        run="leaving:delete",
        examples="comptoir customers delete C003000012",
    )
    _add_who(delete)
    delete.add_argument("--yes", action="store_true", help=_("do not ask"))
    command(
        inner,
        "silent",
        _("list who gave no sign for as long as head office keeps customers"),
        run="leaving:silent",
        more=_("By the policy retention_months. A person decides: tell them, then erase with --reason retention."),
        examples="comptoir customers silent",
    )
    erase = command(
        inner,
        "erase",
        _("erase a person for ever, everywhere"),
        run="leaving:erase",
        more=_(
            "Every personal value goes, on every till and at head office; points and amounts stay under an account of "
            "nobody. Nothing brings it back."
        ),
        examples="comptoir customers erase C003000012 --reason request",
    )
    _add_who(erase)
    erase.add_argument(
        "--reason",
        required=True,
        choices=("request", "retention", "mistake"),
        help=_("asked for by the person, kept long enough, or created by mistake"),
    )
    erase.add_argument("--despite-open", action="store_true", help=_("also while a credit or a debt stands open"))
    erase.add_argument("--yes", action="store_true", help=_("do not ask"))


def _add_import(inner: Parsers) -> None:
    import_ = command(
        inner,
        "import",
        _("read customers from a CSV or XLSX file"),
        run="customer_import:run",
        more=_(
            "Headings are recognised in French and English, those of known systems by their names. The daemon goes "
            "through the file beside the counter; blanks overwrite nothing, and importing a file twice changes "
            "nothing. Ends with 1 when a line was skipped."
        ),
        examples="comptoir customers import clients.csv --dry-run\n"
        "comptoir customers import clients.xlsx --report rapport.csv",
    )
    import_options.add_file(import_)
    import_.add_argument(
        "--source",
        default="",
        metavar=_("NAME"),
        help=_("whose ids the lines have; the system that the headings tell if absent"),
    )
    import_.add_argument(
        "--by",
        default="",
        choices=("source_id", "code", "email", "card", "mobile", "member_number"),
        help=_("the one field that lines are known by again"),
    )
    import_.add_argument(
        "--npai",
        default="",
        choices=("address", "no-information", "both"),
        help=_("what a column NPAI says: the address is bad, or no information is wanted"),
    )
    imports = command(
        inner,
        "imports",
        _("list the imports of the last 90 days"),
        run="customer_import:list_imports",
        examples="comptoir customers imports",
    )
    imports.add_argument("--limit", type=_limit, default=20, metavar="N", help=_("at most so many (20; up to 200)"))
    undo = command(
        inner,
        "undo-import",
        _("take back what an import wrote"),
        run="customer_import:undo",
        more=_(
            "Where nothing newer stands. A customer who spent since what the import brought is refused; one who was "
            "changed or served since stays. Ends with 1 when somebody was refused."
        ),
        examples="comptoir customers undo-import 11629a02ae139883",
    )
    import_options.add_id(undo)


def _add_export(inner: Parsers) -> None:
    export = command(
        inner,
        "export",
        _("write customers to a CSV or XLSX file"),
        run="customer_export:run",
        examples="comptoir customers export clients.csv\ncomptoir customers export - --search 44000 > nantes.csv\n"
        "comptoir customers export vip.xlsx --tag vip --without-archived",
    )
    export.add_argument("file", metavar=_("FILE"), help=_("file to write, - for standard output"))
    export.add_argument("--search", metavar=_("WORDS"), help=_("only the customers that this search finds"))
    export.add_argument("--tag", default="", metavar=_("TAG"), help=_("only those who have this tag"))
    export.add_argument("--group", default="", metavar=_("NAME"), help=_("only those who are in this group"))
    export.add_argument("--without-archived", action="store_true", help=_("not those who are archived"))
    export.add_argument(
        "--format",
        choices=("csv", "xlsx", "jsonl"),
        help=_("csv, xlsx, or one JSON object a line (as the file's name ends, else csv)"),
    )
    export.add_argument("--language", choices=("fr", "en"), help=_("language of the headings"))
    held = command(
        inner,
        "held",
        _("write all that is held on one customer, as JSON or PDF"),
        run="customer_export:held",
        examples="comptoir customers held C003000012 dossier.pdf\n"
        "comptoir customers held helene@example.fr - > held.json",
    )
    _add_who(held)
    held.add_argument("file", metavar=_("FILE"), help=_("a PDF if its name ends so, else JSON; - for standard output"))
    held.add_argument("--language", choices=("fr", "en"), help=_("language of the PDF"))


def _add_card(parsers: Parsers) -> None:
    card = command(parsers, "card", _("act as a card reader"))
    inner = subcommands(card, title=_("commands"))
    tap = command(
        inner,
        "tap",
        _("tap a card or badge as if a reader had read it"),
        run="card:tap",
        examples="comptoir card tap 2900000000012",
    )
    tap.add_argument("code", metavar=_("CODE"), help=_("number of the card, customer code, EAN"))
    tap.add_argument("--device", default="cli", metavar=_("NAME"), help=_("reader that is told to have read it (cli)"))


def _add_who(parser: Parser) -> None:
    parser.add_argument("who", metavar=_("WHO"), help=_("id, code, card, e-mail, telephone or name"))


def _add_fields(parser: Parser) -> None:
    group = parser.add_argument_group(_("fields"))
    group.add_argument("--kind", choices=("person", "company"), help=_("a person or a company"))
    fields = (
        ("--civility", _("Mme, M.")),
        ("--first-name", _("first name")),
        ("--last-name", _("last name")),
        ("--company-name", _("name of the company")),
        ("--siret", _("SIRET of the company")),
        ("--vat-number", _("VAT number of the company")),
        ("--code", _("customer code; generated when absent, fixed afterwards")),
        ("--email", _("e-mail address")),
        ("--mobile", _("mobile telephone")),
        ("--phone", _("other telephone")),
        ("--line1", _("street and number")),
        ("--line2", _("second line of the address")),
        ("--postal-code", _("postal code")),
        ("--city", _("town")),
        ("--country", _("country with two letters (FR)")),
        ("--birthday", _("1984-05-03, or 05-03 without the year")),
        ("--language", _("fr, en, …")),
        ("--member-number", _("member number")),
    )
    for option, help_ in fields:
        group.add_argument(option, metavar=_("TEXT"), help=help_)
    group.add_argument(
        "--preferred-channel", choices=("email", "sms", "phone", "post"), help=_("preferred channel, among the granted")
    )
    group.add_argument(
        "--consent",
        action="append",
        default=[],
        metavar=_("CHANNEL=yes|no"),
        help=_("newsletter, contests, email, sms, phone or post; may be repeated"),
    )


def _limit(text: str) -> int:
    number = int(text)
    if not 1 <= number <= LIMIT_MAX:
        raise argparse.ArgumentTypeError(_("a number from 1 to {most}").format(most=LIMIT_MAX))
    return number
