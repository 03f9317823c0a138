"""A badge to print, and an eye that reads what was printed."""

import io
from dataclasses import replace
from typing import Any

import zxingcpp
from PIL import Image

from daemon.domain.badge import BadgeFace
from daemon.domain.badge_design import BadgeDesign, BadgeOrder

FACE = BadgeFace(
    chain="Maison Kermarrec",
    title="Carte de fidélité",
    first_name="Hélène",
    last_name="Lebœuf",
    number="2900042187005",
    note="À présenter à chaque achat",
)


def face(**others: Any) -> BadgeFace:
    return replace(FACE, **others)


def order(design: BadgeDesign | None = None, **others: Any) -> BadgeOrder:
    """A badge as a job keeps it."""
    return BadgeOrder(face=face(**others), design=design or BadgeDesign())


ORDER = BadgeOrder(face=FACE)


def codes_on(png: bytes) -> list[tuple[str, str]]:
    """Kind and text of every symbol that an independent decoder finds in a picture."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    return [(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)]


def logo_png(width: int = 40, height: int = 40) -> bytes:
    """A black disc on nothing."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (width // 4, height // 4, width * 3 // 4, height * 3 // 4))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
