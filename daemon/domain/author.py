"""Who stands beside a note or an edit that no operator and no application made: a user of the machine itself."""

from typing import Final

SYSTEM: Final = "system:"
_NUMBER: Final = "uid:"
"""How the first versions wrote it."""

RESERVED: Final = (SYSTEM, _NUMBER)
"""Beginnings of ids that no application may take for its name."""


def system_user(author: str) -> str:
    """The user of a machine that an author's id names; empty for anybody else."""
    if author.startswith(SYSTEM):
        return author.removeprefix(SYSTEM)
    if author.startswith(_NUMBER):
        number = author.removeprefix(_NUMBER)
        return "root" if number == "0" else f"uid {number}"
    return ""
