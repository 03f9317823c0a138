"""What became of each thing that was given at risk: a settlement names an amount, not the sales that it ends. Pure.

The first that head office heard of is settled first. So a sale that is cancelled later gives back just what was
deducted for it, and what was waived stays a present of the chain's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from daemon.domain.element import Element
from daemon.domain.ids import parse_entity
from daemon.domain.ledger import AMOUNT
from daemon.domain.rights import CAUSE, DEDUCTED, GIVEN_BACK, REASON, SALE, SETTLED
from daemon.domain.sale import cancellation_id


@dataclass(slots=True)
class Share:
    """Of what one sale had at risk: what is owed still, and what was taken from the customer's account for it."""

    owed: int = 0
    deducted: int = 0


def shares(entries: Iterable[Element]) -> dict[str, Share]:
    """By sale, the entries of one debt in the order in which head office heard them; "" for what names no sale."""
    found: dict[str, Share] = {}
    cancelled: dict[str, Share] = {}
    for entry in entries:
        amount, sale = entry.fields.get(AMOUNT), entry.fields.get(SALE)
        name = sale if isinstance(sale, str) else ""
        if not isinstance(amount, int):
            continue
        if amount > 0:
            share = found.setdefault(name, Share())
            share.owed += amount
            if (id_ := parse_entity(name)) is not None:
                cancelled[cancellation_id(id_).hex()] = share
            continue
        cause = entry.fields.get(CAUSE)
        its = [cancelled[name]] if cause == GIVEN_BACK and name in cancelled else []
        taken = cause == SETTLED and entry.fields.get(REASON) == DEDUCTED
        _end(-amount, [*its, *found.values()], is_taken=taken)
    return found


def _end(amount: int, among: Iterable[Share], *, is_taken: bool) -> None:
    for share in among:
        part = min(amount, share.owed)
        share.owed -= part
        share.deducted += part if is_taken else 0
        amount -= part
