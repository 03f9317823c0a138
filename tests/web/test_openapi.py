"""The description is true: every route is mounted and described, and strangers' requests break nothing."""

import asyncio
import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from daemon.web.api import PREFIX, ROUTES
from daemon.web.http import Application
from daemon.web.openapi import operation_id
from daemon.web.server import build_app
from tests.fakes.counter import Browser
from tests.web.conftest import description, hold_against_description


def test_every_route_is_described_once() -> None:
    paths = description()["paths"]
    described = [(method.upper(), path) for path, operations in paths.items() for method in operations]
    assert sorted(described) == sorted((route.method, route.path) for route in ROUTES)
    names = [operation_id(route) for route in ROUTES]
    assert len(set(names)) == len(names)


def test_every_writing_post_asks_for_a_key_and_says_why_not_otherwise() -> None:
    without = {f"{route.method} {route.path}" for route in ROUTES if route.method == "POST" and not route.once}
    assert without <= {
        "POST /identify",  # writes nothing
        "POST /scan",  # writes nothing
        "POST /visits/{id}/terms",  # writes nothing
        "POST /customers/{id}/sale-terms",  # writes nothing
        "POST /sessions",  # its answer is a secret, which is not kept
        "POST /approvals",  # likewise
        "POST /visits/{id}/proof",  # a PIN that is tried twice is two tries
        "POST /tills",  # likewise
        "POST /tills/{site}/revoke",  # twice is once
        "POST /tills/{site}/unfence",  # likewise
        "POST /tills/{site}/write-off",  # likewise
        "POST /tills/{site}/accept-audit",  # likewise
    }, without


async def test_every_route_of_the_table_is_mounted(browser: Browser) -> None:
    app: Application = build_app(browser.parts)
    mounted = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    assert mounted >= {(route.method, PREFIX + route.path) for route in ROUTES if not route.hub}


async def test_the_description_that_is_served_is_the_one_of_this_role(browser: Browser) -> None:
    served = (await browser.get("/openapi.json")).json
    assert served["openapi"] == "3.1.0"
    whole = description()["paths"]
    for path, methods in served["paths"].items():
        assert all(whole[path][method] == said for method, said in methods.items()), path
    assert served["paths"].keys() < whole.keys(), "head office's own calls are not a till's"


def test_every_reference_of_the_description_leads_somewhere() -> None:
    text = json.dumps(description())
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert referred <= description()["components"]["schemas"].keys()


def test_no_type_of_the_api_is_described_without_its_fields() -> None:
    for name, schema in description()["components"]["schemas"].items():
        assert schema.get("properties") is None or schema["additionalProperties"] is False, name


# What generated requests are sent to: everything but endless streams.
FUZZED = [route for route in ROUTES if not route.stream and not route.hub]


@pytest.mark.parametrize("route", FUZZED, ids=operation_id)
async def test_generated_requests_get_promised_answers(browser: Browser, route: Any) -> None:
    """Right and wrong requests made from the description: no crash, no answer that it does not promise."""
    await browser.counter.choose_walk_in()
    cases = await asyncio.to_thread(generate, route.method, route.path)
    for case in cases:
        status, raw, media = await send(browser, case)
        assert status != 500, f"{case.method} {case.path} crashed on {case.body!r} {case.query!r}"
        hold_against_description(route.method, route.path.replace("{", "").replace("}", ""), status, raw, media)


def generate(method: str, path: str) -> list[Any]:
    """A few requests for one operation, as described and otherwise; the same in every run."""
    operation = schemathesis.openapi.from_dict(description())[path][method]
    found: list[Any] = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        try:
            _collect(operation.as_strategy(generation_mode=mode), found)
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "every operation can be asked rightly"
    return found


def _collect(strategy: Any, found: list[Any]) -> None:
    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(case: Any) -> None:
        found.append(case)

    collect()


async def send(browser: Browser, case: Any) -> tuple[int, bytes, str]:
    arguments = case.as_transport_kwargs(base_url=browser.url + PREFIX)
    headers = {name: value for name, value in arguments.get("headers", {}).items() if _is_sendable(name, value)}
    headers |= {"Authorization": f"Bearer {browser.token}"}
    more: dict[str, Any] = {}
    if arguments.get("json") is not None:
        more["json"] = arguments["json"]
    params = {name: str(value) for name, value in (arguments.get("params") or {}).items()}
    async with browser.session.request(
        arguments["method"], arguments["url"], headers=headers, params=params, **more
    ) as response:
        return response.status, await response.read(), response.content_type


def _is_sendable(name: str, value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and value.isascii() and name.lower() not in {"host", "cookie"}
