"""The messages by which a till gets its next certificate over the line that it has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

REQUEST_BYTES_MAX = 4096
CERTIFICATE_BYTES_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class RenewalWanted:
    """Till → hub: certify this key next; a signing request, PEM. Whose it is, the topic says."""

    request_pem: bytes


@dataclass(frozen=True, slots=True)
class Renewed:
    """Hub → till: the next certificate, PEM; the till's own first, what it was signed with behind it, if anything."""

    certificate_pem: bytes


RenewalMessage = RenewalWanted | Renewed


def _pem(value: Any, length_max: int) -> bytes:
    if type(value) is not bytes or not 0 < len(value) <= length_max or not value.isascii():
        raise ValueError("not the text of a certificate")
    return value


def _to_wanted(plain: Any) -> RenewalWanted:
    request, *_ = plain
    return RenewalWanted(_pem(request, REQUEST_BYTES_MAX))


def _to_renewed(plain: Any) -> Renewed:
    certificate, *_ = plain
    return Renewed(_pem(certificate, CERTIFICATE_BYTES_MAX))


RENEWAL_MESSAGES: dict[type, tuple[int, Callable[[Any], Any], Callable[[Any], RenewalMessage]]] = {
    RenewalWanted: (11, lambda m: (m.request_pem,), _to_wanted),
    Renewed: (12, lambda m: (m.certificate_pem,), _to_renewed),
}
"""Message types by their number on the wire, as in `wire`; a number is never reused."""
