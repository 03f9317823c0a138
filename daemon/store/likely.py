"""Finds customers who may be one person, a few at a time, and keeps the pairs that somebody should look at."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from daemon.domain.change import decode_operation
from daemon.domain.claims import claims_of
from daemon.domain.element import Element
from daemon.domain.folding import words
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOMER, Kind
from daemon.domain.likeness import ADDRESS, COMPANY, NAME, Likeness, likeness, traits_of
from daemon.domain.sound_key import sound_key
from daemon.errors import DamagedRow
from daemon.store import customers
from daemon.store.database import Connection
from daemon.store.replica import get_meta, put_meta
from daemon.store.search import said_alike, whole
from daemon.store.slots import unpack_slots
from daemon.store.word_index import entity_of, reindexed_up_to

OWNERS_MAX = 20
"""Customers with one e-mail, telephone or card who are compared; a switchboard's number says nothing."""

SOUNDING_MAX = 40
"""Customers of one place whose name sounds alike who are compared."""

ALIKE_MAX = 40
"""Words that sound like one."""

STEP = 25
"""Customers taken up at once; the clock is looked at after each of them."""

_ID_BYTES = 8
_CLAIMED = (Claim.EMAIL, Claim.CARD, Claim.MEMBER_NUMBER, Claim.PHONE)
_WALK_IN, _PROFILE, _DELETED, _SIRET = (CUSTOMER.number(name) for name in ("walk_in_of", "profile", "deleted", "siret"))
_SWEPT, _FOLLOWED, _AWAITED = "likely_swept", "likely_followed", "likely_awaited"

AWAITED_MAX = 1_000
"""Customers who are looked at before all others; whoever comes beyond that waits for their turn."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A customer who may be the one that was asked for."""

    customer: EntityId
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers who may be one person."""

    one: EntityId
    other: EntityId
    score: int
    reasons: tuple[str, ...]
    found_ms: int


def likely_ones(conn: Connection, customer: EntityId) -> list[Likely]:
    """Who may be the same person as a customer, the likeliest first; nobody who is part of that person already."""
    (here,) = customers.listed(conn, [customer])
    mine = traits_of(here)
    if mine is None or not _is_somebody(here):
        return []
    person = set(customers.records_of(conn, customer))
    candidates = [one for one in dict.fromkeys(_candidates(conn, here)) if one not in person]
    found: dict[EntityId, Likely] = {}
    for candidate, listed in zip(candidates, customers.listed(conn, candidates), strict=True):
        theirs = traits_of(listed)
        if theirs is None or not _is_somebody(listed):
            continue
        alike = likeness(mine, theirs)
        if alike.is_likely:
            found[candidate] = Likely(candidate, alike)
    return sorted(found.values(), key=lambda one: (-one.likeness.score, one.customer))


def _is_somebody(listed: Iterable[Element]) -> bool:
    """Whether this is a real customer who is there: no walk-in, no anonymous profile, nobody who was deleted."""
    row = next((one for one in listed if one.kind == Kind.CUSTOMER), None)
    return row is not None and not any(row.fields.get(number) for number in (_WALK_IN, _PROFILE, _DELETED))


def _candidates(conn: Connection, here: list[Element]) -> Iterator[EntityId]:
    for claim, value in sorted({(claim, value) for one in here for claim, value, _ in claims_of(one)}):
        if claim in _CLAIMED:
            rows = conn.execute(
                "SELECT DISTINCT entity FROM lookup WHERE claim = ? AND value = ? LIMIT ?",
                (claim, value, OWNERS_MAX + 1),
            ).fetchall()
            if len(rows) <= OWNERS_MAX:
                yield from (EntityId(entity) for (entity,) in rows)
    row = next(one for one in here if one.kind == Kind.CUSTOMER)
    siret = row.fields.get(_SIRET)
    if isinstance(siret, str) and siret:
        yield from customers.with_whole_words(conn, words(siret), limit=OWNERS_MAX)
    yield from _sounding(conn, row)


def _sounding(conn: Connection, row: Element) -> Iterator[EntityId]:
    """Those of one postal code whose name sounds like this one's."""
    name, company, address = (row.fields.get(number) for number in (NAME, COMPANY, ADDRESS))
    texts = [part for part in name if isinstance(part, str)] if isinstance(name, tuple) else []
    said = words(" ".join(texts)) or (words(company) if isinstance(company, str) else ())
    postal = words(address[2]) if isinstance(address, tuple) and len(address) > 2 and address[2] else ()
    if not said or not postal:
        return
    terms = [whole("".join(postal)), *(_term(conn, word) for word in dict.fromkeys(said))]
    rows = conn.execute("SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", (" AND ".join(terms), SOUNDING_MAX))
    yield from (EntityId(entity_of(rowid)) for (rowid,) in rows)


