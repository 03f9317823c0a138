import pytest

from daemon.domain.badge import FindingKind
from daemon.domain.badge_text import Emphasis
from daemon.domain.card_symbol import SymbolWish
from daemon.domain.slip import Slip, SlipLine
from daemon.drivers.slip_picture import draw_slip
from tests.fakes.badges import codes_on

LONG = "À présenter en caisse, utilisable en plusieurs fois dans tous les magasins de l’enseigne."


@pytest.mark.parametrize("width", [576, 384])
@pytest.mark.parametrize("wish", SymbolWish)
def test_the_code_of_a_slip_is_read_off_any_paper(width: int, wish: SymbolWish) -> None:
    slip = Slip(
        lines=(SlipLine(text="Maison Kermarrec", emphasis=Emphasis.LARGE, align="center"),),
        code="2900042187005",
        wish=wish,
        below=(SlipLine(text=LONG),),
    )
    picture = draw_slip(slip, width)
    assert [text for _, text in codes_on(picture.sheet.png())] == ["2900042187005"]
    assert (picture.sheet.width, picture.findings) == (width, ())


def test_lines_are_wrapped_and_nothing_is_left_out_in_silence() -> None:
    one = draw_slip(Slip(lines=(SlipLine(text="court", right="1 €"),)), 384).sheet.height
    two = draw_slip(Slip(lines=(SlipLine(text="Un texte assez long pour la ligne", right="1 240,50 €"),)), 384)
    word = draw_slip(Slip(lines=(SlipLine(text="x" * 200),)), 384)
    narrow = draw_slip(Slip(lines=(SlipLine(text=LONG),), columns=20), 576)
    assert one < two.sheet.height < word.sheet.height
    assert narrow.sheet.height > draw_slip(Slip(lines=(SlipLine(text=LONG),)), 576).sheet.height
    found = draw_slip(Slip(lines=(SlipLine(text="Ősz"),), code="é" * 2000), 384).findings
    assert [one.kind for one in found] == [FindingKind.MISSING_GLYPH, FindingKind.NO_SYMBOL]
