"""A file as an import goes through it, and as it crosses from one process to another."""

from pathlib import Path

import pytest

from daemon.domain.customer_draft import Customs
from daemon.domain.import_file import Order, ReadLine, lines_in, open_customers
from daemon.domain.import_line import entity_of, key_of
from daemon.errors import OperatorMistake
from daemon.typed import parse_json, to_json

CAPTURES = Path(__file__).parent.parent / "captures" / "imports"
OURS = Order(customs=Customs())


@pytest.mark.parametrize("file", sorted(one.name for one in CAPTURES.glob("*.csv") if "products" not in one.name))
def test_lines_of_every_system_cross_as_they_are(file: str) -> None:
    raw = (CAPTURES / file).read_bytes()
    opened, lines = open_customers(raw, OURS)
    read = list(lines)
    assert read
    assert parse_json(to_json(read), list[ReadLine]) == read
    assert parse_json(to_json(opened), type(opened)) == opened
    behind, left = open_customers(raw, Order(customs=Customs(), skipped=1))
    assert (behind, list(left)) == (opened, read[1:])


def test_a_line_has_what_it_is_known_and_told_by() -> None:
    raw = "Id;Nom;Prénom;E-mail;Code postal\n7;Le Goff;Zoé;Z@example.fr;44000\n;;;;\n".encode()
    _, lines = open_customers(raw, Order(customs=Customs(), source="shop", key="email"))
    line, *others = lines
    assert line.draft is not None
    assert line.key == key_of(line.draft, "shop", "email")
    assert line.traits is not None
    assert line.traits.made == entity_of(line.key)
    assert (line.traits.name, line.traits.postal_code) == ("zoe le goff", "44000")
    assert all(one.traits is None and not one.key for one in others)


def test_a_named_system_says_whose_ids_its_lines_have() -> None:
    raw = (CAPTURES / "prestashop-template.csv").read_bytes()
    by_name, by_headings = (
        next(open_customers(raw, Order(customs=Customs(), source=source))[1]) for source in ("prestashop", "")
    )
    assert by_name.key == by_headings.key
    assert next(open_customers(raw, Order(customs=Customs(), source="nantes"))[1]).key != by_name.key


def test_what_npai_means_is_asked_until_somebody_says_it() -> None:
    raw = b"Nom;NPAI\nMorel;oui\n"
    assert [one.column for one in open_customers(raw, OURS)[0].remarks] == ["NPAI"]
    assert not open_customers(raw, Order(customs=Customs(), npai="both"))[0].remarks


def test_lines_are_counted_where_they_can_be() -> None:
    assert (lines_in(b"Nom\nMorel\nMartin\n"), lines_in(b""), lines_in(b"PK\x03\x04\n\n\n")) == (2, 0, 0)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(OperatorMistake):
        open_customers(b"\n", OURS)
