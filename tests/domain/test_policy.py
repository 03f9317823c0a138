"""Policies: rows named by their names, read with care."""

import pytest

from daemon.domain.element import Element
from daemon.domain.kinds import Kind
from daemon.domain.policy import (
    REQUIRED_BY_DEFAULT,
    missing,
    policy_key,
    required_of,
    text_of,
    walk_in_of,
    walk_in_policy,
)


def saying(text: object) -> Element:
    return Element(Kind.POLICY, b"p" * 8, b"", (1, 2, 3), {1: text})


def test_all_tills_write_one_row_for_one_name() -> None:
    assert policy_key("required") == policy_key("required")
    assert policy_key(walk_in_policy(7)) != policy_key(walk_in_policy(8))
    assert [len(policy_key("x")[0]), policy_key("x")[1:]] == [8, (Kind.POLICY, b"")]


@pytest.mark.parametrize("text", ["", "xyz", "0" * 15, 7])
def test_a_walk_in_that_is_no_id_is_none(text: object) -> None:
    assert walk_in_of(saying(text)) is None


def test_a_walk_in_is_an_id() -> None:
    assert walk_in_of(saying("0102030405060708")) == bytes(range(1, 9))
    assert walk_in_of(None) is None
    assert text_of(None) == ""


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"till": 1}', '{"till": {"person": "email"}}', 7])
def test_a_policy_that_cannot_be_read_leaves_the_defaults(text: object) -> None:
    assert required_of(saying(text)) == REQUIRED_BY_DEFAULT


def test_a_policy_replaces_only_what_it_names() -> None:
    required = required_of(saying('{"till": {"person": []}, "import": {"company": ["siret"]}}'))
    assert missing(required, surface="till", kind="person", given=frozenset()) == ()
    assert missing(required, surface="till", kind="company", given=frozenset()) == ("company_name",)
    assert missing(required, surface="kiosk", kind="person", given=frozenset({"email"})) == ("first_name", "last_name")
    assert missing(required, surface="import", kind="company", given=frozenset()) == ("siret",)
    assert missing(required, surface="application", kind="person", given=frozenset()) == ()
