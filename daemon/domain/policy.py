"""What the chain decides and tills obey: policies are rows named by the hash of their name, so that all write one row.

walk_in/SHOP   the id of the customer who is nobody in particular, at that point of sale (16 hexadecimal digits)
required       JSON: {surface: {kind of customer: [field, ...]}}; what it does not name keeps the default below
"""

from collections.abc import Mapping

from daemon.domain.canonical import digest8
from daemon.domain.element import Element, Key
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.kinds import Kind
from daemon.errors import OperatorMistake
from daemon.typed import parse_json

VALUE = 1
"""The field of a policy row that holds its text."""

REQUIRED = "required"

Required = Mapping[str, Mapping[str, tuple[str, ...]]]

REQUIRED_BY_DEFAULT: Required = {
    "till": {"person": ("first_name", "last_name", "email"), "company": ("company_name",)},
    "kiosk": {"person": ("first_name", "last_name", "email"), "company": ("company_name",)},
}
"""Surfaces that are not named (import, application) ask for nothing; replication never asks."""


def policy_key(name: str) -> Key:
    """Where the policy of that name is stored."""
    return (digest8(b"policy/" + name.encode("ascii")), Kind.POLICY, b"")


def walk_in_policy(shop: int) -> str:
    """The name of the policy that says who the walk-in customer of a shop is."""
    return f"walk_in/{shop}"


def text_of(policy: Element | None) -> str:
    """What a policy says; empty where it was never made."""
    value = policy.fields.get(VALUE) if policy else None
    return value if isinstance(value, str) else ""


def walk_in_of(policy: Element | None) -> EntityId | None:
    """The walk-in customer that a policy names."""
    return parse_entity(text_of(policy))


def required_of(policy: Element | None) -> Required:
    """The fields asked for at creation, by surface and kind; a policy that cannot be read leaves the defaults."""
    merged = {surface: dict(kinds) for surface, kinds in REQUIRED_BY_DEFAULT.items()}
    text = text_of(policy)
    if text:
        try:
            told = parse_json(text.encode("utf-8"), dict[str, dict[str, tuple[str, ...]]])
        except OperatorMistake:
            told = {}
        for surface, kinds in told.items():
            merged.setdefault(surface, {}).update(kinds)
    return merged


def missing(required: Required, *, surface: str, kind: str, given: frozenset[str]) -> tuple[str, ...]:
    """The required fields that were not given."""
    return tuple(name for name in required.get(surface, {}).get(kind, ()) if name not in given)
