"""Values that are made by the tens of thousands: frozen for the type checker, as cheap as mutable ones when made."""

from dataclasses import dataclass
from typing import TypeVar

from typing_extensions import dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]:
    """A dataclass to which nothing can be assigned, says mypy.

    What `frozen=True` does when the program runs costs four times what making the object does: a microsecond for each
    header, operation and change of a frame.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
