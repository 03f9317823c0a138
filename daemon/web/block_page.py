"""Blocking a customer or a card: asked once more, with the name of what is blocked; and taken back by one touch."""

from dataclasses import replace
from typing import Final

from daemon.desk.customer import Customer
from daemon.desk.customer_parts import Card
from daemon.desk.edit import CustomerEdit
from daemon.desk.members import CardEdit
from daemon.desk.premises import Call
from daemon.domain.change import Actor
from daemon.domain.ids import parse_entity
from daemon.domain.role import Right
from daemon.errors import Forbidden, NotFound
from daemon.web.aside import Word
from daemon.web.badge_page import CARD
from daemon.web.customer_page import ID
from daemon.web.http import Response, RouteDef
from daemon.web.surface import PageCall, Surface

REASON_MAX: Final = 200


class BlockPages:
    """What is asked before somebody, or a card, is refused at every till."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        surface, one = self._surface, f"/clients/{ID}"
        card = f"{one}/cartes/{CARD}"
        return [
            surface.get(f"{one}/bloquer", self._ask, Right.BLOCK),
            surface.post(f"{one}/bloquer", self._block, Right.BLOCK),
            surface.post(f"{one}/debloquer", self._unblock, Right.READ),
            surface.get(f"{card}/{{what:bloquer|remplacer}}", self._ask_card, Right.EDIT),
            surface.post(f"{card}/bloquer", self._block_card, Right.EDIT),
            surface.post(f"{card}/debloquer", self._unblock_card, Right.EDIT),
        ]

    async def _ask(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        return await self._surface.show(call, "block.html.j2", customer=customer, card=None, what="bloquer")

    async def _block(self, call: PageCall) -> Response:
        """Refuse this customer at every till, from the next contact of each with head office on."""
        reason = call.form.get("reason", "")[:REASON_MAX].strip()
        given = CustomerEdit(blocked=True, blocked_reason=reason or None)
        customer = await self._edit(call, given)
        sentence = call.words.text("%(name)s is blocked.", name=customer.display_name)
        self._surface.say(call, Word(sentence=sentence, undo=f"{self._address(call)}/debloquer"))
        return self._surface.go(self._address(call))

    async def _unblock(self, call: PageCall) -> Response:
        """Serve this customer again, on the word of somebody who may: who is logged in, or who types a PIN."""
        change = self._surface.change(call)
        if not call.may("block"):
            change = replace(change, actor=await self._second(call, change))
        await self._edit(call, CustomerEdit(blocked=False), change)
        return self._surface.go(self._surface.back(call))

    async def _second(self, call: PageCall, change: Call) -> Actor:
        """Who says yes with a PIN, for this once; raises Unidentified, TooSoon, Forbidden."""
        id_ = parse_entity(call.form.get("operator", ""))
        if id_ is None:
            raise Forbidden("operator: this takes somebody who may", field="operator")
        return await self._surface.desks.operators.second_person(change, id_, call.form.get("pin", ""), Right.BLOCK)

    async def _edit(self, call: PageCall, given: CustomerEdit, change: Call | None = None) -> Customer:
        change, present = change or self._surface.change(call), frozenset({"blocked"})
        await self._surface.desks.edits.edit(change, call.id(), given, present=present, version="")
        return await self._surface.desks.lookup.customer(call.id())

    async def _ask_card(self, call: PageCall) -> Response:
        customer = await self._surface.desks.lookup.customer(call.id())
        card = _card(customer, call.path["card"])
        return await self._surface.show(call, "block.html.j2", customer=customer, card=card, what=call.path["what"])

    async def _block_card(self, call: PageCall) -> Response:
        await self._edit_card(call, CardEdit(state="lost"))
        where = f"{self._address(call)}/cartes/{call.path['card']}/debloquer"
        self._surface.say(call, Word(sentence=call.words.text("This card is blocked."), undo=where))
        return self._surface.go(f"{self._address(call)}?section=cards")

    async def _unblock_card(self, call: PageCall) -> Response:
        """It was found again, or it was the wrong one."""
        await self._edit_card(call, CardEdit(state="active"))
        return self._surface.go(f"{self._address(call)}?section=cards")

    async def _edit_card(self, call: PageCall, given: CardEdit) -> None:
        dot = bytes.fromhex(call.path["card"])
        await self._surface.desks.members.edit_card(self._surface.change(call), call.id(), dot, given)

    def _address(self, call: PageCall) -> str:
        return f"{self._surface.root}/clients/{call.id().hex()}"


def _card(customer: Customer, id_: str) -> Card:
    found = next((card for card in customer.cards if card.id == id_), None)
    if found is None:
        raise NotFound("the customer has no such card", field="card")
    return found
