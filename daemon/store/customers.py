"""Finds customers by what machines read: claims and their awards, merges, policies, the walk-in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from daemon.domain import person
from daemon.domain.claims import EDGE_OTHER, normal_form
from daemon.domain.code import lookup_form
from daemon.domain.code_block import CODE_BLOCKS_FIELD, blocks_in
from daemon.domain.element import Element
from daemon.domain.hlc import Stamp
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.mending import read_sound
from daemon.domain.policy import policy_key, walk_in_of, walk_in_policy
from daemon.domain.site_row import site_key
from daemon.store import at_once, elements, search
from daemon.store.database import Connection
from daemon.store.replica import Replica, get_meta, put_meta
from daemon.store.word_index import REINDEX

_LISTED = f"kind IN ({Kind.CUSTOMER:d}, {Kind.CARD:d}, {Kind.TAG:d})"
_CUSTOMER = int(Kind.CUSTOMER)
PERSON_SIZE_MAX = 64
"""Edges followed from one customer; more is an accident of merging, not a person."""


def sought_form(claim: Claim, value: str) -> str:
    """The form under which a typed or scanned value is looked up."""
    return normal_form(claim, lookup_form(value) if claim is Claim.CARD else value)


def owners_of(conn: Connection, claim: Claim, value: str, *, all_of_them: bool = False) -> list[EntityId]:
    """Who has a value, in the order of their ids; the one to whom it was awarded alone, where it was.

    `all_of_them`: whatever was awarded.
    """
    sought = sought_form(claim, value)
    rows = conn.execute(
        "SELECT DISTINCT entity FROM lookup WHERE claim = ? AND value = ? ORDER BY entity LIMIT 50",
        (int(claim), sought),
    )
    owners = [EntityId(entity) for (entity,) in rows]
    if len(owners) > 1 and not all_of_them:
        awarded = _awarded(conn, owners, claim, sought)
        return [awarded] if awarded else owners
    return owners


def is_owned(conn: Connection, claims: Sequence[tuple[Claim, str]]) -> bool:
    """Whether anybody has one of these values: of what is typed, nearly nothing is a whole one."""
    if not claims:
        return False
    forms = [part for claim, value in claims for part in (int(claim), sought_form(claim, value))]
    sql = f"SELECT 1 FROM lookup WHERE {' OR '.join(['(claim = ? AND value = ?)'] * len(claims))} LIMIT 1"
    return conn.execute(sql, forms).fetchone() is not None


def _awarded(conn: Connection, owners: Sequence[EntityId], claim: Claim, sought: str) -> EntityId | None:
    """The owner named by the hub's newest award of this value."""
    newest = None
    for owner in owners:
        sql = f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = ?"
        for award in elements.shown(conn.execute(sql, (owner, int(Kind.AWARD)))):
            value = award.fields.get(2)
            if award.fields.get(1) == claim and isinstance(value, str) and sought_form(claim, value) == sought:
                newest = max(newest or (award.base, owner), (award.base, owner))
    return newest[1] if newest else None


def persons(conn: Connection, entities: Iterable[EntityId]) -> list[EntityId]:
    """Each customer as the one who shows that person, each once, in the order given."""
    return list(dict.fromkeys(person_of(conn, entity) for entity in entities))


@dataclass(frozen=True, slots=True)
class Person:
    """A person of several records: the row that shows it with the values of all, and who the records are."""

    row: Element
    records: tuple[EntityId, ...]


def whole_person(conn: Connection, entity: EntityId) -> Person | None:
    """The person that a customer is part of; None for one who was not merged with anybody who is here."""
    around = records_of(conn, entity)
    found = [row for row in rows(conn, around) if row is not None] if len(around) > 1 else []
    if len(found) < 2:
        return None
    edges = [edge for row in found for edge in edges_of(conn, row.entity)]
    ordered = tuple(EntityId(row.entity) for row in person.shown_first(found))
    return Person(person.composed(found, edges), ordered)


def edges_of(conn: Connection, entity: bytes) -> list[Element]:
    """The edges that a customer owns."""
    sql = f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = ?"
    return elements.shown(conn.execute(sql, (entity, int(Kind.EDGE))))


