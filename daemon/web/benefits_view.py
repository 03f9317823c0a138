"""What a customer may spend here and now, as price labels: points and coupons. Pure."""

from dataclasses import dataclass
from typing import Final

from daemon.desk.coupons import CouponShown
from daemon.desk.purse_shown import Chosen, LoyaltyShown
from daemon.web.i18n import Words

COUPONS_MAX: Final = 5

WHY_WORDS: Final = {
    "elsewhere": "The rest is held by other tills: ask for it while connected.",
    "chosen": "The rest is chosen for an open sale.",
    "two_boxes": "Two boxes run as this till: nothing can be spent until head office has settled it.",
    "filling": "This till is still being filled.",
}
STATE_WORDS: Final = {
    "elsewhere": "held by another till",
    "used": "used",
    "expired": "expired",
    "not_yet": "not valid yet",
    "withdrawn": "withdrawn",
}
"""Message ids of why a coupon cannot be used here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """One price label. `coupon`: its id, empty for points. `most`: points that may be spent here."""

    kind: str
    value: str
    under: str
    is_chosen: bool
    coupon: str = ""
    most: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusable:
    """A coupon that cannot be used here now; `may_ask`: head office can be asked to have it come here."""

    coupon: str
    named: str
    why: str
    may_ask: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Benefits:
    """What there is: labels that can be used, and what cannot, each with the reason."""

    labels: tuple[Label, ...]
    points: int
    why: str
    others: tuple[Unusable, ...]
    chosen_points: int
    chosen: tuple[str, ...]


def benefits_of(found: LoyaltyShown, chosen: Chosen, words: Words) -> Benefits:
    """The labels of a customer; `chosen` is what the open sale has of them."""
    points = found.points
    labels = [_points(found, chosen, words)] if points.here or chosen.points else []
    usable = [one for one in found.coupons if one.state == "usable" or one.id in chosen.coupons]
    labels += [_coupon(one, words, is_chosen=one.id in chosen.coupons) for one in usable[:COUPONS_MAX]]
    others = [one for one in found.coupons if one not in usable and one.state in STATE_WORDS]
    return Benefits(
        labels=tuple(labels),
        points=points.balance,
        why=WHY_WORDS.get(points.why, ""),
        others=tuple(_unusable(one, words) for one in others[:COUPONS_MAX]),
        chosen_points=chosen.points,
        chosen=chosen.coupons,
    )


def _points(found: LoyaltyShown, chosen: Chosen, words: Words) -> Label:
    most = found.points.here + chosen.points
    under = (
        "" if most >= found.points.balance else words.text("of %(number)s", number=words.number(found.points.balance))
    )
    return Label(
        kind=words.text("Points"),
        value=words.number(most),
        under=words.text("%(number)s chosen", number=words.number(chosen.points)) if chosen.points else under,
        is_chosen=bool(chosen.points),
        most=most,
    )


def _coupon(one: CouponShown, words: Words, *, is_chosen: bool) -> Label:
    return Label(
        kind=one.label or words.text("Coupon"),
        value=_worth(one, words),
        under=_until(one, words),
        is_chosen=is_chosen,
        coupon=one.id,
    )


def _unusable(one: CouponShown, words: Words) -> Unusable:
    return Unusable(
        coupon=one.id, named=_named(one, words), why=STATE_WORDS[one.state], may_ask=one.state == "elsewhere"
    )


def _worth(one: CouponShown, words: Words) -> str:
    return f"−{words.rate(one.percent)}" if one.percent else words.euros(one.amount or 0)


def _until(one: CouponShown, words: Words) -> str:
    if one.minimum:
        return words.text("from %(amount)s", amount=words.whole_euros(one.minimum))
    if one.days_left is not None and one.days_left <= 7:
        return words.counted("ends in %(num)s day", "ends in %(num)s days", one.days_left)
    if not one.until:
        return words.text("without end")
    is_near = one.days_left is not None and one.days_left < 300
    return words.text("until %(day)s", day=words.date(f"--{one.until[5:]}" if is_near else one.until))


def _named(one: CouponShown, words: Words) -> str:
    return f"{one.label or words.text('Coupon')}, {_worth(one, words)}"
