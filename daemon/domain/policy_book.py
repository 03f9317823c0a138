"""The policies of the chain: what each is called, what it may say, what holds where head office has said nothing.

A policy is one row, owned by head office; tills obey the last one that they heard. A policy that this version cannot
read leaves its default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from daemon.domain import calendar, caps, expiry, loyalty, policy, proof
from daemon.domain.element import Element
from daemon.domain.kinds import CHANNELS, CUSTOMER
from daemon.domain.ledger import AMOUNT_MAX
from daemon.errors import NotFound, OperatorMistake
from daemon.typed import parse_json, to_json

NPAI_ALERT: Final = "npai_alert"
SEARCH_LENGTH_MIN: Final = "search_length_min"
RETENTION_MONTHS: Final = "retention_months"
CONSENT_WORDING: Final = "consent_wording"
CODE_BLOCKS: Final = "code_blocks"

NpaiAlert = Literal["off", "banner", "acknowledge"]
NPAI_ALERTS: Final[tuple[NpaiAlert, ...]] = ("off", "banner", "acknowledge")

WORDING_LENGTH_MAX: Final = 64
SURFACES: Final = ("till", "kiosk", "application", "import", "hub")
_FIELDS: Final = frozenset(
    {shape.name for shape in CUSTOMER.fields.values() if shape.number < CUSTOMER.number("archived")}
    - {"name", "account", "kind"}
    | {"first_name", "last_name"}
)
"""Fields that a quick form may ask for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeBlocks:
    """Customer codes as the chain numbers them: `prefix` and so many digits, in blocks of `size` for each till.

    A till is given its next block once `low` codes are left of those it has.
    """

    prefix: str = ""
    digits: int = 8
    size: int = 500
    low: int = 100
    first: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyShape:
    """One policy. `read`: its value from its text, raising OperatorMistake. `is_plain`: a text that is no JSON."""

    name: str
    about: str
    default: Any
    read: Callable[[str], Any]
    is_plain: bool = False
    per_shop: bool = False


def _wrong(name: str, sentence: str) -> OperatorMistake:
    return OperatorMistake(f"{name}: {sentence}", field="value")


def _required(text: str) -> Any:
    told = parse_json(text.encode("utf-8"), dict[str, dict[str, tuple[str, ...]]])
    for surface, kinds in told.items():
        if surface not in SURFACES:
            raise _wrong("required", f"the surfaces are {', '.join(SURFACES)}")
        for kind, names in kinds.items():
            if kind not in ("person", "company"):
                raise _wrong("required", "the kinds of customers are person and company")
            if not set(names) <= _FIELDS:
                raise _wrong("required", "one of these is no field of a customer")
    return told


