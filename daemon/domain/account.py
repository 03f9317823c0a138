"""The account of a customer: its points, money and sales hang on an id that only the customer's row names.

So an erasure cuts one link, and what was booked stays, without a person.
"""

from daemon.domain.canonical import digest8
from daemon.domain.element import Element, read_body
from daemon.domain.ids import EntityId
from daemon.domain.kinds import CUSTOMER

ACCOUNT = CUSTOMER.number("account")


def account_of(row: Element) -> EntityId:
    """The account that a customer's row names.

    A row that names none (made by a file or a release that knew of none) has the one that follows from its id: two
    tills that book for it while the line is cut mean the same account.
    """
    named = row.fields.get(ACCOUNT)
    return EntityId(named if isinstance(named, bytes) and len(named) == 8 else derived_account(row.entity))


def derived_account(customer: bytes) -> EntityId:
    """The account of a customer whose row names none."""
    return EntityId(digest8(b"account/" + customer))


def account_in(body: bytes) -> EntityId:
    """The account that a customer's row names, from its canonical bytes."""
    return account_of(read_body(body))
