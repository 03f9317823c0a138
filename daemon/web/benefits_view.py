"""What a customer may spend here and now, as price labels: points, credit notes, coupons. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.desk.coupons import CouponShown
from daemon.desk.credit_notes import CreditNoteShown
from daemon.desk.purse_shown import Chosen, LoyaltyShown
from daemon.web.i18n import Words

COUPONS_MAX: Final = 5
CODE_LENGTH_MAX: Final = 8
CODE_TAIL: Final = 5
NOTES_MAX: Final = 3

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

What = Literal["points", "note", "coupon"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """One price label. `id`: of the coupon, the code of the note. `most`: points or cents that may be spent here."""

    what: What
    kind: str
    value: str
    under: str
    is_chosen: bool
    id: str = ""
    most: int = 0
    chosen: int = 0
    whole: str = ""
    """What there is in all, where less of it can be spent here now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusable:
    """A coupon or a credit note that cannot be used here now; `ask`: how head office is asked to have it come."""

    named: str
    why: str
    ask: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Benefits:
    """What there is: labels that can be used, and what cannot, each with the reason. `total`: euros among them."""

    labels: tuple[Label, ...]
    points: int
    why: str
    others: tuple[Unusable, ...]
    total: str

    def label(self, what: What, id_: str = "") -> Label | None:
        """The label of one thing."""
        return next((one for one in self.labels if (one.what, one.id) == (what, id_)), None)


def benefits_of(
    found: LoyaltyShown,
    chosen: Chosen,
    words: Words,
    notes: Sequence[CreditNoteShown] = (),
    notes_chosen: Mapping[str, int] | None = None,
) -> Benefits:
    """The labels of a customer; `chosen` is what the open sale has of them, `notes_chosen` cents by code."""
    points, taken = found.points, notes_chosen or {}
    labels = [_points(found, chosen, words)] if points.here or chosen.points else []
    spendable = [one for one in notes if one.here > 0 or one.code in taken]
    labels += [_note(one, words, taken.get(one.code, 0)) for one in spendable[:NOTES_MAX]]
    usable = [one for one in found.coupons if one.state == "usable" or one.id in chosen.coupons]
    labels += [_coupon(one, words, is_chosen=one.id in chosen.coupons) for one in usable[:COUPONS_MAX]]
    others = [one for one in found.coupons if one not in usable and one.state in STATE_WORDS]
    kept = [one for one in notes if one.state == "open" and one not in spendable]
    cents = sum(one.most for one in labels if one.what != "points")
    return Benefits(
        labels=tuple(labels),
        points=points.balance,
        why=WHY_WORDS.get(points.why, ""),
        others=(
            *(_kept(one, words) for one in kept[:NOTES_MAX]),
            *(_unusable(one, words) for one in others[:COUPONS_MAX]),
        ),
        total=words.euros(cents) if cents else "",
    )


def usable_lines(found: Benefits) -> tuple[str, ...]:
    """Each label in one line, for the preview beside a list."""
    return tuple(f"{one.value} {one.kind.lower()}" if one.what == "points" else f"{one.kind}, {one.value}"
                 for one in found.labels)  # fmt: skip


def _points(found: LoyaltyShown, chosen: Chosen, words: Words) -> Label:
    most, balance = found.points.here + chosen.points, found.points.balance
    under = "" if most >= balance else words.text("of %(number)s", number=words.number(balance))
    if found.points.expiring:
        under = words.counted("%(num)s ends soon", "%(num)s end soon", found.points.expiring)
    return Label(
        what="points",
        kind=words.text("Points"),
        value=words.number(most),
        under=words.text("%(number)s chosen", number=words.number(chosen.points)) if chosen.points else under,
        is_chosen=bool(chosen.points),
        most=most,
        chosen=chosen.points,
        whole=words.number(balance) if most < balance else "",
    )


def _note(one: CreditNoteShown, words: Words, chosen: int) -> Label:
    most = one.here + chosen
    under = words.text("of %(number)s", number=words.euros(one.remainder)) if most < one.remainder else ""
    if one.until:
        under = under or words.text("until %(day)s", day=words.date(one.until))
    elif one.issued_at:
        under = under or words.text("of %(day)s", day=words.date(one.issued_at[:10]))
    return Label(
        what="note",
        kind=words.text("Credit note %(code)s", code=_brief(one.code)),
        value=words.euros(most),
        under=words.text("%(number)s chosen", number=words.euros(chosen)) if chosen else under,
        is_chosen=bool(chosen),
        id=one.code,
        most=most,
        chosen=chosen,
        whole=words.euros(one.remainder) if most < one.remainder else "",
    )


def _brief(code: str) -> str:
    """`…7ZZSY`: what tells notes apart where a label is narrow; all benefits show the whole code."""
    return f"…{code[-CODE_TAIL:]}" if len(code) > CODE_LENGTH_MAX else code


def _coupon(one: CouponShown, words: Words, *, is_chosen: bool) -> Label:
    return Label(
        what="coupon",
        kind=one.label or words.text("Coupon"),
        value=_worth(one, words),
        under=_until(one, words),
        is_chosen=is_chosen,
        id=one.id,
        most=one.amount or 0,
    )


def _kept(one: CreditNoteShown, words: Words) -> Unusable:
    named = words.text("Credit note %(code)s", code=one.code)
    return Unusable(
        named=f"{named}, {words.euros(one.remainder)}", why=STATE_WORDS["elsewhere"], ask=f"avoir/{one.code}"
    )


def _unusable(one: CouponShown, words: Words) -> Unusable:
    ask = one.id if one.state == "elsewhere" else ""
    return Unusable(named=_named(one, words), why=STATE_WORDS[one.state], ask=ask)


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