def listed_person(conn: Connection, entity: EntityId) -> list[Element]:
    """What a list shows of a customer and a search matches; of a person of several records, of all of them."""
    whole = whole_person(conn, entity)
    if whole is None:
        return listed(conn, [entity])[0]
    members = [one for record in listed(conn, whole.records) for one in record if one.kind != Kind.CUSTOMER]
    return [whole.row, *members]


def person_of(conn: Connection, entity: EntityId) -> EntityId:
    """Who shows the person that a customer is part of: the smallest (base stamp, id) of those merged with it."""
    around = records_of(conn, entity)
    if len(around) == 1:
        return entity
    known = [(row.base, EntityId(row.entity)) for row in rows(conn, around) if row is not None]
    return min(known)[1] if known else entity


def shown_by(conn: Connection, entities: Sequence[EntityId]) -> dict[EntityId, EntityId]:
    """Of these customers, those who were merged with somebody, and who shows that person."""
    if not entities or conn.execute("SELECT 1 FROM lookup WHERE claim = ? LIMIT 1", (EDGE_OTHER,)).fetchone() is None:
        return {}
    wanted = ",".join("?" * len(entities))
    rows = conn.execute(
        f"SELECT entity FROM element WHERE kind = ? AND entity IN ({wanted})"
        f" UNION SELECT value FROM lookup WHERE claim = ? AND value IN ({wanted})",
        (int(Kind.EDGE), *entities, EDGE_OTHER, *(one.hex() for one in entities)),
    )
    merged = {EntityId(bytes.fromhex(one) if isinstance(one, str) else one) for (one,) in rows.fetchall()}
    return {one: person_of(conn, one) for one in merged}


def records_of(conn: Connection, entity: EntityId) -> list[EntityId]:
    """The customers that were merged into one person, this one first."""
    around, unvisited = {entity: None}, [entity]
    while unvisited and len(around) < PERSON_SIZE_MAX:
        for other in _merged_with(conn, unvisited.pop()):
            if other not in around:
                around[other] = None
                unvisited.append(other)
    return list(around)


def _merged_with(conn: Connection, entity: EntityId) -> list[EntityId]:
    if conn.execute(_HAS_EDGE, (entity, int(Kind.EDGE), EDGE_OTHER, entity.hex())).fetchone() is None:
        return []
    rows = conn.execute(f"SELECT {elements.ROW} FROM element WHERE entity = ? AND kind = ?", (entity, int(Kind.EDGE)))
    there = [edge.fields.get(1) for edge in elements.shown(rows)]
    back = conn.execute("SELECT entity FROM lookup WHERE claim = ? AND value = ?", (EDGE_OTHER, entity.hex()))
    return [EntityId(other) for other in there if isinstance(other, bytes)] + [EntityId(row[0]) for row in back]


_HAS_EDGE = (
    "SELECT 1 FROM element WHERE entity = ? AND kind = ?"
    " UNION ALL SELECT 1 FROM lookup WHERE claim = ? AND value = ? LIMIT 1"
)
"""Nearly nobody was merged: one question tells."""


def rows(conn: Connection, entities: Iterable[EntityId]) -> list[Element | None]:
    """The row of each customer; None where there is none (any more)."""
    wanted = list(entities)
    if len(wanted) <= elements.FEW:
        return [elements.element(conn, (entity, Kind.CUSTOMER, b"")) for entity in wanted]
    by_id: dict[bytes, Element] = {}
    for entity, body, digest in at_once.rows(conn, Kind.CUSTOMER, wanted):
        key = (entity, _CUSTOMER, b"")
        by_id[entity] = read_sound(key, body, digest) or elements.read_stored(key, body, digest)[0]
    return [by_id.get(entity) for entity in wanted]


def listed(conn: Connection, entities: Iterable[EntityId]) -> list[list[Element]]:
    """For each customer what a list shows and a search matches: row, cards, tags."""
    found = []
    for entity in entities:
        rows = conn.execute(f"SELECT {elements.ROW} FROM element WHERE entity = ? AND {_LISTED}", (entity,))
        found.append(elements.shown(rows))
    return found


