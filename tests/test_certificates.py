"""What the chain's authority signs, checked by OpenSSL: Python's own TLS, once under its strict rules."""

import socket
import ssl
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import NameOID

from daemon import certificates
from daemon.certificates import KeyPair, Revocation
from daemon.clock import SystemClock
from daemon.errors import OperatorMistake, PeerFault
from daemon.tls import client_tls, server_tls

NOW_MS = SystemClock().now_ms()
DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS


@pytest.fixture(scope="module")
def authority() -> KeyPair:
    return certificates.create_authority("essai", NOW_MS)


def client(authority: KeyPair, name: str = "2", now_ms: int = NOW_MS) -> KeyPair:
    key_pem = certificates.new_key()
    request = certificates.signing_request(key_pem, "whatever the till wishes")
    return KeyPair(key_pem=key_pem, certificate_pem=certificates.issue_client(authority, request, name, now_ms))


def handshake(server: ssl.SSLContext, client_context: ssl.SSLContext, host: str) -> None:
    """Both ends of a TLS connection in this process; raises what the client's end raises."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs:
            try:
                with server.wrap_socket(theirs, server_side=True) as wrapped:
                    wrapped.sendall(b"!")
            except OSError:
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with closing(ours), client_context.wrap_socket(ours, server_hostname=host) as wrapped:
            # In TLS 1.3 the server judges our certificate after our handshake is over.
            assert wrapped.recv(1) == b"!"
    finally:
        thread.join()


@pytest.mark.parametrize("host", ["localhost", "hub.example", "127.0.0.1", "::1"])
def test_openssl_accepts_both_ends_under_its_strict_rules(authority: KeyPair, tmp_path: Path, host: str) -> None:
    server_pair = certificates.issue_server(authority, ["hub.example", "localhost", "127.0.0.1", "::1"], NOW_MS)
    for name, content in {
        "server.pem": server_pair.joined(),
        "till.pem": client(authority).joined(),
        "authority.crt": authority.certificate_pem + certificates.revocation_list(authority, [], NOW_MS),
    }.items():
        (tmp_path / name).write_bytes(content)
    server = server_tls(tmp_path / "server.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(tmp_path / "authority.crt")
    till = client_tls(authority=tmp_path / "authority.crt", certificate=tmp_path / "till.pem")
    for context in (server, till):
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_CRL_CHECK_LEAF
    handshake(server, till, host)


def test_a_server_of_another_name_is_not_believed(authority: KeyPair, tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_bytes(certificates.issue_server(authority, ["hub.example"], NOW_MS).joined())
    (tmp_path / "till.pem").write_bytes(client(authority).joined())
    (tmp_path / "authority.crt").write_bytes(authority.certificate_pem)
    till = client_tls(authority=tmp_path / "authority.crt", certificate=tmp_path / "till.pem")
    with pytest.raises(ssl.SSLCertVerificationError, match="hub\\.other"):
        handshake(server_tls(tmp_path / "server.pem"), till, "hub.other")


def test_a_till_cannot_pose_as_a_server(authority: KeyPair, tmp_path: Path) -> None:
    (tmp_path / "till.pem").write_bytes(client(authority, "localhost").joined())
    (tmp_path / "authority.crt").write_bytes(authority.certificate_pem)
    context = client_tls(authority=tmp_path / "authority.crt", certificate=tmp_path / "till.pem")
    context.check_hostname = False
    with pytest.raises(ssl.SSLCertVerificationError, match="unsuitable certificate purpose"):
        handshake(server_tls(tmp_path / "till.pem"), context, "localhost")


def test_a_revoked_certificate_stands_in_the_list_for_as_long_as_the_authority_lasts(authority: KeyPair) -> None:
    serial = certificates.facts(client(authority).certificate_pem).serial
    listed = x509.load_pem_x509_crl(
        certificates.revocation_list(authority, [Revocation(serial=serial, revoked_ms=NOW_MS)], NOW_MS)
    )
    issuer = x509.load_pem_x509_certificate(authority.certificate_pem)
    assert [f"{entry.serial_number:x}" for entry in listed] == [serial]
    assert listed.next_update_utc == issuer.not_valid_after_utc
    assert listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # ECDSA, as everything here


def test_the_name_is_head_offices_and_not_the_requests(authority: KeyPair) -> None:
    assert certificates.facts(client(authority, "17").certificate_pem).common_name == "17"


def test_lives_are_ten_years_and_two_and_start_a_day_early(authority: KeyPair) -> None:
    root = certificates.facts(authority.certificate_pem)
    leaf = certificates.facts(client(authority).certificate_pem)
    assert 10 * YEAR_MS <= root.not_after_ms - NOW_MS <= 10 * YEAR_MS + 4 * DAY_MS
    assert 2 * YEAR_MS <= leaf.not_after_ms - NOW_MS <= 2 * YEAR_MS + 2 * DAY_MS
    assert NOW_MS - leaf.not_before_ms == pytest.approx(DAY_MS, abs=1000)


def test_a_leaf_is_renewed_in_the_last_third_of_its_life(authority: KeyPair) -> None:
    leaf = certificates.facts(client(authority).certificate_pem)
    assert not leaf.renewal_due(NOW_MS + 480 * DAY_MS)
    assert leaf.renewal_due(NOW_MS + 490 * DAY_MS)
    assert leaf.renewal_due(NOW_MS + 800 * DAY_MS)


def test_an_authority_is_not_made_by_a_clock_that_was_never_set() -> None:
    with pytest.raises(OperatorMistake, match="clock of this machine was never set"):
        certificates.create_authority("essai", 30 * YEAR_MS)


def test_a_certificate_fits_its_own_key_and_authority_only(authority: KeyPair) -> None:
    ours, other = client(authority), client(authority)
    stranger = certificates.create_authority("essai", NOW_MS)
    assert certificates.check_issued(ours.certificate_pem, authority.certificate_pem, ours.key_pem).common_name == "2"
    with pytest.raises(PeerFault, match="another key than ours"):
        certificates.check_issued(ours.certificate_pem, authority.certificate_pem, other.key_pem)
    with pytest.raises(PeerFault, match="not signed by the chain's authority"):
        certificates.check_issued(ours.certificate_pem, stranger.certificate_pem, ours.key_pem)
    with pytest.raises(PeerFault, match="not signed by the chain's authority"):
        certificates.check_issued(ours.certificate_pem, other.certificate_pem, ours.key_pem)


def test_the_fingerprint_is_of_what_a_connection_shows(authority: KeyPair) -> None:
    pem = client(authority).certificate_pem
    der = ssl.PEM_cert_to_DER_cert(pem.decode())
    assert certificates.facts(pem).fingerprint == certificates.fingerprint_of_der(der)


def test_a_key_pair_is_one_file_and_does_not_show_its_key() -> None:
    pair = certificates.create_authority("essai", NOW_MS)
    assert KeyPair.split(pair.joined()) == pair
    assert "PRIVATE" not in repr(pair)


@pytest.mark.parametrize("damaged", [b"", b"-----BEGIN CERTIFICATE-----", b"-----BEGIN PRIVATE KEY-----"])
def test_half_a_key_pair_is_refused(damaged: bytes) -> None:
    with pytest.raises(OperatorMistake, match="private key followed by its certificate"):
        KeyPair.split(damaged)


def foreign_request(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "2")])
    algorithm = hashes.SHA256() if isinstance(key, rsa.RSAPrivateKey) else None
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.PEM)


def tampered_request() -> bytes:
    """Somebody else's public key under our signature: proves nothing."""
    ours, theirs = (
        x509.load_pem_x509_csr(certificates.signing_request(certificates.new_key(), "2")).public_bytes(
            serialization.Encoding.DER
        )
        for _ in range(2)
    )
    key_of = {
        der: x509.load_der_x509_csr(der)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        for der in (ours, theirs)
    }
    forged = ours.replace(key_of[ours], key_of[theirs])
    return x509.load_der_x509_csr(forged).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("request_pem", "sentence"),
    [
        (b"", "cannot be read"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "cannot be read"),
        (bytes(5000), "more than 4096 bytes"),
        (foreign_request(rsa.generate_private_key(65537, 2048)), "not for an ECDSA P-256 key"),
        (foreign_request(ed25519.Ed25519PrivateKey.generate()), "not for an ECDSA P-256 key"),
        (tampered_request(), "not signed by its own key"),
    ],
    ids=["empty", "no request", "huge", "RSA", "Ed25519", "another's key"],
)
def test_a_signing_request_that_proves_nothing_is_refused(
    authority: KeyPair, request_pem: bytes, sentence: str
) -> None:
    with pytest.raises(PeerFault, match=sentence):
        certificates.request_key_digest(request_pem)
    with pytest.raises(PeerFault, match=sentence):
        certificates.issue_client(authority, request_pem, "2", NOW_MS)


