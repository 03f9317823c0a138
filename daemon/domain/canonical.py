"""Canonical bytes: the one encoding that is hashed, stored and sent, and the door to msgpack.

Canonical means: msgpack in its shortest form, maps with ascending integer keys, no floats, no extension types,
no duplicate keys. What does not encode back to the same bytes is refused.
"""

import threading
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import msgpack

from daemon.errors import PeerFault

Plain = None | bool | int | str | bytes | tuple[Any, ...] | dict[int, Any]
"""What may travel and be stored. Arrays are tuples; maps have integer keys."""

DEPTH_MAX = 8
"""Deeper nesting than this is hostile: the deepest honest message nests five levels."""


class _Packers(threading.local):
    """An encoder for each thread: making one costs as much as encoding a row with it."""

    def __init__(self) -> None:
        self.pack = msgpack.Packer(use_bin_type=True).pack


_PACKERS = _Packers()


def pack(value: Any) -> bytes:
    """Canonical bytes of a value whose maps were built with ascending keys."""
    packed: bytes = _PACKERS.pack(value)
    return packed


def unpack(raw: bytes) -> Any:
    """Read back bytes that this replica wrote itself; arrays come as tuples."""
    return msgpack.unpackb(raw, use_list=False, strict_map_key=False, raw=False)


def unpack_foreign(raw: bytes, *, what: str, bytes_max: int) -> Any:
    """Read bytes from elsewhere; raises PeerFault naming `what` unless they are canonical and plain.

    Lengths are bounded before anything is built: a megabyte of empty maps would cost sixty times as much memory.
    """
    if len(raw) > bytes_max:
        raise PeerFault(f"{what} is {len(raw)} bytes long, the most allowed is {bytes_max}")
    try:
        value = msgpack.unpackb(
            raw,
            use_list=False,
            strict_map_key=False,
            raw=False,
            max_str_len=bytes_max,
            max_bin_len=bytes_max,
            max_array_len=4096,
            max_map_len=512,
            max_ext_len=0,
        )
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as wrong:
        raise PeerFault(f"{what} is not well-formed msgpack") from wrong
    check_plain(value, what)
    if pack(value) != raw:
        raise PeerFault(f"{what} is not in canonical form")
    return value


_SCALARS = frozenset({int, str, bytes, bool, type(None)})


def check_plain(value: Any, what: str, depth: int = 0) -> None:
    """Refuse floats, foreign types, unsorted or non-integer keys and deep nesting; raises PeerFault."""
    kind = type(value)
    if kind is tuple:
        if depth >= DEPTH_MAX:
            raise PeerFault(f"{what} is nested too deeply")
        for item in value:
            if type(item) not in _SCALARS:
                check_plain(item, what, depth + 1)
    elif kind is dict:
        _check_map(value, what, depth)
    elif kind not in _SCALARS:
        raise PeerFault(f"{what} holds a value of a kind that never travels ({kind.__name__})")


def _check_map(value: dict[Any, Any], what: str, depth: int) -> None:
    if depth >= DEPTH_MAX:
        raise PeerFault(f"{what} is nested too deeply")
    before = -1
    for key, item in value.items():
        if type(key) is not int or key <= before:
            raise PeerFault(f"{what} has map keys that are not ascending integers")
        before = key
        if type(item) not in _SCALARS:
            check_plain(item, what, depth + 1)


_new_16 = blake2b(digest_size=16).copy
"""Copied rather than made anew: that halves what hashing a few dozen bytes costs."""


def digest16(data: bytes) -> bytes:
    """blake2b-128."""
    state = _new_16()
    state.update(data)
    return state.digest()


def chained(chain: bytes, parts: Iterable[bytes]) -> bytes:
    """A hash chain, longer by some parts: blake2b-128 over the chain so far and the next part."""
    for part in parts:
        state = _new_16()
        state.update(chain)
        state.update(part)
        chain = state.digest()
    return chain


def digest8(*parts: bytes) -> bytes:
    """blake2b-64 over the parts: short names for things that are already unique."""
    state = blake2b(digest_size=8)
    for part in parts:
        state.update(part)
    return state.digest()
