"""What head office rules of loyalty: points for euros, coupons at a threshold and for birthdays, how far beyond rights.

A rule is a row: its label, its kind and its terms as JSON. Rates are hundredths of a point a euro: 100 is one point for
each. A sale earns line by line at the highest rate that applies to the line, and is rounded once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from daemon.domain import authoring
from daemon.domain.calendar import is_within, parse_day
from daemon.domain.canonical import digest8, pack
from daemon.domain.change import Operation
from daemon.domain.claims import normal_form
from daemon.domain.customer_type import is_withdrawn
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import SHAPES, Kind
from daemon.domain.ledger import AMOUNT_MAX
from daemon.domain.plain_line import plain_line
from daemon.domain.rate import WHOLE
from daemon.errors import NotFound, OperatorMistake
from daemon.typed import parse_json, to_json

_SHAPE: Final = SHAPES[Kind.LOYALTY_RULE]
LABEL: Final = _SHAPE.number("label")
KIND: Final = _SHAPE.number("kind")
TERMS: Final = _SHAPE.number("terms")
WITHDRAWN: Final = _SHAPE.number("withdrawn")

RuleKind = Literal["points", "threshold", "birthday"]
LABEL_LENGTH_MAX: Final = 100
RATE_MAX: Final = 100_000
TIMES_MAX: Final = 50
"""Coupons that one sale may bring by one threshold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CouponTerms:
    """What a coupon gives: cents or hundredths of a percent off, from a minimum on, for so many days."""

    label: str = ""
    amount: int | None = None
    percent: int | None = None
    minimum: int = 0
    days: int = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLoyaltyRule:
    """A rule to make, or what takes a rule's place.

    points      `rate` for a euro, on the lines that it names (all, where it names none), for customers of these groups,
                between two days, on these days of the week (1 Monday to 7 Sunday); in hundredths of a point
    threshold   a coupon for each `every` points that sales have brought to an account, less what came back
    birthday    a coupon from `before` days before the birthday on
    """

    label: str
    kind: RuleKind
    rate: int = 0
    rounding: Literal["down", "nearest"] = "down"
    groups: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    from_day: str | None = None
    until_day: str | None = None
    every: int = 0
    before: int = 0
    coupon: CouponTerms = field(default_factory=CouponTerms)
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LoyaltyRule(NewLoyaltyRule):
    """One rule of head office."""

    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EarningLine:
    """A line as earning looks at it; `amount` is what is paid for it, in cents."""

    product: str
    family: str
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Earned:
    """What a sale earns: points in all, and for each line the rate and the rule that gave it (empty: none did)."""

    points: int
    lines: tuple[tuple[int, str], ...]
    rules: str


def rule_of(row: Element) -> LoyaltyRule | None:
    """The rule that a row says; None for one that this version cannot read."""
    terms, kind = row.fields.get(TERMS), row.fields.get(KIND)
    if not isinstance(terms, str):
        return None
    try:
        said = parse_json(terms.encode("utf-8"), NewLoyaltyRule)
    except OperatorMistake:
        return None
    if said.kind != kind:
        return None
    plain = {name: getattr(said, name) for name in NewLoyaltyRule.__dataclass_fields__ if name != "withdrawn"}
    return LoyaltyRule(id=row.entity.hex(), withdrawn=is_withdrawn(row.fields.get(WITHDRAWN)), **plain)


def decide_rule(here: Element | None, id_: EntityId, given: NewLoyaltyRule, *, is_new: bool) -> list[Operation]:
    """Make a rule, or say it anew; raises NotFound, OperatorMistake."""
    given = _checked(given)
    values: dict[int, Any] = {
        LABEL: given.label,
        KIND: given.kind,
        TERMS: to_json(replace(given, withdrawn=False)).decode("utf-8"),
    }
    if is_new:
        return [authoring.create(Kind.LOYALTY_RULE, id_, values)]
    if here is None:
        raise NotFound("no rule has this id", field="id")
    changed = {at: value for at, value in values.items() if here.fields.get(at) != value}
    if given.withdrawn != is_withdrawn(here.fields.get(WITHDRAWN)):
        changed[WITHDRAWN] = authoring.guard(strong=given.withdrawn)
    return [authoring.change(here, changed)] if changed else []


