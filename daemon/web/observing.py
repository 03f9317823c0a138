"""Routes of how the daemon is: alive, ready, replication, metrics, live events, the fleet."""

from dataclasses import dataclass
from typing import Final

from daemon.desk.condition import Replication
from daemon.domain.role import Right
from daemon.web import metrics
from daemon.web.device_routes import devices_of
from daemon.web.parts import TillShown, WebParts
from daemon.web.route import Answer, Asked, Param, Route


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """The process answers. `trouble`: one sentence for each thing that goes wrong though people are served."""

    alive: bool
    version: str
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Readiness:
    """Whether the counter can serve, and else what is missing."""

    ready: bool
    missing: tuple[str, ...]


async def _health(parts: WebParts, _: Asked) -> Answer:
    desks = parts.desks
    trouble = tuple(filter(None, (*desks.condition.trouble(), desks.imports.waiting)))
    return Answer(body=Health(alive=True, version=parts.version, trouble=trouble))


async def _ready(parts: WebParts, _: Asked) -> Answer:
    missing = await parts.desks.condition.why_not_ready()
    return Answer(body=Readiness(ready=not missing, missing=missing), status=503 if missing else 200)


async def _replication(parts: WebParts, _: Asked) -> Answer:
    return Answer(body=await _standing(parts))


async def _figures(parts: WebParts, _: Asked) -> Answer:
    parts.metrics.tell_devices(await devices_of(parts))
    page = parts.metrics.page(await _standing(parts), listeners=parts.live.listeners)
    return Answer(body=page, content_type=metrics.MEDIA)


async def _tills(parts: WebParts, _: Asked) -> Answer:
    assert parts.roster is not None, "the roster is mounted at head office"
    return Answer(body=tuple(await parts.roster.tills()))


async def _events(_: WebParts, asked: Asked) -> Answer:
    raise AssertionError(f"{asked.call} is served by dispatch, which streams")


async def _standing(parts: WebParts) -> Replication:
    return await parts.desks.condition.replication(parts.link() if parts.link is not None else None)


_AFTER: Final = Param(
    name="after", text="The id of the last event that was seen; the header Last-Event-ID goes before."
)

ROUTES: Final = (
    Route(method="GET", path="/health", summary="The process answers.", right=None, answer=Health, act=_health),
    Route(
        method="GET",
        path="/ready",
        summary="Whether the counter can serve; 503 with what is missing.",
        right=None,
        answer=Readiness,
        act=_ready,
        also=(503,),
    ),
    Route(
        method="GET",
        path="/replication",
        summary="Where replication stands.",
        right=Right.READ,
        answer=Replication,
        act=_replication,
    ),
    Route(
        method="GET",
        path="/metrics",
        summary="Figures for Prometheus; none names a person.",
        right=Right.OBSERVE,
        answer=bytes,
        act=_figures,
        media="text/plain",
    ),
    Route(
        method="GET",
        path="/events",
        summary="Live events (server-sent), resumable by Last-Event-ID or `after`. `refetch`: some were missed; "
        "`article`: the page asks for one in the basket (visit, lane, customer, product, label, quantity, wish).",
        right=Right.READ,
        answer=bytes,
        act=_events,
        stream=True,
        query=(_AFTER,),
        media="text/event-stream",
    ),
    Route(
        method="GET",
        path="/tills",
        summary="Every till of the chain.",
        right=Right.OBSERVE,
        answer=tuple[TillShown, ...],
        act=_tills,
        hub=True,
    ),
)
