"""Who calls: a bearer token, a session cookie with its form token, or the owner of the unix socket.

And at which screen: a browser where an operator logged in with a PIN keeps a sealed cookie that says so.
"""

import hmac
import os
import socket
import struct
from dataclasses import dataclass, field
from typing import Final

from daemon.clock import random_id
from daemon.domain.change import Actor
from daemon.errors import Forbidden, Unidentified
from daemon.web.http import Request, Response
from daemon.web.parts import WebParts

COOKIE: Final = "comptoir_session"
TERMINAL_COOKIE: Final = "comptoir_screen"
TERMINAL_KEPT_S: Final = 400 * 24 * 3600
"""As long as browsers keep a cookie at all; each log-in begins it anew."""
FORM_HEADER: Final = "X-Comptoir-Token"
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PEER: Final = struct.Struct("3i")


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who calls, and the token that says so (empty for the owner of the socket)."""

    actor: Actor
    token: str = field(default="", repr=False)


async def caller_of(request: Request, parts: WebParts) -> Caller:
    """Who calls; raises Unidentified, and Forbidden for a cookie without its form token."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unidentified("the Authorization header is not of the form: Bearer TOKEN")
        return Caller(actor=await parts.desks.operators.actor_of(token.strip()), token=token.strip())
    token = request.cookies.get(cookie_name(parts), "")
    if token:
        if request.method not in _READING and not is_form_token(request.headers.get(FORM_HEADER, ""), token, parts):
            raise Forbidden(f"the header {FORM_HEADER} of this session is missing or wrong", field=FORM_HEADER)
        return Caller(actor=await parts.desks.operators.actor_of(token), token=token)
    uid = owner_uid(request)
    if uid is not None:
        return Caller(actor=parts.desks.operators.owner(uid))
    raise Unidentified("log in, or send a token: Authorization: Bearer TOKEN")


def form_token(token: str, parts: WebParts) -> str:
    """What forms and scripts of a session's pages send in `X-Comptoir-Token`: another site cannot know it."""
    return hmac.digest(parts.secret, b"form\x00" + token.encode("utf-8", "surrogatepass"), "sha256").hex()


def is_form_token(given: str, token: str, parts: WebParts) -> bool:
    """Whether a form token belongs to a session, in a time that does not tell how nearly."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), form_token(token, parts).encode())


def cookie_name(parts: WebParts) -> str:
    """The session's cookie, by daemon: browsers share cookies between the ports of one host."""
    return f"{COOKIE}_{hmac.digest(parts.secret, b'cookie', 'sha256').hex()[:8]}"


def keep_session(response: Response, token: str, parts: WebParts) -> None:
    """Leave a session in the browser, out of reach of scripts and of other sites; an empty token removes it."""
    if token:
        response.set_cookie(cookie_name(parts), token, httponly=True, samesite="Strict", path="/")
    else:
        response.del_cookie(cookie_name(parts), httponly=True, samesite="Strict", path="/")


def terminal_of(request: Request, parts: WebParts) -> str:
    """The known screen that calls; empty for any other, such as a program that never heard a PIN."""
    given = request.cookies.get(_terminal_cookie(parts), "")
    id_, _, rest = given.partition(".")
    made_s, _, _ = rest.partition(".")
    if not (made_s.isascii() and made_s.isdecimal() and len(made_s) < 16):
        return ""
    genuine = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), _terminal(id_, int(made_s), parts).encode())
    return id_ if genuine and parts.clock.now_ms() // 1000 - int(made_s) < TERMINAL_KEPT_S else ""


def keep_terminal(request: Request, response: Response, parts: WebParts) -> None:
    """Know this screen from now on: an operator has logged in at it, so that a badge may do so the next time."""
    id_ = terminal_of(request, parts) or random_id().hex()
    value = _terminal(id_, parts.clock.now_ms() // 1000, parts)
    name = _terminal_cookie(parts)
    response.set_cookie(name, value, httponly=True, samesite="Strict", path="/", max_age=TERMINAL_KEPT_S)


def _terminal(id_: str, made_s: int, parts: WebParts) -> str:
    said = f"{id_}.{made_s}"
    return f"{said}.{hmac.digest(parts.secret, b'screen' + said.encode('utf-8', 'surrogatepass'), 'sha256').hex()}"


def _terminal_cookie(parts: WebParts) -> str:
    return f"{TERMINAL_COOKIE}_{cookie_name(parts).rpartition('_')[2]}"


def is_local_socket(request: Request) -> bool:
    """Whether the call came over the unix socket."""
    found = _socket(request)
    return found is not None and found.family == socket.AF_UNIX


def owner_uid(request: Request) -> int | None:
    """The user at the other end of the unix socket, if it is the daemon's own or root."""
    found = _socket(request)
    if found is None or found.family != socket.AF_UNIX:
        return None
    _, uid, _ = _PEER.unpack(found.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return uid if uid in (0, os.geteuid()) else None


def _socket(request: Request) -> socket.socket | None:
    transport = request.transport
    found: socket.socket | None = transport.get_extra_info("socket") if transport is not None else None
    return found
