"""Who may do what: roles, rights, and the one table between them.

An application's token carries a role of its own, so that till software does what a cashier does and no more.
"""

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """One thing that an actor may or may not do; every call of the API asks for one."""

    READ = "read"
    """Find and show customers, follow live events."""
    EDIT = "edit"
    """Create and edit customers, their cards, notes, tags and consents."""
    BLOCK = "block"
    """Block and unblock customers, archive them."""
    ERASE = "erase"
    """Erase a person for ever."""
    SELL = "sell"
    """Open and post visits, attach customers, scan."""
    GIVE_TERMS = "give_terms"
    """Give a customer terms of their own: principal group, type, price list, discount, tax category, agreed prices."""
    KEEP_TERMS = "keep_terms"
    """Keep groups, types, price lists and products, at head office."""
    PRINT = "print"
    IMPORT = "import"
    """Create customers without the fields that a till asks for."""
    OBSERVE = "observe"
    """See replication, metrics, and at head office the tills."""
    AUDIT = "audit"
    """Read who did what on this machine."""
    SET_UP = "set_up"
    """Make operators and applications, choose the walk-in customer, enrol and revoke tills."""


class Role(StrEnum):
    """What an operator or an application is; the stored spelling."""

    CASHIER = "cashier"
    MANAGER = "manager"
    OFFICE = "office"
    APPLICATION = "application"
    MONITOR = "monitor"
    OWNER = "owner"
    """Who owns the machine: the command line on the daemon's own socket."""


_AT_THE_TILL = frozenset({Right.READ, Right.EDIT, Right.SELL, Right.PRINT})

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.CASHIER: _AT_THE_TILL,
    Role.MANAGER: _AT_THE_TILL | {Right.GIVE_TERMS, Right.BLOCK, Right.OBSERVE, Right.AUDIT},
    Role.OFFICE: frozenset(
        {Right.READ, Right.EDIT, Right.BLOCK, Right.ERASE, Right.IMPORT, Right.OBSERVE, Right.AUDIT}
        | {Right.GIVE_TERMS, Right.KEEP_TERMS}
    ),
    Role.APPLICATION: _AT_THE_TILL | {Right.OBSERVE},
    Role.MONITOR: frozenset({Right.OBSERVE}),
    Role.OWNER: frozenset(Right),
}


def may(role: str, right: Right) -> bool:
    """Whether a role has a right; a role of a newer version has none here."""
    try:
        return right in RIGHTS[Role(role)]
    except ValueError:
        return False


def roles_with(right: Right) -> tuple[Role, ...]:
    """The roles that have a right, for the API's description."""
    return tuple(role for role, rights in RIGHTS.items() if right in rights)
