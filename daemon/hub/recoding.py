"""A customer code that was typed twice while the line was cut: both live, one keeps it, the other gets a new one.

The old code stays with the second customer as an alias: a scan of it finds both, and asks.
"""

from collections.abc import Callable, Sequence
from typing import Final

from daemon.domain import authoring
from daemon.domain.change import Operation
from daemon.domain.claims import normal_form
from daemon.domain.contest import Contest
from daemon.domain.element import Element
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import CUSTOMER, Kind

ALIAS: Final = "alias"
"""The medium of a card that is an old code."""

CODE: Final = CUSTOMER.number("code")
_NUMBER, _MEDIUM, _SINCE, _STATE = 1, 2, 4, 5


def holder_of(contest: Contest) -> bytes:
    """Who keeps the code: the newest award that names one who holds it, else who had it first."""
    holders = {claimant.customer for claimant in contest.claimants}
    awarded = [award for award in contest.awards if award.entity in holders]
    if awarded:
        return max(awarded, key=lambda award: award.base).entity
    return min(contest.claimants, key=lambda claimant: (claimant.since, claimant.customer)).customer


def recode(
    contest: Contest, owned: Callable[[bytes], Sequence[Element]], fresh: Callable[[], str], *, now_ms: int
) -> list[list[Operation]]:
    """What gives everybody but one another code, an action for each; `owned`: all elements of a customer."""
    keeps = holder_of(contest)
    actions = []
    for customer in sorted({claimant.customer for claimant in contest.claimants} - {keeps}):
        here = owned(customer)
        row = next((one for one in here if one.kind == Kind.CUSTOMER), None)
        code = row.fields.get(CODE) if row is not None else None
        if row is None or not isinstance(code, str) or normal_form(Claim.CODE, code) != contest.value:
            continue
        operations = [authoring.change(row, {CODE: fresh()})]
        if not any(one.kind == Kind.CARD and one.fields.get(_NUMBER) == code for one in here):
            alias = {_NUMBER: code, _MEDIUM: ALIAS, _SINCE: now_ms, _STATE: "active"}
            operations.append(authoring.add(Kind.CARD, customer, alias))
        actions.append(operations)
    return actions
