"""Routes of who may call: log-in and log-out, operators, applications, the walk-in customer."""

from dataclasses import dataclass, field
from typing import Final

from daemon.desk import instant
from daemon.desk.approvals import Approved, Approving
from daemon.desk.customer import Customer
from daemon.desk.operators import OpenedSession, Operator
from daemon.desk.setting_up import (
    ApplicationShown,
    MadeApplication,
    NewApplication,
    NewOperator,
    OperatorEdit,
    StaffMember,
    WalkInChoice,
)
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.role import Right
from daemon.errors import OperatorMistake
from daemon.web.callers import form_token
from daemon.web.customers import shown
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route


@dataclass(frozen=True, kw_only=True, slots=True)
class LogIn:
    """A PIN of an operator, or the code of a badge. `cookie`: for a page, which gets no token."""

    operator: str | None = None
    pin: str | None = field(default=None, repr=False)
    badge: str | None = field(default=None, repr=False)
    cookie: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionShown:
    """An opened session. `token` for programs; `form_token` for pages, to send as X-Comptoir-Token."""

    operator: Operator
    expires_at: str
    token: str | None = field(default=None, repr=False)
    form_token: str | None = field(default=None, repr=False)


async def _log_in(parts: WebParts, asked: Asked) -> Answer:
    given: LogIn = asked.body
    opened = await _open(parts, given)
    body = SessionShown(
        operator=opened.operator,
        expires_at=instant.shown(opened.expires_ms),
        token=None if given.cookie else opened.token,
        form_token=form_token(opened.token, parts) if given.cookie else None,
    )
    return Answer(body=body, cookie=opened.token if given.cookie else None)


async def _open(parts: WebParts, given: LogIn) -> OpenedSession:
    operators = parts.desks.operators
    if given.badge is not None:
        return await operators.log_in_by_badge(given.badge)
    id_ = parse_entity(given.operator or "")
    if id_ is None or given.pin is None:
        raise OperatorMistake("operator: give an operator's id and PIN, or a badge", field="operator")
    return await operators.log_in_by_pin(id_, given.pin)


async def _log_out(parts: WebParts, asked: Asked) -> Answer:
    await parts.desks.operators.log_out(asked.token)
    return Answer(status=204, cookie="")


async def _operators(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.operators.operators())


async def _staff(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.setting_up.staff())


async def _add_operator(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.setting_up.add_operator(asked.call, asked.body))


async def _edit_operator(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.setting_up.edit_operator(asked.call, asked.id(), asked.body))


async def _approve(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.approvals.approve(asked.call, asked.body))


async def _applications(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await parts.desks.setting_up.applications())


async def _add_application(parts: WebParts, asked: Asked) -> Answer:
    return Answer(body=await parts.desks.setting_up.add_application(asked.call.actor, asked.body))


async def _revoke_application(parts: WebParts, asked: Asked) -> Answer:
    await parts.desks.setting_up.revoke_application(asked.call.actor, asked.path["name"])
    return Answer(status=204)


async def _choose_walk_in(parts: WebParts, asked: Asked) -> Answer:
    given: WalkInChoice = asked.body
    existing: EntityId | None = None
    if given.customer is not None:
        existing = parse_entity(given.customer)
        if existing is None:
            raise OperatorMistake("customer: an id is 16 hexadecimal digits", field="customer")
    return shown(await parts.desks.setting_up.choose_walk_in(asked.call, given, existing))


_SET_UP = Right.SET_UP

ROUTES: Final = (
    Route(
        method="POST",
        path="/sessions",
        summary="Log an operator in by PIN or badge.",
        right=None,
        body=LogIn,
        answer=SessionShown,
        act=_log_in,
        status=201,
    ),
    Route(
        method="DELETE",
        path="/sessions/current",
        summary="Log out.",
        right=Right.READ,
        answer=None,
        act=_log_out,
        status=204,
    ),
    Route(
        method="GET",
        path="/operators",
        summary="Who may log in; the log-in screen shows them before anybody has.",
        right=None,
        answer=tuple[Operator, ...],
        act=_operators,
    ),
    Route(
        method="GET",
        path="/staff",
        summary="All operators, revoked ones too: by what each logs in, since when and by whom they no longer may.",
        right=_SET_UP,
        answer=tuple[StaffMember, ...],
        act=_staff,
    ),
    Route(
        method="POST",
        path="/operators",
        summary="Make an operator.",
        right=_SET_UP,
        body=NewOperator,
        answer=Operator,
        act=_add_operator,
        status=201,
        once=True,
    ),
    Route(
        method="PATCH",
        path="/operators/{id}",
        summary="Change or revoke an operator.",
        right=_SET_UP,
        body=OperatorEdit,
        answer=Operator,
        act=_edit_operator,
    ),
    Route(
        method="POST",
        path="/approvals",
        summary="A second person approves one act of the caller beyond the cap of the caller's role.",
        right=Right.SELL,
        body=Approving,
        answer=Approved,
        act=_approve,
        status=201,
    ),
    Route(
        method="GET",
        path="/applications",
        summary="Programs that may call this machine.",
        right=_SET_UP,
        answer=tuple[ApplicationShown, ...],
        act=_applications,
    ),
    Route(
        method="PUT",
        path="/applications",
        summary="Make an application, or give it a new token; the token is told this once.",
        right=_SET_UP,
        body=NewApplication,
        answer=MadeApplication,
        act=_add_application,
    ),
    Route(
        method="DELETE",
        path="/applications/{name}",
        summary="Make an application's token worth nothing.",
        right=_SET_UP,
        answer=None,
        act=_revoke_application,
        status=204,
    ),
    Route(
        method="POST",
        path="/walk-in",
        summary="Choose the walk-in customer of this shop.",
        right=_SET_UP,
        body=WalkInChoice,
        answer=Customer,
        act=_choose_walk_in,
        once=True,
    ),
)
