"""New stamps for records that the hub has not ordered: when the first anchor comes, or when a clock ran ahead.

A stamp is final only once the hub has ordered it. Until then the till may exchange it for a truer one: in the record,
in every later record that names it, and in the elements that carry it, where a value that lost may win again.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.hlc import Stamp
from daemon.domain.merge import Loser, lost, wins

Exchange = Mapping[Stamp, Stamp]
"""Old stamp → new stamp."""


def restamp_operation(op: Operation, exchange: Exchange) -> Operation:
    """The operation with every stamp that it names exchanged."""
    replaces = {number: exchange.get(stamp, stamp) for number, stamp in op.replaces.items()}
    fields = {number: restamp_value(value, exchange) for number, value in op.fields.items()}
    return Operation(op.kind, op.entity, op.verb, fields, replaces, op.dot)


def restamp_value(value: Any, exchange: Exchange) -> Any:
    """A value with the stamp that it names exchanged (a grant names the refusal that it lifts)."""
    if not isinstance(value, tuple):
        return value
    if value in exchange:
        return exchange[value]
    return tuple(restamp_value(item, exchange) for item in value)


Revision = Callable[[int, Any, Stamp], tuple[Any, Stamp]]
"""(field number, value, stamp) → value and stamp as they are to be."""


def restamped(exchange: Exchange) -> Revision:
    """Every stamp exchanged, in values too."""
    return lambda number, value, stamp: (restamp_value(value, exchange), exchange.get(stamp, stamp))


def adopted(old: Stamp, new: Stamp, said: Mapping[int, Any]) -> Revision:
    """What was set with the stamp `old` was set with `new`, and said this."""
    return lambda number, value, stamp: (said.get(number, value), new) if stamp == old else (value, stamp)


def revise_element(here: Element, losers: Sequence[Loser], revise: Revision) -> tuple[Element, list[Loser]]:
    """The element and its losers revised: for each field, the newest value stands."""
    if here.is_removed:
        kept = [(loser, *revise(loser.number, loser.value, loser.stamp)) for loser in losers]
        return here, [Loser(loser.key, loser.number, value, stamp, loser.winner) for loser, value, stamp in kept]
    _, base = revise(0, None, here.base)
    stamps: dict[int, Stamp] = {}
    fields: dict[int, Any] = {}
    lost_now: list[Loser] = []
    for number in here.fields.keys() | here.stamps.keys():
        rivals = [revise(number, here.fields.get(number), here.stamp(number))]
        rivals += [revise(number, loser.value, loser.stamp) for loser in losers if loser.number == number]
        best = rivals[0]
        for rival in rivals[1:]:
            best = rival if wins(here.kind, number, rival, best) else best
        if best[0] is not None:
            fields[number] = best[0]
        if best[1] != base:
            stamps[number] = best[1]
        lost_now += [lost(here.key, number, rival, best) for rival in rivals if rival != best]
    return Element(here.kind, here.entity, here.dot, base, fields, stamps), lost_now
