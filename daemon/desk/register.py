"""The whole base or a selection of it, page by page in the order of ids: for exports.

Each page is a short unit beside the counter's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from daemon.desk.customer import Customer, row_of
from daemon.desk.customer_parts import TAG, is_strong, number, of_kind, text_of
from daemon.desk.lookup import load_customer
from daemon.desk.premises import Premises
from daemon.domain import group
from daemon.domain.element import Element
from daemon.domain.folding import fold
from daemon.domain.group import Group
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.ranking import parse_query
from daemon.errors import NotFound
from daemon.store import elements, search
from daemon.store.database import Connection

PAGE_MAX = 50
"""About 10 ms of the connection's thread."""

FOUND_MAX = 200_000
"""Customers whom the words of a selection find at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Who is wanted: those that the words find, that have the tag, that are in the group (its id or its name).

    `archived`: also those who are archived. Nothing said: everybody.
    """

    words: str = field(default="", repr=False)
    tag: str = ""
    group: str = ""
    archived: bool = True


EVERYBODY = Selection()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some customers, deleted ones and those shown by another left out; `next` continues, empty at the end.

    `total` counts the rows that are gone through, on the first page only. `groups`: what the groups of each are called,
    by the customer's id, where they are in any.
    """

    customers: tuple[Customer, ...]
    next: str
    total: int | None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class RegisterDesk:
    """Where everybody is listed."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def page(self, after: EntityId | None, *, limit: int = PAGE_MAX, selection: Selection = EVERYBODY) -> Page:
        """The customers behind `after`; None begins. Raises NotFound for a group that is not here."""

        def unit(conn: Connection) -> Page:
            many = max(1, min(limit, PAGE_MAX))
            return page(conn, after, limit=many, selection=selection, now_ms=self._premises.now_ms())

        return await self._premises.database.read(unit)


def page(
    conn: Connection, after: EntityId | None, *, limit: int, selection: Selection = EVERYBODY, now_ms: int = 0
) -> Page:
    """One page at a moment (0: consents as they were given), within a unit."""
    wanted = _Wanted.of(conn, selection)
    ids, total = _gone_through(conn, after, limit, selection)
    shown = [_shown(conn, id_, wanted, now_ms) for id_ in ids]
    customers = tuple(customer for customer in shown if customer is not None and customer.person == customer.id)
    return Page(
        customers=customers,
        next=ids[-1].hex() if len(ids) == limit else "",
        total=total if after is None else None,
        groups=_groups_of(conn, [one.id for one in customers], wanted.groups),
    )


def _groups_of(conn: Connection, ids: Sequence[str], groups: Mapping[str, Group]) -> dict[str, tuple[str, ...]]:
    """What the groups of these customers are called, the principal one first."""
    found: dict[str, tuple[str, ...]] = {}
    for id_ in ids if len(groups) > 1 else ():
        here = elements.elements_of(conn, bytes.fromhex(id_))
        first = group.principal_of(here, groups)
        joined = sorted(group.memberships_of(here, groups), key=lambda one: (one != first, groups[one].label))
        if labels := tuple(groups[one].label for one in joined if groups[one].label):
            found[id_] = labels
    return found


def _gone_through(
    conn: Connection, after: EntityId | None, limit: int, selection: Selection
) -> tuple[list[EntityId], int]:
    """The next ids to look at, and how many there are in all."""
    if selection.words:
        words = parse_query(selection.words).words
        found = sorted(search.find(conn, words, limit=FOUND_MAX, parts=True))
        return [EntityId(one) for one in found if one > (after or b"")][:limit], len(found)
    rows = conn.execute(
        "SELECT entity FROM element WHERE entity > ? AND kind = ? ORDER BY entity LIMIT ?",
        (after or b"", int(Kind.CUSTOMER), limit),
    ).fetchall()
    return [EntityId(entity) for (entity,) in rows], _count(conn) if after is None else 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A selection, its group looked up."""

    selection: Selection
    group: str
    groups: Mapping[str, Group]

    @staticmethod
    def of(conn: Connection, selection: Selection) -> "_Wanted":
        """Raises NotFound for a group that is not here."""
        groups = group.groups_of(elements.elements_of_kind(conn, Kind.GROUP))
        if not selection.group:
            return _Wanted(selection, "", groups)
        named = [one.id for one in group.living(groups) if fold(one.label) == fold(selection.group)]
        found = group.resolve(groups, selection.group) if selection.group in groups else next(iter(named), "")
        if not found:
            raise NotFound("group: no group has this name or id", field="group")
        return _Wanted(selection, found, groups)

    def fits(self, here: Sequence[Element]) -> bool:
        """Whether a customer is selected."""
        row = row_of(here)
        if row is None or (not self.selection.archived and is_strong(row, number("archived"))):
            return False
        if self.group and self.group not in group.memberships_of(here, self.groups):
            return False
        tags = {fold(text_of(tag.fields.get(TAG))) for tag in of_kind(here, Kind.TAG)}
        return not self.selection.tag or fold(self.selection.tag) in tags


def _shown(conn: Connection, id_: EntityId, wanted: _Wanted, now_ms: int) -> Customer | None:
    if wanted.selection != EVERYBODY and not wanted.fits(elements.elements_of(conn, id_)):
        return None
    try:
        return load_customer(conn, id_, now_ms)
    except NotFound:  # deleted
        return None


def _count(conn: Connection) -> int:
    return int(conn.execute("SELECT count(*) FROM element WHERE kind = ?", (int(Kind.CUSTOMER),)).fetchone()[0])
