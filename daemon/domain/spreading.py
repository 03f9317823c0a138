"""Where rights lie: the larger part at the usual shop, over its tills, some where the customer also goes. Pure."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from daemon.domain.change import Operation
from daemon.domain.escrow import recall_from
from daemon.domain.kinds import BOOK_COUPON
from daemon.domain.rights import GRANTED, Holder, Standing, right

RESERVE_SHARE: Final = 16
"""Head office keeps a sixteenth of a balance for whoever asks elsewhere."""

AWAY_SHARE: Final = 5
"""A fifth lies at tills of other shops where the customer has bought, as long as they go there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The tills of the usual shop, the most usual first; and tills elsewhere where the customer has bought lately."""

    usual: Sequence[Holder] = ()
    away: Sequence[Holder] = ()

    def part_away(self, balance: int) -> int:
        """What is meant to lie at each till elsewhere."""
        return balance // AWAY_SHARE // len(self.away) if self.away else 0


def hand_out(standing: Standing, places: Places) -> list[Operation]:
    """Grant what no one holds: their part to tills elsewhere, the rest evenly to those of the usual shop.

    What cannot be divided goes to the most usual till.
    """
    usual = places.usual
    if not usual or standing.free <= 0:
        return []
    if standing.book == BOOK_COUPON:
        return [right(standing.account, standing.book, standing.free, GRANTED, usual[0])]
    amount = standing.free - standing.balance // RESERVE_SHARE
    if amount < max(1, standing.balance // (4 * RESERVE_SHARE)):
        return []
    shares: dict[Holder, int] = {}
    for one in places.away:
        shares[one] = min(max(places.part_away(standing.balance) - _left(standing, one), 0), amount)
        amount -= shares[one]
    shares |= zip(usual, level([_left(standing, one) for one in usual], amount), strict=True)
    return [right(standing.account, standing.book, share, GRANTED, one) for one, share in shares.items() if share > 0]


def even_out(standing: Standing, places: Places, sold_at: AbstractSet[int] = frozenset()) -> list[Operation]:
    """Bring rights to where the customer goes: home from elsewhere, then evenly to the tills of the shop.

    A till of another shop that has just sold to this customer (`sold_at`) passes on what it has beyond its part.
    Customers change lanes: tills that hold more than an even part pass on to those that have less than three quarters
    of it. Nothing moves where that is so already: rights are not sent to and fro.
    """
    usual = places.usual
    if not usual or standing.book == BOOK_COUPON:
        return []
    home = {holder: _left(standing, holder) for holder in usual}
    part = places.part_away(standing.balance)
    operations: list[Operation] = []
    for holder, left in sorted(standing.held.items()):
        keep = part if holder in places.away else 0
        if left > keep and holder[0] in sold_at and holder not in home:
            least = min(usual, key=lambda one: (home[one], one))
            home[least] += left - keep
            operations.append(recall_from(standing, holder, left - keep, keep=keep, to=least))
    return operations or [*_level_lanes(standing, home), *_send_away(standing, home, places)]


def _level_lanes(standing: Standing, home: dict[Holder, int]) -> list[Operation]:
    """From tills of the shop that hold more than an even part to those that have much less."""
    part = sum(home.values()) // len(home)
    operations: list[Operation] = []
    for least in sorted(home, key=lambda one: (home[one], one)):
        most = max(home, key=lambda one: (home[one], one))
        moved = min(home[most] - part, part - home[least])
        if home[least] * 4 >= part * 3 or moved <= 0:
            break
        operations.append(recall_from(standing, most, moved, keep=part, to=least))
        home[most] -= moved
        home[least] += moved
    return operations


def _send_away(standing: Standing, home: Mapping[Holder, int], places: Places) -> list[Operation]:
    """To a till elsewhere that has less than half of its part, from the till of the shop that holds most."""
    part = places.part_away(standing.balance)
    most = max(home, key=lambda one: (home[one], one))
    for one in places.away:
        moved = min(part - _left(standing, one), home[most] - part)
        if _left(standing, one) * 2 < part and moved > 0:
            return [recall_from(standing, most, moved, keep=part, to=one)]
    return []


def _left(standing: Standing, holder: Holder) -> int:
    return max(standing.held.get(holder, 0), 0)


def level(held: Sequence[int], amount: int) -> list[int]:
    """How much each gets of an amount, so that the least become as even as it goes."""
    shares = [0] * len(held)
    order = sorted(range(len(held)), key=lambda at: (held[at], at))
    for count in range(1, len(order) + 1):
        water = held[order[count]] if count < len(order) else None
        room = None if water is None else sum(water - held[at] - shares[at] for at in order[:count])
        if room is None or room >= amount:
            base, more = divmod(amount + sum(held[at] + shares[at] for at in order[:count]), count)
            return [
                base + (order.index(at) < more) - held[at] if at in order[:count] else shares[at]
                for at in range(len(held))
            ]
        amount -= room
        for at in order[:count]:
            assert water is not None
            shares[at] = water - held[at]
    return shares
