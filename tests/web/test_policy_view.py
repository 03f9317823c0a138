"""Policies in words."""

from dataclasses import dataclass
from typing import Any

from daemon.desk.policies import Policy
from daemon.web.i18n import Words
from daemon.web.policy_view import policy_rows

FRENCH = Words("fr")
DAY_MS = 1_760_000_000_000


def lines(value: Any) -> list[tuple[str, str]]:
    policy = Policy(
        name="caps", about="how far each role goes alone", shop=0, value=value, origin="default", since=None, by=""
    )
    (row,) = policy_rows([policy], FRENCH, DAY_MS)
    return [(where, said.replace("\u202f", " ").replace("\xa0", " ")) for where, said in row.lines]


def test_bounds_are_said_in_their_own_unit() -> None:
    caps = {"cashier": {"discount": 1_000, "credit": 1_050, "points": 1_200}, "manager": {"points": None}}
    assert lines(caps) == [
        ("Vendeur", "remise 10 % · avoir 10,50 € · points 1 200"),
        ("Responsable", "points sans limite"),
    ]


def test_plain_values_stand_alone_and_lists_are_joined() -> None:
    assert lines(36) == [("", "36")]
    assert lines("acknowledge") == [("", "un bandeau à valider")]
    assert lines(True) == [("", "oui")]
    assert lines({"till": {"person": ("email", "Europe/Paris")}}) == [("Caisse", "particulier E-mail, Europe/Paris")]
    assert lines({}) == []


@dataclass(frozen=True)
class Made:
    digits: int
    prefix: str


def test_a_value_of_several_fields_is_told_field_by_field() -> None:
    assert lines(Made(8, "N")) == [("chiffres ensuite", "8"), ("début de chaque code", "N")]


def test_who_decided_and_when_is_told() -> None:
    policy = Policy(
        name="retention_months",
        about="",
        shop=0,
        value=24,
        origin="head_office",
        since="2025-10-09T06:05:00Z",
        by="Jeanne",
    )
    (row,) = policy_rows([policy], FRENCH, DAY_MS)
    assert row.by == "Jeanne"
    assert row.since
