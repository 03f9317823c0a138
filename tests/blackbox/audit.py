"""Afterwards: what was acknowledged is there, once, on every replica."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.blackbox.clients import Told
from tests.system.processes import Api


@dataclass
class Audit:
    """What is wrong on one replica."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def everybody(api: Api) -> list[Any]:
    """All customers of a replica."""
    found, after = [], ""
    while True:
        page = api.get(f"/register?after={after}" if after else "/register")
        found += page["customers"]
        after = page["next"]
        if not after:
            return found


def audit(where: str, customers: list[Any], told: Told) -> Audit:
    """Compare a replica with what its clients were told."""
    found = Audit()
    by_id = {customer["id"]: customer for customer in customers}
    mails = Counter(str(customer["email"]) for customer in customers if customer["email"])
    for email, id_ in told.created.items():
        if id_ not in by_id or by_id[id_]["email"] != email:
            found.lost.append(f"{where}: customer {email}")
    found.doubled += [f"{where}: {count} customers {email}" for email, count in mails.items() if count > 1]
    notes = Counter((customer["id"], note["text"]) for customer in customers for note in customer["notes"])
    found.lost += [f"{where}: {text!r} of {id_}" for id_, text in told.notes if not notes[id_, text]]
    found.doubled += [f"{where}: {count} times {note}" for note, count in notes.items() if count > 1]
    asked = set(told.notes)
    found.doubled += [f"{where}: {note} was never acknowledged" for note in notes if note not in asked]
    found.lost += _values(where, by_id, told)
    return found


def _values(where: str, by_id: dict[str, Any], told: Told) -> list[str]:
    """Fields whose value nobody can have written last."""
    possible: dict[tuple[str, str], set[str]] = {}
    certain: set[tuple[str, str]] = set()
    for (_, customer, name), values in told.values.items():
        possible.setdefault((customer, name), set()).update(values.possible())
        if values.answered:
            certain.add((customer, name))
    lost = []
    for customer, name in sorted(certain):
        value = by_id.get(customer, {}).get(name)
        if value not in possible[customer, name]:
            # The name that a customer was created with is the oldest one: an edit of it, once answered, replaces it.
            lost.append(
                f"{where}: {name} of {customer} is {value!r}, and not one of {sorted(possible[customer, name])}"
            )
    return lost