def _term(conn: Connection, word: str) -> str:
    """A word, or one that sounds like it."""
    found = {word}
    if sound := sound_key(word):
        found.update(said_alike(conn, sound, limit=ALIKE_MAX))
    return "(" + " OR ".join(map(whole, sorted(found))) + ")"


# The pairs that head office keeps.


def look_on(conn: Connection, *, now_ms: int, is_time_up: Callable[[], bool]) -> bool:
    """Look at the next customers until the time of this unit is up; False when nobody is left to be looked at.

    First those whose e-mail or card somebody else has too; then everybody in the order of their ids, once; then whoever
    a record of the feed is about. Nobody while the index by words is made again.
    """
    if reindexed_up_to(conn) is not None:
        return False  # whoever is not found by name yet would be taken for nobody's namesake
    batch, save = _awaited(conn) or _swept(conn) or _followed(conn) or ([], _nothing)
    for at, customer in enumerate(batch):
        with suppress(DamagedRow):  # whoever cannot be read is looked at when they change next
            look_at(conn, customer, now_ms=now_ms)
        if is_time_up() and at + 1 < len(batch):
            save(conn, at + 1)
            return True
    save(conn, len(batch))
    return bool(batch)


def look_at(conn: Connection, customer: EntityId, *, now_ms: int) -> None:
    """Compare one customer with everybody like them; pairs that are likely no more go."""
    likely = {one.customer: one.likeness for one in likely_ones(conn, customer)}
    conn.executemany(
        "DELETE FROM likely_pair WHERE one = ? AND other = ? AND state = 0",
        [_ordered(customer, other) for other in _paired(conn, customer) if other not in likely],
    )
    conn.executemany(
        "INSERT INTO likely_pair (one, other, score, reasons, found_ms) VALUES (?,?,?,?,?)"
        " ON CONFLICT (one, other) DO UPDATE SET score = excluded.score, reasons = excluded.reasons",
        [(*_ordered(customer, other), alike.score, " ".join(alike.reasons), now_ms) for other, alike in likely.items()],
    )


Save = Callable[[Connection, int], None]
"""Remembers that so many of a batch were looked at."""

_Batch = tuple[list[EntityId], Save]


def _nothing(_: Connection, __: int) -> None:
    """There is no batch."""


def look_soon(conn: Connection, entities: Iterable[bytes]) -> None:
    """Look at these customers next: after an import, or in the first round, their turn would come hours later."""
    waiting = _ids(get_meta(conn, _AWAITED, b""))
    wanted = list(dict.fromkeys([*waiting, *map(EntityId, entities)]))[:AWAITED_MAX]
    if wanted != waiting:
        put_meta(conn, _AWAITED, b"".join(wanted))


def _ids(joined: bytes) -> list[EntityId]:
    return [EntityId(joined[at : at + _ID_BYTES]) for at in range(0, len(joined), _ID_BYTES)]


def _awaited(conn: Connection) -> _Batch | None:
    """Those who are to be looked at before all others."""
    waiting = _ids(get_meta(conn, _AWAITED, b""))
    if not waiting:
        return None
    batch = waiting[:STEP]

    def save(conn: Connection, count: int) -> None:
        put_meta(conn, _AWAITED, b"".join(waiting[count:]))

    return batch, save


