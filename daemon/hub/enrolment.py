"""How a till joins the chain: a code made here, used once there, answered with a certificate."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol

from daemon import certificates
from daemon.certificates import KeyPair, Revocation
from daemon.clock import random_bytes
from daemon.domain.ids import ShopId, SiteId
from daemon.errors import Forbidden, NotFound, OperatorMistake, PeerFault, StoreFault
from daemon.store import enrolments
from daemon.store.database import Connection, Database
from daemon.store.enrolments import CertificateRow, CodeRow
from daemon.sync.enrol_wire import (
    BODY_BYTES_MAX,
    PIN_BYTES,
    PIN_KEY_BYTES,
    SECRET_BYTES,
    Enrolled,
    EnrolmentCode,
    EnrolmentRequest,
    Refused,
    write_code,
)
from daemon.typed import parse_json, to_json

CODE_LIFE_MS: Final = 24 * 3_600_000
CODE_KEPT_MS: Final = 30 * 24 * 3_600_000
"""An outdated code is remembered this long, to say "outdated" rather than "unknown"."""
MISSES_MAX: Final = 10
MISSES_WINDOW_MS: Final = 10 * 60_000
CALLERS_MAX: Final = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What every till of the chain is told."""

    chain: str
    broker_host: str
    broker_port: int
    pin_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """The chain's PIN key is a BLAKE2 key of 256 bits."""
        assert len(self.pin_key) == PIN_KEY_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A till that may connect, and the shop whose feed it may read."""

    site: SiteId
    shop: ShopId


class BrokerAccess(Protocol):
    """Who tells the broker which tills may connect."""

    def write(self, seats: Sequence[Seat], revoked: Sequence[Revocation], now_ms: int) -> bool:
        """Make the broker's files say this, durably; whether anything changed. May block for some fsyncs."""
        ...

    def listed(self) -> Sequence[Revocation]:
        """The certificates that those files say count no more."""
        ...


@dataclass(frozen=True, slots=True)
class Admit:
    """A new till of this shop."""

    shop: ShopId


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same till again: our first answer was lost on the way."""

    site: SiteId


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not with this code."""

    sentence: str


def judge(code: CodeRow | None, key_digest: bytes, now_ms: int) -> Admit | Repeat | Refuse:
    """Decide on a request that proves to own this key; a code is good once, within its life, for one key."""
    if code is None:
        return Refuse("head office never wrote this enrolment code")
    if now_ms >= code.expires_ms:
        return Refuse("this enrolment code is outdated: have head office write another")
    if code.site is None:
        return Admit(code.shop)
    if code.key_digest != key_digest:
        return Refuse("this enrolment code was used already")
    return Repeat(code.site)


class Throttle:
    """Counts wrong codes per caller. 80 bits cannot be guessed; this keeps the attempt from costing anything."""

    def __init__(self) -> None:
        self._misses: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def blocked(self, caller: str, now_ms: int) -> bool:
        """Whether this caller was wrong too often, too recently."""
        since_ms, count = self._misses.get(caller, (now_ms, 0))
        return count >= MISSES_MAX and 0 <= now_ms - since_ms < MISSES_WINDOW_MS

    def miss(self, caller: str, now_ms: int) -> None:
        """Count a wrong code; of more callers than we keep, the one longest silent is forgotten."""
        since_ms, count = self._misses.pop(caller, (now_ms, 0))
        fresh = 0 <= now_ms - since_ms < MISSES_WINDOW_MS
        self._misses[caller] = (since_ms, count + 1) if fresh else (now_ms, 1)
        if len(self._misses) > CALLERS_MAX:
            self._misses.popitem(last=False)


