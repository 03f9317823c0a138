"""Every table and file that can hold a person, and how one customer is cut out of each. Erasure walks this list.

A test fails for a table of the schema that stands neither here nor in `IMPERSONAL`, and for a file of the state
directory that stands in neither list of files.
"""

from collections.abc import Callable
from functools import reduce
from operator import or_

from daemon.domain.change import Record, Slot, decode_operation, leaf_of
from daemon.domain.element import reach_of, tombstone_key
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.merge import names_erased
from daemon.store import account_owners, idempotency, imports, leftovers, print_jobs, proofs, tickets, visits
from daemon.store.database import Connection
from daemon.store.replica import Replica
from daemon.store.slots import pack_records, pack_slots, unpack_records, unpack_slots

Cut = Callable[[Connection, bytes], None]


def _losers(conn: Connection, entity: bytes) -> None:
    conn.execute("DELETE FROM loser WHERE entity = ?", (entity,))


def _lookups(conn: Connection, entity: bytes) -> None:
    conn.execute("DELETE FROM lookup WHERE entity = ?", (entity,))


def _elements(conn: Connection, entity: bytes) -> None:
    """The merge has dropped them already, with their digest; nothing is left to do here."""


def _own_records(conn: Connection, entity: bytes) -> None:
    """Own records that wait or are kept: the operations of this entity become their leaves."""
    for ordinal, raw in conn.execute("SELECT ordinal, slots FROM change WHERE instr(slots, ?)", (entity,)).fetchall():
        slots = _cut_slots(unpack_slots(raw), entity)
        whole = [decode_operation(slot) for slot in slots if isinstance(slot, bytes)]
        # What is cut stays in the chain's feed: from that of a shop, where nothing of it is left, no echo is awaited.
        feeds = reduce(or_, (Scope(reach_of(op.kind)).bit for op in whole), CHAIN.bit)
        conn.execute(
            "UPDATE change SET slots = ?, waiting = waiting & ? WHERE ordinal = ?", (pack_slots(slots), feeds, ordinal)
        )


def _ordered_records(conn: Connection, entity: bytes) -> None:
    rows = conn.execute(
        "SELECT reach, number, feed_offset, slots FROM feed WHERE instr(slots, ?)", (entity,)
    ).fetchall()
    for reach, number, offset, raw in rows:
        conn.execute(
            "UPDATE feed SET slots = ? WHERE reach = ? AND number = ? AND feed_offset = ?",
            (_without(raw, entity), reach, number, offset),
        )


def _followed_records(conn: Connection, entity: bytes) -> None:
    rows = conn.execute("SELECT rowid, records FROM followed WHERE instr(records, ?)", (entity,)).fetchall()
    for at, raw in rows:
        records = [Record(one.header, _cut_slots(one.slots, entity)) for one in unpack_records(raw)]
        conn.execute("UPDATE followed SET records = ? WHERE rowid = ?", (pack_records(records), at))


def _lost_records(conn: Connection, entity: bytes) -> None:
    rows = conn.execute(
        "SELECT reach, number, generation, feed_offset, slots FROM lost WHERE instr(slots, ?)", (entity,)
    ).fetchall()
    for *where, raw in rows:
        conn.execute(
            "UPDATE lost SET slots = ? WHERE reach = ? AND number = ? AND generation = ? AND feed_offset = ?",
            (_without(raw, entity), *where),
        )


def _parked(conn: Connection, entity: bytes) -> None:
    conn.execute("DELETE FROM parked WHERE instr(op, ?)", (entity,))


def _quarantine(conn: Connection, entity: bytes) -> None:
    """Own records and frames are searched; what could not even be read may be compressed, and goes whole."""
    conn.execute(
        "UPDATE quarantine SET payload = x'' WHERE instr(payload, ?) OR source NOT IN ('own', 'feed')", (entity,)
    )


def _likely_pairs(conn: Connection, entity: bytes) -> None:
    conn.execute("DELETE FROM likely_pair WHERE one = ? OR other = ?", (entity, entity))


