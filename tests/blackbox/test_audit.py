"""The judge of the campaign finds what it is there to find."""

from typing import Any

import pytest

from tests.blackbox.audit import audit
from tests.blackbox.clients import Told, Values

ANNE = "616e6e652e2e2e2e"


def told() -> Told:
    found = Told(created={"anne@example.org": ANNE}, notes=[(ANNE, "calls back")])
    found.values["till1", ANNE, "civility"] = Values(["Mme", "Dr", "Me"], answered=2)
    return found


def customer(**changed: Any) -> dict[str, Any]:
    return {
        "id": ANNE,
        "email": "anne@example.org",
        "civility": "Dr",
        "notes": [{"text": "calls back"}],
    } | changed


def test_a_replica_with_all_of_it_is_well() -> None:
    found = audit("hub", [customer()], told())
    assert (found.lost, found.doubled) == ([], [])


def test_a_value_whose_answer_was_lost_may_or_may_not_stand() -> None:
    assert audit("hub", [customer(civility="Me")], told()).lost == []


@pytest.mark.parametrize(
    "customers",
    [
        [],
        [customer(notes=[])],
        [customer(civility="Mme")],
        [customer(civility=None)],
        [customer(email="other@example.org")],
    ],
)
def test_what_is_missing_or_older_than_was_answered_is_lost(customers: list[Any]) -> None:
    assert audit("hub", customers, told()).lost


@pytest.mark.parametrize(
    "customers",
    [
        [customer(), customer(id="0" * 16, notes=[])],
        [customer(notes=[{"text": "calls back"}, {"text": "calls back"}])],
        [customer(notes=[{"text": "calls back"}, {"text": "nobody wrote this"}])],
    ],
)
def test_what_is_there_twice_or_was_never_asked_for_is_doubled(customers: list[Any]) -> None:
    assert audit("hub", customers, told()).doubled
