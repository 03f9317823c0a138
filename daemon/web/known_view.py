"""Who is known already of somebody who is being typed: by a value that only one has, then by name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from daemon.desk.communes import communes_of
from daemon.desk.desks import Desks
from daemon.desk.lookup import claims_of
from daemon.desk.search_answer import CustomerBrief
from daemon.domain.folding import fold
from daemon.errors import OperatorMistake
from daemon.web.customer_form import Typed

SHOWN_MAX: Final = 5
TOWNS_MAX: Final = 8
FIELDS_MIN: Final = 3
"""From the third field on, a name is looked for: the first two are those of half the base."""

COUNTED: Final = (
    "first_name",
    "last_name",
    "company_name",
    "email",
    "mobile",
    "phone",
    "birthday",
    "postal_code",
    "card",
)
SAME: Final = {
    "email": "same e-mail",
    "mobile": "same mobile",
    "phone": "same phone",
    "card": "same card",
}
"""Message ids of what two customers have in common."""

SAME_NAME: Final = "same name"
LIKE_NAME: Final = "similar name"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownOne:
    """A customer who may be the one that is typed; `why` is a message id."""

    customer: CustomerBrief = field(repr=False)
    why: str


async def known(desks: Desks, typed: Typed) -> tuple[KnownOne, ...]:
    """Who may be meant, the surest first."""
    found: dict[str, KnownOne] = {}
    for name, why in SAME.items():
        for one in await _owners(desks, name, typed.values.get(name, "")):
            found.setdefault(one.id, KnownOne(customer=one, why=why))
    if sum(bool(typed.values.get(name)) for name in COUNTED) >= FIELDS_MIN:
        for one in await _namesakes(desks, typed):
            is_same = fold(one.display_name) == fold(_name(typed))
            found.setdefault(one.id, KnownOne(customer=one, why=SAME_NAME if is_same else LIKE_NAME))
    return tuple(found.values())[:SHOWN_MAX]


def towns(typed: Typed) -> tuple[str, ...]:
    """The communes of the postal code, where the town was not typed yet."""
    code, city = typed.values.get("postal_code", ""), typed.values.get("city", "")
    if len(code) != 5 or typed.values.get("country", "FR") not in {"", "FR"}:
        return ()
    try:
        return tuple(name for name in communes_of(code).communes if fold(name) != fold(city))[:TOWNS_MAX]
    except OperatorMistake:
        return ()


def messages() -> Iterator[str]:
    """Every message id of a reason."""
    yield from (*SAME.values(), SAME_NAME, LIKE_NAME)


async def _owners(desks: Desks, name: str, value: str) -> tuple[CustomerBrief, ...]:
    """Who has this value; nobody while it is half typed."""
    if not value:
        return ()
    try:
        asked = {"mobile": "telephone", "phone": "telephone"}.get(name, name)
        found = await desks.lookup.identify(claims_of(**{asked: value}))
    except OperatorMistake:
        return ()
    return (found.customer,) if found.customer is not None else found.candidates


async def _namesakes(desks: Desks, typed: Typed) -> tuple[CustomerBrief, ...]:
    name = _name(typed)
    if not name:
        return ()
    try:
        answer = await desks.lookup.search(name, limit=SHOWN_MAX, however_short=True)
    except OperatorMistake:
        return ()
    return tuple(hit.customer for hit in answer.hits)


def _name(typed: Typed) -> str:
    values = typed.values
    if values.get("kind") == "company":
        return values.get("company_name", "")
    return " ".join(part for part in (values.get("first_name"), values.get("last_name")) if part)
