"""TLS as both ends speak it: 1.3 only, against the chain's own authority.

Apart from `certificates`, whose library a till needs only to enrol and to renew.
"""

import ssl
from pathlib import Path

from daemon.errors import OperatorMistake


def client_tls(*, authority: Path, certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """TLS towards the broker: its certificate and name are checked against the chain's authority, ours is shown.

    Without `key`, the file `certificate` holds both (`KeyPair.joined`). Raises OperatorMistake naming the file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
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
