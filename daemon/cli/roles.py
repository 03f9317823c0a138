"""Roles as people call them."""

from daemon.cli.words import _


def role_name(name: str) -> str:
    """A role as people call it; others are shown as they are."""
    roles = {
        "cashier": _("cashier"),
        "manager": _("manager"),
        "office": _("head office staff"),
        "owner": _("owner"),
        "application": _("application"),
        "monitor": _("monitoring"),
    }
    return roles.get(name, name)
