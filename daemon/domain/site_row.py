"""The row of an enrolled till: head office writes it, every replica may show what a till is called."""

from typing import Final

from daemon.domain.canonical import digest8
from daemon.domain.element import Element, Key
from daemon.domain.kinds import Kind

SITE: Final = 1
SHOP: Final = 2
LABEL: Final = 3
"""Fields of the row, as `kinds` numbers them."""

CONFLICTS_TOLD_MAX: Final = 1_000
"""A till counts its unsettled values no further for head office."""


def site_key(site: int) -> Key:
    """Where the row of a till is stored."""
    return (digest8(f"site/{site}".encode("ascii")), Kind.SITE, b"")


def label_of(row: Element | None) -> str:
    """What a till is called; empty where nobody gave it a name."""
    label = row.fields.get(LABEL) if row is not None else None
    return label if isinstance(label, str) else ""