class EnrolmentOffice:
    """Adds tills, accepts them, renews their certificates, withdraws them."""

    def __init__(
        self, *, database: Database, authority: KeyPair, server: KeyPair, terms: Terms, access: BrokerAccess | None
    ) -> None:
        self._database = database
        self._authority = authority
        self._pin = certificates.facts(server.certificate_pem).fingerprint[:PIN_BYTES]
        self._terms = terms
        self._access = access
        self._access_turn = asyncio.Lock()
        self._throttle = Throttle()

    async def add_till(self, shop: ShopId, now_ms: int) -> str:
        """Write a one-use code for a new till of `shop`, valid 24 hours; only a digest of its secret is kept."""
        secret = random_bytes(SECRET_BYTES)
        row = CodeRow(secret_digest=_digest(secret), shop=shop, expires_ms=now_ms + CODE_LIFE_MS)

        def unit(conn: Connection) -> None:
            enrolments.forget_codes(conn, now_ms - CODE_KEPT_MS)
            enrolments.save_code(conn, row)

        await self._database.write(unit)
        return write_code(EnrolmentCode(secret=secret, pin=self._pin))

    async def accept(self, csr_pem: bytes, secret: bytes, now_ms: int) -> Enrolled:
        """Enrol the till that holds this secret; durable, and known to the broker's files, when it returns.

        The same key with the same code gets the same answer again. Raises Forbidden for a code that does not serve,
        PeerFault for a signing request that cannot be read.
        """
        key_digest = certificates.request_key_digest(csr_pem)
        digest = _digest(secret)

        def unit(conn: Connection) -> tuple[SiteId, ShopId, bytes]:
            code = enrolments.find_code(conn, digest)
            match judge(code, key_digest, now_ms):
                case Refuse(sentence):
                    raise Forbidden(sentence, field="code")
                case Repeat(site):
                    return self._enrolled_before(conn, site)
                case Admit(shop):
                    site = enrolments.add_site(conn, shop, now_ms)
                    enrolments.use_code(conn, digest, site, key_digest)
                    return site, shop, self._certify(conn, site, csr_pem, now_ms)

        site, shop, certificate = await self._database.write(unit)
        await self.announce(now_ms)
        return Enrolled(
            certificate=certificate.decode(),
            authority=self._authority.certificate_pem.decode(),
            site=site,
            shop=shop,
            chain=self._terms.chain,
            broker_host=self._terms.broker_host,
            broker_port=self._terms.broker_port,
            pin_key=self._terms.pin_key,
        )

    async def renew(self, site: SiteId, csr_pem: bytes, now_ms: int) -> bytes:
        """The next certificate of an enrolled till, PEM; the caller has proved to be that till.

        A repeated request for a key that was certified lately gets the same certificate. Raises NotFound, Forbidden.
        """
        key_digest = certificates.request_key_digest(csr_pem)

        def unit(conn: Connection) -> bytes:
            _current(conn, site)
            newest = enrolments.newest_certificate(conn, site)
            lasts = newest is not None and not certificates.facts(newest.pem).renewal_due(now_ms)
            if newest is not None and lasts and newest.key_digest == key_digest:
                return newest.pem
            return self._certify(conn, site, csr_pem, now_ms)

        return await self._database.write(unit)

    async def revoke(self, site: SiteId, now_ms: int) -> None:
        """Withdraw a till: once the broker has read its files again, it hears nothing and cannot come back.

        Raises NotFound; withdrawing twice is no mistake.
        """

        def unit(conn: Connection) -> None:
            if enrolments.find_site(conn, site) is None:
                raise NotFound(f"no till {site} was ever enrolled", field="site")
            enrolments.revoke_site(conn, site, now_ms)

        await self._database.write(unit)
        await self.announce(now_ms)

    async def recall_withdrawn(self) -> Sequence[SiteId]:
        """Withdraw again the tills that the broker's files name and the database does not.

        That is a head office that was put back to a time before they were withdrawn. Asked once, before anybody is let
        in; answers whom it concerned.
        """
        if self._access is None:
            return ()
        told = [(one.serial, one.revoked_ms) for one in await asyncio.to_thread(self._access.listed)]
        return await self._database.write(lambda conn: enrolments.revoke_again(conn, told)) if told else ()

    async def announce(self, now_ms: int) -> None:
        """Write the broker's files from what is stored: after a change, and at every start, for a crash in between."""
        if self._access is None:
            return

        def unit(conn: Connection) -> tuple[list[Seat], list[Revocation]]:
            seats = [Seat(site=row.site, shop=row.shop) for row in enrolments.sites(conn) if row.revoked_ms is None]
            gone = enrolments.revoked_certificates(conn, now_ms)
            return seats, [Revocation(serial=serial, revoked_ms=revoked_ms) for serial, revoked_ms in gone]

        # In turn: of two writers, the one that read first must not write last.
        async with self._access_turn:
            seats, revoked = await self._database.read(unit)
            await asyncio.to_thread(self._access.write, seats, revoked, now_ms)

    async def enrol(self, body: bytes, now_ms: int, *, caller: str = "") -> tuple[int, bytes]:
        """Answer a POST to /enrol: an HTTP status and a JSON body, `Enrolled` or a problem (RFC 9457).

        `caller` is the address that too many wrong codes are counted for.
        """
        if self._throttle.blocked(caller, now_ms):
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong enrolment codes: wait ten minutes")
        if len(body) > BODY_BYTES_MAX:
            return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"an enrolment has {BODY_BYTES_MAX} bytes at most")
        try:
            request = parse_json(body, EnrolmentRequest)
            enrolled = await self.accept(request.signing_request.encode(), request.secret, now_ms)
        except Forbidden as refusal:
            self._throttle.miss(caller, now_ms)
            return _refusal(HTTPStatus.FORBIDDEN, str(refusal))
        except (OperatorMistake, PeerFault) as mistake:
            return _refusal(HTTPStatus.BAD_REQUEST, str(mistake))
        except StoreFault:
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "head office cannot write to its disk: try again later")
        return HTTPStatus.OK, to_json(enrolled)

    def _certify(self, conn: Connection, site: SiteId, csr_pem: bytes, now_ms: int) -> bytes:
        """Sign, and keep what was signed: 0.2 ms on the connection's thread, in the transaction that needs it."""
        pem = certificates.issue_client(self._authority, csr_pem, str(site), now_ms)
        found = certificates.facts(pem)
        row = CertificateRow(
            serial=found.serial, site=site, key_digest=found.key_digest, pem=pem, not_after_ms=found.not_after_ms
        )
        enrolments.save_certificate(conn, row)
        return pem

    def _enrolled_before(self, conn: Connection, site: SiteId) -> tuple[SiteId, ShopId, bytes]:
        newest = enrolments.newest_certificate(conn, site)
        assert newest is not None, "an enrolled till has a certificate"
        return site, _current(conn, site), newest.pem


def _current(conn: Connection, site: SiteId) -> ShopId:
    """The shop of a till that is enrolled and not withdrawn."""
    row = enrolments.find_site(conn, site)
    if row is None:
        raise NotFound(f"no till {site} was ever enrolled", field="site")
    if row.revoked_ms is not None:
        raise Forbidden(f"till {site} was withdrawn from the chain", field="site")
    return row.shop


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _refusal(status: HTTPStatus, title: str) -> tuple[int, bytes]:
    return status, to_json(Refused(title=title, status=status))
