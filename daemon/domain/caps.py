"""How far a role goes alone, and when a second person is asked: the policy `caps` of head office.

caps   JSON: {role: {act: most}}; discounts in hundredths of a percent, points in points, money in cents. What it does
       not name keeps the default below; null: without bound. Beyond the cap a second operator, whose own cap reaches
       so far, proves to be there; beyond everybody's cap nothing helps.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from daemon.domain import policy
from daemon.domain.element import Element
from daemon.domain.role import Role
from daemon.errors import OperatorMistake
from daemon.typed import parse_json

CAPS: Final = "caps"
"""The name of the policy."""


class Act(StrEnum):
    """What is capped, by the word that policies and calls use."""

    DISCOUNT = "discount"
    """A price or discount other than the rules say, in hundredths of a percent of what they say."""
    POINTS = "points"
    """Points given or taken by hand."""
    CREDIT = "credit"
    """Money given or taken by hand on an account, a credit note issued without a return: cents."""
    AT_RISK = "at_risk"
    """Spending beyond the rights that are here: cents or points."""
    SECOND_SALE = "second_sale"
    """Taking a held ticket away from another till, or selling it beside another till: its cents."""
    NEW_PIN = "new_pin"
    """A customer's PIN set by who does not know the present one. 1: a card of theirs was read; 2: it was not."""
    UNPROVED = "unproved"
    """Spending more than the proof at hand goes for, where the policy lets a second person: points, pieces, cents."""


Caps = Mapping[str, Mapping[str, int | None]]

BY_DEFAULT: Final[Caps] = {
    Role.CASHIER: {
        Act.DISCOUNT: 1_000,
        Act.POINTS: 100,
        Act.CREDIT: 1_000,
        Act.AT_RISK: 0,
        Act.SECOND_SALE: 0,
        Act.NEW_PIN: 1,
        Act.UNPROVED: 0,
    },
    Role.APPLICATION: {
        Act.DISCOUNT: 1_000,
        Act.POINTS: 100,
        Act.CREDIT: 1_000,
        Act.AT_RISK: 0,
        Act.SECOND_SALE: 0,
        Act.NEW_PIN: 0,
        Act.UNPROVED: 0,
    },
    Role.MANAGER: {
        Act.DISCOUNT: 10_000,
        Act.POINTS: 5_000,
        Act.CREDIT: 20_000,
        Act.AT_RISK: 5_000,
        Act.SECOND_SALE: None,
        Act.NEW_PIN: 2,
        Act.UNPROVED: 5_000,
    },
    Role.OFFICE: {
        Act.DISCOUNT: 10_000,
        Act.POINTS: None,
        Act.CREDIT: None,
        Act.AT_RISK: None,
        Act.SECOND_SALE: None,
        Act.NEW_PIN: 2,
        Act.UNPROVED: None,
    },
    Role.OWNER: {
        Act.DISCOUNT: 10_000,
        Act.POINTS: None,
        Act.CREDIT: None,
        Act.AT_RISK: None,
        Act.SECOND_SALE: None,
        Act.NEW_PIN: 2,
        Act.UNPROVED: None,
    },
}


def caps_of(element: Element | None) -> Caps:
    """The caps that stand; a policy that cannot be read leaves the defaults."""
    merged = {role: dict(acts) for role, acts in BY_DEFAULT.items()}
    text = policy.text_of(element)
    if text:
        try:
            told = read(text)
        except OperatorMistake:
            told = {}
        for role, acts in told.items():
            merged.setdefault(Role(role), {}).update({Act(act): most for act, most in acts.items()})
    return {str(role): {str(act): most for act, most in acts.items()} for role, acts in merged.items()}


def read(text: str) -> Caps:
    """The caps that a policy's text names; raises OperatorMistake naming what is wrong."""
    told = parse_json(text.encode("utf-8"), dict[str, dict[str, int | None]])
    for role, acts in told.items():
        if role not in set(Role):
            raise OperatorMistake(f"caps: there is no role {role[:40]}", field="value")
        for act, most in acts.items():
            if act not in set(Act):
                raise OperatorMistake(f"caps: nothing that is capped is called {act[:40]}", field="value")
            if most is not None and most < 0:
                raise OperatorMistake(f"caps: the cap of {act} for {role} is less than nothing", field="value")
    return told


def reaches(caps: Caps, role: str, act: Act, amount: int) -> bool:
    """Whether a role may do this alone. Amounts count without their sign; a role of a newer version may nothing."""
    most = caps.get(role, {}).get(act, 0)
    return most is None or abs(amount) <= most
