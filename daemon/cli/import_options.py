"""What commands that import a file have in common."""

from daemon.cli.shared_options import Parser
from daemon.cli.words import _


def add_file(parser: Parser) -> None:
    """The file, and what becomes of its report."""
    parser.add_argument("file", metavar=_("FILE"), help=_("CSV or XLSX file, - for standard input"))
    parser.add_argument("--no-wait", action="store_true", help=_("come back once the daemon has the file"))
    parser.add_argument("--dry-run", action="store_true", help=_("say line by line what would happen, write nothing"))
    parser.add_argument("--report", metavar=_("FILE"), help=_("write the report line by line to this CSV file"))


def add_id(parser: Parser) -> None:
    """The import that is meant."""
    parser.add_argument("id", metavar=_("ID"), help=_("the import, as `customers imports` lists it"))
