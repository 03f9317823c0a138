"""Identities: of boxes, of actions, of things. All are made once and never changed."""

from dataclasses import dataclass
from typing import NewType

SiteId = NewType("SiteId", int)
"""One enrolled box, issued by the hub; the hub is `HUB_SITE`."""

ShopId = NewType("ShopId", int)
"""One point of sale, numbered by head office."""

EntityId = NewType("EntityId", bytes)
"""8 random bytes: a customer, an account, a product."""

Boot = NewType("Boot", bytes)
"""64 random bits drawn at each start of the process."""

HUB_SITE = SiteId(1)


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Who gives positions: a site in one of its incarnations (32 random bits).

    The incarnation is new after install, restore, clone or rollback, so that a sequence number is never used twice.
    """

    site: int
    incarnation: int


@dataclass(frozen=True, slots=True, order=True)
class RecordId:
    """(site, boot, n): one user action. Made in the transaction that saves it, before any position exists."""

    site: int
    boot: bytes
    n: int


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """Who holds rights: (site, 64 random bits). Survives a reseal; not a restore, clone or rollback."""

    site: int
    lot: bytes


def entity_text(entity: bytes) -> str:
    """An entity id as it stands in URLs and on the command line: 16 hexadecimal digits."""
    return entity.hex()


def parse_entity(text: str) -> EntityId | None:
    """The id written as 16 hexadecimal digits, or None."""
    if len(text) != 16:
        return None
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return None
    return EntityId(raw) if len(raw) == 8 else None  # spaces between digits make fewer bytes
