"""Describes the API from its table of routes: OpenAPI 3.1, with the JSON Schemas of the very types that are parsed."""

import re
from collections.abc import Sequence
from typing import Any

from daemon.domain.role import roles_with
from daemon.typed import schemas
from daemon.web.problems import MEDIA, Problem
from daemon.web.route import Route

_IN_PATH = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{name}"


def describe(routes: Sequence[Route], *, version: str, cookie: str) -> dict[str, Any]:
    """The OpenAPI document of these routes; `cookie` is the name of this daemon's session."""
    shapes = _shapes(routes)
    found, components = schemas(shapes, _REF)
    known = dict(zip((repr(shape) for shape in shapes), found, strict=True))
    for component in components.values():
        if component.get("type") == "object" and "properties" in component:
            component["additionalProperties"] = False
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Comptoir",
            "version": version or "0",
            "description": "Customers, cards and visits of a chain, on this machine.",
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
            },
        },
    }


def _shapes(routes: Sequence[Route]) -> list[Any]:
    used = [shape for route in routes for shape in (route.body, route.answer)]
    wanted = {repr(shape): shape for shape in [*used, Problem] if shape is not None and shape is not bytes}
    return list(wanted.values())


def _operation(route: Route, known: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": _responses(route, known),
        "security": [{"bearer": []}, {"session": []}] if route.right is not None else [],
    }
    if route.right is not None:
        roles = ", ".join(role.value for role in roles_with(route.right))
        described["description"] = f"Right: {route.right.value} (roles: {roles})."
    if route.upload:
        schema = {"type": "string", "format": "binary"}
        described["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": schema}}}
    elif route.body is not None:
        schema = {} if route.body is bytes else known[repr(route.body)]
        described["requestBody"] = {
            "required": not route.optional,
            "content": {"application/json": {"schema": schema}},
        }
    return described


def operation_id(route: Route) -> str:
    """`post_customers_id_cards`: unique, since method and path are."""
    words = re.sub(r"[^a-z0-9]+", "_", route.path.lower()).strip("_")
    return f"{route.method.lower()}_{words}"


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(name)}
        for name in _IN_PATH.findall(route.path)
    ]
    for param in route.query:
        schema: dict[str, Any] = {"type": param.type}
        if param.type == "integer":
            schema |= {"minimum": param.minimum, "maximum": param.maximum}
        found.append({"name": param.name, "in": "query", "description": param.text, "schema": schema})
    if route.method in {"POST", "PATCH", "PUT", "DELETE"} and route.right is not None:
        schema = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": route.once, "schema": schema})
    if route.if_match:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "pattern": '^"[0-9a-f]{16}"$'},
            }
        )
    if route.stream:
        found.append({"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}})
    return found


def _path_schema(name: str) -> dict[str, Any]:
    if name in {"id", "member"}:
        return {"type": "string", "pattern": "^[0-9a-f]{16}$"}
    return {"type": "string", "minLength": 1, "maxLength": 64}


def _responses(route: Route, known: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if route.answer is bytes:
        content = {
            "content": {route.media: {"schema": {} if route.media == "application/json" else {"type": "string"}}}
        }
    elif route.answer is not None:
        content = {"content": {route.media: {"schema": known[repr(route.answer)]}}}
    answers = {str(status): {"description": route.summary, **content} for status in (route.status, *route.also)}
    answers["default"] = {"description": "A problem.", "content": {MEDIA: {"schema": known[repr(Problem)]}}}
    return answers
