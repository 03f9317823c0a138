"""What identifies a customer: the normal forms under which values are looked up.

The values themselves stay where they were typed; all owners of a value are kept, and an `award` of the hub decides.
"""

from collections.abc import Iterable

from daemon.domain import mail_address
from daemon.domain.element import Element, read_body
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import SHAPES, Kind

EDGE_OTHER = 100
"""The lookup under which an edge is found by its other end; the claims of `kinds.Claim` are below."""

TRIED_AT = 101
"""The lookup of what tills have told of tries at a PIN and of refusals, by its moment in 16 hexadecimal digits."""

_TRIES = SHAPES[Kind.PIN_TRIES]
_MOMENTS = (_TRIES.number("last_ms"), _TRIES.number("refused_ms"))

_CLAIMED: dict[int, tuple[tuple[int, Claim], ...]] = {
    kind: tuple((field.number, field.claim) for field in shape.fields.values() if field.claim is not None)
    for kind, shape in SHAPES.items()
}
"""The fields of each kind that identify."""

_NUMBERS = {kind: frozenset(number for number, _ in fields) for kind, fields in _CLAIMED.items()}
_NUMBERS[Kind.EDGE] = frozenset({1})
_NUMBERS[Kind.PIN_TRIES] = frozenset(_MOMENTS)


def is_claimed(kind: int, numbers: Iterable[int]) -> bool:
    """Whether one of these fields identifies who has it."""
    claimed = _NUMBERS.get(kind)
    return claimed is not None and not claimed.isdisjoint(numbers)


def claims_of(element: Element | None) -> frozenset[tuple[int, str, int]]:
    """(claim, normal form, field number) of every identifying value that an element holds."""
    if element is None:
        return frozenset()
    if element.kind == Kind.EDGE:
        other = element.fields.get(1)
        return frozenset({(EDGE_OTHER, other.hex(), 1)}) if isinstance(other, bytes) else frozenset()
    if element.kind == Kind.PIN_TRIES:
        at_ms = tried_ms(element)
        return frozenset({(TRIED_AT, f"{at_ms:016x}", _MOMENTS[0])}) if at_ms else frozenset()
    found: list[tuple[int, str, int]] = []
    for number, claim in _CLAIMED.get(element.kind, ()):
        found += _claim(claim, element.fields.get(number), number)
    return frozenset(found)


def tried_ms(element: Element) -> int:
    """When a till last told of a wrong try, or of a refusal."""
    said = (element.fields.get(number) for number in _MOMENTS)
    return max((one for one in said if type(one) is int and 0 < one < 1 << 62), default=0)


def _claim(claim: Claim, value: object, number: int) -> tuple[tuple[int, str, int], ...]:
    """What a value claims: a text itself, a list each of its texts, anything else nothing."""
    if value is None:
        return ()
    if isinstance(value, str):
        return ((int(claim), normal_form(claim, value), number),) if value else ()
    said = value if isinstance(value, tuple) else ()
    forms = dict.fromkeys([normal_form(claim, one) for one in said if one and isinstance(one, str)])
    return tuple([(int(claim), form, number) for form in forms])


def claims_moved(
    before: Element | None, after: Element | None
) -> tuple[list[tuple[int, str, int]], list[tuple[int, str, int]]]:
    """The claims that go and the claims that come when one element changes; only fields that differ are looked at."""
    kind = after.kind if after is not None else before.kind if before is not None else 0
    if kind in (Kind.EDGE, Kind.PIN_TRIES):
        this, that = claims_of(before), claims_of(after)
        return sorted(this - that), sorted(that - this)
    old, new = before.fields if before is not None else {}, after.fields if after is not None else {}
    gone: list[tuple[int, str, int]] = []
    come: list[tuple[int, str, int]] = []
    for number, claim in _CLAIMED.get(kind, ()):
        had, has = old.get(number), new.get(number)
        if had is not has and had != has:
            was, will_be = _claim(claim, had, number), _claim(claim, has, number)
            if was != will_be:
                gone += was
                come += will_be
    return gone, come


def tried_at_in(body: bytes) -> str | None:
    """What an element of tries is found by, from its canonical bytes."""
    try:
        at_ms = tried_ms(read_body(body))
    except (ValueError, TypeError):
        return None  # a damaged row is looked up again once it is mended
    return f"{at_ms:016x}" if at_ms else None


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
