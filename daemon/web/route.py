"""A route, what it is asked, what it answers: values that know nothing of HTTP's library."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from daemon.desk.premises import Call
from daemon.domain.change import Actor
from daemon.domain.ids import EntityId, parse_entity
from daemon.domain.role import Right
from daemon.errors import NotFound, OperatorMistake
from daemon.web.parts import WebParts


@dataclass(frozen=True, kw_only=True, slots=True)
class Param:
    """One parameter of the query string."""

    name: str
    text: str
    type: Literal["string", "integer"] = "string"
    minimum: int = 0
    maximum: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request, read and checked: who, what, under which key, on which version."""

    actor: Actor
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    present: frozenset[str] = frozenset()
    """The keys of the body that were there: null is not the same as absent in an edit."""
    raw: bytes = field(default=b"", repr=False)
    chunks: AsyncIterator[bytes] | None = field(default=None, repr=False)
    """The body of an upload, as it comes."""
    call: Call
    version: str = ""
    token: str = field(default="", repr=False)

    def id(self, name: str = "id") -> EntityId:
        """An id in the path; raises NotFound for what cannot be one."""
        found = parse_entity(self.path[name])
        if found is None:
            raise NotFound(f"{name}: an id is 16 hexadecimal digits", field=name)
        return found

    def number(self, name: str, default: int) -> int:
        """A number in the query; raises OperatorMistake."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise OperatorMistake(f"{name}: this is not a number", field=name)
        return int(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a route answers; the status is the route's own unless it says another."""

    body: object = None
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    cookie: str | None = field(default=None, repr=False)
    """A session's token to keep in the browser; empty removes it."""


Act = Callable[[WebParts, Asked], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One line of the API's table.

    `right` None: no actor is needed. `once`: an Idempotency-Key is required. `if_match`: a version is required.
    `body` None takes none; `bytes` takes any JSON as it is.
    """

    method: str
    path: str
    summary: str
    right: Right | None
    answer: Any
    act: Act
    body: Any = None
    optional: bool = False
    """The body may be left out."""
    status: int = 200
    also: tuple[int, ...] = ()
    once: bool = False
    if_match: bool = False
    query: tuple[Param, ...] = ()
    stream: bool = False
    upload: bool = False
    """The body is a file, taken as it comes: its length is bounded by who takes it, not by the bounds of a request."""
    media: str = "application/json"
    till: bool = False
    """Only where there is a counter: not at head office."""
    hub: bool = False
    """Only at head office."""
