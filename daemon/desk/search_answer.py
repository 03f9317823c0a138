"""What finding customers answers: briefs, hits with what matched, the age of the copy. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from daemon.desk import instant
from daemon.desk.customer import COMPANY, CustomerKind, display_name, is_walk_in, row_of
from daemon.desk.customer_parts import (
    CARD_BLOCKED,
    CARD_NUMBER,
    TAG,
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
from daemon.domain.folding import folded_each
from daemon.domain.hlc import ms_of
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOM_FIELDS_FROM, Kind
from daemon.domain.ranking import Match, Nearness, Query, SearchedText, exact, matches, nearness_of

_NAME, _COMPANY_NAME, _KIND = number("name"), number("company_name"), number("kind")
_EMAIL, _MOBILE, _PHONE, _ADDRESS = number("email"), number("mobile"), number("phone"), number("address")
_CODE, _MEMBER_NUMBER, _SIRET = number("code"), number("member_number"), number("siret")
_ARCHIVED, _BLOCKED = number("archived"), number("blocked")
_CARD_KIND, _TAG_KIND = Kind.CARD, Kind.TAG


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
    `indexed` is below 1 while the index by words is made again: so large a share of the customers is found by name, all
    of them by code, card and telephone.
    """

    proved_at: str | None
    age_s: int | None
    waiting: int
    waiting_since: str | None
    indexed: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchAnswer:
    """The best hits, of how many: "50 first of 1 843".

    `total` counts up to `search.COUNT_MAX`, of several words and of numbers up to what was looked at; `more_than` says
    that there are still more.
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
    return None if row is None else _brief(row)


def _brief(row: Element) -> CustomerBrief:
    first, last = parts_of(row.fields.get(_NAME), 2)
    _, _, postal_code, city = parts_of(row.fields.get(_ADDRESS), 4)
    return CustomerBrief(
        id=row.entity.hex(),
        kind="company" if row.fields.get(_KIND) == COMPANY else "person",
        display_name=display_name(row),
        first_name=first or None,
        last_name=last or None,
        company_name=_value(row, _COMPANY_NAME),
        code=_value(row, _CODE),
        email=_value(row, _EMAIL),
        mobile_shown=_national(row, _MOBILE),
        phone_shown=_national(row, _PHONE),
        postal_code=postal_code or None,
        city=city or None,
        walk_in=is_walk_in(row),
        archived=is_strong(row, _ARCHIVED),
        blocked=is_strong(row, _BLOCKED),
        blocked_reason=reason_of(row, _BLOCKED),
    )


Order = tuple[bool, bool, int, Nearness, str, bytes]


def orders_of(query: Query, rows: Sequence[Element], nearness: Sequence[Nearness]) -> list[Order]:
    """Where each of some customers stands among them: who is named exactly first, archived ones last.

    Then who is called so before who lives in a town or a street of that name; the nearest first; by name.
    """
    names = [" ".join(one.split()) for one in folded_each([_sorted_by(row) for row in rows])]
    said = zip(rows, nearness, names, strict=True)
    return [
        (near > Nearness.EXACT, is_strong(row, _ARCHIVED), _not_called(name, query.words), near, name, row.entity)
        for row, near, name in said
    ]


def _sorted_by(row: Element) -> str:
    first, last = parts_of(row.fields.get(_NAME), 2)
    return f"{last} {first}" if last else display_name(row)


def _not_called(name: str, words: Sequence[str]) -> int:
    """How many of the words that were typed begin no word of this folded name."""
    spaced = f" {name}"
    return sum(f" {word}" not in spaced for word in words)


def hits_of(query: Query, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
    """The candidates with what matched, in the order given."""
    return tuple([hit for candidate in candidates if (hit := _hit(query, candidate)) is not None])


def _hit(query: Query, candidate: Candidate) -> Hit | None:
    row = row_of(candidate.elements)
    if row is None:
        return None
    brief = _brief(row)
    found = _matches(candidate.meant or query, candidate.claim, _texts(candidate.elements, row, brief))
    return Hit(customer=brief, matches=tuple([_shown(match) for match in found])) if found else None


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


def copy_age(
    *, proved_ms: int, waiting: int, since_ms: int, now_ms: int, is_hub: bool, indexed: float = 1.0
) -> CopyAge:
    """The age of this replica's copy; head office's own has none."""
    age = max(0, (now_ms - proved_ms) // 1000) if proved_ms else None
    return CopyAge(
        proved_at=instant.shown(proved_ms) or None,
        age_s=0 if is_hub else age,
        waiting=waiting,
        waiting_since=instant.shown(since_ms) or None,
        indexed=int(indexed * 10_000) / 10_000,
    )


_CLAIMED = {
    Claim.EMAIL: ("email",),
    Claim.CODE: ("code",),
    Claim.CARD: ("card",),
    Claim.PHONE: ("mobile", "phone"),
    Claim.MEMBER_NUMBER: ("member_number",),
}


def _matches(query: Query, claim: Claim | None, texts: Sequence[SearchedText]) -> tuple[Match, ...] | None:
    if claim is not None:
        claimed = [text for text in texts if text.field in _CLAIMED.get(claim, ())]
        answering = matches(query, claimed) if query.words else None
        if answering and nearness_of(answering) <= Nearness.WORD:
            return tuple(exact(SearchedText(field=match.field, text=match.text)) for match in answering)
        return tuple(exact(text) for text in claimed[:1])
    return matches(query, texts)


def _texts(elements: Sequence[Element], row: Element, brief: CustomerBrief) -> list[SearchedText]:
    """The texts by which a customer is found, the telling ones first."""
    line1, line2 = parts_of(row.fields.get(_ADDRESS), 2)
    plain = [
        ("last_name", brief.last_name),
        ("first_name", brief.first_name),
        ("company_name", brief.company_name),
        ("email", brief.email),
        ("postal_code", brief.postal_code),
        ("city", brief.city),
        ("address", line1),
        ("address", line2),
    ]
    joined = [
        ("code", brief.code),
        ("member_number", _value(row, _MEMBER_NUMBER)),
        ("siret", _value(row, _SIRET)),
        ("mobile", brief.mobile_shown),
        ("mobile", _value(row, _MOBILE)),
        ("phone", brief.phone_shown),
        ("phone", _value(row, _PHONE)),
    ]
    if len(elements) > 1:
        plain += [("tag", text_of(tag.fields.get(TAG))) for tag in of_kind(elements, _TAG_KIND)]
        joined += [("card", text_of(card.fields.get(CARD_NUMBER))) for card in of_kind(elements, _CARD_KIND)]
    if max(row.fields, default=0) >= CUSTOM_FIELDS_FROM:
        plain += _custom_texts(row)
    found = [SearchedText(name, text) for name, text in plain if text]
    found += [SearchedText(name, text, joined=True) for name, text in joined if text]
    # Codes with separators are also found by their parts, as the index has them.
    return found + [SearchedText(name, text) for name, text in joined if text and not text.isalnum()]


def _custom_texts(row: Element) -> list[tuple[str, str]]:
    return [
        (f"custom_{at}", part)
        for at, value in sorted(row.fields.items())
        if is_searched_number(at)
        for part in (value if isinstance(value, tuple) else (value,))
        if isinstance(part, str)
    ]


_HOW_NEAR: Final[Mapping[Nearness, HowNear]] = {
    Nearness.EXACT: "exact",
    Nearness.WORD: "word",
    Nearness.BEGINNING: "beginning",
    Nearness.PART: "part",
    Nearness.SOUND: "sounds_like",
    Nearness.TYPING: "typing",
}


def _shown(match: Match) -> MatchedText:
    return MatchedText(field=match.field, text=match.text, nearness=_HOW_NEAR[match.nearness], ranges=match.ranges)


def _value(row: Element, field_number: int) -> str | None:
    value = row.fields.get(field_number)
    return value if isinstance(value, str) and value else None


def _national(row: Element, field_number: int) -> str | None:
    value = _value(row, field_number)
    return phones.national(value) if value else None
