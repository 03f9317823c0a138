"""The policies of the chain in words: what each says, who decided it and when. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Final

from daemon.desk import instant
from daemon.desk.policies import Policy
from daemon.web.customer_view import FIELD_WORDS
from daemon.web.i18n import Words


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRow:
    """One policy. `lines`: of whom (empty: of everybody), what it says. `since` empty: by default."""

    name: str
    about: str
    lines: tuple[tuple[str, str], ...]
    since: str
    by: str
    policy: Policy = field(repr=False)


VALUE_WORDS: Final = {
    None: "no limit",
    True: "yes",
    False: "no",
    "off": "nothing",
    "banner": "a banner",
    "acknowledge": "a banner to be acknowledged",
    "refuse": "refused",
    "manager": "a second person",
    "at_risk": "at risk, up to the cap",
}
"""Message ids of what a policy may say."""

WHERE_WORDS: Final = {
    "cashier": "Cashier",
    "manager": "Manager",
    "office": "Head office",
    "owner": "Owner",
    "application": "Application",
    "discount": "discount",
    "points": "points",
    "credit": "credit",
    "at_risk": "beyond the rights",
    "second_sale": "held ticket of another till",
    "new_pin": "new PIN",
    "unproved": "beyond the proof",
    "name": "Name only",
    "card": "Card read",
    "pin": "PIN",
    "coupons": "coupons",
    "on_account": "on account",
    "credit_notes": "credit notes",
    "beyond": "Beyond that",
    "applications_read": "Scans of applications count",
    "till": "Till",
    "kiosk": "Kiosk",
    "person": "person",
    "company": "company",
    "months": "months",
    "notice_days": "days of notice",
    "prefix": "beginning of each code",
    "digits": "digits after it",
    "size": "codes in a block",
    "low": "next block when so many are left",
    "first": "number of the first code",
    "mode": "Beyond the rights",
    "at_most": "at most",
}
"""Message ids of what a policy speaks of; other names are shown as they are."""

ASKED_WORDS: Final = {
    **{name: word for name, word in FIELD_WORDS.items() if name != "name"},
    "first_name": "First name",
    "last_name": "Name",
}
"""Message ids of the fields that a creation may ask for."""

RATES: Final = frozenset({"discount"})
MONEY: Final = frozenset({"credit", "at_risk", "second_sale", "unproved", "on_account", "credit_notes"})
"""What is bounded in hundredths of a percent, and in cents."""


def policy_rows(found: Sequence[Policy], words: Words, now_ms: int) -> tuple[PolicyRow, ...]:
    """The policies as a person reads them."""
    return tuple(
        PolicyRow(
            name=policy.name,
            about=words.text(policy.about),
            lines=tuple(_lines(policy.value, words)),
            since=words.moment(instant.parse(policy.since, field="since"), now_ms) if policy.since else "",
            by=words.author(policy.by) if policy.by else "",
            policy=policy,
        )
        for policy in found
    )


def _lines(value: Any, words: Words) -> Iterator[tuple[str, str]]:
    """What a value says, a line for each of whom it speaks: `Cashier` and `discount 10 %, points 100`."""
    inside = _inside(value)
    if inside is None:
        if value is not None:
            yield "", _said(value, words, "")
        return
    for name, one in inside.items():
        yield words.text(WHERE_WORDS.get(name, name)), _told(one, words, name)


def _told(value: Any, words: Words, name: str) -> str:
    inside = _inside(value)
    if inside is None:
        return _said(value, words, name)
    return " · ".join(
        f"{words.text(WHERE_WORDS.get(key, key))} {_told(one, words, key)}" for key, one in inside.items()
    )


def _inside(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else _fields(value)


def _fields(value: Any) -> Mapping[str, Any] | None:
    if not is_dataclass(value) or isinstance(value, type):
        return None
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _said(value: Any, words: Words, name: str) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(_said(one, words, name) for one in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return words.rate(value) if name in RATES else words.euros(value) if name in MONEY else words.number(value)
    if value is None or isinstance(value, bool) or value in VALUE_WORDS:
        return words.text(VALUE_WORDS[value])
    return words.text(ASKED_WORDS[value]) if value in ASKED_WORDS else str(value)
