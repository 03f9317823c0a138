"""Routes of customers: find, create, edit, and what belongs to them."""

from typing import Final

from daemon.desk.customer import Customer
from daemon.desk.edit import Created, CustomerEdit, NewCustomer
from daemon.desk.lookup import LIMIT_MAX
from daemon.desk.members import CardEdit, MemberKind, NewAddress, NewCard, NewNote, NewTag, NoteEdit
from daemon.desk.search_answer import SearchAnswer
from daemon.domain.ids import parse_entity
from daemon.domain.kinds import Kind
from daemon.domain.role import Right
from daemon.errors import NotFound
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Param, Route


def shown(customer: Customer, status: int = 0) -> Answer:
    """A customer with its version as ETag."""
    return Answer(body=customer, status=status, headers={"ETag": f'"{customer.version}"'})


async def _search(parts: WebParts, asked: Asked) -> Answer:
    limit = asked.number("limit", 50)
    almost = bool(asked.number("almost", 1))
    return Answer(body=await parts.desks.lookup.search(asked.query.get("q", ""), limit=limit, almost=almost))


async def _create(parts: WebParts, asked: Asked) -> Answer:
    made = await parts.desks.edits.create(asked.call, asked.body)
    headers = {"ETag": f'"{made.customer.version}"', "Location": f"/api/v1/customers/{made.customer.id}"}
    return Answer(body=made, status=200 if made.identified else 201, headers=headers)


async def _show(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.lookup.customer(asked.id()))


async def _edit(parts: WebParts, asked: Asked) -> Answer:
    return shown(
        await parts.desks.edits.edit(asked.call, asked.id(), asked.body, present=asked.present, version=asked.version)
    )


async def _add_card(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.members.add_card(asked.call, asked.id(), asked.body), 201)


async def _edit_card(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.members.edit_card(asked.call, asked.id(), _member(asked), asked.body))


async def _add_note(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.members.add_note(asked.call, asked.id(), asked.body), 201)


async def _edit_note(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.members.edit_note(asked.call, asked.id(), _member(asked), asked.body))


async def _add_tags(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.members.add_tags(asked.call, asked.id(), asked.body), 201)


async def _remove_tag(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.members.remove_tag(asked.call, asked.id(), asked.path["tag"]))


async def _add_address(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.members.add_address(asked.call, asked.id(), asked.body), 201)


async def _remove_card(parts: WebParts, asked: Asked) -> Answer:
    return await _remove(parts, asked, Kind.CARD)


async def _remove_note(parts: WebParts, asked: Asked) -> Answer:
    return await _remove(parts, asked, Kind.NOTE)


async def _remove_address(parts: WebParts, asked: Asked) -> Answer:
    return await _remove(parts, asked, Kind.ADDRESS)


async def _remove(parts: WebParts, asked: Asked, kind: MemberKind) -> Answer:
    return shown(await parts.desks.members.remove(asked.call, asked.id(), kind, _member(asked)))


def _member(asked: Asked) -> bytes:
    """The id of a card, a note, an address in the path."""
    found = parse_entity(asked.path["member"])
    if found is None:
        raise NotFound("member: an id is 16 hexadecimal digits", field="member")
    return found


_Q: Final = Param(
    name="q", text="What somebody remembers: name, e-mail, telephone, code, card, postal code, town, tag."
)
_LIMIT: Final = Param(name="limit", text="How many hits at most.", type="integer", minimum=1, maximum=LIMIT_MAX)
_ALMOST: Final = Param(
    name="almost",
    text="0: only what was typed. 1 (if nothing is said): where few are found, names that sound the same and slips of"
    " typing too, below the others and said to be so.",
    type="integer",
    maximum=1,
)

_READ, _EDIT = Right.READ, Right.EDIT
_ONE = "/customers/{id}"

ROUTES: Final = (
    Route(
        method="GET",
        path="/customers",
        summary="Find customers on the local disk, best first; says how old the copy is.",
        right=_READ,
        answer=SearchAnswer,
        act=_search,
        query=(_Q, _LIMIT, _ALMOST),
    ),
    Route(
        method="POST",
        path="/customers",
        summary="Create a customer (201), or identify the one who has this e-mail (200).",
        right=_EDIT,
        body=NewCustomer,
        answer=Created,
        act=_create,
        status=201,
        also=(200,),
        once=True,
    ),
    Route(method="GET", path=_ONE, summary="One customer.", right=_READ, answer=Customer, act=_show),
    Route(
        method="PATCH",
        path=_ONE,
        summary="Change what is given, as it was read: null empties a field, what is absent stays.",
        right=_EDIT,
        body=CustomerEdit,
        answer=Customer,
        act=_edit,
        if_match=True,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/cards",
        summary="Give a card; one that somebody else has is asked about (409) unless it is to be moved.",
        right=_EDIT,
        body=NewCard,
        answer=Customer,
        act=_add_card,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path=f"{_ONE}/cards/{{member}}",
        summary="Block, lose, replace a card, or make it good again.",
        right=_EDIT,
        body=CardEdit,
        answer=Customer,
        act=_edit_card,
    ),
    Route(
        method="DELETE",
        path=f"{_ONE}/cards/{{member}}",
        summary="Take a card away.",
        right=_EDIT,
        answer=Customer,
        act=_remove_card,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/notes",
        summary="Write a note.",
        right=_EDIT,
        body=NewNote,
        answer=Customer,
        act=_add_note,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path=f"{_ONE}/notes/{{member}}",
        summary="Supersede a note, close it for everybody, show it at the till or not.",
        right=_EDIT,
        body=NoteEdit,
        answer=Customer,
        act=_edit_note,
    ),
    Route(
        method="DELETE",
        path=f"{_ONE}/notes/{{member}}",
        summary="Erase a note.",
        right=_EDIT,
        answer=Customer,
        act=_remove_note,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/tags",
        summary="Add a tag, or several separated by commas.",
        right=_EDIT,
        body=NewTag,
        answer=Customer,
        act=_add_tags,
        status=201,
        once=True,
    ),
    Route(
        method="DELETE",
        path=f"{_ONE}/tags/{{tag}}",
        summary="Take a tag off.",
        right=_EDIT,
        answer=Customer,
        act=_remove_tag,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/addresses",
        summary="Add an address, or make it the main one.",
        right=_EDIT,
        body=NewAddress,
        answer=Customer,
        act=_add_address,
        status=201,
        once=True,
    ),
    Route(
        method="DELETE",
        path=f"{_ONE}/addresses/{{member}}",
        summary="Take an address away.",
        right=_EDIT,
        answer=Customer,
        act=_remove_address,
    ),
)
