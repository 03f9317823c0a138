"""Routes of the fleet, at head office only: a code for a new till, withdrawing one."""

from dataclasses import dataclass, field
from typing import Final

from daemon.desk import instant
from daemon.domain.role import Right
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route
from daemon.web.shop_routes import number_of


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTill:
    """A till to be enrolled in a shop; `label` is what lists call it."""

    shop: int
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TillCode:
    """The one-use code of a new till, told this once: `comptoir till enrol CODE --hub HOST` there."""

    shop: int
    label: str
    code: str = field(repr=False)
    valid_until: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenOff:
    """How many rights were written off; 0 where nothing was left."""

    rights: int


async def _write_off(parts: WebParts, asked: Asked) -> Answer:
    assert parts.roster is not None, "the roster is mounted at head office"
    count = await parts.roster.write_off(number_of(asked.path["site"], "site"), asked.call.actor)
    return Answer(body=WrittenOff(rights=count))


async def _add(parts: WebParts, asked: Asked) -> Answer:
    assert parts.roster is not None, "the roster is mounted at head office"
    given: NewTill = asked.body
    made = await parts.roster.add_till(given.shop, given.label)
    body = TillCode(shop=given.shop, label=made.label, code=made.code, valid_until=instant.shown(made.expires_ms))
    return Answer(body=body)


async def _unfence(parts: WebParts, asked: Asked) -> Answer:
    assert parts.roster is not None, "the roster is mounted at head office"
    await parts.roster.unfence(number_of(asked.path["site"], "site"))
    return Answer(status=204)


async def _accept_audit(parts: WebParts, asked: Asked) -> Answer:
    assert parts.roster is not None, "the roster is mounted at head office"
    await parts.roster.accept_audit(number_of(asked.path["site"], "site"))
    return Answer(status=204)


async def _revoke(parts: WebParts, asked: Asked) -> Answer:
    assert parts.roster is not None, "the roster is mounted at head office"
    await parts.roster.revoke(number_of(asked.path["site"], "site"))
    return Answer(status=204)


ROUTES: Final = (
    Route(
        method="POST",
        path="/tills",
        summary="A one-use code for a new till of a shop, valid 24 hours; each call makes another one.",
        right=Right.SET_UP,
        body=NewTill,
        answer=TillCode,
        act=_add,
        status=201,
        hub=True,
    ),
    Route(
        method="POST",
        path="/tills/{site}/revoke",
        summary="Withdraw a till: it hears nothing any more and can never come back. Twice is no mistake.",
        right=Right.SET_UP,
        answer=None,
        act=_revoke,
        status=204,
        hub=True,
    ),
    Route(
        method="POST",
        path="/tills/{site}/unfence",
        summary="One of the two boxes with this number was taken away or enrolled anew; the other one spends again.",
        right=Right.SET_UP,
        answer=None,
        act=_unfence,
        status=204,
        hub=True,
    ),
    Route(
        method="POST",
        path="/tills/{site}/accept-audit",
        summary="Somebody has looked why a till's audit trail is not what it told before: it counts from now on.",
        right=Right.SET_UP,
        answer=None,
        act=_accept_audit,
        status=204,
        hub=True,
    ),
    Route(
        method="POST",
        path="/tills/{site}/write-off",
        summary="Write off what a withdrawn till could still spend, or a box that a till was before and that is gone.",
        right=Right.SET_UP,
        answer=WrittenOff,
        act=_write_off,
        hub=True,
    ),
)
