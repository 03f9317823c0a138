"""All that a customer ever had to spend, what is over too: coupons, credit notes, movements of points. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.desk import instant
from daemon.desk.coupons import CouponShown
from daemon.desk.credit_notes import CreditNoteShown
from daemon.desk.purse_shown import EntriesShown, EntryShown
from daemon.web.benefits_view import STATE_WORDS
from daemon.web.i18n import Words

USABLE_WORDS: Final = {"usable": "to use here", "chosen": "chosen for an open sale", "open": "to use"}
CAUSE_WORDS: Final = {
    "earned": "Earned by a purchase",
    "spent": "Spent",
    "by hand": "By hand",
    "taken back": "Taken back with a return",
    "given back": "Given back with a return",
    "expired": "expired",
    "at risk": "Given beyond what was here",
    "corrected": "Earned by a purchase",
    "settled": "Taken back by head office",
    "overdrawn": "Made good by head office",
}
ENTRIES_MAX: Final = 40

Kind = Literal["ok", "", "stamp", "amber"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRow:
    """One coupon, credit note or movement: `chip` says how it stands, `about` is small beneath the name."""

    title: str
    about: str
    value: str
    chip: str = ""
    kind: Kind = ""
    at_ms: int = 0


def coupon_rows(found: Sequence[CouponShown], words: Words) -> tuple[ListedRow, ...]:
    """The coupons, current ones first."""
    return tuple(_coupon(one, words) for one in found)


def note_rows(found: Sequence[CreditNoteShown], words: Words) -> tuple[ListedRow, ...]:
    """The credit notes, with what is left of each."""
    return tuple(_note(one, words) for one in found)


def entry_rows(found: EntriesShown, words: Words) -> tuple[ListedRow, ...]:
    """How the balance of points came about, newest first."""
    return tuple(_entry(one, words) for one in found.entries[:ENTRIES_MAX])


def _coupon(one: CouponShown, words: Words) -> ListedRow:
    is_good = one.state in USABLE_WORDS
    parts = [one.code, words.text("until %(day)s", day=words.date(one.until)) if one.until else ""]
    parts += [words.text("from %(amount)s", amount=words.whole_euros(one.minimum)) if one.minimum else ""]
    return ListedRow(
        title=one.label or words.text("Coupon"),
        about=" · ".join(part for part in parts if part),
        value=f"−{words.rate(one.percent)}" if one.percent else words.euros(one.amount or 0),
        chip=words.text(USABLE_WORDS.get(one.state) or STATE_WORDS[one.state]),
        kind="ok" if is_good else "amber" if one.state == "elsewhere" else "",
    )


def _note(one: CreditNoteShown, words: Words) -> ListedRow:
    issued = words.text("issued on %(day)s", day=words.date(one.issued_at[:10])) if one.issued_at else ""
    of = words.text("of %(number)s", number=words.euros(one.amount)) if one.remainder != one.amount else ""
    state = "elsewhere" if one.state == "open" and not one.here else one.state
    return ListedRow(
        title=words.text("Credit note %(code)s", code=one.code),
        about=" · ".join(part for part in (issued, one.origin, of) if part),
        value=words.euros(one.remainder),
        chip=words.text(USABLE_WORDS.get(state) or STATE_WORDS[state]),
        kind="ok" if state == "open" else "amber" if state == "elsewhere" else "",
    )


def _entry(one: EntryShown, words: Words) -> ListedRow:
    amount = words.number(one.amount)
    return ListedRow(
        title=words.text(CAUSE_WORDS[one.cause]) if one.cause in CAUSE_WORDS else words.text("Movement"),
        about=" · ".join(part for part in (one.reason, words.author(one.actor)) if part),
        value=f"+{amount}" if one.amount > 0 else amount,
        at_ms=instant.parse(one.at, field="at"),
    )
