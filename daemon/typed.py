"""The door to msgspec: typed reading of JSON and TOML, and JSON Schema from types.

Types are ordinary frozen dataclasses; unknown keys are refused where the caller says so.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from daemon.errors import OperatorMistake

T = TypeVar("T")


def parse_json(raw: bytes, shape: type[T]) -> T:
    """Read JSON bytes as `shape`; raises OperatorMistake whose `field` is the path at fault."""
    try:
        return msgspec.json.decode(raw, type=shape, strict=True)
    except msgspec.ValidationError as wrong:
        raise _mistake(str(wrong)) from wrong
    except msgspec.DecodeError as wrong:
        raise OperatorMistake("the body is not valid JSON") from wrong


def convert(value: object, shape: type[T]) -> T:
    """Read plain dicts and lists (TOML) as `shape`; raises OperatorMistake like `parse_json`."""
    try:
        return msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError as wrong:
        raise _mistake(str(wrong)) from wrong


def to_json(value: object) -> bytes:
    """Encode dataclasses and plain values as JSON."""
    return msgspec.json.encode(value)


def schemas(shapes: Iterable[Any], ref_template: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """JSON Schemas of `shapes` and the components they share."""
    found, components = msgspec.json.schema_components(shapes, ref_template=ref_template)
    return list(found), components


def _mistake(message: str) -> OperatorMistake:
    """msgspec says 'Expected `int`, got `str` - at `$.till.port`': keep the path as the field."""
    sentence, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".")
    where = f"{field}: " if field else ""
    return OperatorMistake(f"{where}{sentence[:1].lower()}{sentence[1:]}", field=field)
