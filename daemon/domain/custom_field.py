"""The chain's own fields of customers: what head office defines, and what may be said in each. Pure.

The number of a field says whether a search finds its words: so the index follows from the customer's row alone, at
every version of the program, also where the definition has not come yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from daemon.domain.canonical import digest8
from daemon.domain.element import Element, Key
from daemon.domain.kinds import CUSTOM_FIELDS_FROM, CUSTOM_UNSEARCHED_FROM, SHAPES, Kind
from daemon.errors import NotFound, OperatorMistake

CustomType = Literal["text", "number", "date", "choice", "yes_no"]
TYPES: Final[tuple[CustomType, ...]] = ("text", "number", "date", "choice", "yes_no")

TEXT_LENGTH_MAX: Final = 200
CHOICES_MAX: Final = 100
FIELDS_MAX: Final = 200
"""So many of each sort; each is a number that is never used again."""

NUMBER, LABEL, TYPE, CHOICES, SEARCHED, WITHDRAWN = (
    SHAPES[Kind.CUSTOM_FIELD].number(name) for name in ("number", "label", "type", "choices", "searched", "withdrawn")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomField:
    """One field of the chain's own. `searched`: its words find the customer; fixed with its number."""

    number: int
    label: str
    type: CustomType
    choices: tuple[str, ...] = ()
    searched: bool = False
    withdrawn: bool = False


def field_key(number: int) -> Key:
    """Where the definition of a field is stored."""
    return (digest8(f"custom_field/{number}".encode("ascii")), Kind.CUSTOM_FIELD, b"")


def custom_field_of(row: Element) -> CustomField | None:
    """The definition in a row; None for one that this version cannot read."""
    number, label, type_ = (row.fields.get(at) for at in (NUMBER, LABEL, TYPE))
    known = next((one for one in TYPES if one == type_), None)
    if not isinstance(number, int) or not isinstance(label, str) or known is None:
        return None
    choices, withdrawn = row.fields.get(CHOICES), row.fields.get(WITHDRAWN)
    return CustomField(
        number=number,
        label=label,
        type=known,
        choices=tuple(one for one in choices if isinstance(one, str)) if isinstance(choices, tuple) else (),
        searched=is_searched_number(number),
        withdrawn=isinstance(withdrawn, tuple) and bool(withdrawn) and bool(withdrawn[0]),
    )


def is_custom(number: int) -> bool:
    """Whether a field of a customer is one of the chain's own."""
    return number >= CUSTOM_FIELDS_FROM


def is_searched_number(number: int) -> bool:
    """Whether the words of this field find its customer."""
    return CUSTOM_FIELDS_FROM <= number < CUSTOM_UNSEARCHED_FROM


def next_number(taken: Iterable[int], *, searched: bool) -> int:
    """The number of a new field; raises OperatorMistake when there are too many."""
    first = CUSTOM_FIELDS_FROM if searched else CUSTOM_UNSEARCHED_FROM
    used = [number for number in taken if is_searched_number(number) == searched]
    if len(used) >= FIELDS_MAX:
        raise OperatorMistake(f"label: a chain has {FIELDS_MAX} fields of its own at most", field="label")
    return max([first - 1, *used]) + 1


def stored_value(shape: CustomField, value: Any) -> Any:
    """A value as rows hold it; None empties. Raises OperatorMistake naming the field."""
    where = f"values.{shape.number}"
    if value is None or value == "":
        return None
    match shape.type:
        case "yes_no":
            if not isinstance(value, bool):
                raise OperatorMistake(f"{where}: say true or false", field=where)
            return int(value)
        case "number":
            return _number(value, where)
        case "date":
            return _date(_text(value, where), where)
        case "text" | "choice":
            text = _text(value, where)
            if shape.type == "choice" and text not in shape.choices:
                raise OperatorMistake(f"{where}: this is none of the choices", field=where)
            return text


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise OperatorMistake(f"{where}: this is a text", field=where)
    text = " ".join(value.split())
    if len(text) > TEXT_LENGTH_MAX:
        raise OperatorMistake(f"{where}: the text has more than {TEXT_LENGTH_MAX} characters", field=where)
    return text


def _number(value: Any, where: str) -> str:
    """A number exactly as it was meant, as text: rows hold no fractions."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise OperatorMistake(f"{where}: this is not a number", field=where)
    try:
        number = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation as wrong:
        raise OperatorMistake(f"{where}: this is not a number", field=where) from wrong
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise OperatorMistake(f"{where}: the number is out of range", field=where)
    text = f"{number.normalize():f}"
    if len(text) > 40:
        raise OperatorMistake(f"{where}: the number has too many decimals", field=where)
    return text


def _date(text: str, where: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as wrong:
        raise OperatorMistake(f"{where}: write the date as 2025-11-21", field=where) from wrong


def definition(fields: Iterable[CustomField], number: str) -> CustomField:
    """The field that a number in a request names; raises NotFound."""
    found = next((one for one in fields if str(one.number) == number), None)
    if found is None:
        raise NotFound("values: the chain has no such field of its own", field="values")
    return found
