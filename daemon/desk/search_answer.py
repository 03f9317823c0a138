"""What finding customers answers: briefs, hits with what matched, the age of the copy. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from daemon.desk import instant
from daemon.desk.customer import COMPANY, CustomerKind, display_name, is_walk_in, row_of
from daemon.desk.customer_parts import (
    CARD_BLOCKED,
    CARD_NUMBER,
    TAG,
    address_of,
    is_strong,
    newest_stamp,
    number,
    of_kind,
    parts_of,
    reason_of,
    text_of,
)
from daemon.domain import phone as phones
from daemon.domain.code import lookup_form
from daemon.domain.custom_field import is_searched_number
from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.hlc import ms_of
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.ranking import Match, Nearness, Query, SearchedText, exact, matches, nearness_of

_NAME, _ARCHIVED = number("name"), number("archived")


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerBrief:
    """A customer as a list shows it."""

    id: str
    kind: CustomerKind
    display_name: str = field(repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    company_name: str | None = field(default=None, repr=False)
    code: str | None = None
    email: str | None = field(default=None, repr=False)
    mobile_shown: str | None = field(default=None, repr=False)
    phone_shown: str | None = field(default=None, repr=False)
    postal_code: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    walk_in: bool = False
    archived: bool = False
    blocked: bool = False
    blocked_reason: str | None = None


HowNear = Literal["exact", "word", "beginning", "part", "sounds_like", "typing"]
"""The last two are almost what was typed: said alike, or a slip of typing away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchedText:
    """A text that answers the query; `ranges` are [start, end) in characters, to underline."""

    field: str
    text: str
    nearness: HowNear
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One customer found, and why."""

    customer: CustomerBrief
    matches: tuple[MatchedText, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyAge:
    """How old this copy of the chain may be, and what head office does not have yet.

    `proved_at` is when the copy was last proved equal to head office's (null: never); at head office there is no age.
    """

    proved_at: str | None
    age_s: int | None
    waiting: int
    waiting_since: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchAnswer:
    """The best hits, of how many: "50 first of 1 843".

    `total` counts up to 2 000; `more_than` says that there are still more.
    """

    hits: tuple[Hit, ...]
    total: int
    more_than: bool
    cut: bool
    copy: CopyAge


@dataclass(frozen=True, kw_only=True, slots=True)
class Identification:
    """Who a value identifies: one customer, several to choose from, a blocked card, nobody."""

    outcome: Literal["customer", "choose", "blocked", "unknown"]
    customer: CustomerBrief | None = None
    candidates: tuple[CustomerBrief, ...] = ()
    reason: str | None = None
    blocked_at: str | None = None
    """Since when a blocked card is."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that may answer a query: its listed elements, and the claim that the query named, if one did.

    `meant`: the query as it may have been meant, for who does not answer it as it was typed.
    """

    elements: Sequence[Element]
    claim: Claim | None = None
    meant: Query | None = None


def brief_of(elements: Sequence[Element]) -> CustomerBrief | None:
    """The customer of these elements as a list shows it; None where there is no row of one."""
    row = row_of(elements)
    if row is None:
        return None
    first, last = parts_of(row.fields.get(number("name")), 2)
    address = address_of(row.fields.get(number("address")))
    return CustomerBrief(
        id=row.entity.hex(),
        kind="company" if row.fields.get(number("kind")) == COMPANY else "person",
        display_name=display_name(row),
        first_name=first or None,
        last_name=last or None,
        company_name=_value(row, "company_name"),
        code=_value(row, "code"),
        email=_value(row, "email"),
        mobile_shown=_national(row, "mobile"),
        phone_shown=_national(row, "phone"),
        postal_code=address.postal_code or None if address else None,
        city=address.city or None if address else None,
        walk_in=is_walk_in(row),
        archived=is_strong(row, number("archived")),
        blocked=is_strong(row, number("blocked")),
        blocked_reason=reason_of(row, number("blocked")),
    )


Order = tuple[Nearness, bool, str, bytes]


def order_of(row: Element, nearness: Nearness) -> Order:
    """Where a customer stands among others: the nearest first, archived ones last, then by name."""
    first, last = parts_of(row.fields.get(_NAME), 2)
    name = fold(f"{last} {first}" if last else display_name(row))
    return (nearness, is_strong(row, _ARCHIVED), name, row.entity)


def hits_of(query: Query, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
    """The candidates with what matched, in the order given."""
    return tuple(hit for candidate in candidates if (hit := _hit(query, candidate)) is not None)


def _hit(query: Query, candidate: Candidate) -> Hit | None:
    brief, found = brief_of(candidate.elements), _matches(candidate.meant or query, candidate)
    if brief is None or not found:
        return None
    return Hit(customer=brief, matches=tuple(_shown(match) for match in found))


def identification_of(candidates: Sequence[Candidate], value: str) -> Identification:
    """Who is identified: `candidates` are distinct persons, each with all its listed elements."""
    briefs = tuple(brief for candidate in candidates if (brief := brief_of(candidate.elements)) is not None)
    if not briefs:
        return Identification(outcome="unknown")
    if len(briefs) > 1:
        return Identification(outcome="choose", candidates=briefs)
    if candidates[0].claim is Claim.CARD and (fault := _why_refused(candidates[0].elements, value)):
        return Identification(outcome="blocked", reason=fault[0], blocked_at=instant.shown(fault[1]) or None)
    return Identification(outcome="customer", customer=briefs[0])


def _why_refused(elements: Sequence[Element], value: str) -> tuple[str, int] | None:
    """Why this card is refused: blocked (with the reason given), lost, replaced; and since when. None: it is good."""
    sought = lookup_form(value)
    cards = [card for card in of_kind(elements, Kind.CARD) if lookup_form(text_of(card.fields.get(1))) == sought]
    faults = [fault for card in cards if (fault := _card_fault(card))]
    return faults[0] if faults and len(faults) == len(cards) else None


def _card_fault(card: Element) -> tuple[str, int] | None:
    state, guard = text_of(card.fields.get(5)), card.fields.get(CARD_BLOCKED)
    told_ms = guard[3] if isinstance(guard, tuple) and len(guard) > 3 and isinstance(guard[3], int) else 0
    since_ms = told_ms or ms_of(newest_stamp(card))
    if state in {"lost", "replaced"}:
        return state, since_ms
    return (reason_of(card, CARD_BLOCKED) or "blocked", since_ms) if is_strong(card, CARD_BLOCKED) else None


def copy_age(*, proved_ms: int, waiting: int, since_ms: int, now_ms: int, is_hub: bool) -> CopyAge:
    """The age of this replica's copy; head office's own has none."""
    age = max(0, (now_ms - proved_ms) // 1000) if proved_ms else None
    return CopyAge(
        proved_at=instant.shown(proved_ms) or None,
        age_s=0 if is_hub else age,
        waiting=waiting,
        waiting_since=instant.shown(since_ms) or None,
    )


_CLAIMED = {
    Claim.EMAIL: ("email",),
    Claim.CODE: ("code",),
    Claim.CARD: ("card",),
    Claim.PHONE: ("mobile", "phone"),
    Claim.MEMBER_NUMBER: ("member_number",),
}


def _matches(query: Query, candidate: Candidate) -> tuple[Match, ...] | None:
    texts = _texts(candidate.elements)
    if candidate.claim is not None:
        claimed = [text for text in texts if text.field in _CLAIMED.get(candidate.claim, ())]
        answering = matches(query, claimed) if query.words else None
        if answering and nearness_of(answering) <= Nearness.WORD:
            return tuple(exact(SearchedText(field=match.field, text=match.text)) for match in answering)
        return tuple(exact(text) for text in claimed[:1])
    return matches(query, texts)


def _texts(elements: Sequence[Element]) -> list[SearchedText]:
    """The texts by which a customer is found, the telling ones first."""
    row = row_of(elements)
    if row is None:
        return []
    first, last = parts_of(row.fields.get(number("name")), 2)
    address = address_of(row.fields.get(number("address")))
    plain = [("last_name", last), ("first_name", first)]
    plain += [(name, _value(row, name) or "") for name in ("company_name", "email")]
    joined = [(name, _value(row, name) or "") for name in ("code", "member_number", "siret")]
    joined += [
        (name, shown or "") for name in ("mobile", "phone") for shown in (_national(row, name), _value(row, name))
    ]
    joined += [("card", text_of(card.fields.get(CARD_NUMBER))) for card in of_kind(elements, Kind.CARD)]
    if address is not None:
        plain += [("postal_code", address.postal_code), ("city", address.city)]
        plain += [("address", address.line1), ("address", address.line2)]
    plain += [("tag", text_of(tag.fields.get(TAG))) for tag in of_kind(elements, Kind.TAG)]
    plain += [
        (f"custom_{at}", part)
        for at, value in sorted(row.fields.items())
        if is_searched_number(at)
        for part in (value if isinstance(value, tuple) else (value,))
        if isinstance(part, str)
    ]
    found = [SearchedText(field=name, text=text) for name, text in plain if text]
    found += [SearchedText(field=name, text=text, joined=True) for name, text in joined if text]
    # Codes with separators are also found by their parts, as the index has them.
    return found + [SearchedText(field=name, text=text) for name, text in joined if text and not text.isalnum()]


def _shown(match: Match) -> MatchedText:
    word: HowNear
    match match.nearness:
        case Nearness.EXACT:
            word = "exact"
        case Nearness.WORD:
            word = "word"
        case Nearness.BEGINNING:
            word = "beginning"
        case Nearness.PART:
            word = "part"
        case Nearness.SOUND:
            word = "sounds_like"
        case Nearness.TYPING:
            word = "typing"
    return MatchedText(field=match.field, text=match.text, nearness=word, ranges=match.ranges)


def _value(row: Element, name: str) -> str | None:
    value = row.fields.get(number(name))
    return value if isinstance(value, str) and value else None


def _national(row: Element, name: str) -> str | None:
    value = _value(row, name)
    return phones.national(value) if value else None
