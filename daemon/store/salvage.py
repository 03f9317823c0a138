"""Makes a new database in the place of a damaged one: own records, and what this till alone knows, are carried over.

Customers are not: head office has them all, and fills the new database like that of a new till (`taking`). It is a new
incarnation with a new holder; operation ids stay, so that what head office has heard already happens once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon.domain.canonical import pack, unpack
from daemon.domain.change import Header, decode_operation, dot_of, read_header, read_operation
from daemon.domain.element import Element
from daemon.domain.feed import Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind, shape_of
from daemon.domain.mending import read_sound
from daemon.domain.merge import Change, Delta, View, key_of
from daemon.durable_file import PRIVATE, sync_directory
from daemon.errors import ComptoirError
from daemon.store import changes, damage, leftovers, sealing, taking
from daemon.store.database import Connection, DatabaseError, migrate, open_connection, run
from daemon.store.delta import write
from daemon.store.elements import Loaded
from daemon.store.remains import Remains, Row
from daemon.store.replica import Identity, Replica, get_meta, put_meta, write_identity
from daemon.store.slots import unpack_slots

LOCAL = (
    *(
        "application",
        "session",
        "pin_try",
        "visit",
        "reservation",
        "visit_holder",
        "visit_ticket",
        "visit_proof",
        "pin_begun",
        "answer",
        "print_job",
        "lost",
        "quarantine",
        "audit",
    ),
    *("import_job", "import_part", "import_line", "import_remark"),
)
"""Tables that no other machine has."""

CODES_SKIPPED = 1_000
"""Codes left out where the count of those given cannot be read."""

HOLES_MAX = 5_000
"""After so many reads that failed no more is looked for: each costs a millisecond, and the till is to sell."""

_SALVAGED = "salvaged"
_REMEMBERED = (
    *(("last_time", int), ("customer_code", int), ("code_of_block", int)),
    *(("credit_note_code", int), ("account_number", int)),
    *(("adopted", bytes), ("enrolled_with", bytes), ("audit_start", bytes), ("audit_end", bytes)),
)
_COUNTED = frozenset({"customer_code", "credit_note_code", "account_number"})
"""Counts of what was given, none of it twice."""
_RECORD = (
    *("boot", "n", "header", "slots", "saved_ms", "sealed", "incarnation", "seq", "chain", "waiting"),
    *("feed_offset", "shop_offset", "site_offset"),
)
_REACHES = (Reach.CHAIN, Reach.SHOP, Reach.SITE)
"""Of the last three columns."""
_WAITING, _SLOTS = _RECORD.index("waiting"), _RECORD.index("slots")
_UNREADABLE = (ComptoirError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Salvaged:
    """What came over: own records, how many of them head office may not have, and places that could not be read."""

    at_ms: int
    records: int
    unsent: int
    holes: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """An own record as it stood in the damaged file."""

    row: Row
    header: Header

    @property
    def waits(self) -> bool:
        """Whether head office has not said, in each feed that it belongs to, where it stands."""
        bits, *offsets = self.row[_WAITING:]
        return any(bits & Scope(reach).bit and not offset for reach, offset in zip(_REACHES, offsets, strict=True))

    def to_be_sent(self) -> Row:
        """As it is to be kept: it goes again, for head office may have lost it, and nobody here would know.

        The place in the feed that would have told is gone; what head office has it knows by its identity.
        """
        try:
            for slot in (slots := unpack_slots(self.row[_SLOTS])):
                if isinstance(slot, bytes):
                    read_operation(slot)
            bits = changes.waiting_bits(slots)
        except _UNREADABLE:
            return self.row  # head office had it, and would not take it like this
        return (*self.row[:_WAITING], bits, *self.row[_WAITING + 1 :])

    def changes(self) -> Iterator[Change]:
        for at, slot in enumerate(unpack_slots(self.row[_SLOTS])):
            if isinstance(slot, bytes):
                yield Change(decode_operation(slot), self.header.stamp, dot_of(self.header.record, at))


def salvage(database: Path, who: Identity, *, key: bytes | None, boot: bytes, now_ms: int) -> Salvaged:
    """Move a damaged database away and put a new one in its place; may be interrupted and done again.

    `who` carries a new incarnation and a new lot. Raises StoreFault where the disk refuses.
    """
    old = damage.move_away(database)
    remains = Remains(old, key)
    for first_alone in (True, False):
        if old.exists() and not remains.opens():
            remains.close()
            damage.put_pages_back(old, database, key, first_alone=first_alone)
    draft = leftovers.beside(database, leftovers.RESTORING)
    for companion in leftovers.COMPANIONS:
        leftovers.beside(draft, companion).unlink(missing_ok=True)
    draft.touch(PRIVATE)
    conn = open_connection(draft, key=key)
    try:
        migrate(conn)
        found = run(conn, lambda c: _carry_over(c, remains, who, boot=boot, now_ms=now_ms))
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        conn.close()
        remains.close()
    for companion in leftovers.COMPANIONS[1:]:
        # Of a file that vanished: the log of another database would be replayed over this one.
        leftovers.beside(database, companion).unlink(missing_ok=True)
    draft.replace(database)
    sync_directory(database.parent)
    damage.unmark(database)
    return found


def salvaged(conn: Connection) -> Salvaged | None:
    """What came over when this database was made in the place of a damaged one; None: it never was."""
    raw = get_meta(conn, _SALVAGED)
    if raw is None:
        return None
    at_ms, records, unsent, holes = unpack(raw)
    return Salvaged(at_ms=at_ms, records=records, unsent=unsent, holes=holes)


def _carry_over(conn: Connection, remains: Remains, who: Identity, *, boot: bytes, now_ms: int) -> Salvaged:
    write_identity(conn, who)
    _remember(conn, remains)
    for table in LOCAL:
        _copy(conn, remains, table)
    own = _own_records(remains, who.site)
    _keep(conn, own)
    newest = max((one.header.time for one in own), default=0)
    put_meta(conn, "last_time", max(newest, int(get_meta(conn, "last_time", 0))))
    replica = Replica(boot)
    replica.reload(conn)
    waiting = [one for one in own if one.waits]
    rows = [*_things_of_the_chain(remains), *_rows_under(remains, waiting)]
    write(conn, replica, Loaded(View({})), Delta(puts={row.key: row for row in rows}))
    for one in waiting:
        changes.apply_changes(conn, replica, list(one.changes()))
    changes.remember_authors(conn, [one.header for one in waiting])
    sealing.begin_again(conn, replica, incarnation=who.incarnation, lot=who.lot)
    taking.plan_fill(conn, replica)
    found = Salvaged(at_ms=now_ms, records=len(own), unsent=len(waiting), holes=remains.holes)
    put_meta(conn, _SALVAGED, pack((found.at_ms, found.records, found.unsent, found.holes)))
    return found


def _remember(conn: Connection, remains: Remains) -> None:
    """What the replica remembers of itself, where its type says that it is what was written."""
    for name, kind in _REMEMBERED:
        row = remains.one("SELECT value FROM meta WHERE name = ?", name)
        if row is not None and type(row[0]) is kind:
            put_meta(conn, name, row[0])
        elif name in _COUNTED and remains.holes:
            put_meta(conn, name, CODES_SKIPPED)


def _copy(conn: Connection, remains: Remains, table: str) -> None:
    described = conn.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (table,)).fetchall()
    columns = tuple(name for name, _ in described)
    order = tuple(name for name, pk in sorted(described, key=lambda one: int(one[1])) if pk)
    marks = ",".join("?" * len(columns))
    for row in remains.table(table, columns, order):
        try:
            conn.execute(f"INSERT OR IGNORE INTO {table} ({','.join(columns)}) VALUES ({marks})", row)
        except DatabaseError:
            remains.holes += 1


def _own_records(remains: Remains, site: int) -> list[_Kept]:
    """Every own record that can be read and is what it says, oldest first."""
    holes = remains.holes
    rows = {row[0]: row[1:] for row in remains.table("change", ("ordinal", *_RECORD), ("ordinal",))}
    for ordinal in remains.ordinals() if remains.holes > holes else ():
        if remains.holes - holes > HOLES_MAX:
            break  # what waits came first
        row = rows.get(ordinal) or remains.one(f"SELECT {','.join(_RECORD)} FROM change WHERE ordinal = ?", ordinal)
        if row is not None:
            rows[ordinal] = row
    found: list[_Kept] = []
    for _, row in sorted(rows.items()):
        kept = readable(row, site)
        if kept is None:
            remains.holes += 1
        else:
            found.append(kept)
    return found


def readable(row: Sequence[object], site: int) -> _Kept | None:
    """An own record, read as strictly as head office will read it; None for one that it would refuse.

    Of one that head office has, which is kept in case it is restored, only who wrote it is looked at.
    """
    boot, n, raw, slots, *others = row
    if not isinstance(raw, bytes) or not isinstance(slots, bytes) or not all(map(_is_value, others)):
        return None
    try:
        header = read_header(raw)
        for slot in unpack_slots(slots) if row[_WAITING] else ():
            if isinstance(slot, bytes):
                read_operation(slot)
    except _UNREADABLE:
        return None
    return _Kept(tuple(row), header) if (header.site, header.boot, header.n) == (site, boot, n) else None


def _is_value(value: object) -> bool:
    return isinstance(value, int | bytes)


def _keep(conn: Connection, own: Iterable[_Kept]) -> None:
    marks = ",".join("?" * len(_RECORD))
    conn.executemany(
        f"INSERT OR IGNORE INTO change ({','.join(_RECORD)}) VALUES ({marks})",
        [one.to_be_sent() for one in own],
    )


def _rows_under(remains: Remains, waiting: Iterable[_Kept]) -> Iterator[Element]:
    """The rows that waiting records speak of, where they can be read.

    They say what those records replace: should head office want them restamped before its rows are here, they must not
    come before that.
    """
    keys = {key_of(change) for one in waiting for change in one.changes()}
    for key in sorted(keys):
        stored = remains.one("SELECT body, hash FROM element WHERE entity = ? AND kind = ? AND dot = ?", *key)
        row = read_sound(key, *stored) if stored is not None and type(stored[0]) is bytes else None
        if row is not None and shape_of(key[1]) is not None:
            yield row


_MANY = f"{Kind.SALE:d}, {Kind.SALE_LINES:d}, {Kind.MONTH:d}"
"""Sales and months are as many as there are: they come with the fill."""


def _things_of_the_chain(remains: Remains) -> Iterator[Element]:
    """Operators, groups, rules: few, and without them nobody may do anything until head office is there."""
    rows = remains.read(f"SELECT entity, kind, dot, body, hash FROM element WHERE kind >= 64 AND kind NOT IN ({_MANY})")
    for entity, kind, dot, body, digest in rows:
        if type(body) is bytes and shape_of(kind) is not None:
            row = read_sound((entity, kind, dot), body, digest)
            if row is not None:
                yield row
