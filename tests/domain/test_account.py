"""The account of a customer: named by the row, else the same at every till."""

import pytest

from daemon.domain.account import ACCOUNT, account_of, derived_account
from daemon.domain.element import Element
from daemon.domain.kinds import Kind

ANNE = b"anne...."


def row(named: object = None) -> Element:
    return Element(Kind.CUSTOMER, ANNE, b"", (1, 2, 7), {} if named is None else {ACCOUNT: named})


def test_an_account_is_the_one_that_the_row_names() -> None:
    assert account_of(row(b"account.")) == b"account."


@pytest.mark.parametrize("named", ["account.", b"short", 7])
def test_a_row_that_names_none_has_the_one_that_follows_from_its_id(named: object) -> None:
    assert account_of(row(named)) == account_of(row()) == derived_account(ANNE) != ANNE
