import base64
from dataclasses import replace
from typing import Any

import pytest

from daemon.domain.badge import CARD_SIZES, CARDS, Logo, Shape, Words
from daemon.domain.badge_design import (
    DEFAULT_DESIGN,
    DEFAULT_PARTS,
    PARTS_MAX,
    BadgeDesign,
    BadgeOrder,
    Part,
    check_design,
    design_of,
    design_text,
    order_of,
    read_design,
)
from daemon.domain.badge_layout import compose
from daemon.domain.badge_text import text_badge
from daemon.errors import OperatorMistake
from daemon.typed import to_json
from tests.domain.test_badge_layout import FACE, SquareLetters, symbol, words

SYMBOL = next(part for part in DEFAULT_PARTS if part.part == "symbol")
TITLE = next(part for part in DEFAULT_PARTS if part.stamp)


def with_part(*parts: Part) -> BadgeDesign:
    return BadgeDesign(parts=(*DEFAULT_PARTS, *parts))


def test_the_design_that_we_ship_can_be_laid_out_and_stored() -> None:
    check_design(DEFAULT_DESIGN)
    assert design_of(design_text(DEFAULT_DESIGN)) == DEFAULT_DESIGN
    assert read_design(design_text(DEFAULT_DESIGN).encode()) == DEFAULT_DESIGN
    assert len(design_text(DEFAULT_DESIGN)) < 6000


@pytest.mark.parametrize("text", ["", "{", '{"parts": []}', '{"parts": 3}'])
def test_a_policy_that_says_nothing_sensible_leaves_the_design_that_we_ship(text: str) -> None:
    assert design_of(text) == DEFAULT_DESIGN


def test_an_order_of_an_earlier_version_was_a_bare_face() -> None:
    assert order_of(to_json(FACE)) == BadgeOrder(face=FACE)
    order = BadgeOrder(face=FACE, design=BadgeDesign(note="Merci", logo="AAAA"))
    assert order_of(to_json(order)) == order
    assert order.design.logo_file == base64.b64decode("AAAA")
    assert DEFAULT_DESIGN.logo_file is None
    with pytest.raises(OperatorMistake):
        order_of(b"[]")


@pytest.mark.parametrize(
    ("design", "field"),
    [
        (BadgeDesign(parts=()), "parts"),
        (BadgeDesign(parts=(SYMBOL,)), "parts"),
        (BadgeDesign(parts=(replace(SYMBOL, stamp=True, below="", above=""),)), "parts"),
        (with_part(*[Part(part="panel")] * PARTS_MAX), "parts"),
        (with_part(SYMBOL), "parts"),
        (with_part(replace(TITLE, stamp=False)), "parts[3].name"),
        (with_part(Part(part="panel", left=-1.0)), "parts[7].left"),
        (with_part(Part(part="panel", height=900.0)), "parts[7].height"),
        (with_part(Part(part="text")), "parts[7].field"),
        (with_part(Part(part="text", words="x", size_min=9.0)), "parts[7].size_min"),
        (with_part(Part(part="text", words="x", weight=900)), "parts[7].weight"),
        (with_part(Part(part="text", words="x", lines=0)), "parts[7].weight"),
        (with_part(Part(part="logo", width=3)), "parts[7].width"),
        (BadgeDesign(parts=(TITLE, replace(SYMBOL, bars=5.0, below="", above=""))), "parts[1].bars"),
        (with_part(Part(part="panel", below="nowhere")), "parts"),
        (with_part(Part(part="panel", name="a", below="b"), Part(part="panel", name="b", below="a")), "parts"),
        (BadgeDesign(logo="?"), "logo"),
        (BadgeDesign(logo="A" * 8000), "logo"),
    ],
)
def test_a_design_that_cannot_be_printed_is_refused_with_its_place(design: BadgeDesign, field: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        check_design(design)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"colour": 1}', "colour"),
        (b'{"parts": [{"part": "panel", "x": 1}]}', "parts[0].x"),
        (b'{"parts": 1}', "parts"),
    ],
)
def test_a_slip_of_the_pen_is_not_a_design(raw: bytes, field: str) -> None:
    with pytest.raises(OperatorMistake) as refused:
        read_design(raw)
    assert refused.value.field.startswith(field)


def laid_out(*parts: Part, **face: Any) -> list[object]:
    layout = compose(replace(FACE, **face), CARDS["cr80"], SquareLetters(), design=BadgeDesign(parts=parts))
    return list(layout.elements)


def test_parts_hang_on_edges_and_on_each_other() -> None:
    (panel,) = laid_out(Part(part="panel", right=4, width=10, top=5, height=6, radius=1, white=True))
    assert panel == Shape(x=432 - 32 - 80, y=40, width=80, height=48, radius=8, white=True)
    (panel,) = laid_out(Part(part="panel", left=4, width=10, bottom=5, height=6))
    assert isinstance(panel, Shape)
    assert (panel.x, panel.y + panel.height) == (32, 685 - 40)
    found = laid_out(
        Part(part="text", name="a", words="Aa", left=5, top=5, height=8, width=20, stand="middle"),
        Part(part="text", words="B", beside="a", gap=2, right=2, top=5, height=8, align="right", stand="bottom"),
        Part(part="text", words="C", below="a", gap=1, left=5, height=8, align="center"),
        Part(part="text", words="D", above="a", gap=1, left=5, top=1),
    )
    a, b, c, d = (one for one in found if isinstance(one, Words))
    assert b.x > a.x
    assert c.baseline > a.baseline > d.baseline


def test_words_of_the_chain_and_single_names_stand_in_text_too() -> None:
    design = BadgeDesign(
        parts=(
            Part(part="text", field="first_name", left=0, top=0, height=9, size=9),
            Part(part="text", words="bienvenue", left=0, top=20, height=9),
            replace(TITLE, below="", beside=""),
            replace(SYMBOL, below="", above=""),
        )
    )
    badge = text_badge(FACE, 48, design=design, duplicata=True)
    assert [line.text for line in badge.above] == ["Sophie", "bienvenue", "Carte de fidélité", "DUPLICATA"]
    drawn = compose(FACE, CARDS["cr80"], SquareLetters(), design=design)
    assert {"Sophie", "bienvenue"} <= set(words(drawn))


def test_a_copy_without_a_title_is_stamped_all_the_same() -> None:
    layout = compose(replace(FACE, title=""), CARDS["cr80"], SquareLetters(), duplicata=True)
    assert "DUPLICATA" in words(layout)


def test_a_badge_of_a_fine_printer_is_the_same_badge_in_more_dots() -> None:
    fine, coarse = (
        symbol(compose(FACE, CARD_SIZES["cr80"].at(density), SquareLetters())) for density in (300 / 25.4, 8.0)
    )
    assert (fine.choice.module_dots, coarse.choice.module_dots) == (4, 3)
    logo = compose(FACE, CARD_SIZES["cr80"].at(300 / 25.4), SquareLetters(), logo_px=(10, 10)).elements
    assert [one.width for one in logo if isinstance(one, Logo)] == [118]
