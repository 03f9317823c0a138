"""What happened with a customer, as one line of time: sales, points, coupons, notes, consents, edits, merges.

It is read from what stands: each field says who set it last and when, each entry and member who added it. What was
replaced by somebody who had seen it is told by "why this value"; what was removed is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from daemon.desk import instant
from daemon.desk.customer import row_of
from daemon.desk.customer_parts import CARD_NUMBER, NOTE_TEXT, TAG, text_of, value_text
from daemon.desk.lookup import operator_names
from daemon.desk.premises import Premises
from daemon.desk.provenance import field_name
from daemon.desk.sales import accounts_of
from daemon.domain.element import Element
from daemon.domain.group import MEMBER_OF, Group
from daemon.domain.hlc import NO_STAMP, Stamp, ms_of
from daemon.domain.ids import EntityId
from daemon.domain.kinds import (
    BOOK_COUPON,
    BOOK_CREDIT,
    BOOK_CREDIT_NOTE,
    BOOK_DEBT,
    BOOK_DEPOSIT,
    BOOK_LIMIT,
    BOOK_POINTS,
    BOOK_QUOTA,
    CHANNELS,
    CUSTOMER,
    Kind,
    field_shape,
    is_secret,
)
from daemon.domain.ledger import AMOUNT, BOOK
from daemon.domain.price_list import PRODUCT
from daemon.domain.sale import SaleHead
from daemon.errors import NotFound, OperatorMistake
from daemon.store import customers, elements, sales, terms
from daemon.store.database import Connection

LIMIT_MAX: Final = 200

EventKind = Literal[
    "created", "edited", "overruled", "consent", "note", "card", "tag", "address", "group", "price", "wish", "coupon",
    "credit_note", "merged", "sale", "return", "cancellation", "points", "account", "entry", "award",
]  # fmt: skip

_OF_KIND: Final[Mapping[int, EventKind]] = {
    Kind.NOTE: "note",
    Kind.CARD: "card",
    Kind.TAG: "tag",
    Kind.ADDRESS: "address",
    Kind.MEMBERSHIP: "group",
    Kind.PRICE: "price",
    Kind.WISH: "wish",
    Kind.COUPON: "coupon",
    Kind.CREDIT_NOTE: "credit_note",
    Kind.EDGE: "merged",
    Kind.AWARD: "award",
}
_BOOKS: Final[Mapping[int, str]] = {
    BOOK_POINTS: "points",
    BOOK_CREDIT: "credit",
    BOOK_DEBT: "debt",
    BOOK_COUPON: "coupon",
    BOOK_CREDIT_NOTE: "credit_note",
    BOOK_LIMIT: "limit",
    BOOK_QUOTA: "quota",
    BOOK_DEPOSIT: "deposit",
}
_CAUSE, _SALE = 3, 4
_CONSENTS: Final = {CUSTOMER.number(f"consent_{channel}"): channel for channel in CHANNELS}


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEvent:
    """One thing that happened. `site`: the till where it did, 1 for head office; `by`: who, where that is known.

    `id`: of the sale, the note, the card…; `fields`: what an edit set; `text`: in a few words; `amount`: cents, or
    points where the book says so; `cause` and `sale` of an entry.
    """

    at: str
    kind: EventKind
    by: str
    site: int
    id: str = ""
    fields: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    amount: int | None = None
    book: str = ""
    cause: str = ""
    sale: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The newest events; `next` goes on with `before`, empty at the end."""

    events: tuple[HistoryEvent, ...]
    next: str


_Told = tuple[int, bytes, Stamp, HistoryEvent]
"""When (milliseconds), what tells two of one moment apart, by which stamp, what."""