def members(conn: Connection, entities: Sequence[EntityId]) -> dict[bytes, list[Element]]:
    """What a list shows of each customer beside its row: cards, tags."""
    found: dict[bytes, list[Element]] = {}
    for start in range(0, len(entities), MEMBERS_OF):
        part = entities[start : start + MEMBERS_OF]
        rows = conn.execute(_MEMBERS, (*part, *[part[-1]] * (MEMBERS_OF - len(part)))).fetchall()
        for one in elements.shown(rows):
            found.setdefault(one.entity, []).append(one)
    return found


MEMBERS_OF = 20
"""Customers whose members one statement asks for."""

_MEMBERS = (
    f"SELECT {elements.ROW} FROM element WHERE entity IN ({','.join('?' * MEMBERS_OF)})"
    f" AND kind IN ({Kind.CARD:d}, {Kind.TAG:d}) ORDER BY entity, kind, dot"
)


def with_whole_words(conn: Connection, words: Sequence[str], *, limit: int) -> list[EntityId]:
    """Customers who have each of the folded words as it stands, at most `limit`, in no order."""
    return [EntityId(entity) for entity in search.matching(conn, " AND ".join(map(search.whole, words)), limit=limit)]


_LAST_SIGN = "\U0010ffff"
_BEGINNING = "SELECT entity AS found FROM lookup WHERE claim = ? AND value >= ? AND value < ? LIMIT ?"


def beginning_with(conn: Connection, beginnings: Iterable[tuple[Claim, str]], *, limit: int) -> list[EntityId]:
    """Customers who have a number that begins so (in the form in which it is looked up), at most `limit`."""
    found: dict[bytes, None] = {}
    for claim, value in beginnings:
        found |= dict.fromkeys(at_once.ids(conn, _BEGINNING, (int(claim), value, value + _LAST_SIGN, limit)))
        if len(found) >= limit:
            break
    return [EntityId(entity) for entity in found][:limit]


def count_beginning_with(conn: Connection, beginnings: Iterable[tuple[Claim, str]], *, limit: int) -> int:
    """How many customers `beginning_with` answers."""
    found: set[int] = set()
    for claim, value in beginnings:
        found |= at_once.distinct_ids(conn, _BEGINNING, (int(claim), value, value + _LAST_SIGN, limit))
        if len(found) >= limit:
            break
    return min(len(found), limit)


def codes_after(conn: Connection, after: str, limit: int) -> tuple[int, str]:
    """How many customer codes follow one, at most so many, and the last of them."""
    following = "SELECT value FROM lookup WHERE claim = ? AND value > ? ORDER BY value LIMIT ?"
    sql = f"SELECT count(*), max(value) FROM ({following})"
    count, last = conn.execute(sql, (int(Claim.CODE), after, limit)).fetchone()
    return count, last or ""


def are_more_than(conn: Connection, count: int) -> bool:
    """Whether more customers than so many have a code: nearly everybody has one."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM lookup WHERE claim = ? LIMIT ?)"
    return bool(conn.execute(sql, (int(Claim.CODE), count + 1)).fetchone()[0] > count)


def rows_after(conn: Connection, after: bytes, limit: int) -> tuple[list[Element], bytes | None]:
    """The next customers in the order of their ids, and the last one; None when there are no more.

    A damaged row is left out.
    """
    sql = "SELECT entity, body, hash FROM element WHERE entity > ? AND kind = ? AND dot = x'' ORDER BY entity LIMIT ?"
    stored = conn.execute(sql, (after, _CUSTOMER, limit)).fetchall()
    rows = [read_sound((entity, _CUSTOMER, b""), body, digest) for entity, body, digest in stored]
    return [row for row in rows if row is not None], stored[-1][0] if len(stored) == limit else None


def authors(conn: Connection, stamps: Iterable[Stamp]) -> dict[Stamp, str]:
    """The actor who gave each stamp, where this replica knows it."""
    found: dict[Stamp, str] = {}
    for stamp in stamps:
        row = conn.execute("SELECT actor FROM author WHERE time = ? AND site = ? AND incarnation = ?", stamp).fetchone()
        if row is not None:
            found[stamp] = row[0]
    return found


def policy(conn: Connection, name: str) -> Element | None:
    """The row of a policy."""
    return elements.element(conn, policy_key(name))


def walk_in(conn: Connection, shop: int) -> EntityId | None:
    """The walk-in customer of a shop, or None until one was chosen (and is here)."""
    chosen = walk_in_of(policy(conn, walk_in_policy(shop)))
    if chosen is None or elements.element(conn, (chosen, Kind.CUSTOMER, b"")) is None:
        return None
    return chosen


def proved_ms(conn: Connection) -> int:
    """When this copy of the chain was last proved equal to head office's; 0: never."""
    row = conn.execute("SELECT proved_ms FROM cursor WHERE reach = 0").fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class CopyState:
    """How good this copy of the chain is: since when it is known to be equal (0: never), and who is found by words.

    `indexed`: the share of the customers, 1 unless the index is being made again.
    """

    proved_ms: int
    indexed: float


