"""The door to cryptography: one certificate authority per chain, and what it signs.

PEM in, PEM out; no object of the library leaves. Keys are ECDSA P-256, because head office's pages are opened by
browsers and none of them takes an Ed25519 certificate.
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from daemon.errors import OperatorMistake, PeerFault

AUTHORITY_DAYS = 3653
LEAF_DAYS = 731
EARLY = timedelta(days=1)
"""Certificates start this long before they are made: a till whose clock is a little late accepts them."""
PLAUSIBLE_MS = 1_735_689_600_000
"""2025-01-01: a clock before it was never set, and the authority would be born expired."""
REQUEST_BYTES_MAX = 4096

_CERTIFICATE_MARK = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyPair:
    """A private key and the certificate of its public half, both PEM."""

    key_pem: bytes = field(repr=False)
    certificate_pem: bytes

    def joined(self) -> bytes:
        """Both in one file, which is replaced as one: a power cut leaves no key beside a foreign certificate."""
        return self.key_pem + self.certificate_pem

    @classmethod
    def split(cls, joined: bytes) -> Self:
        """Read `joined` back; raises OperatorMistake when one of the two is missing."""
        key_pem, mark, certificate_pem = joined.partition(_CERTIFICATE_MARK)
        if not mark or b"PRIVATE KEY" not in key_pem:
            raise OperatorMistake("a private key followed by its certificate is expected")
        return cls(key_pem=key_pem, certificate_pem=mark + certificate_pem)


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateFacts:
    """What the others need to know of a certificate.

    `serial` is lower-case hexadecimal, `fingerprint` SHA-256 of the DER form, `key_digest` SHA-256 of the public key,
    `hosts` the names and addresses of a server.
    """

    common_name: str
    serial: str
    fingerprint: bytes
    key_digest: bytes
    hosts: tuple[str, ...]
    not_before_ms: int
    not_after_ms: int

    def renewal_due(self, now_ms: int) -> bool:
        """Whether to ask for the next one now: a third of its life is left, for two years eight months of trying."""
        return self.not_after_ms - now_ms < (self.not_after_ms - self.not_before_ms) // 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Revocation:
    """One certificate that counts no more."""

    serial: str
    revoked_ms: int


def new_key() -> bytes:
    """A fresh private key, PKCS 8 PEM, not encrypted."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def create_authority(chain: str, now_ms: int) -> KeyPair:
    """The root of a chain's trust, for ten years; its key never leaves head office."""
    if now_ms < PLAUSIBLE_MS:
        raise OperatorMistake("the clock of this machine was never set: set it before making the chain's certificates")
    key_pem = new_key()
    key = _private_key(key_pem)
    name = _name(f"Comptoir {chain}")
    builder = (
        _builder(name, name, key.public_key(), now_ms, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
    )
    return KeyPair(key_pem=key_pem, certificate_pem=_sign(builder, key))


def issue_server(authority: KeyPair, hosts: Sequence[str], now_ms: int) -> KeyPair:
    """A key and certificate for a server known by `hosts`: names or IP addresses, the first is its title."""
    key_pem = new_key()
    names = x509.SubjectAlternativeName([_host_name(host) for host in hosts])
    builder = _leaf(authority, _private_key(key_pem).public_key(), hosts[0], now_ms).add_extension(
        names, critical=False
    )
    return KeyPair(key_pem=key_pem, certificate_pem=_signed_by(authority, builder, ExtendedKeyUsageOID.SERVER_AUTH))


def signing_request(key_pem: bytes, common_name: str) -> bytes:
    """What a till sends to have its public key certified, PEM; the name is a wish that head office ignores."""
    request = x509.CertificateSigningRequestBuilder().subject_name(_name(common_name))
    return request.sign(_private_key(key_pem), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def request_key_digest(request_pem: bytes) -> bytes:
    """SHA-256 of the public key that a signing request proves to own; raises PeerFault for anything else."""
    return _key_digest(_requested_key(request_pem))


def issue_client(authority: KeyPair, request_pem: bytes, common_name: str, now_ms: int) -> bytes:
    """Certify the key of `request_pem` under `common_name`; only the key is taken from the request."""
    builder = _leaf(authority, _requested_key(request_pem), common_name, now_ms)
    return _signed_by(authority, builder, ExtendedKeyUsageOID.CLIENT_AUTH)


def revocation_list(authority: KeyPair, revoked: Iterable[Revocation], now_ms: int) -> bytes:
    """The PEM list of `revoked` certificates.

    It names an update as late as the authority's own end: OpenSSL refuses everybody under an outdated list, and a hub
    that is down for a month must not cut its tills from the broker.
    """
    issuer = _certificate(authority.certificate_pem)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(_moment(now_ms) - EARLY)
        .next_update(issuer.not_valid_after_utc)
        .add_extension(_authority_key(issuer), critical=False)
        .add_extension(x509.CRLNumber(now_ms), critical=False)
    )
    for entry in revoked:
        line = x509.RevokedCertificateBuilder().serial_number(int(entry.serial, 16))
        builder = builder.add_revoked_certificate(line.revocation_date(_moment(entry.revoked_ms)).build())
    signed = builder.sign(_private_key(authority.key_pem), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def revocations(authority: KeyPair, list_pem: bytes) -> tuple[Revocation, ...]:
    """The certificates that a list of this authority's names; none where it is no list, or another's."""
    try:
        found = x509.load_pem_x509_crl(list_pem)
    except ValueError:
        return ()
    key = _certificate(authority.certificate_pem).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not found.is_signature_valid(key):
        return ()
    return tuple(
        Revocation(serial=f"{one.serial_number:x}", revoked_ms=int(one.revocation_date_utc.timestamp() * 1000))
        for one in found
    )


def facts(certificate_pem: bytes) -> CertificateFacts:
    """Read a certificate; raises PeerFault if it is none or has no name."""
    certificate = _certificate(certificate_pem)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    key = certificate.public_key()
    if not names or not isinstance(key, ec.EllipticCurvePublicKey):
        raise PeerFault("the certificate has no common name or no ECDSA key")
    return CertificateFacts(
        common_name=str(names[0].value),
        serial=f"{certificate.serial_number:x}",
        fingerprint=certificate.fingerprint(hashes.SHA256()),
        key_digest=_key_digest(key),
        hosts=_hosts(certificate),
        not_before_ms=_ms(certificate.not_valid_before_utc),
        not_after_ms=_ms(certificate.not_valid_after_utc),
    )


def fingerprint_of_der(certificate_der: bytes) -> bytes:
    """SHA-256 of a certificate as a TLS connection hands it over: what the pin of an enrolment code is made of."""
    return hashlib.sha256(certificate_der).digest()


def check_issued(certificate_pem: bytes, authority_pem: bytes, key_pem: bytes) -> CertificateFacts:
    """Check that the authority certified this very key; returns the facts, raises PeerFault."""
    certificate = _certificate(certificate_pem)
    try:
        certificate.verify_directly_issued_by(_certificate(authority_pem))
    except (ValueError, TypeError, InvalidSignature) as wrong:
        raise PeerFault("the certificate was not signed by the chain's authority") from wrong
    found = facts(certificate_pem)
    if found.key_digest != _key_digest(_private_key(key_pem).public_key()):
        raise PeerFault("the certificate is for another key than ours")
    return found


def _leaf(
    authority: KeyPair, public_key: ec.EllipticCurvePublicKey, common_name: str, now_ms: int
) -> x509.CertificateBuilder:
    issuer = _certificate(authority.certificate_pem)
    return (
        _builder(_name(common_name), issuer.subject, public_key, now_ms, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(_authority_key(issuer), critical=False)
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now_ms: int, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_moment(now_ms) - EARLY)
        .not_valid_after(_moment(now_ms) + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _signed_by(authority: KeyPair, builder: x509.CertificateBuilder, purpose: x509.ObjectIdentifier) -> bytes:
    complete = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return _sign(complete, _private_key(authority.key_pem))


def _sign(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> bytes:
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _requested_key(request_pem: bytes) -> ec.EllipticCurvePublicKey:
    if len(request_pem) > REQUEST_BYTES_MAX:
        raise PeerFault(f"the signing request has more than {REQUEST_BYTES_MAX} bytes")
    try:
        request = x509.load_pem_x509_csr(request_pem)
        genuine = request.is_signature_valid
        key = request.public_key()
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as wrong:
        raise PeerFault("the signing request cannot be read") from wrong
    if not genuine:
        raise PeerFault("the signing request is not signed by its own key")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise PeerFault("the signing request is not for an ECDSA P-256 key")
    return key


def _certificate(certificate_pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as wrong:
        raise PeerFault("the certificate cannot be read") from wrong


def _private_key(key_pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as wrong:
        raise OperatorMistake("the private key cannot be read") from wrong
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise OperatorMistake("the private key is not an ECDSA key")
    return key


def _key_digest(key: ec.EllipticCurvePublicKey) -> bytes:
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).digest()


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _hosts(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, tz=UTC)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


# What SQLCipher does to a page, for those that are kept in case they are lost (`store.page_image`).


def aes_cbc_opened(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    """Whole blocks, as they were before `aes_cbc_sealed`; who sealed them is for others to check."""
    opening = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return opening.update(sealed) + opening.finalize()


def aes_cbc_sealed(key: bytes, iv: bytes, plain: bytes) -> bytes:
    """Whole blocks, sealed; a MAC is for others to add."""
    sealing = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return sealing.update(plain) + sealing.finalize()
