"""Adds, changes and removes what belongs to a customer, each in one transaction."""

from collections.abc import Sequence

from daemon.desk import members
from daemon.desk.customer import Customer
from daemon.desk.edit import EditDesk
from daemon.desk.events import CustomerChanged, Event
from daemon.desk.lookup import living_owners
from daemon.desk.members import CardEdit, MemberKind, NewAddress, NewCard, NewNote, NewTag, NoteEdit
from daemon.desk.premises import Call, Premises, author_of
from daemon.domain.change import Operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.errors import Taken
from daemon.store import customers, elements
from daemon.store.database import Connection


class MemberDesk:
    """Where cards, notes, tags and addresses are kept."""

    def __init__(self, premises: Premises, edits: EditDesk) -> None:
        self._premises = premises
        self._edits = edits

    async def add_card(self, call: Call, id_: EntityId, given: NewCard) -> Customer:
        """Give a card to a customer; raises Taken when somebody else has it and it is not to be moved."""
        now_ms, customs = self._premises.clock.now_ms(), self._premises.customs
        bereft: list[EntityId] = []

        def ask(conn: Connection, operations: list[Operation]) -> None:
            owning = living_owners(conn, Claim.CARD, given.number, all_of_them=given.move)
            bereft[:] = [one for one in owning if one != id_]
            if bereft and not given.move:
                owners = tuple(owner.hex() for owner in bereft)
                raise Taken("number: this card belongs to another customer", field="number", owners=owners)
            for owner in bereft:
                operations += members.without_card(elements.elements_of(conn, owner), given.number)

        found = await self._edits.change(
            call, id_, lambda here: members.add_card(here, given, now_ms, customs), check=ask
        )
        for owner in bereft:
            self._premises.announce(Event.CUSTOMER, CustomerChanged(id=owner.hex()))
        return found

    async def edit_card(self, call: Call, id_: EntityId, dot: bytes, given: CardEdit) -> Customer:
        """Block, lose, replace a card, or make it good again; raises NotFound, Conflicting."""
        now_ms, author = self._premises.clock.now_ms(), author_of(call.actor)
        return await self._edits.change_with(
            call, id_, lambda conn, here: members.edit_card(_of_person(conn, here), dot, given, author, now_ms)
        )

    async def add_note(self, call: Call, id_: EntityId, given: NewNote) -> Customer:
        """Write a note about a customer."""
        now_ms, author = self._premises.clock.now_ms(), author_of(call.actor)
        return await self._edits.change(call, id_, lambda here: members.add_note(here, given, author, now_ms))

    async def edit_note(self, call: Call, id_: EntityId, dot: bytes, given: NoteEdit) -> Customer:
        """Supersede a note, close it, show it or not; raises NotFound."""
        return await self._edits.change_with(
            call, id_, lambda conn, here: members.edit_note(_of_person(conn, here), dot, given)
        )

    async def add_tags(self, call: Call, id_: EntityId, given: NewTag) -> Customer:
        """Add one tag, or several separated by commas."""
        return await self._edits.change(call, id_, lambda here: members.add_tags(here, given))

    async def remove_tag(self, call: Call, id_: EntityId, tag: str) -> Customer:
        """Take a tag off; raises NotFound."""
        return await self._edits.change_with(
            call, id_, lambda conn, here: members.remove_tag(_of_person(conn, here), tag)
        )

    async def add_address(self, call: Call, id_: EntityId, given: NewAddress) -> Customer:
        """Add an address, or make it the main one."""
        return await self._edits.change(call, id_, lambda here: members.add_address(here, given))

    async def remove(self, call: Call, id_: EntityId, kind: MemberKind, dot: bytes) -> Customer:
        """Drop a card, a note, an address; raises NotFound."""
        return await self._edits.change_with(
            call, id_, lambda conn, here: members.remove(_of_person(conn, here), kind, dot)
        )


def _of_person(conn: Connection, here: Sequence[Element]) -> list[Element]:
    """What belongs to a customer, and to the records that were merged with it."""
    around = customers.records_of(conn, EntityId(here[0].entity))
    return [*here, *(one for other in around[1:] for one in elements.elements_of(conn, other))]
