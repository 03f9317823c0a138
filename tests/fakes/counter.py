"""A replica with its desks and its HTTP, on a real database file: what tests of the counter stand on."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp

from daemon.clock import random_id
from daemon.desk.customer_fields import Customs
from daemon.desk.desks import Desks, furnish
from daemon.desk.premises import Call, Premises
from daemon.desk.setting_up import NewApplication, NewOperator, WalkInChoice
from daemon.domain import audit
from daemon.domain.change import Actor, ActorKind
from daemon.domain.ids import HUB_SITE
from daemon.domain.role import Role
from daemon.store.database import Database, open_database
from daemon.store.replica import Identity, Replica, read_identity, write_identity
from daemon.web.live import Live
from daemon.web.parts import Limits, WebParts
from daemon.web.server import Listening, Served, build_app, serve

PIN_KEY = b"k" * 32
AUDIT_KEY = audit.key_from(PIN_KEY)
OWNER = Actor(ActorKind.APPLICATION, "test", Role.OWNER, 7)
START_MS = 1_760_000_000_000
API = "/api/v1"


@dataclass
class FakeClock:
    """Stands still until it is moved; sleeping moves nothing."""

    at_ms: int = START_MS

    def now_ms(self) -> int:
        self.at_ms += 1  # no two edits in one millisecond: what is newer is what came later
        return self.at_ms

    def monotonic_s(self) -> float:
        return self.at_ms / 1000

    async def sleep(self, seconds: float) -> None:
        self.at_ms += int(seconds * 1000)


@dataclass
class Counter:
    """One replica: its database, its desks, what was told."""

    database: Database
    replica: Replica
    clock: FakeClock
    premises: Premises
    desks: Desks
    live: Live
    told: list[tuple[str, Any]] = field(default_factory=list)

    def call(self, key: str = "", *, actor: Actor = OWNER, fingerprint: bytes = b"") -> Call:
        return Call(actor=actor, key=key, fingerprint=fingerprint)

    def heard(self, kind: str) -> list[Any]:
        return [data for told, data in self.told if told == kind]

    async def choose_walk_in(self) -> str:
        chosen = await self.desks.setting_up.choose_walk_in(self.call(), WalkInChoice(), None)
        return chosen.id

    async def hire(
        self, name: str = "Léa", *, pin: str | None = None, badge: str | None = None, role: Role = Role.CASHIER
    ) -> str:
        made = await self.desks.setting_up.add_operator(
            self.call(), NewOperator(display_name=name, role=role, pin=pin, badge=badge)
        )
        return made.id

    async def token(self, role: Role = Role.OWNER, name: str = "") -> str:
        made = await self.desks.setting_up.add_application(OWNER, NewApplication(name=name or f"a {role}", role=role))
        return made.token


@asynccontextmanager
async def open_counter(path: Path, *, site: int = 12, shop: int = 7, **furniture: Any) -> AsyncIterator[Counter]:
    """Open (or open again) the replica in `path`."""
    async with open_database(path / f"site-{site}.db") as database:
        replica = Replica(b"boot-%03d" % site)
        replica.audit_key = AUDIT_KEY

        def start(conn: Any) -> None:
            if read_identity(conn) is None:
                write_identity(
                    conn, Identity(chain="test", site=site, shop=shop, incarnation=site * 1000, lot=b"l" * 8)
                )
            replica.reload(conn)

        await database.write(start)
        database.on_rollback(replica.reload)
        clock, live = FakeClock(), Live()
        database.on_commit(lambda: live.forget_soon(replica.take_erased()))
        told: list[tuple[str, Any]] = []

        def announce(kind: str, data: object) -> None:
            told.append((str(kind), data))
            live.publish(kind, data)

        premises = Premises(
            database=database, replica=replica, clock=clock, announce=announce, customs=Customs(card_prefixes=("2900",))
        )
        desks = furnish(premises, pin_key=PIN_KEY, **furniture)
        try:
            async with asyncio.TaskGroup() as tasks:
                imports = tasks.create_task(desks.imports.run(), name="imports")
                yield Counter(database, replica, clock, premises, desks, live, told)
                imports.cancel()
        except BaseExceptionGroup as failed:
            if len(failed.exceptions) == 1:
                raise failed.exceptions[0] from None  # what a test raises is what it sees
            raise


@dataclass
class Browser:
    """A client of one served counter, with the token of an application."""

    counter: Counter
    served: Served
    parts: WebParts
    session: aiohttp.ClientSession
    token: str = ""
    validate: Callable[[str, str, int, bytes, str], None] = lambda *_: None

    @property
    def url(self) -> str:
        return self.served.url

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        key: str = "",
        **more: Any,
    ) -> "Heard":
        """Ask, with the token, and with a new key where one is needed and none is given."""
        sent = dict(headers or {})
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if method == "POST" and "Idempotency-Key" not in sent:
            sent["Idempotency-Key"] = key or random_id().hex()
        if body is not None:
            more["json"] = body
        async with self.session.request(method, self.url + API + path, headers=sent, **more) as response:
            raw = await response.read()
            self.validate(method, path, response.status, raw, response.content_type)
            return Heard(response.status, raw, response.headers)

    async def get(self, path: str, **more: Any) -> "Heard":
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> "Heard":
        return await self.ask("POST", path, body, **more)

    async def patch(self, path: str, body: Any, *, version: str = "", **more: Any) -> "Heard":
        headers = {"If-Match": f'"{version}"'} if version else {}
        return await self.ask("PATCH", path, body, headers=headers, **more)


@dataclass(frozen=True)
class Heard:
    """An answer."""

    status: int
    raw: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@asynccontextmanager
async def open_browser(counter: Counter, *, socket: Path | None = None, **parts: Any) -> AsyncIterator[Browser]:
    """Serve a counter on a free port and call it with an owner's token."""
    made = WebParts(
        desks=counter.desks, live=counter.live, clock=counter.clock, secret=b"s" * 32, version="test", **parts
    )
    token = await counter.token()
    async with (
        serve(build_app(made), Listening(socket=socket)) as served,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
    ):
        yield Browser(counter, served, made, session, token)


def quick(parts: Limits, **changes: Any) -> Limits:
    """Limits with some of them changed."""
    return replace(parts, **changes)


HUB = {"site": int(HUB_SITE), "shop": 0}
