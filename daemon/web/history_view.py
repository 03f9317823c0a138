"""A customer's history as lines: what happened, in words, with who did it and where. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from daemon.desk import instant
from daemon.desk.history import HistoryEvent
from daemon.web.customer_view import CHANNEL_WORDS
from daemon.web.disagreement_view import label_of, place_of
from daemon.web.i18n import Words

SHOWN: Final = 60
BRIEFLY: Final = 12
"""On the record, below everything else."""

KIND_WORDS: Final = {
    "created": "Record created",
    "edited": "Changed",
    "overruled": "Changed at the same time elsewhere",
    "consent": "Consent",
    "note": "Note",
    "card": "Card",
    "tag": "Tag",
    "address": "Further address",
    "group": "Group",
    "price": "Special price",
    "wish": "Wish",
    "coupon": "Coupon",
    "credit_note": "Credit note",
    "merged": "Merged with another record",
    "sale": "Purchase",
    "return": "Return",
    "cancellation": "Cancelled purchase",
    "points": "Points",
    "account": "Account",
    "entry": "Movement",
    "award": "Settled by head office",
}
"""Message ids by the kind of an event."""

ICONS: Final = {
    "created": "userplus", "edited": "edit", "overruled": "fork", "consent": "check", "note": "note", "card": "card",
    "coupon": "tag", "credit_note": "tag", "points": "tag", "price": "tag", "tag": "tag", "address": "pin",
    "merged": "link", "wish": "heart", "sale": "basket", "account": "building",
}  # fmt: skip

FILTERS: Final = {
    "": (),
    "achats": ("sale", "return", "cancellation"),
    "avantages": ("points", "coupon", "credit_note", "entry", "award"),
    "compte": ("account",),
    "fiche": ("created", "edited", "overruled", "consent", "note", "card", "tag", "address", "group", "price", "wish",
              "merged"),
}  # fmt: skip
"""What a filter chip lets through, by its word in the address; the first lets all."""

FILTER_WORDS: Final = {
    "": "Everything",
    "achats": "Purchases",
    "avantages": "Benefits",
    "compte": "Account",
    "fiche": "Record",
}
"""Message ids of the chips."""

_MONEY: Final = frozenset({"sale", "return", "cancellation", "account"})


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryRow:
    """One line."""

    at_ms: int
    icon: str
    title: str
    text: str = field(repr=False)
    amount: str
    by: str
    sale: str = ""
    """Of a purchase or what came back: its id."""


def rows_of(events: Iterable[HistoryEvent], words: Words, here: int) -> tuple[HistoryRow, ...]:
    """The events as lines; `here` is the site that asks."""
    return tuple(_row(event, words, here) for event in events)


def _row(event: HistoryEvent, words: Words, here: int) -> HistoryRow:
    where = "" if event.site in {0, here} else place_of(event.site, words)
    return HistoryRow(
        at_ms=instant.parse(event.at, field="at"),
        icon=ICONS.get(event.kind, "till"),
        title=words.text(KIND_WORDS[event.kind]),
        text=_text(event, words),
        amount=_amount(event, words),
        by=" · ".join(part for part in (words.author(event.by), where) if part),
        sale=event.id if event.kind in FILTERS["achats"] else "",
    )


def _text(event: HistoryEvent, words: Words) -> str:
    if event.kind == "consent":
        said = words.text("yes" if event.text == "granted" else "no")
        return f"{words.text(CHANNEL_WORDS.get(event.fields[0], event.fields[0]))} {said}"
    if event.kind in {"edited", "overruled"}:
        return ", ".join(label_of("customer", name, words) for name in event.fields)
    if event.kind == "merged":
        return ""
    return event.text


def _amount(event: HistoryEvent, words: Words) -> str:
    if event.amount is None:
        return ""
    if event.kind in _MONEY or event.book in {"credit", "debt", "credit_note", "limit", "deposit"}:
        return words.euros(event.amount)
    return f"+{words.number(event.amount)}" if event.amount > 0 else words.number(event.amount)
