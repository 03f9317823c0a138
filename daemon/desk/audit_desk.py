"""Shows the audit trail of this machine."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from daemon.desk import instant
from daemon.desk.customer_parts import text_of
from daemon.desk.premises import Premises
from daemon.domain.audit import Act
from daemon.domain.author import system_user
from daemon.domain.change import ActorKind
from daemon.domain.ids import parse_entity
from daemon.store import audit, operators
from daemon.store.database import Connection

ACTS_MAX: Final = 200
"""Acts of one answer."""

PAUSE_S: Final = 1.0
REST_S: Final = 24 * 3600.0

_NAME: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ActShown:
    """One act. `actor` is an operator's name, a program's, or a user of the machine; `about` the hash of an id."""

    number: int
    at: str
    actor: str
    role: str
    shop: int
    what: str
    about: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailShown:
    """Some acts, newest first; `before` asks for those before them, None where there are none. `last`: the newest."""

    last: int
    acts: tuple[ActShown, ...]
    before: int | None


class AuditDesk:
    """Where the audit trail is read; it is written where acts are saved."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def trail(self, *, before: int | None = None, limit: int = 50) -> TrailShown:
        """The newest acts before a number."""
        count = max(1, min(limit, ACTS_MAX))

        def unit(conn: Connection) -> TrailShown:
            last = audit.end(conn).n
            start = last + 1 if before is None else before
            acts = audit.acts_before(conn, start, limit=count + 1)
            shown, more = acts[:count], len(acts) > count
            names: dict[str, str] = {}
            told = tuple(_shown(act, _actor_of(conn, act, names)) for act in shown)
            return TrailShown(last=last, acts=told, before=shown[-1].n if more else None)

        return await self._premises.database.read(unit)

    async def tend(self) -> None:
        """Let go of acts that are older than `audit.KEPT_MS`, a little at a time; for ever."""
        clock = self._premises.clock
        while True:
            forgotten = await self._premises.database.write_in_turn(partial(audit.forget_old, now_ms=clock.now_ms()))
            await clock.sleep(PAUSE_S if forgotten else REST_S)


def _shown(act: Act, actor: str) -> ActShown:
    return ActShown(
        number=act.n,
        at=instant.shown(act.at_ms),
        actor=actor,
        role=act.actor.role,
        shop=act.actor.shop,
        what=act.what,
        about=act.about.hex(),
    )


def _actor_of(conn: Connection, act: Act, names: dict[str, str]) -> str:
    """Who acted, as people know them."""
    who = act.actor
    if who.kind != ActorKind.OPERATOR:
        return system_user(who.id) or who.id or "comptoir"
    if who.id not in names:
        id_ = parse_entity(who.id)
        row = operators.operator(conn, id_) if id_ is not None else None
        names[who.id] = (text_of(row.fields.get(_NAME)) if row is not None else "") or who.id
    return names[who.id]
