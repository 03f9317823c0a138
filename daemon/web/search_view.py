"""What a list of hits looks like: names with the letters that answered underlined. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from daemon.desk.customer import Customer
from daemon.desk.inquiry import CheckedSearch
from daemon.desk.search_answer import CustomerBrief, Hit, MatchedText, SearchAnswer
from daemon.web.customer_view import FIELD_WORDS
from daemon.web.i18n import Words

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it answered the query."""

_SHOWN: Final = frozenset({"last_name", "first_name", "company_name", "code", "postal_code", "city", "mobile", "phone"})
EXTRA_WORDS: Final = FIELD_WORDS | {"card": "Card", "tag": "Tag"}

ALMOST_WORDS: Final = {"typing": "almost: a slip of typing", "sounds_like": "almost: sounds the same"}
"""Message ids; the farther one first, for a customer who is found by both."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitRow:
    """One line of the list. `extra` is what answered and stands in no column: (message id, text).

    `almost` is the message id of what this customer has in common with the query, where it is not what was typed.
    """

    id: str
    name: Pieces = field(repr=False)
    code: Pieces
    place: Pieces = field(repr=False)
    telephone: Pieces = field(repr=False)
    extra: tuple[str, Pieces] | None = field(repr=False)
    almost: str | None
    customer: CustomerBrief


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeRow:
    """A customer whom head office finds; `here` says whether this till knows them so."""

    row: HitRow
    here: Literal["same", "different", "absent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeAnswer:
    """What head office answered; `sentence` says why there is no answer."""

    rows: tuple[OfficeRow, ...] = ()
    sentence: str = ""
    indexed: float = 1.0


def office_rows(answer: CheckedSearch) -> tuple[OfficeRow, ...]:
    """Those whom head office finds and this till does not show so already."""
    found = (OfficeRow(row=_row(Hit(customer=hit.customer, matches=hit.matches)), here=hit.here) for hit in answer.hits)
    return tuple(one for one in found if one.here != "same")


def rows_of(answer: SearchAnswer) -> tuple[HitRow, ...]:
    """The hits as lines."""
    return tuple(_row(hit) for hit in answer.hits)


def plain_row(customer: CustomerBrief) -> HitRow:
    """A customer as a line with nothing underlined, for a choice between several."""
    return _row(Hit(customer=customer, matches=()))


def brief_of_record(customer: Customer) -> CustomerBrief:
    """A whole customer as a list shows it."""
    address = customer.address
    return CustomerBrief(
        id=customer.id,
        kind=customer.kind,
        display_name=customer.display_name,
        first_name=customer.first_name,
        last_name=customer.last_name,
        company_name=customer.company_name,
        code=customer.code,
        email=customer.email,
        mobile_shown=customer.mobile_shown,
        phone_shown=customer.phone_shown,
        postal_code=address.postal_code or None if address else None,
        city=address.city or None if address else None,
        walk_in=customer.walk_in,
        archived=customer.archived,
        blocked=customer.blocked,
        blocked_reason=customer.blocked_reason,
    )


def count_line(answer: SearchAnswer, words: Words) -> str:
    """`5 clients`, `20 premiers sur 184`, `20 premiers sur plus de 200`."""
    if not answer.cut:
        return words.counted("%(num)s customer", "%(num)s customers", answer.total)
    shown, total = words.number(len(answer.hits)), words.number(answer.total)
    if answer.more_than:
        return words.text("first %(shown)s of more than %(total)s", shown=shown, total=total)
    return words.text("first %(shown)s of %(total)s", shown=shown, total=total)


def pieces(text: str, ranges: Iterable[tuple[int, int]]) -> Pieces:
    """A text cut at the borders of its ranges, which may touch and overlap."""
    found: list[tuple[str, bool]] = []
    at = 0
    for begins, ends in sorted(ranges):
        start, end = max(begins, at), min(ends, len(text))
        if start >= end:
            continue
        if start > at:
            found.append((text[at:start], False))
        found.append((text[start:end], True))
        at = end
    if at < len(text):
        found.append((text[at:], False))
    return tuple(found)


def _row(hit: Hit) -> HitRow:
    customer = hit.customer
    return HitRow(
        id=customer.id,
        name=_joined(_name_parts(customer), hit.matches),
        code=_marked("code", customer.code, hit.matches),
        place=_joined((("postal_code", customer.postal_code), ("city", customer.city)), hit.matches),
        telephone=_telephone(customer, hit.matches),
        extra=_extra(hit.matches, customer),
        almost=_almost(hit.matches),
        customer=customer,
    )


def _name_parts(customer: CustomerBrief) -> Sequence[tuple[str, str | None]]:
    """Last name first, as lists are sorted; a company by its name."""
    if customer.kind == "company" and customer.company_name:
        return (("company_name", customer.company_name),)
    named = (("last_name", customer.last_name), ("first_name", customer.first_name))
    return named if customer.last_name or customer.first_name else (("company_name", customer.display_name),)


def _joined(parts: Iterable[tuple[str, str | None]], matches: Sequence[MatchedText]) -> Pieces:
    found: list[tuple[str, bool]] = []
    for name, text in parts:
        if text:
            found += ([(" ", False)] if found else []) + list(_marked(name, text, matches))
    return tuple(found)


def _marked(name: str, text: str | None, matches: Sequence[MatchedText]) -> Pieces:
    if not text:
        return ()
    return pieces(
        text, [span for match in matches if match.field == name and match.text == text for span in match.ranges]
    )


def _telephone(customer: CustomerBrief, matches: Sequence[MatchedText]) -> Pieces:
    """The number that answered, else the mobile, else the other one."""
    numbers = (("mobile", customer.mobile_shown), ("phone", customer.phone_shown))
    answered = [(name, text) for name, text in numbers if any(match.text == text for match in matches)]
    name, text = next(iter([*answered, *((name, text) for name, text in numbers if text)]), ("mobile", None))
    return _marked(name, text, matches)


def _extra(matches: Sequence[MatchedText], customer: CustomerBrief) -> tuple[str, Pieces] | None:
    """The first thing that answered outside the columns: an e-mail, a card, a tag, a street, a number as stored."""
    shown = {customer.mobile_shown, customer.phone_shown}
    for match in matches:
        in_column = match.field in _SHOWN and (match.field not in {"mobile", "phone"} or match.text in shown)
        if not in_column:
            return EXTRA_WORDS.get(match.field, match.field), pieces(match.text, match.ranges)
    return None


def _almost(matches: Sequence[MatchedText]) -> str | None:
    found = {match.nearness for match in matches}
    return next((said for near, said in ALMOST_WORDS.items() if near in found), None)
