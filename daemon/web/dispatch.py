"""Turns a request into what a route is asked, and what it answers into a response."""

import asyncio
import re
from hashlib import blake2b
from typing import Any, Final

from daemon.desk.premises import Call
from daemon.domain.change import Actor
from daemon.domain.payment_card import is_payment_card
from daemon.domain.role import may
from daemon.errors import Forbidden, OperatorMistake, Unidentified
from daemon.typed import convert, parse_json, to_json
from daemon.web.callers import Caller, caller_of, keep_session, terminal_of
from daemon.web.http import (
    UPLOAD_CHUNK,
    Handler,
    HTTPBadRequest,
    HTTPPreconditionRequired,
    HTTPRequestTimeout,
    HTTPUnsupportedMediaType,
    Request,
    Response,
    StreamResponse,
)
from daemon.web.live import stream
from daemon.web.parts import WebParts
from daemon.web.route import Answer, Asked, Route

_KEY: Final = re.compile(r"[!-~]{1,128}")
_VERSION: Final = re.compile(r'(?:W/)?"([0-9a-f]{16})"')
_HELLO: Final = b"retry: 1000\nid: %s\n: hello\n\n"
NOBODY: Final = Caller(actor=Actor())
ADMITTED_S: Final = 1.0
"""A session that ends by itself is over for its listeners so soon."""


def handler_of(route: Route, parts: WebParts) -> Handler:
    """What answers requests of one route."""

    async def answer(request: Request) -> StreamResponse:
        asked = await ask(request, route, parts)
        if route.stream:
            return await follow(request, route, parts)
        return response_of(route, await route.act(parts, asked), parts)

    return answer


async def ask(request: Request, route: Route, parts: WebParts) -> Asked:
    """Read and check a request: who calls, with which right, asking what."""
    caller = await _caller(request, route, parts)
    raw = b"" if route.upload else await _read(request, parts)
    body, present = _body(request, route, raw)
    key = request.headers.get("Idempotency-Key", "")
    if route.once and not key:
        raise HTTPBadRequest(text="this request needs the header Idempotency-Key: a new random text for a new request")
    if key and not _KEY.fullmatch(key):
        raise OperatorMistake("Idempotency-Key: 1 to 128 visible ASCII characters", field="Idempotency-Key")
    if is_payment_card(key):
        raise OperatorMistake("Idempotency-Key: this is the number of a payment card", field="Idempotency-Key")
    return Asked(
        actor=caller.actor,
        path=dict(request.match_info),
        query=dict(request.query),
        body=body,
        present=present,
        raw=raw,
        chunks=request.content.iter_chunked(UPLOAD_CHUNK) if route.upload else None,
        call=Call(actor=caller.actor, key=key, fingerprint=_fingerprint(request, raw, parts) if key else b""),
        version=_version(request, route),
        token=caller.token,
    )


async def _caller(request: Request, route: Route, parts: WebParts) -> Caller:
    if route.right is None:
        return NOBODY
    caller = await caller_of(request, parts)
    if not may(caller.actor.role, route.right):
        raise Forbidden(f"the role {caller.actor.role} has not the right to {route.right.value.replace('_', ' ')}")
    return caller


async def _read(request: Request, parts: WebParts) -> bytes:
    """The body, in time and within bounds (the library refuses more than the application's maximum)."""
    try:
        async with asyncio.timeout(parts.limits.body_s):
            return await request.read()
    except TimeoutError as slow:
        raise HTTPRequestTimeout(text="the request did not arrive in time") from slow


def _body(request: Request, route: Route, raw: bytes) -> tuple[Any, frozenset[str]]:
    """The body as the route's type, and the keys that were there."""
    if route.optional and not raw.strip():
        return None, frozenset()
    if route.body is None:
        if raw.strip() not in (b"", b"{}"):
            raise OperatorMistake("this request takes no body")
        return None, frozenset()
    if request.content_type != "application/json":
        raise HTTPUnsupportedMediaType(text="send the body as application/json")
    value = _json(raw)
    if route.body is bytes:
        return None, frozenset()
    if not isinstance(value, dict):
        raise OperatorMistake("the body is not a JSON object")
    body = convert(value, route.body)
    unknown = _unknown(value, parse_json(to_json(body), object))
    if unknown:
        raise OperatorMistake(f"{unknown}: no such field", field=unknown)
    return body, frozenset(value)


