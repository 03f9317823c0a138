"""Which sales leave what the whole chain holds, and what stands in the months instead: decided by head office alone.

Every replica holds the last sales of each account and what older ones came to by month. Older sales stay with their
shop and at head office, as the copies that were written beside their lines. What stands in a month is all that was sold
in it, as the shops' copies say, less what still stands as a sale: it is counted anew each time, so that a sale which is
heard late, stated twice, or lost and given back after a restore counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.domain.ledger import MONTHS
from daemon.domain.sale import MONTH, ORIGINAL, SOLD, TOTAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """An account keeps `kept` sales everywhere; nothing is closed up to `most`, so that not each sale is two."""

    kept: int = 20
    most: int = 24


MONTHS_KEPT: Final = 24
AT_ONCE: Final = 50
"""Sales that leave with one record: far from the most that can be sent."""


def decide_closing(
    account: bytes, *, standing: Sequence[Element], sold: Mapping[int, int], row: Element | None, bound: Bound
) -> list[Operation]:
    """The operations that close the old sales of an account; none where nothing is to be said.

    `standing`: its sales that the chain holds and of which head office has the shop's copy; `sold`: cents of each month
    (202611) by those copies; `row`: what stands in the months now.
    """
    going = _going(standing, bound) if len(standing) > bound.most else []
    if not going and row is None:
        return []
    gone = {one.dot for one in going}
    rest = dict(sold)
    for one in standing:
        if one.dot in gone:
            continue
        rest[_number(one, MONTH)] = rest.get(_number(one, MONTH), 0) - _number(one, TOTAL)
    newest = sorted((month for month in rest), reverse=True)[:MONTHS_KEPT]
    months = tuple((month, rest[month]) for month in sorted(newest) if rest[month])
    operations = [authoring.remove(one) for one in going]
    if row is None:
        operations.append(authoring.create(Kind.MONTH, account, {MONTHS: months}))
    elif row.fields.get(MONTHS) != months:
        operations.append(authoring.change(row, {MONTHS: months}))
    return operations


def _going(standing: Sequence[Element], bound: Bound) -> list[Element]:
    """The sales that leave: the oldest first, each with what came back of it.

    Whoever holds a sale would take the same back again if a return of it were not there any more.
    """
    families: dict[bytes, list[Element]] = {one.dot: [] for one in standing}
    for one in standing:
        original = one.fields.get(ORIGINAL)
        families[original if isinstance(original, bytes) and original in families else one.dot].append(one)
    going: list[Element] = []
    for family in sorted(filter(None, families.values()), key=_newest):
        if len(standing) - len(going) <= bound.kept or (going and len(going) + len(family) > AT_ONCE):
            break
        going += sorted(family, key=lambda one: one.dot)
    return going


def _newest(family: Sequence[Element]) -> tuple[int, bytes]:
    return max((_number(one, SOLD), one.dot) for one in family)


def _number(one: Element, at: int) -> int:
    value = one.fields.get(at)
    return value if type(value) is int else 0
