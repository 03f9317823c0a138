"""Puts a stored row right after a flipped bit, from its hash alone: a memory card forgets one bit long before many.

A row is stored as (key, body, hash); the body names its key, the hash is of the body. One bit in any of the three
leaves enough to find which it was; more damage is for head office to mend.
"""

from daemon.domain.canonical import digest16, unpack
from daemon.domain.element import Element, Key, hash_of, read_body


def read_sound(key: Key, body: bytes, digest: bytes) -> Element | None:
    """The row, if it is what its hash and its key say."""
    if type(body) is not bytes or digest16(body) != digest:
        return None
    kind, ident, base, fields, stamps = unpack(body)
    entity, dot = ident[:8], ident[8:]
    return Element(kind, entity, dot, base, fields, stamps) if (entity, kind, dot) == key else None


def mended(body: bytes, digest: bytes) -> Element | None:
    """The row as it was before one bit of its body, its hash or its key flipped; None where that is not enough."""
    if type(body) is not bytes or type(digest) is not bytes:
        return None
    found = hash_of(body)
    if len(digest) == len(found) and (int.from_bytes(found) ^ int.from_bytes(digest)).bit_count() <= 1:
        return read_body(body)
    raw = bytearray(body)
    for at in range(len(raw) * 8):
        raw[at >> 3] ^= 1 << (at & 7)
        if hash_of(bytes(raw)) == digest:
            return read_body(bytes(raw))
        raw[at >> 3] ^= 1 << (at & 7)
    return None


def owner_in(body: object) -> frozenset[bytes]:
    """Whose a row seems to be from its body alone, however damaged: at most one, who may be nobody."""
    try:
        row = read_body(body) if type(body) is bytes else None
    except (ValueError, TypeError, LookupError, ArithmeticError):
        return frozenset()
    return frozenset({row.entity} if row is not None and type(row.entity) is bytes else ())
