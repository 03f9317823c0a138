"""Groups and types of customers: kept at head office, read everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from daemon.clock import random_id
from daemon.desk.head_office_only import refuse_at_tills
from daemon.desk.premises import Call, Premises, write_once
from daemon.domain.change import Operation
from daemon.domain.customer_type import CustomerType, CustomerTypeEdit, decide_type, type_of, types_of
from daemon.domain.element import Element
from daemon.domain.group import (
    DEFAULT,
    Group,
    GroupEdit,
    decide_deletion,
    decide_group,
    decide_new_group,
    group_of,
    living,
    resolve,
)
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.errors import NotFound
from daemon.store import authoring as store
from daemon.store import elements, terms
from daemon.store.database import Connection

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupsShown:
    """The groups that stand, the default one first, then in the order of head office."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TypesShown:
    """All types of customers, by label; withdrawn ones last."""

    types: tuple[CustomerType, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """The group that takes a deleted one's place."""

    replacement: str


class TermsDesk:
    """Where groups and types are kept."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def groups(self) -> GroupsShown:
        """The groups that were not deleted."""
        return await self._premises.database.read(lambda conn: GroupsShown(groups=tuple(living(terms.groups(conn)))))

    async def group(self, id_: EntityId) -> Group:
        """One group; of a deleted one, the group that took its place. Raises NotFound."""

        def unit(conn: Connection) -> Group:
            known = terms.groups(conn)
            found = known.get(resolve(known, id_.hex()))
            if found is None:
                raise NotFound("no group has this id", field="id")
            return found

        return await self._premises.database.read(unit)

    async def add_group(self, call: Call, given: GroupEdit, present: frozenset[str]) -> Group:
        """Make a group; raises OperatorMistake, Forbidden at a till."""
        id_ = EntityId(random_id())
        return await self._group(call, id_, lambda _conn, _here: decide_new_group(id_, given, present))

    async def edit_group(self, call: Call, id_: EntityId, given: GroupEdit, present: frozenset[str]) -> Group:
        """Change a group; raises NotFound, OperatorMistake, Forbidden at a till and for terms of the default group."""
        return await self._group(call, id_, lambda _, here: decide_group(here, id_, given, present))

    async def delete_group(self, call: Call, id_: EntityId, given: Replacement) -> Group:
        """Delete a group; returns what took its place. Raises NotFound, Conflicting, Forbidden, OperatorMistake."""

        def decide(conn: Connection, here: Element | None) -> list[Operation]:
            known = terms.groups(conn)
            if here is None and id_ == DEFAULT:
                here = Element(Kind.GROUP, DEFAULT, b"", (0, 0, 0))
            return decide_deletion(here, known, given.replacement)

        await self._group(call, id_, decide)
        return await self.group(id_)

    async def types(self) -> TypesShown:
        """All types of customers."""
        rows = await self._premises.database.read(lambda conn: elements.elements_of_kind(conn, Kind.CUSTOMER_TYPE))
        found = sorted(types_of(rows).values(), key=lambda one: (one.withdrawn, one.label, one.id))
        return TypesShown(types=tuple(found))

    async def add_type(self, call: Call, given: CustomerTypeEdit, present: frozenset[str]) -> CustomerType:
        """Make a type; raises OperatorMistake, Forbidden at a till."""
        return await self._type(call, EntityId(random_id()), given, present, is_new=True)

    async def edit_type(
        self, call: Call, id_: EntityId, given: CustomerTypeEdit, present: frozenset[str]
    ) -> CustomerType:
        """Change a type, withdraw it; raises NotFound, OperatorMistake, Forbidden at a till."""
        return await self._type(call, id_, given, present, is_new=False)

    async def _group(
        self, call: Call, id_: EntityId, decide: Callable[[Connection, Element | None], list[Operation]]
    ) -> Group:
        refuse_at_tills(self._premises, "groups")
        return await self._row(call, (id_, Kind.GROUP), decide, (Group, group_of))

    async def _type(
        self, call: Call, id_: EntityId, given: CustomerTypeEdit, present: frozenset[str], *, is_new: bool
    ) -> CustomerType:
        refuse_at_tills(self._premises, "types of customers")

        def decide(_: Connection, here: Element | None) -> list[Operation]:
            return decide_type(here, id_, given, present, is_new=is_new)

        return await self._row(call, (id_, Kind.CUSTOMER_TYPE), decide, (CustomerType, type_of))

    async def _row(
        self,
        call: Call,
        where: tuple[EntityId, Kind],
        decide: Callable[[Connection, Element | None], list[Operation]],
        shown: tuple[type[T], Callable[[Element], T]],
    ) -> T:
        now_ms, key = self._premises.clock.now_ms(), (*where, b"")

        def unit(conn: Connection) -> T:
            operations = decide(conn, elements.element(conn, key))
            if operations:
                store.commit(conn, self._premises.replica, call.actor, operations, now_ms=now_ms)
            row = elements.element(conn, key)
            assert row is not None, "what was decided stands"
            return shown[1](row)

        return await write_once(self._premises, call, shown[0], unit, told=lambda _: None)
