"""What must hold once everything is healed and quiet: the invariants of the design, each judged from the data alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import TYPE_CHECKING

from daemon.domain.canonical import digest8, unpack
from daemon.domain.change import Verb
from daemon.domain.claims import claims_of
from daemon.domain.digest import Buckets, number_of
from daemon.domain.element import Element, bucket_of, hash_of, read_body, scope_of
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.searched_words import bare, searched_words
from daemon.domain.sound_key import sound_key
from daemon.store.buckets import read_buckets
from daemon.store.compacting import remains
from daemon.store.database import Connection
from daemon.store.word_index import entity_of
from tests.simulation import ledger_judges
from tests.simulation.history import History
from tests.simulation.ledger_judges import named
from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World

Complaint = str


def complaints(world: World) -> list[Complaint]:
    """Everything that is not as it must be."""
    found: list[Complaint] = []
    for judge in JUDGES:
        found += judge(world)
    return found


def _equal(world: World) -> Iterator[Complaint]:
    """All replicas hold the same, scope by scope, and have proved it."""
    hub = world.hub
    root = hub.replica.buckets.root()
    for till in world.tills:
        if till.replica.buckets.root() != root:
            yield f"{till.name} is not equal to the hub: {_first_difference(hub, till)}"
        mine = Scope(Reach.SITE, till.site)
        if read_buckets(till.conn.plain, mine).root() != read_buckets(hub.conn.plain, mine).root():
            yield f"{till.name} is not equal to the hub in its own scope: {_first_difference(hub, till)}"
        waiting = till.conn.plain.execute("SELECT count(*) FROM change WHERE waiting != 0").fetchone()[0]
        if waiting:
            yield f"{till.name} still waits for the echo of {waiting} records"
        (parked,) = till.conn.plain.execute("SELECT count(*) FROM parked").fetchone()
        if parked:
            yield f"{till.name} still has {parked} operations parked"


def _first_difference(hub: Machine, till: Machine) -> str:
    theirs, ours = _bodies(hub), _bodies(till)
    for key in sorted(theirs.keys() | ours.keys()):
        if theirs.get(key) != ours.get(key) and not (key[1] == Kind.RIGHT and key not in ours):
            return f"kind {key[1]}: hub {_shown(theirs.get(key))}, till {_shown(ours.get(key))}"
    return "the same elements"


def _bodies(machine: Machine) -> dict[tuple[bytes, int, bytes], bytes]:
    rows = machine.conn.plain.execute("SELECT entity, kind, dot, body FROM element")
    return {(entity, kind, dot): body for entity, kind, dot, body in rows}


def _shown(body: bytes | None) -> str:
    if body is None:
        return "nothing"
    try:
        return str(read_body(body))
    except (TypeError, ValueError):  # damaged, and about to be said
        return f"what is no body: {body.hex()}"


def _digests(world: World) -> Iterator[Complaint]:
    """The stored digest is the digest of the rows; every row is what its hash says; memory says what the file says."""
    for machine in world.machines:
        yield from _stored_digests(machine)
        for scope, kept in machine.replica.nearby.items():
            if read_buckets(machine.conn.plain, scope).raw != kept.raw:
                yield f"{machine.name}: the digest in memory of scope {scope} is not the stored one"
        if read_buckets(machine.conn.plain, CHAIN).raw != machine.replica.buckets.raw:
            yield f"{machine.name}: the digest in memory is not the stored one"


def _stored_digests(machine: Machine) -> Iterator[Complaint]:
    sums: dict[Scope, dict[int, int]] = {}
    for entity, kind, dot, body, digest in machine.conn.plain.execute("SELECT * FROM element"):
        element = read_body(body)
        if hash_of(body) != digest or element.key != (entity, kind, dot) or element.body() != body:
            yield f"{machine.name}: a row of kind {kind} differs from its hash or its key"
        buckets = sums.setdefault(scope_of(element), {})
        at = bucket_of(element.key)
        buckets[at] = (buckets.get(at, 0) + number_of(digest)) % (1 << 128)
    for scope in {*sums, *_digested(machine)}:
        stored = read_buckets(machine.conn.plain, scope)
        expected = Buckets()
        for at, total in sums.get(scope, {}).items():
            expected.change(at, add=total)
        if stored.raw != expected.raw:
            yield f"{machine.name}: the stored digest of scope {scope} is not the digest of the rows"


def _digested(machine: Machine) -> set[Scope]:
    rows = machine.conn.plain.execute("SELECT reach, number FROM bucket UNION SELECT reach, number FROM bucket_log")
    return {Scope(reach, number) for reach, number in rows}


def _records(world: World) -> Iterator[Complaint]:
    """What was answered with success stands in the hub's feeds, once in each; nothing stands twice.

    Entries that a restored hub lost and that tills held as rows alone stand there by their own names.
    """
    history = History.of(world)
    for ident, feeds in history.records.items():
        for scope, stands in feeds.items():
            if len(stands) > 1:
                yield f"record {named(ident)} stands {len(stands)} times in feed {scope}"
    for ident, (where, operations) in world.book.required().items():
        if ident not in history.records and not history.is_said_again(ident, operations):
            kinds = [operation.kind for operation in operations]
            yield f"record {named(ident)} of {where} was answered with success and is nowhere (kinds {kinds})"


def _edits(world: World) -> Iterator[Complaint]:
    """Every value that was set is current, superseded by somebody who had seen it, listed as a loser, or erased."""
    history = History.of(world)
    for one in history.values():
        if not history.is_accounted_for(one):
            yield f"a value vanished: kind {one.key[1]} field {one.number} = {one.value!r} at {one.stamp}"


def _removed(world: World) -> Iterator[Complaint]:
    """What was removed stays removed: another addition is another member."""
    history = History.of(world)
    for record in history.ordered():
        for _, operation in record.operations():
            here = history.elements.get((operation.entity, operation.kind, operation.dot))
            if operation.verb == Verb.REMOVE and here is not None and not here.is_removed:
                yield f"a removed member of kind {operation.kind} stands again"


def _refusals(world: World) -> Iterator[Complaint]:
    """A refusal falls only to a grant that names it or a later one."""
    history = History.of(world)
    for key, number, stamp in history.refusals():
        element = history.elements.get(key)
        standing = element.fields.get(number) if element else None
        if isinstance(standing, tuple) and not standing[0] and (standing[1] or (0, 0, 0)) < stamp:
            yield f"a refusal of field {number} fell to a grant that does not name it"


def _derived(world: World) -> Iterator[Complaint]:
    """Lookups and the search index say what the elements say."""
    for machine in world.machines:
        conn = machine.conn.plain
        claims: set[tuple[object, ...]] = set()
        people: dict[bytes, list[Element]] = {}
        for (body,) in conn.execute("SELECT body FROM element"):
            element = read_body(body)
            claims |= {(claim, value, *element.key, number) for claim, value, number in claims_of(element)}
            people.setdefault(element.entity, []).append(element)
        if claims != {tuple(row) for row in conn.execute("SELECT claim, value, entity, kind, dot, field FROM lookup")}:
            yield f"{machine.name}: the lookups are not what the elements say"
        yield from _index(machine, people)


def _index(machine: Machine, people: dict[bytes, list[Element]]) -> Iterator[Complaint]:
    conn = machine.conn.plain
    expected: dict[str, set[bytes]] = {}
    names: set[str] = set()
    indexed = 0
    for entity, elements in people.items():
        words = searched_words(elements)
        names |= words.names
        indexed += bool(words.every)
        for word in words.every:
            expected.setdefault(word, set()).add(entity)
    if (counted := _rows_counted(conn)) != indexed:
        yield f"{machine.name}: the search index counts {counted} rows, there are {indexed}"
    found: dict[str, set[bytes]] = {}
    for (term,) in conn.execute("SELECT term FROM search_words").fetchall():
        rows = conn.execute("SELECT rowid FROM search WHERE search MATCH ?", (f'"{term}"',))
        owners = {entity_of(rowid) for (rowid,) in rows}
        if owners:
            found[term] = owners
    if found != expected:
        odd = [word for word in found.keys() | expected.keys() if found.get(word) != expected.get(word)]
        yield f"{machine.name}: the search index is wrong for {sorted(odd)[:3]}"
    yield from _known_words(machine, expected.keys(), names)


def _known_words(machine: Machine, words: Set[str], names: Set[str]) -> Iterator[Complaint]:
    """Each word of letters is known, those of names and e-mails with their sound."""
    known: dict[str, str | None] = dict(machine.conn.plain.execute("SELECT text, sound FROM word").fetchall())
    if missing := {word for word in words if not bare(word).isdigit()} - known.keys():
        yield f"{machine.name}: the words {sorted(missing)[:3]} are not known"
    if odd := [word for word, sound in known.items() if sound not in {None, sound_key(bare(word))}]:
        yield f"{machine.name}: the sound kept of {sorted(odd)[:3]} is not theirs"
    parts = {text for (text,) in machine.conn.plain.execute(_WITH_PARTS)}
    if mute := [word for word in names if known.get(word) is None or word not in parts]:
        yield f"{machine.name}: no part of {sorted(mute)[:3]} is looked for"


_WITH_PARTS = "SELECT text FROM word JOIN word_part_docsize USING (id)"


def _rows_counted(conn: Connection) -> int:
    """How many rows FTS5 believes to have: the first number of its record of totals (SQLite's fts5_index.c)."""
    (raw,) = conn.execute("SELECT block FROM search_data WHERE id = 1").fetchone()
    count = 0
    for byte in raw:
        count = count << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return count


def _erased(world: World) -> Iterator[Complaint]:
    """Of who was erased nothing is left: in no table, and in no byte of any file."""
    gone = {digest8(customer): customer for customer in world.people.ids}
    tombs = {row[0] for row in world.hub.conn.plain.execute("SELECT entity FROM element WHERE kind = 8")}
    markers = [world.people.marker(gone[tomb]).encode() for tomb in tombs if tomb in gone]
    if not markers:
        return
    for machine in world.machines:
        if remains(machine.conn.plain):
            # As the shell does within minutes of an erasure; of a large file at night.
            machine.conn.plain.execute("VACUUM")
        machine.conn.plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw = machine.disk.path.read_bytes()
        for marker in markers:
            if marker in raw:
                yield f"{machine.name}: {marker.decode()} was erased and stands in {_where(machine, marker)}"


def _where(machine: Machine, marker: bytes) -> str:
    conn = machine.conn.plain
    for table in ("element", "loser", "change", "feed", "followed", "parked", "quarantine", "lookup", "word", "answer"):
        if any(marker in bytes(str(row), "latin-1", "replace") for row in conn.execute(f"SELECT * FROM {table}")):
            return table
    return "the bytes of the file"


def _quarantine(world: World) -> Iterator[Complaint]:
    """Nothing was set aside but what this run made to be set aside.

    A hub that was restored without a word goes on with frames that do not fit, until its tills have greeted it.
    """
    is_restored = world.faults.counts["hub restored, unannounced"] > 0
    for machine in world.machines:
        for source, reason in machine.conn.plain.execute("SELECT source, reason FROM quarantine"):
            explained = {
                "line": world.garbage > 0,
                "own": "dot" in reason,
                "feed": is_restored and "begins at" in reason,
            }
            if explained[source]:
                continue
            yield f"{machine.name} has set something aside: {source}: {reason}"


def _alarms(world: World) -> Iterator[Complaint]:
    """Nobody said on the way what was not so.

    A hub of an older version fills a newer till without the kinds that only the till knows; and a restored hub lacks
    what its tills have, until the author has sent it again. Who is filled while a row of head office is damaged lacks
    it until it is back there.
    """
    counts = world.faults.counts
    is_mixed = any(machine.is_newer for machine in world.machines) and counts["filled from rows"] > 0
    is_mixed = is_mixed or (counts["bit flipped at the hub"] > 0 and counts["filled from rows"] > 0)
    may_differ = is_mixed or any("hub restored" in name for name in +counts)
    yield from [alarm for alarm in world.alarms if not (may_differ and "unequal" in alarm)][:3]


def _holders(world: World) -> Iterator[Complaint]:
    """Who holds rights stays the holder, unless a disk was put back or copied."""
    for till in world.tills:
        if till.site not in world.swapped_sites and till.replica.identity.lot != till.first_lot:
            yield f"{till.name} is a new holder, though its disk was neither put back nor copied"


def _fences(world: World) -> Iterator[Complaint]:
    """Only a box that was copied is fenced: neither restarts nor late messages look like two boxes."""
    sites = [till.site for till in (*world.tills, *world.withdrawn)]
    for (site,) in world.hub.conn.plain.execute("SELECT site FROM roster WHERE fenced_ms != 0"):
        if sites.count(site) < 2:
            yield f"site {site} is fenced, though nobody copied its disk"


def _generations(world: World) -> Iterator[Complaint]:
    """The hub is not taken for restored when nobody restored it."""
    counts = world.faults.counts
    if counts["generation"] and not counts["hub restored, announced"] + counts["hub restored, unannounced"]:
        yield f"the hub began {counts['generation']} generations without having been restored"


def _stamps(world: World) -> Iterator[Complaint]:
    """Who has seen a value of somebody else gives a later stamp than that value has.

    Not where the row went with a till's file, and head office, whose clock has gone back, wants its change restamped
    before the row is there again: what is not known to be older wins, and the change is listed as a disagreement.
    """
    history, counts = History.of(world), world.faults.counts
    may_be_blind = world.swapped_sites if counts["file damaged"] and counts["wrong clock of the hub"] else set()
    for record in history.ordered():
        if record.header.site in may_be_blind:
            continue
        for at, operation in record.operations():
            for seen in history.stamps_seen(record, at, operation):
                if seen[1] != record.header.site and seen[0] >= record.header.time:
                    yield f"an operation on kind {operation.kind} is stamped before what it replaces"


def _losers_readable(world: World) -> Iterator[Complaint]:
    """What is kept of losers can be shown."""
    for machine in world.machines:
        for value, winner in machine.conn.plain.execute("SELECT value, winner FROM loser"):
            unpack(value)
            if not isinstance(unpack(winner), tuple):
                yield f"{machine.name}: a loser names no winner"


def _disagreements(world: World) -> Iterator[Complaint]:
    """What somebody corrected is no disagreement: who had seen a value does not win against it, but follows it.

    At a restored hub a correction may come before what it corrects, from another till: nobody can tell there.
    """
    if any("hub restored" in name for name in +world.faults.counts):
        return
    history = History.of(world)
    losers = {
        (key, field, (time, site, incarnation), unpack(winner))
        for *key, field, time, site, incarnation, winner in world.hub.conn.plain.execute(
            "SELECT entity, kind, dot, field, time, site, incarnation, winner FROM loser"
        )
        for key in [tuple(key)]
    }
    for ident, (_, operations) in world.book.saved.items():
        stands = [record for feeds in history.records.get(ident, {}).values() for record in feeds]
        for operation in operations:
            for number, seen in operation.replaces.items() if operation.verb == Verb.SET else ():
                key = (operation.entity, operation.kind, operation.dot)
                if any((key, number, seen, record.header.stamp) in losers for record in stands):
                    yield f"a correction of field {number} of kind {operation.kind} is listed as a disagreement"


JUDGES: list[Callable[[World], Iterator[Complaint]]] = [
    _equal,
    _digests,
    _records,
    _edits,
    _removed,
    _refusals,
    _derived,
    _quarantine,
    _alarms,
    _holders,
    _fences,
    _generations,
    _stamps,
    _disagreements,
    _losers_readable,
    _erased,
    *ledger_judges.JUDGES,
]
