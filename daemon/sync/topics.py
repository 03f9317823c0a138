"""The topics of one chain: built and read here, so that no other module spells one.

c1/<chain>/up/<site>            till to hub: sealed batches, requests
c1/<chain>/dn/<site>            hub to one till: acknowledgements, answers, ranges
c1/<chain>/feed/all             hub to all tills: ordered frames
c1/<chain>/feed/shop/<shop>     hub to the tills of one shop
c1/<chain>/feed/site/<site>     hub to one till
c1/<chain>/st/<site>            presence of a site, retained; its will
"""

import re
from dataclasses import dataclass
from enum import Enum

from daemon.domain.ids import HUB_SITE, ShopId, SiteId
from daemon.errors import OperatorMistake

_CHAIN = re.compile(r"[a-z0-9-]{1,32}")
_TOPIC = re.compile(
    r"c1/([a-z0-9-]{1,32})/(up|dn|st|feed/shop|feed/site)/([1-9][0-9]{0,9})|c1/([a-z0-9-]{1,32})/feed/all"
)


class Lane(Enum):
    """What flows on a topic, by its place in the tree."""

    UP = "up"
    DOWN = "dn"
    PRESENCE = "st"
    FEED_ALL = "feed/all"
    FEED_SHOP = "feed/shop"
    FEED_SITE = "feed/site"


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A topic taken apart; `number` is the site, the shop for FEED_SHOP, 0 for FEED_ALL."""

    lane: Lane
    number: int


@dataclass(frozen=True, slots=True)
class Topics:
    """The tree of one chain."""

    chain: str

    def __post_init__(self) -> None:
        """Refuse a chain name that would break out of its branch or match a wildcard."""
        if not _CHAIN.fullmatch(self.chain):
            raise OperatorMistake("chain: 1 to 32 small letters, digits and hyphens", field="chain")

    def up(self, site: SiteId) -> str:
        """What this till says to head office."""
        return f"c1/{self.chain}/up/{site}"

    def down(self, site: SiteId) -> str:
        """What head office says to this till alone, in answer."""
        return f"c1/{self.chain}/dn/{site}"

    def presence(self, site: SiteId) -> str:
        """Whether this site is connected."""
        return f"c1/{self.chain}/st/{site}"

    def feed_all(self) -> str:
        """The frames of the whole chain."""
        return f"c1/{self.chain}/feed/all"

    def feed_shop(self, shop: ShopId) -> str:
        """The frames of one shop."""
        return f"c1/{self.chain}/feed/shop/{shop}"

    def feed_site(self, site: SiteId) -> str:
        """The frames of one site: grants, leases."""
        return f"c1/{self.chain}/feed/site/{site}"

    def heard_by_till(self, site: SiteId, shop: ShopId) -> tuple[str, ...]:
        """All that a till subscribes to, and all that it may read."""
        return (
            self.down(site),
            self.feed_all(),
            self.feed_shop(shop),
            self.feed_site(site),
            self.presence(HUB_SITE),
        )

    def heard_by_hub(self) -> tuple[str, ...]:
        """The filters that head office subscribes to."""
        return (f"c1/{self.chain}/up/+", f"c1/{self.chain}/st/+")

    def said_by_till(self, site: SiteId) -> tuple[str, ...]:
        """All that a till may publish."""
        return (self.up(site), self.presence(site))

    def said_by_hub(self, hub: SiteId) -> tuple[str, ...]:
        """The filters that head office may publish to."""
        return (f"c1/{self.chain}/dn/+", f"c1/{self.chain}/feed/#", self.presence(hub))

    def parse(self, topic: str) -> Address | None:
        """Take a topic of this chain apart; None for anything else, however close."""
        found = _TOPIC.fullmatch(topic)
        if found is None:
            return None
        chain, lane, number, whole_chain = found.groups()
        if (chain or whole_chain) != self.chain:
            return None
        return Address(lane=Lane(lane), number=int(number)) if lane else Address(lane=Lane.FEED_ALL, number=0)
