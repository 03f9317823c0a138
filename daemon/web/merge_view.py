"""Two records side by side, as a person decides whether they are one: what differs, what is the same, what adds up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.desk.customer import Customer
from daemon.desk.merging import LikelyPair, MergePreview
from daemon.web.customer_view import consent_rows
from daemon.web.disagreement_view import label_of, value_words
from daemon.web.i18n import Words

REASON_WORDS: Final = {
    "email": "same e-mail",
    "phone": "same phone",
    "card": "same card",
    "member_number": "same member number",
    "siret": "same SIRET",
    "name": "similar name",
    "address": "same address",
    "birthday": "same birthday",
}
"""Message ids of what two records share."""

STATE_WORDS: Final = {"granted": "yes", "refused": "no"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What one record says; `record` is its id."""

    record: str
    value: str = field(repr=False)
    is_proposed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceRow:
    """A field on which the records differ, to be chosen."""

    field: str
    label: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreedRow:
    """A field that says the same on both."""

    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SumRow:
    """What nobody chooses: amounts that add up, a refusal that stands for the person."""

    label: str
    values: tuple[str, ...]
    result: str
    adds_up: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Holdings:
    """What one record has: points, cents of revenue in the last twelve months, its usable coupons."""

    points: int
    coupons: int
    revenue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two records, the one that would show the person first."""

    customers: tuple[Customer, ...]
    choices: tuple[ChoiceRow, ...]
    agreed: tuple[AgreedRow, ...]
    sums: tuple[SumRow, ...]


def comparison_of(
    preview: MergePreview,
    customers: Mapping[str, Customer],
    held: Mapping[str, Holdings],
    words: Words,
    named: Mapping[str, str],
) -> Comparison:
    """What stands on the screen; `customers` and `held` by id, `named`: what groups, types and lists are called."""
    order = [one.id for one in preview.records]
    return Comparison(
        customers=tuple(customers[id_] for id_ in order),
        choices=tuple(
            ChoiceRow(
                field=row.field,
                label=label_of("customer", row.field, words),
                sides=tuple(
                    Side(
                        record=said.customer,
                        value=value_words("customer", row.field, said.value or "", words, named),
                        is_proposed=said.customer == row.proposed,
                    )
                    for said in row.values
                ),
            )
            for row in preview.fields
        ),
        agreed=tuple(
            AgreedRow(
                label=label_of("customer", same.name, words),
                value=value_words("customer", same.name, same.value or "", words, named),
            )
            for same in preview.same
        ),
        sums=(*_consents([customers[id_] for id_ in order], words), *_holdings([held[id_] for id_ in order], words)),
    )


def reasons_line(reasons: Iterable[str], words: Words) -> str:
    """`Same e-mail, name sounds alike`."""
    line = ", ".join(words.text(REASON_WORDS[reason]) for reason in reasons if reason in REASON_WORDS)
    return line[:1].upper() + line[1:]


def pair_after(pairs: Sequence[LikelyPair], one: str, other: str) -> LikelyPair | None:
    """The next pair to look at, once this one is judged or left for later."""
    at = next((at for at, pair in enumerate(pairs) if {pair.one.id, pair.other.id} == {one, other}), -1)
    return pairs[at + 1] if at + 1 < len(pairs) else None


def _consents(customers: Sequence[Customer], words: Words) -> Iterable[SumRow]:
    """Those on which the records differ: a refusal by any of them stands."""
    for rows in zip(*(consent_rows(customer) for customer in customers), strict=True):
        states = [row.state for row in rows]
        if len(set(states)) > 1:
            told = tuple(words.text(STATE_WORDS[state]) if state in STATE_WORDS else "–" for state in states)
            stands = "refused" if "refused" in states else "granted"
            yield SumRow(
                label=words.text(rows[0].label), values=told, result=words.text(STATE_WORDS[stands]), adds_up=False
            )


def _holdings(held: Sequence[Holdings], words: Words) -> Iterable[SumRow]:
    points, coupons = [one.points for one in held], [one.coupons for one in held]
    revenue = [one.revenue for one in held]
    yield SumRow(label=words.text("Points"), values=tuple(map(words.number, points)), result=words.number(sum(points)))
    if any(coupons):
        shown = tuple(map(words.number, coupons))
        yield SumRow(label=words.text("Coupons"), values=shown, result=words.number(sum(coupons)))
    if any(revenue):
        shown = tuple(map(words.euros, revenue))
        yield SumRow(label=words.text("Revenue, 12 months"), values=shown, result=words.euros(sum(revenue)))
