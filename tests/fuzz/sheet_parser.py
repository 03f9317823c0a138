"""Spreadsheets of customers, as other programs write and people damage them."""

import csv

from daemon.domain.customer_draft import ONLY_IMPORTED
from daemon.domain.customer_sheet import read_customers, write_customers
from daemon.domain.headings import field_of
from daemon.domain.spreadsheet import BadLine, Row, open_sheet
from daemon.errors import OperatorMistake
from tests.fakes.chance import Random
from tests.fuzz.mutation import damaged
from tests.fuzz.parser import Parser

SEEDS = (
    (
        "Nom;Prénom;E-mail;Mobile;CP;Ville;Date de naissance;Newsletter\r\n"
        "Lefèvre;Hélène;helene@example.org;06 39 98 00 12;44000;Nantes;12/03/1984;oui\r\n"
        "Morel;Paul;;;97400;Saint-Denis;29/02/2000;non\r\n"
    ),
    (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Tags,Note\n"
        '\'1,Ann,Lee,ann@example.org,yes,"vip, loyal","two\nlines"\n\'2,Bob,"O""Hara",,no,,\n'
    ),
    "sep=;\nSociété;SIRET;N° TVA;Carte\nDupont SARL;73282932000074;FR44732829320;29000123\n",
    "Name\tPhone\tStreet\tZip\tCity\tCountry\nLéa Petit\t+33639980013\t1 rue Haute\t75001\tParis\tFR\n",
    "Code client;Nom;Étiquettes;Consentement SMS\nC-1;=1+1;a,b;?\nC-2;'-x;;oui\n",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
SIGNS = (b";", b",", b"\t", b'"', b'""', b"\n", b"\r", b"\r\n", b"\x00", b"\xe9", b"\xff\xfe", b"'", b"=", b" " * 300)


def make(chance: Random) -> bytes:
    """A byte that chooses how the file is cut into chunks, then the file."""
    raw = chance.choice(SEEDS).encode(chance.choice(ENCODINGS), "replace")
    for _ in range(chance.choice((0, 1, 2, 4))):
        at = chance.randrange(len(raw) + 1)
        raw = damaged(chance, raw) if chance.random() < 0.5 else raw[:at] + chance.choice(SIGNS) + raw[at:]
    if chance.random() < 0.002:
        raw = (
            chance.choice((b'"' * 70_000, b"Nom;" * 20_000, b"Nom\n" + b"x;" * 40_000, b'Nom\n"' + b"\n" * 5_000)) + raw
        )
    return bytes((chance.randrange(256),)) + raw


def check(raw: bytes) -> str:
    """Refused in a sentence; or every line gives one row or one complaint, and what is written reads back the same."""
    step, file = 1 + raw[0] * 8, raw[1:]
    chunks = [file[at : at + step] for at in range(0, len(file), step)]
    try:
        sheet = read_customers(chunks)
        lines = list(sheet.lines)
    except OperatorMistake as mistake:
        return str(mistake)
    assert len(lines) <= file.count(b"\n") + file.count(b"\r") + 1, "more customers than lines"
    drafts = [line.draft for line in lines if line.draft is not None]
    written = b"".join(write_customers(drafts))
    again = [line.draft for line in read_customers([written]).lines]
    kept = [{name: value for name, value in draft.items() if name not in ONLY_IMPORTED} for draft in drafts]
    assert again == [draft for draft in kept if draft], "what was written reads back otherwise"
    _rows(chunks)
    return "accepted"


def _rows(chunks: list[bytes]) -> None:
    """The layer below: numbers of lines rise, cells carry no blanks around them."""
    before = 0
    for row in open_sheet(chunks, lambda heading: field_of(heading) is not None).rows:
        assert row.line > before, "a line comes twice"
        before = row.line
        if isinstance(row, Row):
            assert all(cell == cell.strip() for cell in row.cells)
        else:
            assert isinstance(row, BadLine)


assert csv.field_size_limit() >= 64 * 1024, "a cell may be as long as a line"

SHEET = Parser(name="spreadsheet", make=make, check=check, heavy=10)
