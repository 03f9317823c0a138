"""Who may do what."""

import pytest

from daemon.domain.role import RIGHTS, Right, Role, may, roles_with


def test_every_role_has_a_line_and_every_right_a_role() -> None:
    assert set(RIGHTS) == set(Role)
    assert all(roles_with(right) for right in Right)


@pytest.mark.parametrize("role", ["", "king", "OWNER"])
def test_a_role_that_this_version_does_not_know_has_no_right(role: str) -> None:
    assert not any(may(role, right) for right in Right)


def test_an_owner_may_all_and_a_monitor_sees_no_customer() -> None:
    assert all(may(Role.OWNER, right) for right in Right)
    assert [right for right in Right if may(Role.MONITOR, right)] == [Right.OBSERVE]


def test_who_may_block_is_no_cashier_and_no_application() -> None:
    assert set(roles_with(Right.BLOCK)) == {Role.MANAGER, Role.OFFICE, Role.OWNER}
