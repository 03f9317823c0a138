"""Bodies of HTTP requests: every route's type, and for customers what the desk decides from it."""

import json
from typing import Any

from daemon.desk.customer_fields import Customs
from daemon.desk.edit import Author, CustomerEdit, NewCustomer, NewIds, decide_creation, decide_edit
from daemon.desk.members import NewAddress, NewCard, NewNote, NewTag, add_address, add_card, add_note, add_tags
from daemon.domain import policy
from daemon.domain.canonical import check_plain
from daemon.domain.change import RECORD_BYTES_MAX, Actor, ActorKind, Operation, encode_operation, read_operation
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.errors import ComptoirError
from daemon.web.api import ROUTES
from daemon.web.dispatch import _body
from daemon.web.http import HTTPException
from daemon.web.route import Route
from tests.fakes.chance import Random
from tests.fuzz.mutation import changed, damaged
from tests.fuzz.parser import Parser

BODIES: tuple[Route, ...] = tuple(
    route for route in ROUTES if route.body is not None and route.body is not bytes and route.method != "GET"
)
PERSON: dict[str, Any] = {
    "first_name": "Hélène",
    "last_name": "Lefèvre",
    "email": "helene@example.org",
    "mobile": "06 39 98 00 12",
    "birthday": "1984-03-12",
    "address": {"line1": "1 rue Haute", "postal_code": "44000", "city": "Nantes"},
    "tags": ["vip"],
    "consents": {"sms": {"state": "granted", "date": "2026-01-02T03:04:05Z"}},
}
COMPANY: dict[str, Any] = {
    "kind": "company",
    "company_name": "Dupont",
    "siret": "73282932000074",
    "vat_number": "FR44732829320",
}
MORE: dict[str, Any] = {"cards": ["29000123"], "notes": [{"text": "calls back", "show_at_till": True}]}
BY_SHAPE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("NewCustomer", PERSON | MORE),
    ("NewCustomer", COMPANY),
    ("CustomerEdit", PERSON),
    ("CustomerEdit", COMPANY),
    ("CustomerEdit", {"archived": True, "blocked": False, "blocked_reason": "x", "tags": [], "civility": None}),
    ("NewCard", {"number": "29000123", "medium": "badge", "move": False}),
    ("CardEdit", {"state": "lost", "blocked": True, "reason": "x"}),
    ("NewNote", {"text": "calls back", "show_at_till": False}),
    ("NoteEdit", {"text": "called", "done": True}),
    ("NewTag", {"tag": "a, b"}),
    ("NewAddress", {"address": {"line1": "2 rue Basse", "postal_code": "97400", "country": "RE"}, "main": True}),
    ("Question", {"code": "C1", "card": "29000123", "email": "x@example.org", "phone": "0639980012"}),
    ("Tap", {"code": "29000123", "device": "douchette"}),
    ("NewOperator", {"display_name": "Anne", "role": "cashier", "pin": "2580", "badge": "OP-1"}),
    ("NewTill", {"shop": 1, "label": "Caisse 1"}),
)
SEEDS = tuple(
    (next(at for at, route in enumerate(BODIES) if getattr(route.body, "__name__", "") == shape), body)
    for shape, body in BY_SHAPE
)
SPARE = tuple(body for _, body in BY_SHAPE)
HERE = Element(Kind.CUSTOMER, bytes(8), b"", (1, 2, 3), {2: ("Anne", "Petit"), 7: "C1"})
CUSTOMS = Customs(card_prefixes=("29",))
AUTHOR = Author(actor=Actor(ActorKind.OPERATOR, "op1", "manager", 1), now_ms=1_790_000_000_000)


class _Json:
    """What a request says of its body."""

    content_type = "application/json"


def make(chance: Random) -> bytes:
    """A byte that chooses the route, then JSON."""
    value: Any
    route, value = chance.choice(SEEDS)
    if chance.random() < 0.1:
        route = chance.randrange(len(BODIES))
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        value = changed(chance, value, SPARE)
    try:
        raw = json.dumps(_sayable(value), ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, RecursionError):
        raw = chance.choice((b"[" * 100_000, b'{"a":' * 5000, b"\xff", b"", b"NaN", b'{"text":1e999}', b"9" * 5000))
    if chance.random() < 0.1:
        raw = damaged(chance, raw)
    return bytes((route,)) + raw


def _sayable(value: Any) -> Any:
    """Bytes and tuples as JSON has them."""
    if isinstance(value, dict):
        return {str(key): _sayable(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_sayable(part) for part in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def check(raw: bytes) -> str:
    """Refused as a request is; or what the desk makes of it can be sent, or is refused in a sentence."""
    route = BODIES[raw[0] % len(BODIES)]
    try:
        body, present = _body(_Json(), route, raw[1:])  # type: ignore[arg-type]  # all of a request that is asked for
        for operation in _decided(body, present):
            packed = encode_operation(operation)
            assert len(packed) <= RECORD_BYTES_MAX, "more than a record may hold"
            check_plain(dict(operation.fields), "an operation of ours")
            assert read_operation(packed) == operation, "an operation that reads back otherwise"
    except HTTPException as refused:
        return f"{refused.status}"
    except ComptoirError as refused:
        return type(refused).__name__
    return "accepted"


def _decided(body: Any, present: frozenset[str]) -> list[Operation]:
    match body:
        case NewCustomer():
            required = policy.required_of(None)
            ids = NewIds(customer=EntityId(bytes(8)), code="C2")
            return decide_creation(body, ids, required=required, author=AUTHOR, customs=CUSTOMS)
        case CustomerEdit():
            return decide_edit(body, present, [HERE], author=AUTHOR, customs=CUSTOMS)
        case NewCard():
            return add_card([HERE], body, AUTHOR.now_ms, CUSTOMS)
        case NewNote():
            return add_note([HERE], body, "op1", AUTHOR.now_ms)
        case NewTag():
            return add_tags([HERE], body)
        case NewAddress():
            return add_address([HERE], body)
        case _:
            return []


BODY = Parser(name="bodies", make=make, check=check)
