"""Builds the application and serves it: on TCP (loopback unless configured otherwise) and on a unix socket."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext

from typing_extensions import override

from daemon.errors import OperatorMistake
from daemon.web.api import PREFIX, routes_of
from daemon.web.dispatch import handler_of
from daemon.web.guard import STREAMED, add_headers, guards
from daemon.web.http import UPLOAD, Application, AppRunner, TCPSite, UnixSite
from daemon.web.parts import WebParts

SOCKET_MODE = 0o660
STOPPING_S = 3.0
LINGERING_S = 0.5
"""How long the rest of a refused body is still taken, so that its sender reads the refusal and not a broken line."""


class _WithoutPersons(logging.Filter):
    """The library's own log quotes requests that it cannot read: keep the kind of error, drop the quotation."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0] is not None:
            record.msg, record.args = f"a request could not be served: {record.exc_info[0].__qualname__}", ()
            record.exc_info = record.exc_text = None
        return True


_protocol_log = logging.getLogger("daemon.web.protocol")
_protocol_log.addFilter(_WithoutPersons())


@dataclass(frozen=True, kw_only=True, slots=True)
class Listening:
    """Where to listen. `port` 0 takes a free one; without a host, or without a socket, there is none."""

    host: str = "127.0.0.1"
    port: int = 0
    socket: Path | None = None
    tls: SSLContext | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """Where it is listening; port 0 where there is no TCP."""

    host: str
    port: int
    socket: Path | None

    @property
    def url(self) -> str:
        """The address of the pages and, under /api/v1, of the API."""
        return f"http://{self.host}:{self.port}"


def build_app(parts: WebParts) -> Application:
    """The application of a till or of head office: the same API, with lanes or with a roster."""
    parts.live.count_with(parts.metrics.count_event)
    app = Application(middlewares=guards(parts), client_max_size=parts.limits.body_bytes_max)
    routes, pages = routes_of(parts), list(parts.pages)
    uploads = (page.path for page in pages if page.kwargs.get("name") == UPLOAD)
    app[STREAMED] = frozenset([PREFIX + route.path for route in routes if route.stream or route.upload]).union(uploads)
    for route in routes:
        app.router.add_route(route.method, PREFIX + route.path, handler_of(route, parts))
    app.router.add_routes(pages)
    app.on_response_prepare.append(add_headers)

    async def let_listeners_go(_: Application) -> None:
        parts.live.close()

    app.on_shutdown.append(let_listeners_go)
    return app


@asynccontextmanager
async def serve(app: Application, where: Listening) -> AsyncIterator[Served]:
    """Serve until the block ends; raises OperatorMistake for an address that cannot be had."""
    runner = AppRunner(
        app, access_log=None, logger=_protocol_log, shutdown_timeout=STOPPING_S, lingering_time=LINGERING_S
    )
    await runner.setup()
    try:
        port = 0
        if where.host:
            port = await _listen_tcp(runner, where)
        if where.socket is not None:
            await _listen_unix(runner, where.socket)
        yield Served(host=where.host, port=port, socket=where.socket)
    finally:
        await runner.cleanup()


async def _listen_tcp(runner: AppRunner, where: Listening) -> int:
    try:
        await TCPSite(runner, where.host, where.port, ssl_context=where.tls, reuse_address=True).start()
    except OSError as refused:
        raise OperatorMistake(
            f"web.port: {where.host}:{where.port} cannot be had: {refused.strerror}", field="web.port"
        ) from refused
    return int(runner.addresses[0][1])


async def _listen_unix(runner: AppRunner, path: Path) -> None:
    """Open the socket to its owner and group only, from its first moment."""
    import os

    before = os.umask(0o777 & ~SOCKET_MODE)
    try:
        await UnixSite(runner, path).start()
    except OSError as refused:
        raise OperatorMistake(f"web.socket: {path} cannot be had: {refused.strerror}", field="web.socket") from refused
    finally:
        os.umask(before)
