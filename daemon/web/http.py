"""The door to aiohttp: what the other modules of this room (and the pages) take from it."""

from typing import Final

from aiohttp.abc import AbstractAccessLogger
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web import (
    AppKey,
    Application,
    AppRunner,
    HTTPBadRequest,
    HTTPException,
    HTTPForbidden,
    HTTPMisdirectedRequest,
    HTTPPreconditionRequired,
    HTTPRequestEntityTooLarge,
    HTTPRequestTimeout,
    HTTPSeeOther,
    HTTPUnsupportedMediaType,
    Request,
    RequestKey,
    Response,
    RouteDef,
    StreamResponse,
    TCPSite,
    UnixSite,
    get,
    middleware,
    post,
    static,
)

UPLOAD: Final = "upload"
"""The name of a page's route that takes a file: it may take longer than other answers."""

UPLOAD_CHUNK: Final = 64 * 1024

__all__ = [
    "UPLOAD",
    "UPLOAD_CHUNK",
    "AbstractAccessLogger",
    "AppKey",
    "AppRunner",
    "Application",
    "HTTPBadRequest",
    "HTTPException",
    "HTTPForbidden",
    "HTTPMisdirectedRequest",
    "HTTPPreconditionRequired",
    "HTTPRequestEntityTooLarge",
    "HTTPRequestTimeout",
    "HTTPSeeOther",
    "HTTPUnsupportedMediaType",
    "Handler",
    "Middleware",
    "Request",
    "RequestKey",
    "Response",
    "RouteDef",
    "StreamResponse",
    "TCPSite",
    "UnixSite",
    "get",
    "middleware",
    "post",
    "static",
]
