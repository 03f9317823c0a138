"""Every error of the tree has its answer."""

import json
import logging
from typing import Any

import pytest

from daemon import errors
from daemon.errors import (
    ComptoirError,
    Conflicting,
    DeviceAbsent,
    DeviceFault,
    Forbidden,
    NotFound,
    OperatorMistake,
    Outdated,
    PeerFault,
    StoreFault,
    Taken,
    TooSoon,
    Unidentified,
)
from daemon.web.http import HTTPBadRequest, HTTPForbidden
from daemon.web.problems import KINDS, crash, problem_of, problem_of_http

CASES = [
    (OperatorMistake("wrong", field="email"), 422, "invalid"),
    (NotFound("gone"), 404, "not-found"),
    (Conflicting("later"), 409, "conflict"),
    (Outdated("old"), 412, "outdated"),
    (Taken("taken", field="code", owners=("aa",)), 409, "taken"),
    (Unidentified("who"), 401, "unidentified"),
    (Forbidden("no"), 403, "forbidden"),
    (TooSoon("wait", wait_ms=1500), 429, "too-soon"),
    (PeerFault("peer"), 502, "peer"),
    (DeviceFault("device"), 503, "device"),
    (DeviceAbsent("absent"), 503, "device"),
    (StoreFault("full"), 503, "store"),
    (ComptoirError("something"), 500, "fault"),
]


@pytest.mark.parametrize(("error", "status", "kind"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_error_is_answered_by_whose_fault_it_is(error: ComptoirError, status: int, kind: str) -> None:
    response = problem_of(error, "id-1")
    problem = _read(response)
    assert (response.status, problem["status"], problem["type"]) == (status, status, f"urn:comptoir:{kind}")
    assert (problem["detail"], problem["request_id"]) == (str(error), "id-1")
    assert response.content_type == "application/problem+json"


def test_every_error_of_the_tree_has_a_line_of_its_own_or_its_parents() -> None:
    tree = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ComptoirError)}
    assert {cls for cls, _, _, _ in KINDS} <= tree
    assert all(any(issubclass(one, cls) for cls, _, _, _ in KINDS) for one in tree)
    before = {cls: at for at, (cls, _, _, _) in enumerate(KINDS)}
    for cls, at in before.items():
        assert all(before[parent] > at for parent in cls.__mro__[1:] if parent in before), f"{cls} is never reached"


def test_a_problem_names_the_field_the_owners_and_when_to_come_back() -> None:
    assert _read(problem_of(CASES[0][0], ""))["field"] == "email"
    assert _read(problem_of(CASES[4][0], ""))["owners"] == ["aa"]
    assert problem_of(CASES[7][0], "").headers["Retry-After"] == "2"
    assert problem_of(CASES[5][0], "").headers["WWW-Authenticate"] == "Bearer"


def test_a_refusal_of_http_keeps_our_sentence_or_its_reason() -> None:
    assert _read(problem_of_http(HTTPForbidden(text="not from there"), ""))["detail"] == "not from there"
    assert _read(problem_of_http(HTTPBadRequest(), ""))["detail"] == "Bad Request"


def test_a_fault_of_ours_tells_places_and_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    with pytest.raises(ValueError) as raised:
        int("paul@example.org")
    problem = _read(crash(raised.value, "id-1", route="GET /x"))
    assert "ValueError" in caplog.text
    assert "test_problems.py" in caplog.text
    assert "paul" not in caplog.text + json.dumps(problem)


def _read(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.body)
    return found
