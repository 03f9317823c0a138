"""Who this till is in the chain, on its disk: what enrolment gave it.

enrolment.toml            says who we are and names the folder below; replaced last, so it is the one moment of change
enrolment/<fingerprint>/  till.pem (our key and its certificate), authority.crt, pin.key
enrolment/next.key        a key whose certificate has been asked for and not yet received
"""

import json
import shutil
import ssl
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from daemon.domain.ids import ShopId, SiteId
from daemon.durable_file import sync_directory, write_durably
from daemon.errors import OperatorMistake, PeerFault, StoreFault
from daemon.sync.enrol_wire import PIN_KEY_BYTES, Enrolled
from daemon.tls import KnownTime, Validity, client_tls, validity_of
from daemon.typed import convert

SETTINGS: Final = "enrolment.toml"
FOLDER: Final = "enrolment"
NEXT_KEY: Final = "next.key"
PAIR: Final = "till.pem"
AUTHORITY: Final = "authority.crt"
PIN_KEY: Final = "pin.key"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """An enrolled till; `folder` holds its key and certificates."""

    site: SiteId
    shop: ShopId
    chain: str
    broker_host: str
    broker_port: int
    folder: Path
    pin_key: bytes = field(repr=False)

    def tls(self, time: Callable[[], KnownTime] | None = None) -> ssl.SSLContext:
        """TLS towards the broker; `time` as in `client_tls`. Reads files; raises OperatorMistake."""
        return client_tls(authority=self.folder / AUTHORITY, certificate=self.folder / PAIR, time=time)

    def validity(self) -> Validity:
        """From when until when our certificate counts; reads a file. Raises StoreFault, PeerFault."""
        return validity_of(_read(self.folder / PAIR))

    def renewal_due(self, now_ms: int) -> bool:
        """Whether to ask head office for the next certificate; reads a file. Raises StoreFault, PeerFault."""
        return self.validity().renewal_due(now_ms)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Settings:
    """enrolment.toml."""

    site: SiteId
    shop: ShopId
    chain: str
    broker_host: str
    broker_port: int
    folder: str


def load_identity(state: Path) -> Identity | None:
    """Who this till is; None before its first enrolment. Raises OperatorMistake naming the file at fault."""
    path = state / SETTINGS
    try:
        settings = convert(tomllib.loads(path.read_text("utf-8")), _Settings)
        folder = state / FOLDER / settings.folder
        pin_key = (folder / PIN_KEY).read_bytes()
    except FileNotFoundError as absent:
        if not path.exists():
            return None
        raise OperatorMistake(f"{absent.filename} is missing: enrol this till again") from absent
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OperatorMistake) as wrong:
        raise OperatorMistake(f"{path}: {wrong}; enrol this till again") from wrong
    except OSError as failure:
        raise StoreFault(f"{path} cannot be read: {failure.strerror}") from failure
    if len(pin_key) != PIN_KEY_BYTES:
        raise OperatorMistake(f"{folder / 'pin.key'} has {len(pin_key)} bytes: enrol this till again")
    return Identity(
        site=settings.site,
        shop=settings.shop,
        chain=settings.chain,
        broker_host=settings.broker_host,
        broker_port=settings.broker_port,
        folder=folder,
        pin_key=pin_key,
    )


def pin_key_file(state: Path) -> Path | None:
    """Where the chain's PIN key lies on this till; None before its first enrolment. Raises OperatorMistake."""
    try:
        settings = convert(tomllib.loads((state / SETTINGS).read_text("utf-8")), _Settings)
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as wrong:
        raise OperatorMistake(f"{state / SETTINGS}: {wrong}; enrol this till again") from wrong
    return state / FOLDER / settings.folder / PIN_KEY


def pending_key(state: Path) -> bytes:
    """The key to ask a certificate for, PEM; the same until one was received.

    Head office answers a repeated request of the same key: an answer lost on the way costs no second code.
    """
    path = state / FOLDER / NEXT_KEY
    try:
        return path.read_bytes()
    except FileNotFoundError:
        from daemon import certificates

        key_pem = certificates.new_key()
    except OSError as failure:
        raise StoreFault(f"{path} cannot be read: {failure.strerror}") from failure
    _make(path.parent)
    write_durably(path, key_pem)
    return key_pem


def save_identity(state: Path, enrolled: Enrolled, key_pem: bytes) -> Identity:
    """Become this till, durably and at one moment; a former identity's keys are removed after it.

    Raises PeerFault for a certificate that is not the authority's, not for our key or not for our site, StoreFault.
    """
    from daemon import certificates

    certificate, authority = enrolled.certificate.encode(), enrolled.authority.encode()
    found = certificates.check_issued(certificate, authority, key_pem)
    if found.common_name != str(enrolled.site):
        raise PeerFault(f"the certificate is for site {found.common_name}, the answer for site {enrolled.site}")
    folder = state / FOLDER / found.fingerprint.hex()[:16]
    _make(folder)
    write_durably(folder / PAIR, certificates.KeyPair(key_pem=key_pem, certificate_pem=certificate).joined())
    write_durably(folder / AUTHORITY, authority)
    write_durably(folder / PIN_KEY, enrolled.pin_key)
    write_durably(state / SETTINGS, _toml(enrolled, folder.name))
    _forget_others(folder)
    identity = load_identity(state)
    assert identity is not None, "what was just written can be read"
    return identity


def save_renewal(state: Path, identity: Identity, certificate: str, key_pem: bytes) -> Identity:
    """Go on as the same till with its next certificate (PEM), asked for with `pending_key`; as `save_identity`.

    The former identity's files are gone when this returns: the next link is opened with the one returned.
    """
    enrolled = Enrolled(
        certificate=certificate,
        authority=_read(identity.folder / AUTHORITY).decode(),
        site=identity.site,
        shop=identity.shop,
        chain=identity.chain,
        broker_host=identity.broker_host,
        broker_port=identity.broker_port,
        pin_key=identity.pin_key,
    )
    return save_identity(state, enrolled, key_pem)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        raise StoreFault(f"{path} cannot be read: {failure.strerror}") from failure


def _toml(enrolled: Enrolled, folder: str) -> bytes:
    values = {
        "site": enrolled.site,
        "shop": enrolled.shop,
        "chain": enrolled.chain,
        "broker_host": enrolled.broker_host,
        "broker_port": enrolled.broker_port,
        "folder": folder,
    }
    # What JSON makes of numbers and texts is TOML as well.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["# Written when this till was enrolled.", *lines, ""]).encode()


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_directory(directory.parent)
    except OSError as failure:
        raise StoreFault(f"{directory} cannot be made: {failure.strerror}") from failure


def _forget_others(kept: Path) -> None:
    """Keys that are not ours any more; what a crash leaves of them goes the next time."""
    for entry in kept.parent.iterdir():
        if entry.is_dir() and entry != kept:
            shutil.rmtree(entry, ignore_errors=True)
    (kept.parent / NEXT_KEY).unlink(missing_ok=True)
    sync_directory(kept.parent)