def _swept(conn: Connection) -> _Batch | None:
    """The next customers of the first round; None once it is through."""
    after = get_meta(conn, _SWEPT, b"")
    if after is None:
        return None
    if after == b"":
        (head,) = conn.execute("SELECT coalesce(max(feed_offset), 0) FROM feed WHERE reach = 0").fetchone()
        put_meta(conn, _FOLLOWED, head)
    rows = conn.execute(
        "SELECT entity FROM element WHERE entity > ? AND kind = ? AND dot = x'' ORDER BY entity LIMIT ?",
        (after, int(Kind.CUSTOMER), STEP),
    ).fetchall()
    batch = [EntityId(entity) for (entity,) in rows]
    if not batch:
        put_meta(conn, _SWEPT, None)
        return None

    def save(conn: Connection, count: int) -> None:
        put_meta(conn, _SWEPT, batch[count - 1])

    return batch, save


def _followed(conn: Connection) -> _Batch | None:
    """The customers of the next records of the feed; None at its head."""
    after = int(get_meta(conn, _FOLLOWED, 0))
    rows = conn.execute(
        "SELECT feed_offset, slots FROM feed WHERE reach = 0 AND number = 0 AND feed_offset > ?"
        " ORDER BY feed_offset LIMIT ?",
        (after, STEP),
    ).fetchall()
    if not rows:
        (head,) = conn.execute("SELECT coalesce(max(feed_offset), 0) FROM feed WHERE reach = 0").fetchone()
        if head < after:
            put_meta(conn, _FOLLOWED, head)  # head office was restored
        return None
    batch: list[EntityId] = []
    ends: list[int] = []
    for offset, slots in rows:
        for customer in dict.fromkeys(_about(slots)):
            batch.append(customer)
            ends.append(offset - 1)
    if not batch:
        put_meta(conn, _FOLLOWED, rows[-1][0])
        return _followed(conn)
    ends = [*ends[1:], rows[-1][0]]

    def save(conn: Connection, count: int) -> None:
        put_meta(conn, _FOLLOWED, ends[count - 1])

    return batch, save


def _about(slots: bytes) -> Iterator[EntityId]:
    """The customers of whom a record says something that is compared, or that makes one person of two."""
    for slot in unpack_slots(slots):
        op = decode_operation(slot) if isinstance(slot, bytes) else None
        if op is not None and op.kind in (Kind.CUSTOMER, Kind.CARD, Kind.EDGE):
            yield EntityId(op.entity)
            other = op.fields.get(1)
            if op.kind == Kind.EDGE and isinstance(other, bytes):
                yield EntityId(other)


def _paired(conn: Connection, customer: EntityId) -> list[EntityId]:
    rows = conn.execute(
        "SELECT other FROM likely_pair WHERE one = ? UNION SELECT one FROM likely_pair WHERE other = ?",
        (customer, customer),
    )
    return [EntityId(other) for (other,) in rows]


def _ordered(one: EntityId, other: EntityId) -> tuple[EntityId, EntityId]:
    return (one, other) if one < other else (other, one)


def open_pairs(conn: Connection, *, after: tuple[int, bytes, bytes] | None, limit: int) -> list[Pair]:
    """The pairs that nobody has judged, the likeliest first."""
    place = after if after is not None else (101, b"", b"")
    rows = conn.execute(
        "SELECT one, other, score, reasons, found_ms FROM likely_pair WHERE state = 0 AND score <= ?"
        " AND (-score, one, other) > (?, ?, ?) ORDER BY score DESC, one, other LIMIT ?",
        (place[0], -place[0], place[1], place[2], limit),
    )
    return [Pair(EntityId(one), EntityId(other), score, tuple(why.split()), at) for one, other, score, why, at in rows]


def count_open(conn: Connection) -> int:
    """How many pairs nobody has judged."""
    (found,) = conn.execute("SELECT count(*) FROM likely_pair WHERE state = 0").fetchone()
    return int(found)


def call_different(conn: Connection, one: EntityId, other: EntityId, *, now_ms: int) -> None:
    """Somebody says that these are two people: the pair is not shown again."""
    conn.execute(
        "INSERT INTO likely_pair (one, other, score, reasons, found_ms, state) VALUES (?,?,0,'',?,1)"
        " ON CONFLICT (one, other) DO UPDATE SET state = 1",
        (*_ordered(one, other), now_ms),
    )


def are_different(conn: Connection, one: EntityId, other: EntityId) -> bool:
    """Whether somebody said that these are two people."""
    row = conn.execute(
        "SELECT 1 FROM likely_pair WHERE one = ? AND other = ? AND state = 1", _ordered(one, other)
    ).fetchone()
    return row is not None
