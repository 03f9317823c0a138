"""Errors as RFC 9457 says them: one sentence, the field at fault, never what was typed."""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from daemon.errors import (
    ComptoirError,
    Conflicting,
    DeviceFault,
    Forbidden,
    NoAnswer,
    NotFound,
    NotProved,
    OperatorMistake,
    Outdated,
    OutOfReach,
    PeerFault,
    StoreFault,
    Taken,
    TooSoon,
    Unidentified,
)
from daemon.typed import to_json
from daemon.web.http import HTTPException, Response

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What went wrong. `type` is for programs, `detail` for people; `owners`: who has the value already.

    `asked`: the proof of possession that would do (card, pin; new_pin: one is to be set first).
    """

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    owners: tuple[str, ...] | None = None
    asked: str | None = None
    request_id: str = ""


KINDS: tuple[tuple[type[ComptoirError], int, str, str], ...] = (
    # The first that fits; subclasses stand before what they refine.
    (Unidentified, 401, "unidentified", "Log in first"),
    (TooSoon, 429, "too-soon", "Too many wrong tries"),
    (NotProved, 403, "not-proved", "The customer has to prove more"),
    (Forbidden, 403, "forbidden", "Not allowed"),
    (NotFound, 404, "not-found", "Not here"),
    (Outdated, 412, "outdated", "Changed since it was read"),
    (Taken, 409, "taken", "Somebody else has this"),
    (Conflicting, 409, "conflict", "Not possible now"),
    (OperatorMistake, 422, "invalid", "The request is wrong"),
    (OutOfReach, 503, "out-of-reach", "No line to head office"),
    (NoAnswer, 504, "no-answer", "Head office does not answer in time"),
    (PeerFault, 502, "peer", "Head office does not answer"),
    (DeviceFault, 503, "device", "A device does not answer"),
    (StoreFault, 503, "store", "The disk refuses"),
    (ComptoirError, 500, "fault", "Something went wrong"),
)

_TITLES: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be read"),
    403: ("forbidden", "Not allowed"),
    404: ("no-route", "No such address"),
    405: ("no-method", "No such method here"),
    408: ("slow-request", "The request took too long to arrive"),
    413: ("too-large", "The request is too large"),
    415: ("not-json", "The request is not JSON"),
    421: ("wrong-host", "Not this host"),
    428: ("no-version", "A version is required"),
    503: ("slow-answer", "The answer took too long"),
}


def problem_of(error: ComptoirError, request_id: str) -> Response:
    """The answer to an error that was raised on purpose."""
    status, kind, title = next((status, kind, title) for cls, status, kind, title in KINDS if isinstance(error, cls))
    headers: dict[str, str] = {}
    if isinstance(error, Unidentified):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooSoon):
        headers["Retry-After"] = str(-(-error.wait_ms // 1000))
    problem = Problem(
        type=f"urn:comptoir:{kind}",
        title=title,
        status=status,
        detail=str(error),
        field=(error.field or None) if isinstance(error, OperatorMistake) else None,
        owners=error.owners if isinstance(error, Taken) else None,
        asked=(error.asked or None) if isinstance(error, NotProved) else None,
        request_id=request_id,
    )
    return _response(problem, headers)


def problem_of_http(error: HTTPException, request_id: str) -> Response:
    """The answer to a refusal of HTTP itself; its text is our sentence, or the library's for its own."""
    detail = error.text if error.text and not error.text.startswith(f"{error.status}:") else error.reason
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return refusal(error.status, detail or "", request_id, headers=headers)


def refusal(status: int, detail: str, request_id: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal by status."""
    kind, title = _TITLES.get(status, ("http", "The request was refused"))
    problem = Problem(type=f"urn:comptoir:{kind}", title=title, status=status, detail=detail, request_id=request_id)
    return _response(problem, headers or {})


def crash(error: Exception, request_id: str, *, route: str) -> Response:
    """The answer to a fault of ours. The log gets the kind and the places, never the message: it may quote a person."""
    places = " < ".join(
        f"{frame.name} {frame.filename}:{frame.lineno}"
        for frame in reversed(traceback.extract_tb(error.__traceback__)[-8:])
    )
    log.error("%s failed with %s [%s]: %s", route, type(error).__qualname__, request_id, places)
    problem = Problem(
        type="urn:comptoir:fault",
        title="Something went wrong",
        status=500,
        detail="The daemon met a fault of its own; it is in its log under this request id.",
        request_id=request_id,
    )
    return _response(problem, {})


def _response(problem: Problem, headers: Mapping[str, str]) -> Response:
    return Response(body=to_json(problem), status=problem.status, headers=headers, content_type=MEDIA)
