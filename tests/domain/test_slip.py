import pytest

from daemon.domain.badge_text import Emphasis
from daemon.domain.slip import LINES_MAX, Slip, SlipLine, check_slip, marked, set_slip, slip_of, wrapped
from daemon.errors import OperatorMistake
from daemon.typed import to_json


def rows(*lines: SlipLine, columns: int = 20, codec: str = "cp1252") -> list[str]:
    return [line.text for line in set_slip(Slip(lines=lines), columns, codec).above]


def test_both_ends_of_a_line_stand_at_the_edges_or_below_one_another() -> None:
    assert rows(SlipLine(text="Montant", right="23,90 €")) == ["Montant      23,90 €"]
    assert rows(SlipLine(text="Valable jusqu’au bout", right="31 décembre")) == [
        "Valable jusqu’au",
        "bout     31 décembre",
    ]
    assert rows(SlipLine(text="Douze caractères là", right="23,90 €")) == [
        "Douze caractères là",
        "             23,90 €",
    ]
    assert rows(SlipLine()) == [""]


def test_a_large_line_has_half_the_room_and_a_slip_is_no_wider_than_asked() -> None:
    assert rows(SlipLine(text="Maison Kermarrec", emphasis=Emphasis.LARGE)) == ["Maison", "Kermarrec"]
    narrow = Slip(lines=(SlipLine(text="Maison Kermarrec"),), columns=10)
    assert [line.text for line in set_slip(narrow, 48).above] == ["Maison", "Kermarrec"]
    assert wrapped("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_what_the_code_page_lacks_is_reported_once() -> None:
    found = set_slip(Slip(lines=(SlipLine(text="œuf", right="œ"),), below=(SlipLine(text="Ő"),)), 20, "cp858")
    assert [(one.kind.value, one.detail) for one in found.findings] == [("missing_glyph", "œŐ")]
    assert [line.text for line in (*found.above, *found.below)] == ["oeuf              oe", "O"]


def test_a_copy_says_so_first() -> None:
    slip = Slip(lines=(SlipLine(text="Avoir"),), code="1")
    assert marked(slip, duplicata=False) is slip
    assert [line.text for line in marked(slip, duplicata=True).lines] == ["DUPLICATA", "Avoir"]
    assert slip_of(to_json(slip)) == slip


def test_a_slip_is_neither_endless_nor_empty() -> None:
    check_slip(Slip(lines=(), code="1"))
    for wrong in (Slip(lines=()), Slip(lines=(SlipLine(),) * (LINES_MAX + 1))):
        with pytest.raises(OperatorMistake, match="lines"):
            check_slip(wrong)
