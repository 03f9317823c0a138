"""What every desk works with, and the one way to write: a call that is sent twice happens once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from daemon.clock import Clock
from daemon.desk.customer_fields import Customs
from daemon.domain.change import Actor, ActorKind
from daemon.errors import NotFound, OperatorMistake
from daemon.store import idempotency
from daemon.store.database import Connection, Database
from daemon.store.replica import Replica
from daemon.typed import parse_json, to_json

T = TypeVar("T")


class Announce(Protocol):
    """Takes an event for whoever listens; never blocks and never raises."""

    def __call__(self, kind: str, data: object) -> None:
        """Tell that something happened; it is committed already."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Premises:
    """Where the desks are: one replica's database, its clock, its listeners, the chain's customs."""

    database: Database
    replica: Replica
    clock: Clock
    announce: Announce
    customs: Customs

    def now_ms(self) -> int:
        """The time, as head office has corrected it."""
        return self.clock.now_ms() + self.replica.timeline.offset_ms


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """Who asks for a change, and under which key (empty: none, the call is not repeated)."""

    actor: Actor
    key: str = ""
    fingerprint: bytes = b""
    """Hash of what was asked: the same key with another question is a mistake."""

    @property
    def who(self) -> str:
        """The owner of the key: two actors may use the same one."""
        return f"{int(self.actor.kind)}:{self.actor.id}"


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer and whether it was made now."""

    body: object
    fresh: bool


async def write_once(
    premises: Premises, call: Call, shape: type[T], act: Callable[[Connection], T], *, told: Callable[[T], None]
) -> T:
    """Run `act` in one durable transaction that also remembers its answer; `told` hears of a new one, after the commit.

    A repetition gets the remembered answer. Raises OperatorMistake when the key was used for another question.
    """
    now_ms = premises.clock.now_ms()

    def unit(conn: Connection) -> _Told:
        if not call.key:
            return _Told(act(conn), fresh=True)
        before = idempotency.recall(conn, call.who, call.key, now_ms=now_ms)
        if before is not None:
            return _Told(_repeated(before, call, shape), fresh=False)
        answer = act(conn)
        kept = idempotency.Remembered(call.fingerprint, to_json(answer))
        idempotency.remember(conn, call.who, call.key, kept, now_ms=now_ms)
        return _Told(answer, fresh=True)

    found = await premises.database.write(unit)
    assert isinstance(found.body, shape), "an answer is of the shape that its call promises"
    if found.fresh:
        told(found.body)
    return found.body


def _repeated(before: idempotency.Remembered, call: Call, shape: type[T]) -> T:
    if not before.body:
        raise NotFound("what was answered under this Idempotency-Key was erased with its customer")
    if before.fingerprint != call.fingerprint:
        raise OperatorMistake(
            "this Idempotency-Key was used for another request: take a new key for a new request",
            field="Idempotency-Key",
        )
    return parse_json(before.body, shape)


def author_of(actor: Actor) -> str:
    """Who stands beside a note or a consent."""
    return actor.id or ("system" if actor.kind == ActorKind.SYSTEM else "")
