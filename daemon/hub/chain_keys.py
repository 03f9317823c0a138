"""The keys of the chain, in files of the hub: made once, kept outside the database, renewed before they run out."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from daemon import certificates
from daemon.certificates import KeyPair
from daemon.clock import random_bytes
from daemon.domain.ids import HUB_SITE
from daemon.durable_file import write_durably
from daemon.errors import OperatorMistake, PeerFault, StoreFault
from daemon.sync.enrol_wire import PIN_KEY_BYTES

AUTHORITY: Final = "authority.pem"
PIN_KEY: Final = "pin.key"
SERVER: Final = "server.pem"
BROKER: Final = "broker.pem"
HUB: Final = "hub.pem"
AUTHORITY_CERTIFICATE: Final = "authority.crt"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainKeys:
    """Everything that head office proves itself with.

    `server` is its HTTPS, `broker` the broker's TLS, `hub` its own client certificate towards the broker; each is also
    a file of `directory`, for `ssl`. `pin_key` keys the digests of customers' and operators' PINs.
    """

    directory: Path
    authority: KeyPair
    server: KeyPair
    broker: KeyPair
    hub: KeyPair
    pin_key: bytes = field(repr=False)

    def first_end_ms(self) -> int:
        """When the first of the chain's own certificates ends."""
        pairs = (self.authority, self.server, self.broker, self.hub)
        return min(certificates.facts(pair.certificate_pem).not_after_ms for pair in pairs)

    @property
    def server_file(self) -> Path:
        """For `tls.server_tls`."""
        return self.directory / SERVER

    @property
    def hub_file(self) -> Path:
        """For `tls.client_tls`."""
        return self.directory / HUB

    @property
    def authority_file(self) -> Path:
        """For `tls.client_tls`."""
        return self.directory / AUTHORITY_CERTIFICATE


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What the certificates say: the chain, and where head office and the broker are reached (names or addresses)."""

    chain: str
    server_hosts: Sequence[str]
    broker_hosts: Sequence[str]


def open_chain_keys(directory: Path, names: Names, now_ms: int, *, may_create: bool) -> ChainKeys:
    """Read the keys; make what is missing, due for renewal, or written for other hosts.

    The authority and the PIN key are made only if `may_create`: with tills enrolled, new ones would lock every till and
    every PIN out, and the old ones are in a backup. Raises OperatorMistake, StoreFault.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _authority(directory, names.chain, now_ms, may_create=may_create)
    write_durably(directory / AUTHORITY_CERTIFICATE, authority.certificate_pem)

    def server(name: str, hosts: Sequence[str]) -> KeyPair:
        return _leaf(
            directory / name, tuple(hosts), now_ms, lambda: certificates.issue_server(authority, hosts, now_ms)
        )

    return ChainKeys(
        directory=directory,
        authority=authority,
        server=server(SERVER, names.server_hosts),
        broker=server(BROKER, names.broker_hosts),
        hub=_leaf(directory / HUB, (), now_ms, lambda: _issue_hub(authority, now_ms)),
        pin_key=_pin_key(directory / PIN_KEY, may_create=may_create),
    )


def _authority(directory: Path, chain: str, now_ms: int, *, may_create: bool) -> KeyPair:
    path = directory / AUTHORITY
    raw = _read(path)
    if raw is not None:
        try:
            return KeyPair.split(raw)
        except OperatorMistake as wrong:
            raise OperatorMistake(f"{path} is damaged ({wrong}): restore it from a backup") from wrong
    _refuse_to_replace(path, may_create=may_create)
    authority = certificates.create_authority(chain, now_ms)
    write_durably(path, authority.joined())
    return authority


def read_pin_key(directory: Path) -> bytes:
    """The chain's PIN key; raises OperatorMistake where there is none."""
    return _pin_key(directory / PIN_KEY, may_create=False)


def _pin_key(path: Path, *, may_create: bool) -> bytes:
    raw = _read(path)
    if raw is None:
        _refuse_to_replace(path, may_create=may_create)
        raw = random_bytes(PIN_KEY_BYTES)
        write_durably(path, raw)
    if len(raw) != PIN_KEY_BYTES:
        raise OperatorMistake(f"{path} has {len(raw)} bytes instead of {PIN_KEY_BYTES}: restore it from a backup")
    return raw


def _leaf(path: Path, hosts: tuple[str, ...], now_ms: int, issue: Callable[[], KeyPair]) -> KeyPair:
    raw = _read(path)
    # A damaged one can be made again, unlike the authority.
    with suppress(OperatorMistake, PeerFault):
        pair = KeyPair.split(raw or b"")
        found = certificates.facts(pair.certificate_pem)
        if found.hosts == hosts and not found.renewal_due(now_ms):
            return pair
    pair = issue()
    write_durably(path, pair.joined())
    return pair


def _issue_hub(authority: KeyPair, now_ms: int) -> KeyPair:
    key_pem = certificates.new_key()
    request = certificates.signing_request(key_pem, str(HUB_SITE))
    certificate_pem = certificates.issue_client(authority, request, str(HUB_SITE), now_ms)
    return KeyPair(key_pem=key_pem, certificate_pem=certificate_pem)


def _refuse_to_replace(path: Path, *, may_create: bool) -> None:
    if not may_create:
        raise OperatorMistake(f"{path} is missing while tills are enrolled: restore it from a backup")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as failure:
        raise StoreFault(f"{path} cannot be read: {failure.strerror}") from failure
