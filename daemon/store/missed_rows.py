"""Rows of head office that are damaged beyond what their hash can mend: noted here, put right by what a till holds.

A till's word alone changes nothing: its row has the hash that was stored here, or is byte for byte what stands here
beside a hash that was lost.
"""

from collections.abc import Iterable, Sequence

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import decode_header, decode_operation, dot_of
from daemon.domain.element import Key, hash_of
from daemon.domain.mending import read_sound
from daemon.domain.merge import Change, View, key_of, merge
from daemon.store import rebuilding
from daemon.store.database import Connection
from daemon.store.replica import get_meta, put_meta
from daemon.store.slots import unpack_slots
from daemon.store.word_index import reindex_skipped

HASH_BITS_MAX = 16
"""So many of the 128 bits of a stored hash may be wrong themselves: by chance no other row comes so close."""

HELD_BYTES_MAX = 128 * 1024
"""Rows of one answer; who asks asks again for the rest."""

NOTED_MAX = 1_000

_NOTED = "missed_rows"
_KEY = "entity = ? AND kind = ? AND dot = ?"


def noted(conn: Connection) -> frozenset[Key]:
    """The rows that are known to be damaged and were not put right yet."""
    return frozenset(unpack(get_meta(conn, _NOTED, pack(()))))


def note(conn: Connection, keys: Iterable[Key]) -> None:
    """Remember damaged rows, for whoever asks how this machine is; one that no till gave back is made from the log."""
    before = noted(conn)
    known = before & set(keys)
    _forget(conn, [key for key in sorted(known) if _remake(conn, key, *_stored(conn, key))])
    before = noted(conn)
    after = before | (set(keys) - known)
    if after != before:
        put_meta(conn, _NOTED, pack(tuple(sorted(after)[:NOTED_MAX])))


def held(conn: Connection, keys: Iterable[Key]) -> tuple[tuple[Key, bytes], ...]:
    """The bodies of those of these rows that this replica holds and that are sound."""
    found: list[tuple[Key, bytes]] = []
    size = 0
    for key in keys:
        row = conn.execute(f"SELECT body, hash FROM element WHERE {_KEY}", key).fetchone()
        if row is not None and read_sound(key, *row) is not None and size + len(row[0]) <= HELD_BYTES_MAX:
            size += len(row[0])
            found.append((key, row[0]))
    return tuple(found)


def take(conn: Connection, rows: Sequence[tuple[Key, bytes]]) -> tuple[Key, ...]:
    """Put right what these bodies prove to be the lost ones of; returns the rows that are sound now."""
    sound: list[Key] = []
    for key, body in rows:
        stored = conn.execute(f"SELECT body, hash FROM element WHERE {_KEY}", key).fetchone()
        if stored is None or read_sound(key, *stored) is not None:
            sound.append(key)
        elif is_what_stood(key, body, *stored):
            _put_right(conn, key, body)
            sound.append(key)
        elif _remake(conn, key, *stored):
            sound.append(key)
    _forget(conn, sound)
    return tuple(sound)


def _remake(conn: Connection, key: Key, stored: object, digest: object) -> bool:
    """Make a damaged row again from the log, where that reaches back to its beginning: the hash says whether it does.

    For rows that every till has changed meanwhile. Reads the whole log: a second for each million of records.
    """
    made: list[Change] = []
    for raw, slots in conn.execute("SELECT header, slots FROM feed WHERE instr(slots, ?)", (key[0],)).fetchall():
        header = decode_header(raw)
        for at, slot in enumerate(unpack_slots(slots)):
            if isinstance(slot, bytes):
                made.append(Change(decode_operation(slot), header.stamp, dot_of(header.record, at)))
    row = merge(View({}), [change for change in made if key_of(change) == key]).puts.get(key)
    if row is None or not is_what_stood(key, row.body(), stored, digest):
        return False
    _put_right(conn, key, row.body())
    return True


def _stored(conn: Connection, key: Key) -> tuple[object, object]:
    row = conn.execute(f"SELECT body, hash FROM element WHERE {_KEY}", key).fetchone()
    return (None, None) if row is None else (row[0], row[1])


def _put_right(conn: Connection, key: Key, body: bytes) -> None:
    conn.execute(f"UPDATE element SET body = ?, hash = ? WHERE {_KEY}", (body, hash_of(body), *key))
    rebuilding.derive_again(conn, key)
    reindex_skipped(conn)


def _forget(conn: Connection, sound: Iterable[Key]) -> None:
    before = noted(conn)
    after = before - set(sound)
    if after != before:
        put_meta(conn, _NOTED, pack(tuple(sorted(after))))


def is_what_stood(key: Key, body: bytes, stored: object, digest: object) -> bool:
    """Whether a body is the one that a damaged row (stored body and hash) had."""
    found = hash_of(body)
    if body != stored:
        if type(digest) is not bytes or len(digest) != len(found):
            return False
        if (int.from_bytes(found) ^ int.from_bytes(digest)).bit_count() > HASH_BITS_MAX:
            return False
    return read_sound(key, body, found) is not None
