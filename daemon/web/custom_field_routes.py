"""Routes of the chain's own fields."""

from typing import Final

from daemon.desk.custom_fields import CustomFieldEdit, CustomValues, NewCustomField
from daemon.desk.customer import Customer
from daemon.domain.custom_field import CustomField
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.customers import shown
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


async def _all(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.custom_fields.all())


async def _define(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.custom_fields.define(asked.call, asked.body))


async def _edit(parts: WebParts, asked: Asked) -> Answer:
    text = asked.path["number"]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise OperatorMistake("number: this is not a number", field="number")
    return Answer(body=await parts.desks.custom_fields.edit(asked.call, int(text), asked.body))


async def _fill_in(parts: WebParts, asked: Asked) -> Answer:
    return shown(await parts.desks.custom_fields.fill_in(asked.call, asked.id(), asked.body))


ROUTES: Final = (
    Route(
        method="GET",
        path="/custom-fields",
        summary="The fields of the chain's own that customers have, withdrawn ones too.",
        right=Right.READ,
        answer=tuple[CustomField, ...],
        act=_all,
    ),
    Route(
        method="POST",
        path="/custom-fields",
        summary="Define a field of the chain's own: text, number, date, choice or yes_no; at head office alone.",
        right=Right.SET_UP,
        body=NewCustomField,
        answer=CustomField,
        act=_define,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path="/custom-fields/{number}",
        summary="Rename a field of the chain's own, change its choices, withdraw it; at head office alone.",
        right=Right.SET_UP,
        body=CustomFieldEdit,
        answer=CustomField,
        act=_edit,
    ),
    Route(
        method="PATCH",
        path="/customers/{id}/custom",
        summary="Fill in fields of the chain's own; null empties, what is absent stays.",
        right=Right.EDIT,
        body=CustomValues,
        answer=Customer,
        act=_fill_in,
    ),
)
