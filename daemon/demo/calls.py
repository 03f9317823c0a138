"""Calls the API of a role over its unix socket: as the owner of this machine, or with the token of a session.

HTTP/1.0: one connection a call, whose end is the end of the answer.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from daemon.clock import random_bytes
from daemon.errors import NotRunning, PeerFault, Refusal

ROOT: Final = "/api/v1"
ANSWER_S_MAX: Final = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back; `version` is what an edit names (ETag)."""

    body: Any = field(repr=False)
    version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """One role, called by one caller."""

    name: str
    socket: Path
    token: str = field(default="", repr=False)

    def speaking_as(self, token: str) -> "Api":
        """The same role, called with another token."""
        return replace(self, token=token)

    async def get(self, path: str, /, **query: str | int) -> Answer:
        """What stands at `path`; raises NotRunning, PeerFault, Refusal with the role's own sentence."""
        return await self._call("GET", f"{path}?{urlencode(query)}" if query else path)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Do something, once."""
        return await self._call("POST", path, body or {}, {"Idempotency-Key": random_bytes(12).hex()})

    async def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Make something be so."""
        return await self._call("PUT", path, body)

    async def patch(self, path: str, body: Mapping[str, Any], *, version: str) -> Answer:
        """Change what is still at `version`."""
        return await self._call("PATCH", path, body, {"If-Match": version})

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
        """(kind, data) of each live event from now on; the stream is open when the block begins."""
        async with self._connected() as (reader, writer):
            writer.write(self._request("GET", "/events", b"", {"Accept": "text/event-stream"}))
            async with asyncio.timeout(ANSWER_S_MAX):
                await self._status_and_headers(reader)
                await reader.readuntil(b"\n\n")  # the greeting: from here on nothing is missed
            async with aclosing(_parsed(reader)) as events:
                yield events

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            async with asyncio.timeout(ANSWER_S_MAX), self._connected() as (reader, writer):
                writer.write(self._request(method, path, raw, headers or {}))
                status, found = await self._status_and_headers(reader)
                answer = await reader.read()
        except TimeoutError as late:
            raise PeerFault(f"{self.name} does not answer within {ANSWER_S_MAX:.0f} s") from late
        except (ConnectionError, asyncio.IncompleteReadError) as lost:
            raise NotRunning(f"{self.name} hung up") from lost
        body_found = json.loads(answer) if answer else None
        if status >= HTTPStatus.BAD_REQUEST:
            sentence = body_found.get("detail") if isinstance(body_found, dict) else None
            raise Refusal(str(sentence or f"{self.name} answers {status}"), status=status, problem=body_found or {})
        return Answer(body=body_found, version=found.get("etag", ""))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.socket))
        except OSError as absent:
            raise NotRunning(f"{self.name} does not run") from absent
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    def _request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {ROOT}{path} HTTP/1.0", "Host: localhost", f"Content-Length: {len(body)}"]
        if body:
            lines.append("Content-Type: application/json")
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def _status_and_headers(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.strip().split("\r\n")
        pairs = (line.partition(":") for line in rest)
        return int(first.split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _parsed(reader: asyncio.StreamReader) -> AsyncGenerator[tuple[str, Any], None]:
    """Server-sent events; comments, ids and the pause are not of interest here."""
    kind = ""
    while line := await reader.readline():
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)
