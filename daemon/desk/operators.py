"""Who is at the counter: sessions by PIN or badge, tokens of applications. Every call gets its actor here.

Operators are replicated rows. Secrets are kept as hashes; a wrong PIN is counted before it is looked at, so that
nothing, not even a power cut, gives a free try. The scan of a badge logs in at the one screen that is known here and
listens; no secret of it is told to anybody.
"""

import asyncio
import base64
import pwd
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b

from daemon.clock import random_bytes
from daemon.desk.customer_parts import is_strong, text_of
from daemon.desk.events import Event, SessionOpened
from daemon.desk.premises import Call, Premises
from daemon.desk.terminals import Terminals
from daemon.domain import pin as pins
from daemon.domain.author import SYSTEM
from daemon.domain.change import Actor, ActorKind
from daemon.domain.code import lookup_form
from daemon.domain.element import Element
from daemon.domain.ids import EntityId
from daemon.domain.role import Right, Role, may
from daemon.errors import Forbidden, TooSoon, Unidentified
from daemon.store import audit
from daemon.store import operators as stored
from daemon.store.database import Connection

NAME, ROLE, PIN, BADGE, REVOKED, KIND = 1, 2, 3, 4, 5, 6
"""Fields of an operator's row, as `domain.kinds` numbers them."""

SESSION_MS = 12 * 3_600_000
CLAIM_MS = 10_000
"""How long the scan of a badge waits for its screen to ask."""
TOKEN_BYTES = 32

BADGES = EntityId(b"\0badges\0")
"""Under which wrong badges are counted: nobody can say whose they were to be."""
BADGES_FORGOTTEN_MS = 3_600_000
"""A right badge forgives no wrong ones, or an own badge would buy guesses at others; an hour without any does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """An operator as the log-in screen shows them."""

    id: str
    display_name: str
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedSession:
    """A session and the token that stands for it, told this once."""

    token: str = field(repr=False)
    operator: Operator
    expires_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """An operator whose badge was scanned."""

    id: EntityId
    display_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scan:
    """The last badge that was scanned, for the screen that may ask who it was."""

    terminal: str
    operator: EntityId
    until_ms: int


def token_hash(token: str) -> bytes:
    """What is kept of a token: tokens are 32 random bytes, so a plain hash cannot be searched."""
    return blake2b(token.encode("utf-8", "surrogatepass"), digest_size=32, person=b"comptoir-token").digest()


def new_token() -> str:
    """A token: 32 random bytes, as URLs and headers can carry them."""
    return base64.urlsafe_b64encode(random_bytes(TOKEN_BYTES)).decode("ascii").rstrip("=")


def operator_of(row: Element) -> Operator:
    """An operator's row as it is shown."""
    return Operator(
        id=row.entity.hex(),
        display_name=text_of(row.fields.get(NAME)),
        role=text_of(row.fields.get(ROLE)) or Role.CASHIER,
    )


def is_active(row: Element | None) -> bool:
    """Whether an operator may log in and go on working."""
    return row is not None and not is_strong(row, REVOKED)