def _json(raw: bytes) -> object:
    try:
        return parse_json(raw, object)
    except (OperatorMistake, RecursionError, UnicodeDecodeError) as wrong:
        raise HTTPBadRequest(text="the body is not JSON in UTF-8, or nested too deeply") from wrong


def _unknown(given: object, understood: object, path: str = "") -> str:
    """The path of a key that nobody understood; a slip of the pen must not vanish silently."""
    if isinstance(given, dict) and isinstance(understood, dict):
        for key, value in given.items():
            where = f"{path}.{key}" if path else str(key)
            if key not in understood:
                return where[:80]
            if found := _unknown(value, understood[key], where):
                return found
    if isinstance(given, list) and isinstance(understood, list):
        for at, (value, other) in enumerate(zip(given, understood, strict=False)):
            if found := _unknown(value, other, f"{path}[{at}]"):
                return found
    return ""


def _fingerprint(request: Request, raw: bytes, parts: WebParts) -> bytes:
    """Keyed, because a body may hold a PIN and this hash is stored."""
    state = blake2b(key=parts.secret[:64], digest_size=16)
    for part in (request.method.encode(), request.rel_url.raw_path_qs.encode(), raw):
        state.update(len(part).to_bytes(8, "big") + part)
    return state.digest()


def _version(request: Request, route: Route) -> str:
    """The version of If-Match; `*` is refused, since it would overwrite what nobody read."""
    if not route.if_match:
        return ""
    header = request.headers.get("If-Match", "")
    if not header:
        raise HTTPPreconditionRequired(text="send the ETag that you read as If-Match")
    match = _VERSION.fullmatch(header.strip())
    if match is None:
        raise OperatorMistake("If-Match: one ETag as it was read, in its quotes", field="If-Match")
    return match[1]


def response_of(route: Route, answer: Answer, parts: WebParts) -> Response:
    """The response that says an answer."""
    status = answer.status or route.status
    response = Response(status=status, headers=answer.headers)
    if answer.body is not None:
        response.body = answer.body if isinstance(answer.body, bytes) else to_json(answer.body)
        response.headers["Content-Type"] = answer.content_type
    if answer.cookie is not None:
        keep_session(response, answer.cookie, parts)
    return response


async def follow(request: Request, route: Route, parts: WebParts) -> StreamResponse:
    """Send live events until the client leaves, falls behind, loses its right, or the daemon stops."""
    response = StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    last_id = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    admission = _Admission(request, route, parts)
    with parts.live.listen(last_id) as listener, parts.desks.operators.terminals.listening(terminal_of(request, parts)):
        await response.prepare(request)
        try:
            # A newcomer starts here, also if it leaves before the first event; who comes back has an id already.
            await response.write(b"retry: 1000\n: hello\n\n" if last_id else _HELLO % parts.live.last_id.encode())
            async for event in stream(parts.live, listener, heartbeat_s=parts.limits.heartbeat_s):
                await admission.check()
                async with asyncio.timeout(parts.limits.write_s):
                    await response.write(event.encoded())
        except (ConnectionError, TimeoutError, Unidentified, Forbidden):
            if request.transport is not None:
                request.transport.abort()
    return response


class _Admission:
    """Whether whoever follows may still do so: asked before each event, looked up when it can have changed."""

    def __init__(self, request: Request, route: Route, parts: WebParts) -> None:
        self._request, self._route, self._parts = request, route, parts
        self._commits = -1
        self._checked_s = 0.0

    async def check(self) -> None:
        """Raise Unidentified or Forbidden for who has no right any more. A scan commits nothing, and costs none."""
        commits, now_s = self._parts.desks.operators.commits, self._parts.clock.monotonic_s()
        if commits != self._commits or now_s - self._checked_s >= ADMITTED_S:
            await _caller(self._request, self._route, self._parts)
            self._commits, self._checked_s = commits, now_s
