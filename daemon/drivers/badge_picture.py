"""A badge as a picture: the layout of the domain drawn with the letters and symbols of the raster room."""

from dataclasses import dataclass
from functools import cache

from daemon.domain.badge import Card, Composition, Finding, Logo, Preview, Shape, Symbol, Words
from daemon.domain.badge_design import BadgeOrder
from daemon.domain.badge_layout import compose
from daemon.domain.card_symbol import DOTS_PER_MM, Symbology
from daemon.drivers.raster import Sheet, Typeface, open_picture, symbol_rows

SCREEN_ENLARGE = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class BadgePicture:
    """A drawn badge, and where everything stands on it."""

    sheet: Sheet
    layout: Composition

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the operator should know."""
        return self.layout.findings


def draw_badge(order: BadgeOrder, card: Card, *, duplicata: bool = False) -> BadgePicture:
    """Lay out and draw; the dark parts of the logo are printed white on black."""
    setter, logo = shipped_typeface(), order.design.logo_file
    logo_px = open_picture(logo).size if logo else None
    layout = compose(order.face, card, setter, design=order.design, duplicata=duplicata, logo_px=logo_px)
    return BadgePicture(sheet=_drawn(layout, setter, logo), layout=layout)


def preview_badge(order: BadgeOrder, card: Card, *, duplicata: bool = False) -> Preview:
    """The badge for the screen, each dot of the printer as a square of dots; of a fine printer, dot by dot."""
    picture = draw_badge(order, card, duplicata=duplicata)
    enlarge = SCREEN_ENLARGE if card.dots_per_mm <= DOTS_PER_MM else 1
    return Preview(png=picture.sheet.png(enlarge=enlarge), findings=picture.findings)


@cache
def shipped_typeface() -> Typeface:
    """The one face of our badges, read once."""
    return Typeface()


def _drawn(layout: Composition, setter: Typeface, logo: bytes | None) -> Sheet:
    sheet = Sheet(layout.card.width, layout.card.height)
    for element in layout.elements:
        match element:
            case Shape():
                sheet.shape(element)
            case Words(x=x, baseline=baseline, text=text):
                extras = setter.extras(slashed_zero=element.slashed_zero)
                face = setter.font(element.size, element.weight)
                sheet.words((x, baseline), text, face, white=element.white, extras=extras)
            case Symbol(x=x, y=y, choice=choice):
                bars = choice.symbology is not Symbology.QR
                rows = symbol_rows(choice.symbology, element.text)
                sheet.symbol((x, y), rows, choice.module_dots, element.height if bars else None)
            case Logo(x=x, y=y, width=width, height=height):
                assert logo is not None, "only a badge with a logo has a place for it"
                sheet.picture((x, y), (width, height), logo, white=True)
    return sheet
