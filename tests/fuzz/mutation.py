"""Damage to inputs: bytes flipped, cut, repeated; trees of values with a part missing, doubled, of another kind.

All chance comes from one seeded source, so an input is known by the number of its seed.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from daemon.domain.canonical import pack
from tests.fakes.chance import Random

EDGES = (0, 1, -1, 127, 128, 255, 256, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -(2**31), -(2**63))

HOSTILE_MSGPACK = (
    b"\x91" * 64,
    b"\x91" * 20_000,
    b"\x81\x00" * 64,
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xdb\x7f\xff\xff\xff",
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00",
    b"\xca\x3f\x80\x00\x00",
    b"\xd6\xff\x00\x00\x00\x00",
    b"\xc7\x0c\xff" + bytes(12),
    b"\x82\x01\x01\x01\x02",
    b"\x82\x02\x01\x01\x02",
    b"\x81\xa1a\x01",
    b"\xcd\x00\x01",
    b"\xd9\x01a",
    b"\xa2\xc3\x28",
    b"\xc1",
    b"\xdc\x10\x00" + b"\x80" * 4096,
)
"""Deep, huge, with duplicate, unsorted or textual keys, with floats, in a longer form than needed, not UTF-8."""


def damaged(chance: Random, raw: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Bytes with one piece of damage."""
    at = chance.randrange(len(raw) + 1)
    end = min(len(raw), at + chance.choice((1, 1, 2, 4, 8, 40)))
    match chance.randrange(8):
        case 0 if at < len(raw):
            return raw[:at] + bytes((raw[at] ^ 1 << chance.randrange(8),)) + raw[at + 1 :]
        case 1:
            return raw[:at] + chance.randbytes(end - at) + raw[end:]
        case 2:
            return raw[:at] + raw[end:]
        case 3:
            return raw[:at]
        case 4:
            return raw[:at] + raw[at:end] * chance.choice((2, 3, 50)) + raw[end:]
        case 5:
            return raw[:at] + chance.randbytes(chance.choice((1, 2, 4, 16))) + raw[at:]
        case 6 if others:
            other = chance.choice(others)
            return raw[:at] + other[chance.randrange(len(other) + 1) :]
        case _:
            return raw[:at] + chance.choice((b"\x00", b"\xff", b"\x7f", b"\x80", b"\n", b'"')) + raw[end:]


def strange(chance: Random) -> Any:
    """A value that does not belong here."""
    return chance.choice(_STRANGE)(chance)


def nested(depth: int) -> Any:
    """A tuple in a tuple, so many deep."""
    value: Any = ()
    for _ in range(depth):
        value = (value,)
    return value


def changed(chance: Random, value: Any, spare: Sequence[Any] = ()) -> Any:
    """The tree with one part changed, found by going down at random."""
    if isinstance(value, tuple | list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return type(value)([*value[:at], changed(chance, value[at], spare), *value[at + 1 :]])
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        return {**value, key: changed(chance, value[key], spare)}
    return _replaced(chance, value, spare)


def _replaced(chance: Random, value: Any, spare: Sequence[Any]) -> Any:
    dice = chance.random()
    if dice < 0.25:
        return strange(chance)
    if dice < 0.4 and spare:
        return chance.choice(spare)
    rule = next((rule for kind, rule in _BY_KIND if type(value) is kind), None)
    return rule(chance, value) if rule is not None else strange(chance)


def _number(chance: Random, value: int) -> int:
    return chance.choice((value + 1, value - 1, -value, value ^ 1 << chance.randrange(63), chance.choice(EDGES)))


def _list(chance: Random, value: Any) -> Any:
    parts = list(value)
    at = chance.randrange(len(parts) + 1)
    match chance.randrange(5):
        case 0:
            parts.insert(at, strange(chance))
        case 1 if parts:
            del parts[at % len(parts)]
        case 2 if parts:
            parts.insert(at, parts[at % len(parts)])
        case 3:
            parts *= chance.choice((2, 3, 20))
        case _:
            chance.shuffle(parts)
    return type(value)(parts)


def _map(chance: Random, value: dict[Any, Any]) -> dict[Any, Any]:
    if value and chance.random() < 0.5:
        gone = chance.choice(list(value))
        return {key: part for key, part in value.items() if key != gone}
    return {**value, chance.choice((*EDGES, *range(1, 20))): strange(chance)}


def _text(chance: Random, value: str) -> str:
    at = chance.randrange(len(value) + 1)
    sign = chance.choice(("", "\x00", "é", "\u202e", "\U0001f600", "'", "=", "\n", " ", "0", value * 2, "x" * 5000))
    return value[:at] + sign + value[at + chance.randrange(2) :]


_STRANGE: tuple[Callable[[Random], Any], ...] = (
    *(lambda chance: chance.choice(EDGES),) * 3,
    lambda chance: chance.choice((None, True, False)),
    lambda chance: chance.randbytes(chance.choice((0, 1, 7, 8, 9, 15, 16, 17, 40))),
    lambda chance: chance.choice(("", "a", "\x00", "é" * 9, "x" * 501, "\ud7ff\U0010ffff")),
    lambda chance: chance.choice(((), {}, {chance.choice(EDGES): chance.choice(EDGES)})),
    lambda chance: chance.choice((0.5, float("inf"), -0.0)),
    lambda chance: nested(chance.choice((3, 7, 8, 9, 200))),
    lambda chance: tuple(chance.choice(EDGES) for _ in range(chance.choice((1, 2, 3, 5, 9)))),
)

_BY_KIND: tuple[tuple[type, Callable[[Random, Any], Any]], ...] = (
    (int, _number),
    (bytes, damaged),
    (str, _text),
    (tuple, _list),
    (list, _list),
    (dict, _map),
)


def packed(chance: Random, value: Any) -> bytes:
    """Msgpack of a damaged tree; one that msgpack cannot say becomes something hostile."""
    try:
        raw = pack(value)
    except (ValueError, OverflowError, TypeError, RecursionError, struct.error, UnicodeError):
        raw = chance.choice(HOSTILE_MSGPACK)
    return raw
