"""Logging in and out on a page: a name and a PIN, or a badge that is scanned while nobody is logged in."""

import asyncio
from dataclasses import replace
from typing import Final

from daemon.desk.events import Event
from daemon.desk.operators import OpenedSession
from daemon.domain.role import Right
from daemon.errors import ComptoirError, Unidentified
from daemon.typed import parse_json
from daemon.web.aside import Notice
from daemon.web.callers import caller_of, cookie_name, keep_session, keep_terminal, terminal_of
from daemon.web.http import Request, Response, RouteDef, StreamResponse, get, post
from daemon.web.live import LiveEvent, stream
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
            opened = await self._open(request, call)
        except ComptoirError as refused:
            return await self._refused(request, call, sentence_of(refused, call.words))
        before = request.cookies.get(cookie_name(self._surface.parts), "")
        if before:
            await self._surface.desks.operators.log_out(before)
        response = self._surface.go(self._surface.own(call.form.get("onward", "")))
        keep_session(response, opened.token, self._surface.parts)
        keep_terminal(request, response, self._surface.parts)
        return response

    async def _refused(self, request: Request, call: PageCall, sentence: str) -> Response:
        """Say why beside the PIN; whoever is logged in meanwhile stays so when a badge came to nothing."""
        onward, chosen = call.form.get("onward", ""), call.form.get("operator", "")
        if "badge" in call.form:
            try:
                caller = await caller_of(request, self._surface.parts)
            except ComptoirError:
                return await self._surface.log_in(call, onward, sentence=sentence)
            notice = Notice(kind="problem", sentence=sentence, at=self._surface.own(onward))
            self._surface.notify(replace(call, caller=caller), notice)
            return self._surface.go(self._surface.own(onward))
        return await self._surface.log_in(call, onward, sentence=sentence, chosen=chosen)

    async def _open(self, request: Request, call: PageCall) -> OpenedSession:
        operators = self._surface.desks.operators
        if "badge" in call.form:
            return await operators.log_in_by_scan(terminal_of(request, self._surface.parts))
        if not call.form.get("operator"):
            raise Unidentified("no operator was chosen", field="operator")
        return await operators.log_in_by_pin(entity(call.form["operator"]), call.form.get("pin", ""))

    async def _log_out(self, call: PageCall) -> Response:
        """Lock the screen: the log-in page stands in place of the one before, which comes back with its operator."""
        await self._surface.desks.operators.log_out(call.caller.token)
        nobody = replace(call, caller=NOBODY, form={})
        response = await self._surface.log_in(nobody, self._surface.back(call), chosen=call.caller.actor.id)
        keep_session(response, "", self._surface.parts)
        return response

    async def _badges(self, request: Request) -> StreamResponse:
        """Tell a page without a session that the daemon lives; a known screen of operators' badges too, nobody of more.

        The event says a name. Which screen it logs in was settled when the badge was scanned.
        """
        parts, terminal = self._surface.parts, terminal_of(request, self._surface.parts)
        response = StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        last_id = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        with parts.live.listen(last_id) as listener, parts.desks.operators.terminals.listening(terminal):
            await response.prepare(request)
            try:
                await response.write(b"retry: 200\n: hello\n\n")
                async with asyncio.timeout(LISTENING_S):
                    async for event in stream(parts.live, listener, heartbeat_s=parts.limits.heartbeat_s):
                        if _may_be_told(event, terminal):
                            await response.write(event.encoded())
            except (ConnectionError, TimeoutError):
                return response
        return response


def _may_be_told(event: LiveEvent, terminal: str) -> bool:
    """Whether this says nothing of a customer, and of an operator's badge only before a known screen."""
    if event.kind in (Event.BEAT, Event.REFETCH):
        return True
    return bool(terminal) and event.kind == Event.SCAN and parse_json(event.data, dict).get("outcome") == "operator"
