"""How well each feed that a till follows was proved equal to head office: the chain's, its shop's, its own.

Head office marks every feed each ten seconds, also one in which nothing was said yet. A feed that stays behind the
chain's is not proved although the line is there: something of it is missing, waits, or is of a newer version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.cli import moments
from daemon.cli.words import _, figure

BEHIND_S_MAX: Final = 600
"""A busy feed may miss a few marks; not those of ten minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedProof:
    """One feed as it was last proved. `age_s`: how long ago; None: never."""

    reach: str
    number: int
    offset: int
    age_s: int | None

    def told(self) -> str:
        """A sentence that names the feed."""
        said = {
            ("shop", True): _("feed of shop {number}: proved equal to head office {ago}, at position {offset}"),
            ("site", True): _("feed of this till: proved equal to head office {ago}, at position {offset}"),
            ("shop", False): _("feed of shop {number}: never proved equal to head office"),
            ("site", False): _("feed of this till: never proved equal to head office"),
        }[self.reach, self.age_s is not None]
        return said.format(number=self.number, ago=moments.ago(self.age_s), offset=figure(self.offset))

    def shortly(self) -> str:
        """The same beside the feed's name."""
        if self.age_s is None:
            return _("never proved equal")
        return _("proved equal {ago}, at position {offset}").format(
            ago=moments.ago(self.age_s), offset=figure(self.offset)
        )


def is_behind(feed: FeedProof, chain_s: int | None) -> bool:
    """Whether the line is there, and this feed is not proved. `chain_s`: how long ago the chain's was; None: never."""
    return chain_s is not None and (feed.age_s is None or feed.age_s - chain_s > BEHIND_S_MAX)


def proofs(feeds: Sequence[Mapping[str, Any]], now_ms: int) -> list[FeedProof]:
    """The feeds as the API tells them."""
    return [
        FeedProof(
            reach=feed["reach"],
            number=feed["number"],
            offset=feed["proved_offset"],
            age_s=_not_ahead(moments.seconds_since(feed["proved_at"], now_ms)),
        )
        for feed in feeds
    ]


def _not_ahead(seconds: int | None) -> int | None:
    return None if seconds is None else max(seconds, 0)
