"""What identifies a customer: the normal forms under which values are looked up.

The values themselves stay where they were typed; all owners of a value are kept, and an `award` of the hub decides.
"""

from daemon.domain import mail_address
from daemon.domain.element import Element
from daemon.domain.kinds import SHAPES, Claim, Kind

EDGE_OTHER = 100
"""The lookup under which an edge is found by its other end; the claims of `kinds.Claim` are below."""


_CLAIMED: dict[int, tuple[tuple[int, Claim], ...]] = {
    kind: tuple((field.number, field.claim) for field in shape.fields.values() if field.claim is not None)
    for kind, shape in SHAPES.items()
}
"""The fields of each kind that identify."""


def claims_of(element: Element | None) -> frozenset[tuple[int, str, int]]:
    """(claim, normal form, field number) of every identifying value that an element holds."""
    if element is None:
        return frozenset()
    if element.kind == Kind.EDGE:
        other = element.fields.get(1)
        return frozenset({(EDGE_OTHER, other.hex(), 1)}) if isinstance(other, bytes) else frozenset()
    found = []
    for number, claim in _CLAIMED.get(element.kind, ()):
        value = element.fields.get(number)
        if value and isinstance(value, str):
            found.append((int(claim), normal_form(claim, value), number))
    return frozenset(found)


def claims_moved(
    before: Element | None, after: Element | None
) -> tuple[list[tuple[int, str, int]], list[tuple[int, str, int]]]:
    """The claims that go and the claims that come when one element changes; only fields that differ are looked at."""
    if before is not None and after is not None and after.kind != Kind.EDGE:
        claimed = _CLAIMED.get(after.kind, ())
        if all(before.fields.get(number) == after.fields.get(number) for number, _ in claimed):
            return [], []
    had, has = claims_of(before), claims_of(after)
    return sorted(had - has), sorted(has - had)


def normal_form(claim: Claim, value: str) -> str:
    """The form under which two spellings of one value meet.

    Phones are stored in E.164 already; e-mails meet as `mail_address` says; codes and card numbers are compared without
    spaces, in capitals.
    """
    if claim is Claim.EMAIL:
        return mail_address.key_of(value) or value.strip().casefold()
    if claim is Claim.PHONE:
        return value.strip()
    return "".join(value.split()).upper()