class OperatorDesk:
    """Where operators log in and calls get their actor."""

    def __init__(self, premises: Premises, *, pin_key: bytes) -> None:
        self._premises = premises
        self._pin_key = pin_key
        self._one_at_a_time = asyncio.Lock()
        self._scan: _Scan | None = None
        self.terminals = Terminals(premises.clock)

    async def operators(self) -> tuple[Operator, ...]:
        """Those who may log in, by name."""

        def unit(conn: Connection) -> list[Element]:
            return [row for row in stored.operators(conn) if is_active(row)]

        found = [operator_of(row) for row in await self._premises.database.read(unit)]
        return tuple(sorted(found, key=lambda one: (one.display_name, one.id)))

    async def log_in_by_pin(self, id_: EntityId, pin: str) -> OpenedSession:
        """Open a session; raises Unidentified, or TooSoon after wrong tries."""
        return await self._open(await self.proved_by_pin(id_, pin), "log in by PIN")

    async def proved_by_pin(self, id_: EntityId, pin: str) -> Element:
        """The operator whose PIN this is; raises Unidentified, or TooSoon after wrong tries."""
        async with self._one_at_a_time:  # tries side by side would all see the same count
            row = await self._premises.database.write(lambda conn: self._count_try(conn, id_))
            if isinstance(row, int):
                raise TooSoon(f"too many wrong PINs: the next try is in {-(-row // 1000)} s", wait_ms=row)
            sealed = text_of(row.fields.get(PIN)) if row is not None else ""
            right = await asyncio.to_thread(pins.verify, pin, sealed, pin_key=self._pin_key)
            if row is not None and not right:
                await self._premises.database.write(lambda conn: self._note(conn, id_, "wrong PIN"))
            if row is None or not right:
                raise Unidentified("this operator and PIN do not go together", field="pin")
            await self._premises.database.write(lambda conn: stored.save_tries(conn, id_, stored.Tries()))
            return row

    async def second_person(self, call: Call, id_: EntityId, pin: str, right: Right) -> Actor:
        """Who says yes to one act beyond the caller's rights; raises Unidentified, TooSoon, Forbidden.

        The act bears the second person's name; the audit trail also says who asked for it.
        """
        who = operator_of(await self.proved_by_pin(id_, pin))
        if not may(who.role, right):
            raise Forbidden(f"the role {who.role} has not the right to {right.value}", field="operator")
        replica, what = self._premises.replica, f"asked a second person: {right.value}"

        def unit(conn: Connection) -> None:
            audit.note(conn, replica, call.actor, what, now_ms=self._premises.clock.now_ms())

        await self._premises.database.write(unit)
        return Actor(ActorKind.OPERATOR, who.id, who.role, replica.identity.shop)

    async def log_in_by_badge(self, code: str) -> OpenedSession:
        """Open a session for whose badge this is; raises Unidentified, or TooSoon after wrong tries."""
        return await self._open(await self.proved_by_badge(code), "log in by badge")

    async def proved_by_badge(self, code: str) -> Element:
        """The operator whose badge this is; raises Unidentified, or TooSoon after wrong tries."""
        sought = self.badge_token(code)
        async with self._one_at_a_time:
            row = await self._premises.database.write(lambda conn: self._count_badge(conn, sought))
        if isinstance(row, int):
            raise TooSoon(f"too many wrong badges: the next try is in {-(-row // 1000)} s", wait_ms=row)
        if row is None:
            raise Unidentified("no operator has this badge", field="badge")
        return row

    async def log_in_by_scan(self, terminal: str) -> OpenedSession:
        """Open a session for whose badge was just scanned for this screen, once; raises Unidentified."""
        scan = self._scan
        if not terminal:
            raise Unidentified("this screen is not known yet: log in with a PIN once, then badges do", field="badge")
        if scan is None or scan.terminal != terminal or scan.until_ms <= self._premises.clock.now_ms():
            raise Unidentified(
                "the badge was not scanned for this screen alone: scan it again, or log in with a PIN", field="badge"
            )
        self._scan = None
        row = await self._premises.database.read(lambda conn: stored.operator(conn, scan.operator))
        if row is None or not is_active(row):
            raise Unidentified("no operator has this badge", field="badge")
        return await self._open(row, "log in by badge")

    async def log_out(self, token: str) -> None:
        """End a session; one that has ended already stays ended."""
        sought, now_ms = token_hash(token), self._premises.clock.now_ms()

        def unit(conn: Connection) -> None:
            session = stored.session(conn, sought, now_ms=now_ms)
            stored.close_session(conn, sought)
            if session is not None:
                self._note(conn, session.operator, "log out")

        await self._premises.database.write(unit)

    async def actor_of(self, token: str) -> Actor:
        """Who calls with this token; raises Unidentified."""
        sought, now_ms = token_hash(token), self._premises.clock.now_ms()
        shop = self._premises.replica.identity.shop

        def unit(conn: Connection) -> Actor | None:
            session = stored.session(conn, sought, now_ms=now_ms)
            if session is not None:
                row = stored.operator(conn, session.operator)
                if row is None or not is_active(row):
                    return None
                return Actor(ActorKind.OPERATOR, row.entity.hex(), operator_of(row).role, shop)
            application = stored.application(conn, sought)
            return Actor(ActorKind.APPLICATION, application.name, application.role, shop) if application else None

        found = await self._premises.database.read(unit)
        if found is None:
            raise Unidentified("the session has ended or the token is not known: log in again")
        return found

    def owner(self, uid: int) -> Actor:
        """Who calls over the daemon's own socket as the daemon's user or root: the command line of the owner."""
        return Actor(ActorKind.APPLICATION, SYSTEM + _user(uid), Role.OWNER, self._premises.replica.identity.shop)

    def badge_token(self, code: str) -> bytes:
        """What an operator's badge is looked up by; meaningless without the chain's key."""
        return pins.badge_token(lookup_form(code), pin_key=self._pin_key)

    @property
    def commits(self) -> int:
        """Who an actor is does not change while this number does not, but for a session that ends by itself."""
        return self._premises.database.commits

    def recognised(self, row: Element) -> Recognised:
        """The operator of a scanned badge; the one known screen that listens may log them in."""
        id_, until_ms = EntityId(row.entity), self._premises.clock.now_ms() + CLAIM_MS
        self._scan = _Scan(terminal=self.terminals.the_one(), operator=id_, until_ms=until_ms)
        return Recognised(id=id_, display_name=text_of(row.fields.get(NAME)))

    def _count_try(self, conn: Connection, id_: EntityId) -> Element | int | None:
        """The operator, one try the poorer; for how long to wait, while the last wrong one is too near."""
        now_ms = self._premises.clock.now_ms()
        row = stored.operator(conn, id_)
        if row is None or not is_active(row):
            return None
        made = _tries(conn, id_, now_ms)
        wait_ms = pins.wait_ms(made.wrong, made.last_ms, now_ms)
        if wait_ms > 0:
            return wait_ms
        stored.save_tries(conn, id_, replace(made, wrong=made.wrong + 1, last_ms=now_ms))
        return row

    def _count_badge(self, conn: Connection, sought: bytes) -> Element | int | None:
        """Whose badge this is, or one try the fewer for everybody; for how long to wait, while the last is too near."""
        now_ms = self._premises.clock.now_ms()
        made = _tries(conn, BADGES, now_ms)
        if now_ms - made.last_ms > BADGES_FORGOTTEN_MS:
            made = stored.Tries()
        wait_ms = pins.wait_ms(made.wrong, made.last_ms, now_ms)
        if wait_ms > 0:
            return wait_ms
        row = with_badge(conn, sought)
        if row is None:
            stored.save_tries(conn, BADGES, replace(made, wrong=made.wrong + 1, last_ms=now_ms))
        return row

    def _note(self, conn: Connection, operator: EntityId, what: str) -> None:
        """Note in the audit trail what an operator did here, or somebody in their name."""
        actor = Actor(ActorKind.OPERATOR, operator.hex(), "", self._premises.replica.identity.shop)
        audit.note(conn, self._premises.replica, actor, what, now_ms=self._premises.clock.now_ms())

    async def _open(self, row: Element, how: str) -> OpenedSession:
        now_ms = self._premises.clock.now_ms()
        operator, token = operator_of(row), new_token()
        session = stored.Session(EntityId(row.entity), now_ms + SESSION_MS)

        def unit(conn: Connection) -> None:
            stored.open_session(conn, token_hash(token), session, now_ms=now_ms)
            self._note(conn, session.operator, how)

        await self._premises.database.write(unit)
        self._premises.announce(Event.SESSION, SessionOpened(operator=operator.id, display_name=operator.display_name))
        return OpenedSession(token=token, operator=operator, expires_ms=session.expires_ms)


def _tries(conn: Connection, id_: EntityId, now_ms: int) -> stored.Tries:
    """The wrong tries; those of a clock that was ahead are dated now: the wait for them ends, and is no shorter."""
    made = stored.tries(conn, id_)
    if made.last_ms > now_ms:
        made = replace(made, last_ms=now_ms)
        stored.save_tries(conn, id_, made)
    return made


@cache
def _user(uid: int) -> str:
    """The name of a user of this machine, which other machines do not know by its number; that where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def with_badge(conn: Connection, sought: bytes) -> Element | None:
    """The one active operator with this badge; two of them are nobody, until head office says whose it is."""
    rows = [stored.operator(conn, id_) for id_ in stored.with_badge(conn, sought)]
    active = [row for row in rows if row is not None and is_active(row)]
    return active[0] if len(active) == 1 else None
