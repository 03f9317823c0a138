"""How likely two records of customers are one person: what they share, weighed. Pure; a person decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from daemon.domain.claims import claims_of
from daemon.domain.element import Element
from daemon.domain.folding import words
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.near_words import slips
from daemon.domain.sound_key import sound_key

LIKELY: Final = 50
"""From so many points on a pair is shown."""

POINTS: Final = {
    "email": 60,
    "card": 60,
    "member_number": 60,
    "siret": 60,
    "phone": 55,
    "name": 35,
    "address": 20,
    "birthday": 15,
    "other_birthday": -30,
    "other_name": -5,
}
"""What each thing that two records share says for one person, and against it."""

NAME, COMPANY, SIRET = (CUSTOMER.number(name) for name in ("name", "company_name", "siret"))
ADDRESS, BIRTHDAY = CUSTOMER.number("address"), CUSTOMER.number("birthday")

_CLAIMS: Final = {
    Claim.EMAIL: "email",
    Claim.CARD: "card",
    Claim.PHONE: "phone",
    Claim.MEMBER_NUMBER: "member_number",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a customer is compared."""

    claims: frozenset[tuple[int, str]]
    last: tuple[str, ...]
    first: tuple[str, ...]
    company: tuple[str, ...]
    siret: str
    postal_code: str
    street: tuple[str, ...]
    birthday: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two records share, and how much that says: 0 to 100."""

    score: int
    reasons: tuple[str, ...]

    @property
    def is_likely(self) -> bool:
        """Whether somebody should look."""
        return self.score >= LIKELY


def traits_of(elements: Sequence[Element]) -> Traits | None:
    """What is compared of one customer's row and cards; None where there is no row."""
    row = next((one for one in elements if one.kind == Kind.CUSTOMER), None)
    if row is None:
        return None
    first, last = _texts(row.fields.get(NAME), 2)
    line1, _, postal_code, *_ = _texts(row.fields.get(ADDRESS), 5)
    birthday = row.fields.get(BIRTHDAY)
    company = row.fields.get(COMPANY)
    siret = row.fields.get(SIRET)
    return Traits(
        claims=frozenset((claim, value) for one in elements for claim, value, _ in claims_of(one) if claim in _CLAIMS),
        last=words(last),
        first=words(first),
        company=words(company) if isinstance(company, str) else (),
        siret=siret if isinstance(siret, str) else "",
        postal_code="".join(postal_code.split()),
        street=words(line1),
        birthday=birthday if isinstance(birthday, tuple) and len(birthday) == 3 else (),
    )


def likeness(one: Traits, other: Traits) -> Likeness:
    """What two customers share. The sound of the name counts with the address: half of a town is called alike."""
    reasons = [name for claim, name in _CLAIMS.items() if _shared(one, other, claim)]
    if one.siret and one.siret == other.siret:
        reasons.append("siret")
    alike = _same_name(one, other)
    if alike:
        reasons.append("name")
        if _same_address(one, other):
            reasons.append("address")
    elif alike is False:
        reasons.append("other_name")
    if one.birthday and other.birthday:
        same = _same_birthday(one.birthday, other.birthday)
        reasons += ["birthday"] if same and alike else [] if same else ["other_birthday"]
    score = sum(POINTS[reason] for reason in reasons)
    return Likeness(max(0, min(score, 100)), tuple(reason for reason in reasons if POINTS[reason] > 0))


def _shared(one: Traits, other: Traits, claim: Claim) -> bool:
    return any(kind == claim and (kind, value) in other.claims for kind, value in one.claims)


def _same_name(one: Traits, other: Traits) -> bool | None:
    """Whether the names are said alike; None where one of them has no name to be compared."""
    if one.company and other.company:
        return _alike(one.company, other.company)
    if not one.last or not other.last:
        return None
    if not one.first or not other.first:
        return _alike(one.last, other.last)
    # First and last name are typed into each other's place more often than one thinks.
    straight = _alike(one.last, other.last) and _alike(one.first, other.first)
    crossed = _alike(one.last, other.first) and _alike(one.first, other.last)
    return straight or crossed


def _alike(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two names are said alike, or are a slip of typing apart, word by word."""
    here, there = list(one), list(other)
    return len(here) == len(there) and all(_alike_words(*pair) for pair in zip(here, there, strict=True))


def _alike_words(one: str, other: str) -> bool:
    if one == other or (len(min(one, other, key=len)) == 1 and one[0] == other[0]):
        return True
    sound = sound_key(one)
    return bool(sound) and (sound == sound_key(other) or (len(one) > 4 and slips(one, other, most=1) <= 1))


def _same_address(one: Traits, other: Traits) -> bool:
    """The same postal code, and no street that speaks against it: the number and most words of it."""
    if not one.postal_code or one.postal_code != other.postal_code:
        return False
    if not one.street or not other.street:
        return True
    here, there = set(one.street), set(other.street)
    numbers = {word for word in here if word.isdigit()} ^ {word for word in there if word.isdigit()}
    return not numbers and 2 * len(here & there) >= min(len(here), len(there))


def _same_birthday(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Month and day; the year where both say it."""
    same_year = one[0] is None or other[0] is None or one[0] == other[0]
    return one[1:] == other[1:] and same_year


def _texts(value: Any, count: int) -> tuple[str, ...]:
    found = [part if isinstance(part, str) else "" for part in value] if isinstance(value, tuple) else []
    return tuple((found + [""] * count)[:count])
