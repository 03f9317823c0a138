"""Users of a machine among authors."""

import pytest

from daemon.domain.author import system_user


@pytest.mark.parametrize(
    ("author", "user"),
    [("system:root", "root"), ("uid:0", "root"), ("uid:1000", "uid 1000"), ("Léa", ""), ("system", ""), ("", "")],
)
def test_a_user_of_a_machine_is_told_from_operators_and_applications(author: str, user: str) -> None:
    assert system_user(author) == user
