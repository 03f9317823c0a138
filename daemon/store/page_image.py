"""A page of the database as it lies in the file: opened, looked into and sealed again without SQLite.

Only for the pages of the schema: where one of them is lost, SQLite finds no table, and nothing can be asked of it.
Formats: https://www.sqlite.org/fileformat2.html and https://www.zetetic.net/sqlcipher/design/ (SQLCipher 4, raw key).
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

PAGE_BYTES: Final = 4096
_MAGIC: Final = b"SQLite format 3\0"
_IV_BYTES, _MAC_BYTES, _SALT_BYTES = 16, 64, 16
_RESERVED_BYTES: Final = _IV_BYTES + _MAC_BYTES
_MAC_SALT_MASK: Final = 0x3A
_MAC_KEY_ROUNDS: Final = 2
_INTERIOR_TABLE, _LEAF_TABLE = 0x05, 0x0D
_HEADER_BYTES: Final = 100
_CHANGES_AT, _VALID_FOR_AT = 24, 92
PAGES_MAX: Final = 64
"""A schema of more pages than this is none of ours."""

Read = Callable[[int], bytes]
"""Page number, from 1 on → its bytes in the file; too few of them beyond its end."""


def schema_pages(read: Read, key: bytes | None) -> dict[int, bytes]:
    """The pages of the schema as they lie in the file, by number; none where they do not hang together."""
    found: dict[int, bytes] = {}
    salt = read(1)[:_SALT_BYTES]
    todo = [1]
    while todo and len(found) < PAGES_MAX:
        number = todo.pop()
        raw = read(number)
        page = _opened(number, raw, salt, key) if len(raw) == PAGE_BYTES and number not in found else b""
        start = _HEADER_BYTES if number == 1 else 0
        if not page or page[start] not in (_INTERIOR_TABLE, _LEAF_TABLE):
            return {}
        found[number] = raw
        if page[start] == _INTERIOR_TABLE:
            todo += _children(page, start)
    return found


def as_of_any_size(raw: bytes, key: bytes | None) -> bytes:
    """The first page, such that SQLite asks the file itself for its size: it has grown since this page was kept."""
    salt = raw[:_SALT_BYTES]
    page = bytearray(_opened(1, raw, salt, key))
    if not page:
        return raw
    for at in range(4):
        page[_VALID_FOR_AT + at] = page[_CHANGES_AT + at] ^ 0xFF
    return bytes(page) if key is None else _sealed(bytes(page), raw, key)


def _children(page: bytes, start: int) -> list[int]:
    cells = int.from_bytes(page[start + 3 : start + 5], "big")
    places = [int.from_bytes(page[at : at + 2], "big") for at in range(start + 12, start + 12 + 2 * cells, 2)]
    last = int.from_bytes(page[start + 8 : start + 12], "big")
    return [*(int.from_bytes(page[at : at + 4], "big") for at in places), last]


def _opened(number: int, raw: bytes, salt: bytes, key: bytes | None) -> bytes:
    """The page as SQLite sees it; nothing where it is not what was written under this key."""
    if key is None:
        return raw if number != 1 or raw.startswith(_MAGIC) else b""
    start = _SALT_BYTES if number == 1 else 0
    body, iv = raw[start:-_RESERVED_BYTES], raw[-_RESERVED_BYTES:-_MAC_BYTES]
    if not hmac.compare_digest(_mac(number, body + iv, salt, key), raw[-_MAC_BYTES:]):
        return b""
    from daemon import certificates  # eight megabytes, for a file that is rescued

    return (_MAGIC if number == 1 else b"") + certificates.aes_cbc_opened(key, iv, body) + bytes(_RESERVED_BYTES)


def _sealed(page: bytes, old: bytes, key: bytes) -> bytes:
    """The first page sealed in place of an old one, under its salt and its vector: one count differs."""
    salt, iv = old[:_SALT_BYTES], old[-_RESERVED_BYTES:-_MAC_BYTES]
    from daemon import certificates

    body = certificates.aes_cbc_sealed(key, iv, page[_SALT_BYTES:-_RESERVED_BYTES])
    return salt + body + iv + _mac(1, body + iv, salt, key)


def _mac(number: int, said: bytes, salt: bytes, key: bytes) -> bytes:
    mac_salt = bytes(byte ^ _MAC_SALT_MASK for byte in salt)
    mac_key = hashlib.pbkdf2_hmac("sha512", key, mac_salt, _MAC_KEY_ROUNDS, len(key))
    return hmac.digest(mac_key, said + number.to_bytes(4, "little"), "sha512")