def test_files_that_do_not_serve_are_named(authority: KeyPair, tmp_path: Path) -> None:
    pair, broken = tmp_path / "till.pem", tmp_path / "broken"
    pair.write_bytes(client(authority).joined())
    broken.write_bytes(b"nothing")
    with pytest.raises(OperatorMistake, match="broken holds no private key of the certificate"):
        server_tls(broken)
    with pytest.raises(OperatorMistake, match="broken is no readable certificate authority"):
        client_tls(authority=broken, certificate=pair)
    with pytest.raises(PeerFault, match="cannot be read"):
        certificates.facts(b"nothing")
    with pytest.raises(OperatorMistake, match="private key cannot be read"):
        certificates.signing_request(b"nothing", "2")


def test_key_and_certificate_may_stand_apart_and_must_fit(authority: KeyPair, tmp_path: Path) -> None:
    ours, other = client(authority), client(authority)
    paths = {"authority": authority.certificate_pem, "till.crt": ours.certificate_pem, "till.key": ours.key_pem}
    for name, content in {**paths, "other.key": other.key_pem}.items():
        (tmp_path / name).write_bytes(content)
    root, certificate = tmp_path / "authority", tmp_path / "till.crt"
    client_tls(authority=root, certificate=certificate, key=tmp_path / "till.key")
    with pytest.raises(OperatorMistake, match=r"other\.key holds no private key of the certificate .*till\.crt"):
        client_tls(authority=root, certificate=certificate, key=tmp_path / "other.key")


def test_a_certificate_of_another_kind_of_key_is_refused() -> None:
    key = rsa.generate_private_key(65537, 2048)
    rsa_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(OperatorMistake, match="not an ECDSA key"):
        certificates.signing_request(rsa_pem, "2")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "2")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=1))
    with pytest.raises(PeerFault, match="no common name or no ECDSA key"):
        certificates.facts(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
