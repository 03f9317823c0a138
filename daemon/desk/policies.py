"""The policies of the chain: shown everywhere with their origin, set at head office."""

from dataclasses import dataclass
from typing import Any, Literal

from daemon.desk import instant
from daemon.desk.events import Event
from daemon.desk.lookup import operator_names
from daemon.desk.premises import Call, Premises, write_once
from daemon.desk.setting_up import say
from daemon.domain import policy_book
from daemon.domain.author import system_user
from daemon.domain.hlc import ms_of
from daemon.domain.policy import VALUE, text_of
from daemon.errors import Forbidden
from daemon.store import authoring as store
from daemon.store import customers
from daemon.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A policy as it holds here. `origin`: `head_office` since when and by whom, or the program's own `default`."""

    name: str
    about: str
    shop: int
    value: Any
    origin: Literal["head_office", "default"]
    since: str | None
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyEdit:
    """What a policy is to say; null for its default where it has one that says nothing."""

    value: Any = None


class PolicyDesk:
    """Where policies are read and set."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def all(self, *, shop: int = 0) -> tuple[Policy, ...]:
        """Every policy; with a shop, as it holds there."""

        def unit(conn: Connection) -> tuple[Policy, ...]:
            return tuple(shown(conn, name, shop) for name in sorted(policy_book.POLICIES))

        return await self._premises.database.read(unit)

    async def one(self, name: str, *, shop: int = 0) -> Policy:
        """One policy; raises NotFound."""
        policy_book.shape_of(name)
        return await self._premises.database.read(lambda conn: shown(conn, name, shop))

    async def put(self, call: Call, name: str, given: PolicyEdit, *, shop: int = 0) -> Policy:
        """Set a policy of the chain, or of one shop; raises NotFound, Forbidden at a till, OperatorMistake."""
        shape = policy_book.shape_of(name)
        if not self._premises.replica.identity.is_hub:
            raise Forbidden("policies are set at head office; a till obeys the last ones that it heard")
        row_name = policy_book.row_name(shape, shop)
        text, now_ms = policy_book.text_from(shape, given.value), self._premises.clock.now_ms()

        def unit(conn: Connection) -> Policy:
            row = customers.policy(conn, row_name)
            if text_of(row) != text:
                store.commit(conn, self._premises.replica, call.actor, [say(row, row_name, text)], now_ms=now_ms)
            return shown(conn, name, shop)

        return await write_once(self._premises, call, Policy, unit, told=self._tell)

    def _tell(self, found: Policy) -> None:
        self._premises.announce(Event.REPLICATION, {"policy": found.name})


def shown(conn: Connection, name: str, shop: int) -> Policy:
    """A policy as it holds in a shop: the shop's own, else the chain's, else the default."""
    shape = policy_book.POLICIES[name]
    names = [f"{name}/{shop}", name] if shop and shape.per_shop else [name]
    row, at = None, 0
    for one in names:
        found = customers.policy(conn, one)
        if text_of(found):
            row, at = found, shop if one != name else 0
            break
    said = row.stamp(VALUE) if row is not None else None
    actor = customers.authors(conn, [said]).get(said, "") if said is not None else ""
    return Policy(
        name=name,
        about=shape.about,
        shop=at,
        value=policy_book.value_of(name, row),
        origin="default" if said is None else "head_office",
        since=instant.shown(ms_of(said)) if said is not None else None,
        by=operator_names(conn).get(actor, system_user(actor) or actor),
    )


def value(conn: Connection, name: str) -> Any:
    """What a policy of the chain says."""
    return policy_book.value_of(name, customers.policy(conn, name))
