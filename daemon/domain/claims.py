"""What identifies a customer: the normal forms under which values are looked up.

The values themselves stay where they were typed; all owners of a value are kept, and an `award` of the hub decides.
"""

from daemon.domain.element import Element
from daemon.domain.kinds import Claim, Kind, shape_of

EDGE_OTHER = 100
"""The lookup under which an edge is found by its other end; the claims of `kinds.Claim` are below."""


def claims_of(element: Element) -> frozenset[tuple[int, str, int]]:
    """(claim, normal form, field number) of every identifying value that an element holds."""
    if element.kind == Kind.EDGE:
        other = element.fields.get(1)
        return frozenset({(EDGE_OTHER, other.hex(), 1)}) if isinstance(other, bytes) else frozenset()
    shape = shape_of(element.kind)
    if shape is None:
        return frozenset()
    found = set()
    for number, value in element.fields.items():
        known = shape.fields.get(number)
        if known is not None and known.claim is not None and isinstance(value, str) and value:
            found.add((int(known.claim), normal_form(known.claim, value), number))
    return frozenset(found)


def normal_form(claim: Claim, value: str) -> str:
    """The form under which two spellings of one value meet.

    Phones are stored in E.164 already; an e-mail's local part is compared without case because no provider that
    customers use tells case apart; codes and card numbers are compared without spaces, in capitals.
    """
    if claim is Claim.EMAIL:
        return value.strip().casefold()
    if claim is Claim.PHONE:
        return value.strip()
    return "".join(value.split()).upper()
