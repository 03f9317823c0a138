"""TLS as both ends speak it: 1.3 only, against the chain's own authority.

Apart from `certificates`, whose library a till needs only to enrol and to renew.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from daemon.errors import OperatorMistake, PeerFault

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h, which Python has no name for."""
_VERSION, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18


@dataclass(frozen=True, kw_only=True, slots=True)
class Validity:
    """From when until when a certificate counts; Unix milliseconds."""

    not_before_ms: int
    not_after_ms: int

    def renewal_due(self, now_ms: int) -> bool:
        """Whether to ask for the next one: a third of its life is left, months of trying."""
        return self.not_after_ms - now_ms < (self.not_after_ms - self.not_before_ms) // 3


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownTime:
    """What a box knows of the time: that it is not before `at_ms`, and whether it is that very moment."""

    at_ms: int
    is_sure: bool


def refusal_of(validity: Validity, time: KnownTime) -> str:
    """Why a certificate does not count at a time; empty if it may.

    A box that boots in 1970 or in 2099 knows the time from nobody but those it connects to: it refuses what had ended
    when its own certificate began, and no more.
    """
    if time.at_ms > validity.not_after_ms:
        return "certificate has expired"
    return "certificate is not yet valid" if time.is_sure and time.at_ms < validity.not_before_ms else ""


class _ClockedContext(ssl.SSLContext):
    """Asks `time` at each handshake, where OpenSSL would ask the clock of the machine."""

    time: Callable[[], KnownTime]


def check_dates(line: ssl.SSLSocket) -> None:
    """Check the dates of the peer after a handshake of `client_tls`; raises SSLCertVerificationError."""
    context = line.context
    if not isinstance(context, _ClockedContext):
        return
    shown = line.getpeercert() or {}
    not_before, not_after = (int(ssl.cert_time_to_seconds(str(shown[name]))) for name in ("notBefore", "notAfter"))
    why = refusal_of(Validity(not_before_ms=not_before * 1000, not_after_ms=not_after * 1000), context.time())
    if why:
        raise ssl.SSLCertVerificationError(why)


def client_tls(
    *, authority: Path, certificate: Path, key: Path | None = None, time: Callable[[], KnownTime] | None = None
) -> ssl.SSLContext:
    """TLS towards the broker: its certificate and name are checked against the chain's authority, ours is shown.

    Without `key`, the file `certificate` holds both (`KeyPair.joined`). With `time`, OpenSSL leaves the dates alone,
    and whoever connects calls `check_dates`. Raises OperatorMistake naming the file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if time is not None:
        context = _ClockedContext(ssl.PROTOCOL_TLS_CLIENT)
        context.time = time
        context.verify_flags |= _NO_CHECK_TIME
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    _load(context, certificate, key)
    try:
        context.load_verify_locations(authority)
    except OSError as failure:
        raise OperatorMistake(f"{authority} is no readable certificate authority") from failure
    return context


def server_tls(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """TLS of head office's own HTTPS: clients show no certificate. The files are as in `client_tls`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    _load(context, certificate, key)
    return context


def _load(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except OSError as failure:
        raise OperatorMistake(
            f"{key or certificate} holds no private key of the certificate {certificate}"
        ) from failure


def validity_of(pem: bytes) -> Validity:
    """The dates of the first certificate in a PEM file, read without the library; raises PeerFault.

    RFC 5280: Certificate { tbs { [0] version, serial, algorithm, issuer, validity { from, until }, ... }, ... }
    """
    try:
        text = pem.decode("ascii")
        der = ssl.PEM_cert_to_DER_cert(text[text.index(_BEGIN) :].partition(_END)[0] + _END)
        tbs = _parts(_parts(der)[0][1])[0][1]
        parts = [content for tag, content in _parts(tbs) if tag != _VERSION]
        not_before, not_after = (_time(tag, content) for tag, content in _parts(parts[3])[:2])
    except (ValueError, IndexError) as wrong:
        raise PeerFault("the certificate cannot be read") from wrong
    return Validity(not_before_ms=not_before, not_after_ms=not_after)


def _parts(der: bytes) -> list[tuple[int, bytes]]:
    """(tag, content) of each value of a DER sequence's content; raises ValueError, IndexError."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        if at + length > len(der):
            raise ValueError("a value is cut off")
        found.append((tag, der[at : at + length]))
        at += length
    return found


def _time(tag: int, content: bytes) -> int:
    """UTCTime names two digits of the year, of 1950 to 2049."""
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("no time")
    return int(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()) * 1000
