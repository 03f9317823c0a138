"""Whether a customer was deleted or archived: the rule that the desks, head office and the index go by. Pure."""

from typing import Final

from daemon.domain.element import Element
from daemon.domain.kinds import CUSTOMER

DELETED: Final = 1
"""The value of the field `deleted` of who was."""

_DELETED, _ARCHIVED = CUSTOMER.number("deleted"), CUSTOMER.number("archived")


def is_deleted(row: Element) -> bool:
    """Whether a customer's row says that it was deleted; archiving beats it."""
    return row.fields.get(_DELETED) == DELETED and not is_archived(row)


def is_archived(row: Element) -> bool:
    """Whether a customer's row says that it was archived: it stays, and is found last."""
    archived = row.fields.get(_ARCHIVED)
    return isinstance(archived, tuple) and bool(archived) and bool(archived[0])