def _choice(name: str, choices: tuple[str, ...]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        told = parse_json(text.encode("utf-8"), str)
        if told not in choices:
            raise _wrong(name, f"say one of {', '.join(choices)}")
        return told

    return read


def _number(name: str, least: int, most: int) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        told = parse_json(text.encode("utf-8"), int)
        if not least <= told <= most:
            raise _wrong(name, f"a number from {least} to {most}")
        return told

    return read


def _wording(text: str) -> Any:
    told = parse_json(text.encode("utf-8"), dict[str, str])
    if not set(told) <= set(CHANNELS) or not all(0 < len(one) <= WORDING_LENGTH_MAX for one in told.values()):
        raise _wrong(CONSENT_WORDING, f"name a version for each of {', '.join(CHANNELS)}")
    return told


def _code_blocks(text: str) -> Any:
    told = parse_json(text.encode("utf-8"), CodeBlocks | None)  # type: ignore[arg-type]  # a union is a shape too
    if told is None:
        return None
    prefix = told.prefix
    if len(prefix) > 6 or (prefix and not (prefix.isascii() and prefix.isalnum() and prefix == prefix.upper())):
        raise _wrong(CODE_BLOCKS, "the prefix has up to six capitals or digits")
    if prefix.startswith("C") and prefix[1:2].isdigit():
        raise _wrong(CODE_BLOCKS, "this prefix looks like the codes that tills give without a block")
    if not 4 <= told.digits <= 12 or not 10 <= told.size <= 100_000 or not 0 < told.low < told.size or told.first < 0:
        raise _wrong(CODE_BLOCKS, "4 to 12 digits, blocks of 10 to 100000, and a low mark below the size of a block")
    return told


def _beyond(text: str) -> Any:
    told = parse_json(text.encode("utf-8"), loyalty.Beyond)
    if not set(told.at_most) <= {"points"} or not all(0 <= one <= AMOUNT_MAX for one in told.at_most.values()):
        raise _wrong(loyalty.BEYOND, "say how many points of a customer may stand at risk at most")
    return told


def _expiry(text: str) -> Any:
    told = parse_json(text.encode("utf-8"), expiry.Expiry | None)  # type: ignore[arg-type]  # a union is a shape too
    if told is not None and not (1 <= told.months <= 600 and 0 <= told.notice_days <= 366):
        raise _wrong(expiry.EXPIRY, "1 to 600 months, and up to 366 days of notice")
    return told


def _zone(text: str) -> Any:
    if not calendar.is_zone(text):
        raise _wrong("time_zone", "no such time zone: write it as Europe/Paris")
    return text


POLICIES: Final[Mapping[str, PolicyShape]] = {
    shape.name: shape
    for shape in (
        PolicyShape(
            name=policy.REQUIRED,
            about="fields that a creation asks for, by surface and kind of customer",
            default=policy.REQUIRED_BY_DEFAULT,
            read=_required,
        ),
        PolicyShape(name=caps.CAPS, about="how far each role goes alone", default=caps.BY_DEFAULT, read=caps.read),
        PolicyShape(
            name=proof.PROOF,
            about="the most that is spent in 24 hours with the name only, a card that was read, a PIN",
            default=proof.BY_DEFAULT,
            read=proof.read,
        ),
        PolicyShape(
            name=NPAI_ALERT,
            about="what a till shows for a bad address: off, banner, acknowledge",
            default="banner",
            read=_choice(NPAI_ALERT, NPAI_ALERTS),
        ),
        PolicyShape(
            name=SEARCH_LENGTH_MIN,
            about="from how many characters on a search is made while somebody types",
            default=1,
            read=_number(SEARCH_LENGTH_MIN, 1, 5),
        ),
        PolicyShape(
            name=RETENTION_MONTHS,
            about="months without any sign of a customer after which erasing is proposed",
            default=36,
            read=_number(RETENTION_MONTHS, 6, 240),
        ),
        PolicyShape(
            name=CONSENT_WORDING,
            about="version of the wording shown now, by channel",
            default={},
            read=_wording,
        ),
        PolicyShape(
            name=CODE_BLOCKS,
            about="customer codes in the chain's own numbering, in blocks for each till; null: C, the till, a count",
            default=None,
            read=_code_blocks,
        ),
        PolicyShape(
            name=loyalty.BEYOND,
            about="when more is wanted than may be spent at a till: refuse, at_risk, manager; at most so much, by book",
            default=loyalty.Beyond(),
            read=_beyond,
        ),
        PolicyShape(
            name=expiry.EXPIRY,
            about="months after which points expire, and days of notice; null: they do not",
            default=None,
            read=_expiry,
        ),
        PolicyShape(
            name=calendar.TIME_ZONE,
            about="time zone of the chain, or of one shop",
            default=calendar.ZONE_BY_DEFAULT,
            read=_zone,
            is_plain=True,
            per_shop=True,
        ),
    )
}
"""Policies that head office sets by their name; badges and walk-in customers have their own calls."""


def shape_of(name: str) -> PolicyShape:
    """The policy of that name; raises NotFound."""
    found = POLICIES.get(name)
    if found is None:
        raise NotFound("there is no policy of this name", field="name")
    return found


def row_name(shape: PolicyShape, shop: int) -> str:
    """What the row of a policy is called; raises OperatorMistake for a shop where there is one for the chain alone."""
    if shop and not shape.per_shop:
        raise OperatorMistake("shop: this policy holds for the whole chain", field="shop")
    return f"{shape.name}/{shop}" if shop else shape.name


def text_from(shape: PolicyShape, value: Any) -> str:
    """The text of a policy for a value as JSON gives it; raises OperatorMistake naming what is wrong."""
    if shape.is_plain:
        if not isinstance(value, str):
            raise _wrong(shape.name, "this is a text")
        text = value
    else:
        text = to_json(value).decode("utf-8")
    try:
        shape.read(text)
    except OperatorMistake as wrong:
        raise OperatorMistake(str(wrong), field="value") from wrong
    return text


def value_of(name: str, row: Element | None) -> Any:
    """What a policy says; its default where nothing was said, or nothing that this version can read."""
    shape = POLICIES[name]
    text = policy.text_of(row)
    if not text:
        return shape.default
    try:
        return shape.read(text)
    except OperatorMistake:
        return shape.default
