"""A served till for each test: real HTTP, real SQLite; every answer is held against the API's own description."""

import json
import re
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from daemon.typed import to_json
from daemon.web.api import ROUTES
from daemon.web.openapi import describe
from daemon.web.problems import MEDIA
from tests.fakes.counter import Browser, Counter, open_browser, open_counter


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(describe(ROUTES, version="test", cookie="session")))
    return found


@cache
def validator(reference: str) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads(reference)
    return jsonschema_rs.Draft202012Validator({**schema, "components": description()["components"]})


def hold_against_description(method: str, path: str, status: int, raw: bytes, media: str) -> None:
    """Fail for an answer that the description does not promise."""
    bare = path.partition("?")[0]
    operation = next(
        operations[method.lower()]
        for template, operations in description()["paths"].items()
        if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), bare)
    )
    promised = operation["responses"].get(str(status))
    if promised is None:
        assert status >= 400, f"{method} {path} answers {status}, which its description does not promise"
        promised = operation["responses"]["default"]
    if "content" not in promised:
        assert raw == b"", f"{method} {path} {status} answers a body, its description promises none"
        return
    assert media in promised["content"], f"{method} {path} {status} answers {media}"
    if media in {"application/json", MEDIA}:
        validator(json.dumps(promised["content"][media]["schema"])).validate(json.loads(raw))


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


@pytest.fixture
async def browser(counter: Counter) -> AsyncIterator[Browser]:
    async with open_browser(counter) as found:
        found.validate = hold_against_description
        yield found


@pytest.fixture
def serving(counter: Counter) -> Callable[..., Any]:
    """Serve the counter otherwise than `browser` does: `async with serving(limits=...) as browser`."""

    def serve(**parts: Any) -> Any:
        return open_browser(counter, **parts)

    return serve
