"""Logging in and out on a page: a name and a PIN, or a badge that is scanned while nobody is logged in."""

import asyncio
from typing import Final

from daemon.desk.operators import OpenedSession
from daemon.domain.role import Right
from daemon.errors import ComptoirError, Unidentified
from daemon.typed import parse_json
from daemon.web.callers import cookie_name, keep_session
from daemon.web.http import Request, Response, RouteDef, StreamResponse, get, post
from daemon.web.live import LiveEvent
from daemon.web.page_problem import sentence_of
from daemon.web.surface import NOBODY, PageCall, Surface, entity

LISTENING_S: Final = 12.0
"""A stream without a session ends by itself, below the time that an answer may take; the page opens the next one."""


class SessionPages:
    """Who is at the till."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def routes(self) -> list[RouteDef]:
        """The routes below the surface's root."""
        root = self._surface.root
        return [
            post(f"{root}/session", self._log_in),
            self._surface.post("/session/fin", self._log_out, Right.READ),
            get(f"{root}/lecteur", self._badges),
        ]

    async def _log_in(self, request: Request) -> Response:
        """Open a session in place of the one before; the page that was asked for follows."""
        call = await self._surface.read(request, NOBODY)
        try:
            opened = await self._open(call)
        except ComptoirError as refused:
            sentence = sentence_of(refused, call.words)
            onward, chosen = call.form.get("onward", ""), call.form.get("operator", "")
            return await self._surface.log_in(call, onward, sentence=sentence, chosen=chosen)
        before = request.cookies.get(cookie_name(self._surface.parts), "")
        if before:
            await self._surface.desks.operators.log_out(before)
        response = self._surface.go(self._surface.own(call.form.get("onward", "")))
        keep_session(response, opened.token, self._surface.parts)
        return response

    async def _open(self, call: PageCall) -> OpenedSession:
        operators = self._surface.desks.operators
        ticket = call.form.get("ticket", "")
        if ticket:
            return await operators.log_in_by_ticket(ticket)
        if not call.form.get("operator"):
            raise Unidentified("no operator was chosen", field="operator")
        return await operators.log_in_by_pin(entity(call.form["operator"]), call.form.get("pin", ""))

    async def _log_out(self, call: PageCall) -> Response:
        await self._surface.desks.operators.log_out(call.caller.token)
        response = self._surface.go(self._surface.root)
        keep_session(response, "", self._surface.parts)
        return response

    async def _badges(self, request: Request) -> StreamResponse:
        """Tell a page without a session of operators' badges, and of nothing else.

        The ticket serves once and within seconds, for whoever stands before this machine.
        """
        response = StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        with self._surface.parts.live.listen(None) as listener:
            await response.prepare(request)
            try:
                await response.write(b"retry: 200\n: hello\n\n")
                async with asyncio.timeout(LISTENING_S):
                    while not listener.is_over:
                        event = await listener.next(LISTENING_S)
                        if event is not None and _is_badge(event):
                            await response.write(b"event: scan\ndata: %s\n\n" % event.data)
            except (ConnectionError, TimeoutError):
                return response
        return response


def _is_badge(event: LiveEvent) -> bool:
    """Whether this is the scan of an operator's badge, which says nothing of a customer."""
    return event.kind == "scan" and parse_json(event.data, dict).get("outcome") == "operator"