PERSONAL: dict[str, Cut] = {
    "element": _elements,
    "lookup": _lookups,
    "loser": _losers,
    "change": _own_records,
    "feed": _ordered_records,
    "followed": _followed_records,
    "lost": _lost_records,
    "parked": _parked,
    "print_job": print_jobs.cut_customer,
    "visit": visits.cut,
    "visit_proof": proofs.cut,
    "pin_begun": proofs.cut,
    "account_owner": account_owners.cut,
    "held_ticket": tickets.cut,
    "ticket_step": tickets.cut,
    "answer": idempotency.cut,
    "quarantine": _quarantine,
    "import_job": imports.cut_jobs,
    "import_line": imports.cut_lines,
    "import_remark": imports.cut_remarks,
    "import_part": imports.cut_parts,
    "likely_pair": _likely_pairs,
}

INDEXED = frozenset({"search", "word", "word_part"})
"""Cut by `word_index.Reindexing` and `word_index.forget_words`, once the row itself is gone."""

IMPERSONAL = frozenset(
    {"meta", "bucket", "bucket_log", "author", "balance", "cursor", "feed_head", "fork", "origin_head", "boot_head"}
    | {"roster", "recovered", "passed", "search_words", "shop", "site", "certificate", "revoked", "enrolment_code"}
    | {
        "sale",
        "sold_product",
        "over_returned",
        "reservation",
        "visit_holder",
        "visit_ticket",
        "habit",
        "unclaimed",
        "funded",
        "held_back",
    }
    | {"session", "pin_try", "application", "backup", "audit", "audit_witness", "approval", "acknowledged"}
)

PERSONAL_FILES: dict[str, str] = {
    "*.db": "the tables above",
    "*.db-wal": "overwritten by the checkpoints of the database",
    "*.db-shm": "the index of the file before",
    "*.db.replaced*": "removed whole (`leftovers`)",
    "*.db.restoring*": "removed whole (`leftovers`)",
    "*.db.damaged*": "removed whole (`leftovers`)",
    "backups/hub-*.db": "erased again when it is restored, removed when it is withdrawn",
    "backups/.hub-*.draft": "removed by the next backup",
}
"""Files of a state directory that can hold a person, and what erasure does about each."""

IMPERSONAL_FILES = (
    *("lock", "ballast", "web.key", "comptoir.sock"),
    *("*.db.first", "*.db.corrupt", "keys/*", "enrolment.toml", "enrolment/*", "backups/*.keys"),
)


def named_here(conn: Connection) -> set[bytes]:
    """Whom this till's own tables and records name, and the tickets of its shop: their customers may never have come.

    Where rows went with a damaged database, nothing else names them either.
    """
    rows = conn.execute(
        "SELECT customer FROM visit WHERE length(customer) = 8 UNION SELECT customer FROM print_job"
        " WHERE customer IS NOT NULL UNION SELECT owner FROM held_ticket UNION SELECT owner FROM ticket_step"
    )
    found = {bytes(customer) for (customer,) in rows}
    for (raw,) in conn.execute("SELECT slots FROM change UNION ALL SELECT slots FROM lost"):
        found |= {decode_operation(slot).entity for slot in unpack_slots(raw) if isinstance(slot, bytes)}
    return found


def without_erased(replica: Replica, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """The slots of a record as they may be kept: what speaks of somebody who was erased stays as its leaf."""
    if not replica.tombstones:
        return slots
    return tuple(
        (leaf_of(slot),)
        if isinstance(slot, bytes) and names_erased(decode_operation(slot), replica.tombstones)
        else slot
        for slot in slots
    )


def cut(conn: Connection, entity: bytes) -> None:
    """Cut one customer out of every table and file that can hold a person."""
    for table in PERSONAL.values():
        table(conn, entity)
    leftovers.remove_of(conn)


def _without(raw: bytes, entity: bytes) -> bytes:
    return pack_slots(_cut_slots(unpack_slots(raw), entity))


def _cut_slots(slots: tuple[Slot, ...], entity: bytes) -> tuple[Slot, ...]:
    gone = frozenset({tombstone_key(entity)[0]})

    def keep(slot: Slot) -> Slot:
        if isinstance(slot, bytes) and entity in slot and names_erased(decode_operation(slot), gone):
            return (leaf_of(slot),)
        return slot

    return tuple(keep(slot) for slot in slots)
