"""A second person at the counter: who may do more than the one who acts proves to be there, once, for one act.

`authorise` is asked in the transaction of the act itself: what was approved is used up with it, or stays.
"""

from dataclasses import dataclass, field
from typing import Final

from daemon.desk import instant
from daemon.desk.operators import OperatorDesk, new_token, operator_of, token_hash
from daemon.desk.premises import Call, Premises
from daemon.domain import caps
from daemon.domain.caps import Act
from daemon.domain.change import Actor, ActorKind
from daemon.domain.element import Element
from daemon.domain.ids import parse_entity
from daemon.errors import Forbidden, OperatorMistake
from daemon.store import approvals, audit, customers
from daemon.store.database import Connection
from daemon.store.replica import Replica

APPROVED_MS: Final = 2 * 60_000
"""How long an approval waits for its act: both stand at the counter."""

AMOUNT_MAX: Final = 10**12


@dataclass(frozen=True, kw_only=True, slots=True)
class Approving:
    """What a second person approves: `amount` is the most (as `caps` counts it). An operator and PIN, or a badge."""

    act: Act
    amount: int
    operator: str | None = None
    pin: str | None = field(default=None, repr=False)
    badge: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Approved:
    """`approval` goes with the act, by whoever asked for it, once, until `until`."""

    approval: str = field(repr=False)
    approver: str
    until: str


class ApprovalDesk:
    """Where the second person says yes."""

    def __init__(self, premises: Premises, operators: OperatorDesk) -> None:
        self._premises = premises
        self._operators = operators

    async def approve(self, call: Call, given: Approving) -> Approved:
        """Approve one act of the caller; raises Unidentified, TooSoon, Forbidden, OperatorMistake."""
        if not 0 < given.amount <= AMOUNT_MAX:
            raise OperatorMistake("amount: say how much is approved, more than nothing", field="amount")
        approver = operator_of(await self._proved(given))
        if call.actor.kind == ActorKind.OPERATOR and call.actor.id == approver.id:
            raise Forbidden("operator: the second person is somebody else", field="operator")
        now_ms, token = self._premises.clock.now_ms(), new_token()
        made = approvals.Approval(
            asked_by=call.who,
            act=given.act.value,
            amount=given.amount,
            approver=approver.id,
            until_ms=now_ms + APPROVED_MS,
        )
        second = Actor(ActorKind.OPERATOR, approver.id, approver.role, self._premises.replica.identity.shop)

        def unit(conn: Connection) -> None:
            if not caps.reaches(_caps(conn), approver.role, given.act, given.amount):
                raise Forbidden(f"amount: the role {approver.role} does not reach so far either", field="amount")
            approvals.keep(conn, token_hash(token), made, now_ms=now_ms)
            audit.note(conn, self._premises.replica, second, f"approve {given.act} {given.amount}", now_ms=now_ms)

        await self._premises.database.write(unit)
        return Approved(approval=token, approver=approver.display_name, until=instant.shown(made.until_ms))

    async def _proved(self, given: Approving) -> Element:
        if given.badge is not None:
            return await self._operators.proved_by_badge(given.badge)
        id_ = parse_entity(given.operator or "")
        if id_ is None or given.pin is None:
            raise OperatorMistake("operator: give an operator's id and PIN, or a badge", field="operator")
        return await self._operators.proved_by_pin(id_, given.pin)


@dataclass(frozen=True, kw_only=True, slots=True)
class Capped:
    """Something that is capped, as it is about to be done; `approval` as the caller sent it (empty: none)."""

    act: Act
    amount: int
    approval: str = field(default="", repr=False)


def authorise(conn: Connection, replica: Replica, call: Call, wanted: Capped, *, now_ms: int) -> None:
    """Let an actor do something within the cap of their role, or with what a second person approved.

    Raises Forbidden, with `field` "approval", when it takes a second person, or what was approved does not cover it.
    """
    act, amount = wanted.act, wanted.amount
    if caps.reaches(_caps(conn), call.actor.role, act, amount):
        return
    if not wanted.approval:
        raise Forbidden(
            f"approval: the role {call.actor.role} does not reach so far alone: ask a second person", field="approval"
        )
    found = approvals.use(conn, token_hash(wanted.approval), now_ms=now_ms)
    if found is None or found.asked_by != call.who or found.act != act or found.amount < abs(amount):
        raise Forbidden("approval: this was not approved, or not for so much, or its time is over", field="approval")
    second = Actor(ActorKind.OPERATOR, found.approver, "", replica.identity.shop)
    audit.note(conn, replica, second, f"second person for {act} {amount}", now_ms=now_ms)


def _caps(conn: Connection) -> caps.Caps:
    return caps.caps_of(customers.policy(conn, caps.CAPS))
