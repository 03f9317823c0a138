"""What holds for every request: the right host and origin, bounds, headers, an id, one line in the log.

A page of another site can make a browser call this machine; it cannot forge Host and Origin. The unix socket, which no
browser speaks, is exempt.
"""

import asyncio
import logging
import re
from typing import Final

from daemon.clock import random_bytes
from daemon.errors import ComptoirError
from daemon.web.callers import is_local_socket
from daemon.web.http import (
    AppKey,
    Handler,
    HTTPException,
    HTTPForbidden,
    HTTPMisdirectedRequest,
    Middleware,
    Request,
    RequestKey,
    StreamResponse,
    middleware,
)
from daemon.web.parts import WebParts
from daemon.web.problems import crash, problem_of, problem_of_http, refusal

log = logging.getLogger(__name__)

REQUEST_ID: Final = "X-Request-Id"
_ID: Final = RequestKey("request id", str)
_SANE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
STREAMED: Final[AppKey[frozenset[str]]] = AppKey("streamed", frozenset)

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Unless a page says otherwise (static files are cached under their hash)."""


def guards(parts: WebParts) -> list[Middleware]:
    """The middlewares, the outermost first."""
    return [_observing(parts), _bounding(parts), _admitting(parts)]


def _observing(parts: WebParts) -> Middleware:
    @middleware
    async def observe(request: Request, handler: Handler) -> StreamResponse:
        """Give an id, turn errors into problems, count, log one line without query and without path values."""
        given = request.headers.get(REQUEST_ID, "")
        request_id = given if _SANE_ID.fullmatch(given) else random_bytes(8).hex()
        request[_ID] = request_id
        started = parts.clock.monotonic_s()
        response = await _answer(request, handler, request_id)
        seconds = parts.clock.monotonic_s() - started
        route = route_name(request)
        parts.metrics.count_request(request.method if route != "unknown" else "any", route, response.status, seconds)
        log.info("%s %s %d %.1f ms [%s]", request.method, route, response.status, seconds * 1000, request_id)
        return response

    return observe


async def _answer(request: Request, handler: Handler, request_id: str) -> StreamResponse:
    try:
        return await handler(request)
    except HTTPException as refused:
        if refused.status < 400:
            raise
        return problem_of_http(refused, request_id)
    except ComptoirError as known:
        return problem_of(known, request_id)
    except ConnectionResetError:  # of the caller's own line: what a desk asks of others fails as a ComptoirError
        return refusal(400, "the caller went away before the request was whole", request_id)
    except Exception as fault:  # noqa: BLE001  # the rim: whatever a handler did not foresee becomes a 500 and a log line
        return crash(fault, request_id, route=f"{request.method} {route_name(request)}")


def _bounding(parts: WebParts) -> Middleware:
    @middleware
    async def bound(request: Request, handler: Handler) -> StreamResponse:
        """Give up on what takes too long; live events last as long as they like."""
        if route_name(request) in request.app[STREAMED]:
            return await handler(request)
        try:
            async with asyncio.timeout(parts.limits.answer_s):
                return await handler(request)
        except TimeoutError:
            return refusal(503, "the answer took too long; repeat with the same Idempotency-Key", request[_ID])

    return bound


def _admitting(parts: WebParts) -> Middleware:
    @middleware
    async def admit(request: Request, handler: Handler) -> StreamResponse:
        """Refuse foreign hosts and origins."""
        if not is_local_socket(request):
            hosts = allowed_hosts(request, parts.hosts)
            if request.headers.get("Host", "").lower() not in hosts:
                raise HTTPMisdirectedRequest(text="this machine is not called by that host name")
            origin = request.headers.get("Origin")
            if origin is not None and origin.lower() not in {f"{request.scheme}://{host}" for host in hosts}:
                raise HTTPForbidden(text="a page of another origin may not call this machine")
        return await handler(request)

    return admit


def allowed_hosts(request: Request, configured: tuple[str, ...]) -> frozenset[str]:
    """The exact values of the Host header under which the port that was called is known."""
    transport = request.transport
    local = transport.get_extra_info("sockname") if transport is not None else None
    port = local[1] if isinstance(local, tuple) and len(local) >= 2 else 0
    names = (*_LOOPBACK, *(name.lower() for name in configured))
    bare = names if port == (443 if request.secure else 80) else ()
    return frozenset((*(f"{name}:{port}" for name in names), *bare))


def route_name(request: Request) -> str:
    """The template of the route, which names nobody; paths and queries do."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


async def add_headers(request: Request, response: StreamResponse) -> None:
    """Put the headers that every response has, streams and errors included."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[REQUEST_ID] = request.get(_ID, "")
    response.headers.pop("Server", None)
