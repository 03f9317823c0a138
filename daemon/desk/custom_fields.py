"""The chain's own fields: defined at head office, filled in everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from daemon.desk.customer import Customer, is_profile, is_walk_in, row_of
from daemon.desk.customer_fields import line
from daemon.desk.edit import EditDesk
from daemon.desk.premises import Call, Premises, author_of, write_once
from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.custom_field import (
    CHOICES,
    CHOICES_MAX,
    LABEL,
    NUMBER,
    SEARCHED,
    TYPE,
    WITHDRAWN,
    CustomField,
    CustomType,
    custom_field_of,
    definition,
    field_key,
    next_number,
    stored_value,
)
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.payment_card import holds_payment_card
from daemon.errors import Forbidden, NotFound, OperatorMistake
from daemon.store import authoring as store
from daemon.store import elements
from daemon.store.database import Connection

LABEL_LENGTH_MAX = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCustomField:
    """A field to define; `searched` is fixed from then on."""

    label: str
    type: CustomType = "text"
    choices: tuple[str, ...] = ()
    searched: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomFieldEdit:
    """Changes of a field; a withdrawn one keeps its values and is not offered any more."""

    label: str | None = None
    choices: tuple[str, ...] | None = None
    withdrawn: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomValues:
    """Values by the number of their field; null empties."""

    values: Mapping[str, Any] = field(repr=False)


def definitions(conn: Connection) -> list[CustomField]:
    """All fields of the chain's own, by number."""
    found = [one for row in elements.elements_of_kind(conn, Kind.CUSTOM_FIELD) if (one := custom_field_of(row))]
    return sorted(found, key=lambda one: one.number)


def decide_values(row: Element, known: Sequence[CustomField], given: CustomValues) -> list[Operation]:
    """The edit of a customer's own fields; none when it changes nothing. Raises OperatorMistake, Forbidden."""
    if is_walk_in(row) or is_profile(row):
        raise Forbidden("who is nobody in particular has no fields of the chain's own")
    values: dict[int, Any] = {}
    for number, value in given.values.items():
        shape = definition(known, number)
        if shape.withdrawn and value is not None:
            raise OperatorMistake(f"values.{shape.number}: this field was withdrawn", field=f"values.{shape.number}")
        stored = stored_value(shape, value)
        if isinstance(stored, str) and holds_payment_card(stored):
            raise OperatorMistake(
                f"values.{shape.number}: this is the number of a payment card, it is neither looked up nor kept",
                field=f"values.{shape.number}",
            )
        if row.fields.get(shape.number) != stored:
            values[shape.number] = stored
    return [authoring.change(row, values)] if values else []


class CustomFieldDesk:
    """Where the chain's own fields are defined and filled in."""

    def __init__(self, premises: Premises, edits: EditDesk) -> None:
        self._premises = premises
        self._edits = edits

    async def all(self) -> tuple[CustomField, ...]:
        """All of them, withdrawn ones too."""
        return tuple(await self._premises.database.read(definitions))

    async def define(self, call: Call, given: NewCustomField) -> CustomField:
        """Define a field at head office; raises OperatorMistake, Forbidden at a till."""
        self._refuse_at_till()
        label, now_ms = _label(given.label), self._premises.clock.now_ms()
        choices = _choices(given.choices, given.type)

        def unit(conn: Connection) -> CustomField:
            known = definitions(conn)
            if any(one.label.casefold() == label.casefold() and not one.withdrawn for one in known):
                raise OperatorMistake("label: a field of this name is there already", field="label")
            number = next_number([one.number for one in known], searched=given.searched)
            values = {
                NUMBER: number,
                LABEL: label,
                TYPE: given.type,
                CHOICES: choices or None,
                SEARCHED: int(given.searched),
            }
            row = authoring.create(Kind.CUSTOM_FIELD, field_key(number)[0], values)
            store.commit(conn, self._premises.replica, call.actor, [row], now_ms=now_ms)
            return definition(definitions(conn), str(number))

        return await write_once(self._premises, call, CustomField, unit, told=lambda _: None)

    async def edit(self, call: Call, number: int, given: CustomFieldEdit) -> CustomField:
        """Rename a field, change its choices, withdraw it; raises NotFound, OperatorMistake, Forbidden at a till."""
        self._refuse_at_till()
        now_ms = self._premises.clock.now_ms()

        def unit(conn: Connection) -> CustomField:
            row = elements.element(conn, field_key(number))
            here = custom_field_of(row) if row is not None else None
            if row is None or here is None:
                raise NotFound("number: the chain has no such field of its own", field="number")
            values: dict[int, Any] = {}
            if given.label is not None:
                values[LABEL] = _label(given.label)
            if given.choices is not None:
                values[CHOICES] = _choices(given.choices, here.type)
            if given.withdrawn is not None and given.withdrawn != here.withdrawn:
                details = ("", now_ms, author_of(call.actor))
                values[WITHDRAWN] = authoring.guard(strong=given.withdrawn, details=details)
            if values:
                store.commit(conn, self._premises.replica, call.actor, [authoring.change(row, values)], now_ms=now_ms)
            return definition(definitions(conn), str(number))

        return await write_once(self._premises, call, CustomField, unit, told=lambda _: None)

    async def fill_in(self, call: Call, id_: EntityId, given: CustomValues) -> Customer:
        """Set values of a customer's own fields; raises NotFound, OperatorMistake, Forbidden."""

        def decide(conn: Connection, here: Sequence[Element]) -> list[Operation]:
            row = row_of(here)
            assert row is not None, "only a customer that is there is edited"
            return decide_values(row, definitions(conn), given)

        return await self._edits.change_with(call, id_, decide)

    def _refuse_at_till(self) -> None:
        if not self._premises.replica.identity.is_hub:
            raise Forbidden("the chain's own fields are defined at head office")


def _label(typed: str) -> str:
    found = line(typed, "label", LABEL_LENGTH_MAX)
    if not found:
        raise OperatorMistake("label: the field has no name", field="label")
    return found


def _choices(given: Sequence[str], type_: CustomType) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one for typed in given if (one := line(typed, "choices", LABEL_LENGTH_MAX))))
    if (type_ == "choice") != bool(found) or len(found) > CHOICES_MAX:
        raise OperatorMistake("choices: a choice has its choices, anything else has none", field="choices")
    return found