def copy_state(conn: Connection) -> CopyState:
    """Asked with each search."""
    proved, reached = conn.execute(_COPY_STATE, (REINDEX,)).fetchone()
    # Ids are drawn evenly, and the index is made again in their order.
    return CopyState(proved or 0, 1.0 if reached is None else int.from_bytes(reached.ljust(8, b"\0"), "big") / 2**64)


_COPY_STATE = "SELECT (SELECT proved_ms FROM cursor WHERE reach = 0), (SELECT value FROM meta WHERE name = ?)"


def next_code(conn: Connection, replica: Replica) -> str:
    """A customer code that no other till gives: of the blocks of this till, else `C`, its site, a count.

    A code that somebody here has already (typed, or given by an image of this disk that was put back) is passed over.
    """
    code = _of_blocks(conn, replica.identity.site)
    if code is not None:
        return code
    count = int(get_meta(conn, "customer_code", 0))
    while True:
        count += 1
        code = f"C{replica.identity.site:03d}{count:06d}"
        if not owners_of(conn, Claim.CODE, code):
            put_meta(conn, "customer_code", count)
            return code


class CodesInTurn:
    """Codes for many customers of one unit, as `next_code` gives them; without blocks they are counted at once.

    `close` remembers how far the count has come: before it, nothing was given.
    """

    def __init__(self, conn: Connection, replica: Replica, *, many: int) -> None:
        self._conn, self._replica = conn, replica
        self._left: list[tuple[int, str]] = []
        self._last = 0
        row = elements.element(conn, site_key(replica.identity.site))
        if row is None or not list(blocks_in(row.fields.get(CODE_BLOCKS_FIELD))):
            first = int(get_meta(conn, "customer_code", 0)) + 1
            codes = [(at, f"C{replica.identity.site:03d}{at:06d}") for at in range(first, first + many)]
            marks = ",".join("?" * many)
            forms = [sought_form(Claim.CODE, code) for _, code in codes]
            taken = conn.execute(
                f"SELECT value FROM lookup WHERE claim = ? AND value IN ({marks})", (int(Claim.CODE), *forms)
            ).fetchall()
            known = {value for (value,) in taken}
            self._left = [one for one, form in zip(codes, forms, strict=True) if form not in known][::-1]

    def next(self) -> str:
        """The next code."""
        if not self._left:
            self.close()
            return next_code(self._conn, self._replica)
        self._last, code = self._left.pop()
        return code

    def close(self) -> None:
        """Remember how far the count has come."""
        if self._last:
            put_meta(self._conn, "customer_code", self._last)
            self._last = 0


def _of_blocks(conn: Connection, site: int) -> str | None:
    """The next code of the blocks that head office gave to this till; None where there is none, or all are spent."""
    row = elements.element(conn, site_key(site))
    at = int(get_meta(conn, "code_of_block", -1))
    for block in blocks_in(row.fields.get(CODE_BLOCKS_FIELD)) if row is not None else ():
        for number in range(max(block.first, at + 1), block.last + 1):
            code = block.code(number)
            if not owners_of(conn, Claim.CODE, code):
                put_meta(conn, "code_of_block", number)
                return code
    return None


def skip_codes(conn: Connection, by: int = 1000) -> None:
    """After a restore: leave out codes and card numbers that may have been given since the backup."""
    for counted in ("customer_code", "card_number"):
        put_meta(conn, counted, int(get_meta(conn, counted, 0)) + by)