def _checked(given: NewLoyaltyRule) -> NewLoyaltyRule:
    label = plain_line(given.label, "label", LABEL_LENGTH_MAX)
    if not label:
        raise OperatorMistake("label: the rule has no label", field="label")
    if not 0 <= given.rate <= RATE_MAX or (given.kind == "points" and not given.rate):
        raise OperatorMistake(f"rate: hundredths of a point a euro, from 1 to {RATE_MAX}", field="rate")
    if given.kind == "threshold" and given.every <= 0:
        raise OperatorMistake("every: say after how many points a coupon is due", field="every")
    if any(not 1 <= day <= 7 for day in given.weekdays):
        raise OperatorMistake("weekdays: 1 is Monday, 7 is Sunday", field="weekdays")
    parse_day(given.from_day, "from_day")
    parse_day(given.until_day, "until_day")
    if given.kind != "points":
        check_coupon(given.coupon)
    if not 0 <= given.before <= 366:
        raise OperatorMistake("before: from 0 to 366 days before the birthday", field="before")
    return replace(given, label=label)


def check_coupon(given: CouponTerms) -> None:
    """Raise OperatorMistake for a coupon that nobody could use."""
    if (given.amount is None) == (given.percent is None):
        raise OperatorMistake("amount: give an amount or a percentage", field="amount")
    if not 0 < (given.amount or 1) <= AMOUNT_MAX or not 0 < (given.percent or 1) <= WHOLE:
        raise OperatorMistake("amount: more than nothing, and a percentage up to 10000", field="amount")
    if not 1 <= given.days <= 3_650 or given.minimum < 0:
        raise OperatorMistake("days: a coupon is good for 1 to 3650 days, from a minimum of nothing on", field="days")
    plain_line(given.label, "label", LABEL_LENGTH_MAX)


def earn(rules: Iterable[LoyaltyRule], lines: Sequence[EarningLine], *, groups: frozenset[str], day: int) -> Earned:
    """The points that a sale earns. The version of the rules goes with it: the same text, the same rules."""
    standing = sorted((rule for rule in rules if _applies(rule, groups, day)), key=lambda rule: (-rule.rate, rule.id))
    found: list[tuple[int, str]] = []
    whole: dict[str, int] = {}
    for line in lines:
        best = next((rule for rule in standing if _names(rule, line)), None)
        found.append((best.rate, best.id) if best is not None else (0, ""))
        if best is not None:
            whole[best.rounding] = whole.get(best.rounding, 0) + line.amount * best.rate
    points = _rounded(whole.get("down", 0), half=0) + _rounded(whole.get("nearest", 0), half=5_000)
    version = digest8(repr(standing).encode("utf-8")).hex()
    return Earned(points=points, lines=tuple(found), rules=version)


def _rounded(parts: int, *, half: int) -> int:
    """Hundredths of points for cents, as points; what is taken back is rounded like what was given."""
    sign = 1 if parts >= 0 else -1
    return sign * ((abs(parts) + half) // 10_000)


def _applies(rule: LoyaltyRule, groups: frozenset[str], day: int) -> bool:
    if rule.kind != "points" or rule.withdrawn:
        return False
    if rule.groups and not groups & set(rule.groups):
        return False
    weekday = (day + 3) % 7 + 1  # 1 January 1970 was a Thursday
    if rule.weekdays and weekday not in rule.weekdays:
        return False
    return is_within(day, parse_day(rule.from_day, "from_day"), parse_day(rule.until_day, "until_day"))


def _names(rule: LoyaltyRule, line: EarningLine) -> bool:
    if not rule.products and not rule.families:
        return True
    code, family = normal_form(Claim.PRODUCT, line.product), line.family.casefold()
    if code and any(normal_form(Claim.PRODUCT, one) == code for one in rule.products):
        return True
    return bool(family) and any(one.casefold() == family for one in rule.families)


def due(rule: LoyaltyRule, earned_before: int, earned_after: int) -> list[int]:
    """Which coupons a threshold makes due when an account has earned more: their numbers, from 1 on."""
    if rule.kind != "threshold" or rule.withdrawn or rule.every <= 0:
        return []
    first, last = max(earned_before, 0) // rule.every + 1, earned_after // rule.every
    return list(range(first, min(last, first + TIMES_MAX - 1) + 1))


def coupon_fact(rule: str, account: bytes, number: int) -> bytes:
    """The id of a coupon that a rule makes due: the same from whoever finds it out."""
    return digest8(b"coupon/", pack((rule, account, number)))


BEYOND: Final = "beyond_rights"
"""The policy that says what a till does when a customer wants more than may be spent here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beyond:
    """What happens beyond the rights of a till. `at_most`: the most that stands at risk for one account, by book.

    refuse    nothing goes beyond
    at_risk   up to `at_most`, by whoever serves
    manager   up to `at_most`, with the word of somebody whose role reaches so far
    """

    mode: Literal["refuse", "at_risk", "manager"] = "refuse"
    at_most: Mapping[str, int] = field(default_factory=dict)


def beyond_of(text: str) -> Beyond:
    """What the policy says; one that cannot be read refuses."""
    try:
        return parse_json(text.encode("utf-8"), Beyond) if text else Beyond()
    except OperatorMistake:
        return Beyond()
