"""Rates in hundredths of a percent, and amounts in cents under them: whole numbers throughout.

Halves of a cent are rounded away from zero, line by line, as receipts do.
"""

from typing import overload

from daemon.errors import OperatorMistake

WHOLE = 10_000
"""100 %."""


@overload
def rate_of(given: int, field: str) -> int: ...
@overload
def rate_of(given: int | None, field: str) -> int | None: ...
def rate_of(given: int | None, field: str) -> int | None:
    """A rate as it is kept; raises OperatorMistake."""
    if given is not None and not 0 <= given <= WHOLE:
        raise OperatorMistake(f"{field}: hundredths of a percent, from 0 to {WHOLE}", field=field)
    return given


def share(amount: int, part: int, whole: int) -> int:
    """`amount` × `part` / `whole`, a half rounded away from zero."""
    assert whole > 0, "a share is a share of something"
    product = amount * part
    rounded = (2 * abs(product) + whole) // (2 * whole)
    return rounded if product >= 0 else -rounded


def off(amount: int, rate: int) -> int:
    """What a discount of `rate` takes off an amount."""
    return share(amount, rate, WHOLE)