class HistoryDesk:
    """Where a customer's history is read."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def history(self, customer: EntityId, *, before: str, limit: int) -> History:
        """The events before a moment (as `next` said it; empty: from now), newest first; raises NotFound."""
        before_ms, skip = _place(before)
        limit = max(1, min(limit, LIMIT_MAX))

        def unit(conn: Connection) -> History:
            return _history(conn, customer, (before_ms, skip), limit)

        return await self._premises.database.read(unit)


def _history(conn: Connection, customer: EntityId, place: tuple[int, int], limit: int) -> History:
    before_ms, skip = place
    whole = customers.records_of(conn, customer)
    if all(row is None for row in customers.rows(conn, whole)):
        raise NotFound("no customer has this id", field="id")
    accounts = accounts_of(conn, customer)
    groups = terms.groups(conn)
    told = [one for record in whole for one in _of_record(conn, record, groups)]
    told += [one for account in accounts for one in _entries(conn, account)]
    told += [_of_sale(head) for head in sales.of_accounts(conn, accounts, before_ms=before_ms, limit=limit + skip + 1)]
    ordered = sorted((one for one in told if one[0] < before_ms), key=lambda one: (one[0], one[1]), reverse=True)
    page = ordered[skip : skip + limit]
    following = ""
    if len(ordered) > skip + limit:
        # The next page begins at the moment of its first event, past those of that moment that were shown.
        first = ordered[skip + limit][0] + 1
        following = f"{first}.{sum(1 for one in ordered[: skip + limit] if one[0] == first - 1)}"
    return History(events=_named(conn, page), next=following)


def _named(conn: Connection, page: Sequence[_Told]) -> tuple[HistoryEvent, ...]:
    authors, names = customers.authors(conn, (stamp for _, _, stamp, _ in page)), operator_names(conn)
    found = []
    for _, _, stamp, event in page:
        by = event.by or authors.get(stamp, "")
        found.append(replace(event, by=names.get(by, by)))
    return tuple(found)


def _of_record(conn: Connection, record: EntityId, groups: Mapping[str, Group]) -> Iterator[_Told]:
    here = elements.elements_of(conn, record)
    row = row_of(here)
    if row is not None:
        yield from _of_row(row)
    for loser in elements.losers_of(conn, record):
        name, hidden = field_name(loser.key[1], loser.number), is_secret(loser.key[1], loser.number)
        yield _event(loser.stamp, "overruled", fields=(name,), text="" if hidden else value_text(loser.value))
    for one in here:
        kind = _OF_KIND.get(one.kind)
        if kind is not None and one.is_here:
            yield from _of_member(one, kind, groups)


def _of_row(row: Element) -> Iterator[_Told]:
    """What made the row what it is: its creation, then edits, each with the fields that still stand as it set them."""
    yield _event(row.base, "created", id=row.entity.hex())
    edits: dict[Stamp, list[str]] = {}
    for number in sorted(row.fields.keys() | row.stamps.keys()):
        stamp = row.stamp(number)
        if number in _CONSENTS:
            yield _consent(stamp, _CONSENTS[number], row.fields.get(number))
        elif stamp != row.base:
            shape = field_shape(Kind.CUSTOMER, number)
            edits.setdefault(stamp, []).append(shape.name if shape else str(number))
    for stamp, fields in edits.items():
        yield _event(stamp, "edited", id=row.entity.hex(), fields=tuple(fields))


def _consent(stamp: Stamp, channel: str, value: Any) -> _Told:
    is_refusal = isinstance(value, tuple) and bool(value) and bool(value[0])
    source = value[3] if isinstance(value, tuple) and len(value) > 3 and isinstance(value[3], str) else ""
    return _event(stamp, "consent", fields=(channel,), text="refused" if is_refusal else "granted", cause=source)


def _of_member(one: Element, kind: EventKind, groups: Mapping[str, Group]) -> Iterator[_Told]:
    text = _text_of(one, groups)
    yield _event(one.base, kind, id=one.dot.hex(), text=text)
    for stamp in sorted(set(one.stamps.values())):
        fields = tuple(field_name(one.kind, at) for at, since in sorted(one.stamps.items()) if since == stamp)
        yield _event(stamp, kind, id=one.dot.hex(), fields=fields, text=text)


def _text_of(one: Element, groups: Mapping[str, Group]) -> str:
    if one.kind == Kind.MEMBERSHIP:
        joined = one.fields.get(MEMBER_OF)
        group = groups.get(joined.hex()) if isinstance(joined, bytes) else None
        return group.label if group is not None else ""
    if one.kind == Kind.EDGE:
        return value_text(one.fields.get(1))
    telling = {
        Kind.NOTE: NOTE_TEXT, Kind.CARD: CARD_NUMBER, Kind.TAG: TAG, Kind.PRICE: PRODUCT, Kind.COUPON: 3,
        Kind.CREDIT_NOTE: 1, Kind.WISH: 2, Kind.ADDRESS: 2,
    }  # fmt: skip
    number = telling.get(Kind(one.kind))
    return text_of(one.fields.get(number)) if number is not None else ""


def _entries(conn: Connection, account: bytes) -> Iterator[_Told]:
    sql = f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = ?"
    for one in elements.shown(conn.execute(sql, (account, int(Kind.ENTRY)))):
        book, amount = one.fields.get(BOOK), one.fields.get(AMOUNT)
        name = _BOOKS.get(book, str(book)) if type(book) is int else ""
        kind: EventKind = "points" if book == BOOK_POINTS else "account" if book == BOOK_CREDIT else "entry"
        yield _event(
            one.base,
            kind,
            id=one.dot.hex(),
            amount=amount if type(amount) is int else None,
            book=name,
            cause=text_of(one.fields.get(_CAUSE)),
            sale=text_of(one.fields.get(_SALE)),
        )


def _of_sale(head: SaleHead) -> _Told:
    event = HistoryEvent(
        at=instant.shown(head.sold_ms),
        kind=head.kind,
        by=head.operator,
        site=0,
        id=head.id.hex(),
        text=head.ticket,
        amount=head.total,
        sale=head.original.hex() if head.original is not None else "",
    )
    return (head.sold_ms, head.id, NO_STAMP, event)


def _event(stamp: Stamp, kind: EventKind, **more: Any) -> _Told:
    at_ms = ms_of(stamp)
    event = HistoryEvent(at=instant.shown(at_ms), kind=kind, by="", site=stamp[1], **more)
    return (at_ms, repr((kind, more)).encode(), stamp, event)


def _place(before: str) -> tuple[int, int]:
    """Where a page begins; raises OperatorMistake."""
    if not before:
        return 1 << 62, 0
    ms, dot, skip = before.partition(".")
    if not (dot and ms.isascii() and ms.isdecimal() and skip.isascii() and skip.isdecimal()) or len(before) > 30:
        raise OperatorMistake("before: this is not where a page ended", field="before")
    return int(ms), int(skip)
