"""Parts that several messages have, as the plain values that travel."""

from typing import Any

from daemon.domain.feed import Cursor, Head, Scope


def from_scope(scope: Scope) -> tuple[int, int]:
    """A scope as plain values."""
    return (int(scope.reach), scope.number)


def to_scope(plain: Any) -> Scope:
    """A scope again."""
    reach, number = plain
    return Scope(natural(reach), natural(number))


def from_cursor(cursor: Cursor) -> tuple[int, int, bytes]:
    """A cursor as plain values."""
    return (cursor.generation, cursor.offset, cursor.chain)


def to_cursor(plain: Any) -> Cursor:
    """A cursor again."""
    generation, offset, chain = plain
    return Cursor(natural(generation), natural(offset), chain_bytes(chain))


def from_head(head: Head | None) -> tuple[int, int, bytes] | None:
    """A position as plain values."""
    return None if head is None else (head.incarnation, head.seq, head.chain)


def to_head(plain: Any) -> Head:
    """A position again."""
    incarnation, seq, chain = plain
    return Head(natural(incarnation), natural(seq), chain_bytes(chain))


def natural(value: Any) -> int:
    """A natural number below 2^63; raises ValueError for anything else."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("not a natural number")
    return value


def exact(value: Any, length: int) -> bytes:
    """Bytes of that very length; raises ValueError for anything else."""
    if type(value) is not bytes or len(value) != length:
        raise ValueError("not the bytes that belong here")
    return value


def chain_bytes(value: Any) -> bytes:
    """A link of a hash chain."""
    return exact(value, 16)


def short_text(value: Any) -> str:
    """A text of at most 500 characters; raises ValueError for anything else."""
    if type(value) is not str or len(value) > 500:
        raise ValueError("not a short text")
    return value
