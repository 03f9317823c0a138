"""New stamps for records that the hub has not ordered: when the first anchor comes, or when a clock ran ahead.

A stamp is final only once the hub has ordered it. Until then the till may exchange it for a truer one: in the record,
in every later record that names it, and in the elements that carry it, where a value that lost may win again.
"""

from collections.abc import Mapping, Sequence
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


def _restamp_loser(loser: Loser, exchange: Exchange) -> Loser:
    stamp = exchange.get(loser.stamp, loser.stamp)
    return Loser(loser.key, loser.number, restamp_value(loser.value, exchange), stamp, loser.winner)


def restamp_element(here: Element, losers: Sequence[Loser], exchange: Exchange) -> tuple[Element, list[Loser]]:
    """The element and its losers under the new stamps: for each field, the newest value stands."""
    if here.is_removed:
        return here, [_restamp_loser(loser, exchange) for loser in losers]
    base = exchange.get(here.base, here.base)
    stamps: dict[int, Stamp] = {}
    fields: dict[int, Any] = {}
    kept: list[Loser] = []
    for number in here.fields.keys() | here.stamps.keys():
        standing = (
            restamp_value(here.fields.get(number), exchange),
            exchange.get(here.stamp(number), here.stamp(number)),
        )
        rivals = [standing]
        rivals += [
            (restamp_value(loser.value, exchange), exchange.get(loser.stamp, loser.stamp))
            for loser in losers
            if loser.number == number
        ]
        best = rivals[0]
        for rival in rivals[1:]:
            best = rival if wins(here.kind, number, rival, best) else best
        if best[0] is not None:
            fields[number] = best[0]
        if best[1] != base:
            stamps[number] = best[1]
        kept += [lost(here.key, number, rival, best) for rival in rivals if rival != best]
    return Element(here.kind, here.entity, here.dot, base, fields, stamps), kept
