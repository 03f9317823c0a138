"""A person of several records: who shows it, and what it says of each field. Pure, the same at every replica.

A merge copies nothing: its edge names, field by field, the record whose value is right, and the value stays where it
was typed. So an undone merge leaves nothing behind, and neither does an erasure that crosses a merge.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from daemon.domain.element import Element
from daemon.domain.hlc import Stamp
from daemon.domain.kind_shape import FieldRule
from daemon.domain.kinds import CUSTOMER

OTHER, FROM_HERE, FROM_OTHER = 1, 2, 3
"""Fields of an edge: its other end; the fields that are right at its owner; those that are right at the other end."""

CHOSEN: Final = tuple(
    CUSTOMER.number(name)
    for name in (
        *("civility", "name", "company_name", "siret", "vat_number", "email", "mobile", "phone", "address", "birthday"),
        *("language", "member_number", "preferred_channel", "price_list", "principal_group", "customer_type"),
        *("discount", "tax_category"),
    )
)
"""Fields of which a person shows one value: that of one of its records."""

ADDRESS, BAD_ADDRESS = CUSTOMER.number("address"), CUSTOMER.number("bad_address")

_JOINED: Final = tuple(
    shape.number for shape in CUSTOMER.fields.values() if shape.rule is FieldRule.GUARDED and shape.name != "archived"
)
"""Consents and the block: a refusal by any of the records stands for the person."""


def shown_first(rows: Iterable[Element]) -> list[Element]:
    """The rows of a person in the order in which they show it: the smallest (base stamp, id) does."""
    return sorted(rows, key=lambda row: (row.base, row.entity))


def composed(rows: Sequence[Element], edges: Iterable[Element]) -> Element:
    """The row that shows a person, with the values of the person: chosen ones, and what the others alone know.

    A value that was set on the shown row after a choice stands against it.
    """
    first, *others = shown_first(rows)
    if not others:
        return first
    by_id = {row.entity: row for row in rows}
    chosen: dict[int, tuple[Stamp, bytes]] = {}
    for edge in edges:
        for number, record in _choices(edge):
            if record in by_id and (number not in chosen or chosen[number] < (edge.base, record)):
                chosen[number] = (edge.base, record)
    fields = dict(first.fields)
    for number in CHOSEN:
        since, record = chosen.get(number, (None, b""))
        if since is not None and since > first.stamp(number):
            value = by_id[record].fields.get(number)
        else:
            told = (row.fields.get(number) for row in (first, *others))
            value = next((one for one in told if one is not None), None)
        _put(fields, number, value)
    _put(fields, BAD_ADDRESS, _bad_address(first, others, fields.get(ADDRESS)))
    for number in _JOINED:
        _put(fields, number, _joined([row.fields.get(number) for row in (first, *others)]))
    return Element(first.kind, first.entity, first.dot, first.base, fields, first.stamps)


def edge_fields(one: Element, other: Element, taken: Iterable[tuple[int, bytes]]) -> dict[int, Any]:
    """What an edge from one record to another says; `taken`: (field, the record whose value is right)."""
    pairs = sorted(taken)
    here = tuple(number for number, record in pairs if record == one.entity)
    there = tuple(number for number, record in pairs if record == other.entity)
    return {OTHER: other.entity, FROM_HERE: here or None, FROM_OTHER: there or None}


def _choices(edge: Element) -> Iterable[tuple[int, bytes]]:
    other = edge.fields.get(OTHER)
    for field, record in ((FROM_HERE, edge.entity), (FROM_OTHER, other)):
        numbers = edge.fields.get(field)
        if isinstance(numbers, tuple) and isinstance(record, bytes):
            yield from ((number, record) for number in numbers if number in CHOSEN)


def _joined(values: Sequence[Any]) -> Any:
    """One guarded value of several: a refusal before a grant, the first before the others."""
    said = [value for value in values if isinstance(value, tuple) and value]
    return next((value for value in said if value[0]), said[0] if said else None)


def _bad_address(first: Element, others: Sequence[Element], address: Any) -> Stamp | None:
    """The mark of the address that is shown, as if it were the first record's own."""
    owner = next((row for row in (first, *others) if row.fields.get(ADDRESS) == address), first)
    is_bad = address is not None and owner.fields.get(BAD_ADDRESS) == owner.stamp(ADDRESS)
    return first.stamp(ADDRESS) if is_bad else None


def _put(fields: dict[int, Any], number: int, value: Any) -> None:
    if value is None:
        fields.pop(number, None)
    else:
        fields[number] = value
